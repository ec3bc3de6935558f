"""The nightly look at the archive: is it whole, what does it hold, what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.archive.census import census
from bihuan.archive.manifest import MANIFEST
from bihuan.archive.snapshot import Partition
from bihuan.archive.store import Archive
from bihuan.base.people.models import Department, RoleGrant, User
from bihuan.base.people.roles import Role
from bihuan.base.places.models import Place
from bihuan.collect.upkeep import actions, gaps
from bihuan.collect.upkeep.models import Check, Counted, Holding, Keeper

Report = Callable[..., None]
Responsible = tuple[Department | None, User | None]


def silent(*values: Any, **named: Any) -> None:
    """Report to nobody."""


def look_after(
    *, archive: Archive | None = None, now: datetime | None = None, progress: Report | None = None
) -> dict[str, Any]:
    """Do the whole nightly look; returns what was found, in numbers."""
    archive, now, report = archive or Archive(settings.ARCHIVE_URL), now or timezone.now(), progress or silent
    report(step=1, steps=3)
    check = check_archive(archive, now)
    report(step=2, steps=3)
    damaged = {problem["path"] for problem in check.problems if not problem["harmless"]}
    counted = 0 if MANIFEST in damaged else count_archive(archive, report, damaged)
    report(step=3, steps=3)
    found = list(find_gaps(now))
    told = actions.remind(found, actor=None, now=now)
    return {"state": check.state, "snapshot": check.snapshot, "counted": counted, **told}


def check_archive(archive: Archive, now: datetime) -> Check:
    """Read every file; the head noted by the last check proves that nothing was cut since."""
    last = Check.objects.order_by("-snapshot", "-at").first()
    noted = (last.snapshot, last.head) if last is not None and last.snapshot else None
    problems = archive.verify(head=noted)
    readable = not any(problem.kind == "unreadable" for problem in problems)
    head = archive.head() if readable else (noted or (0, ""))
    facts = sum(partition.rows for partition in archive.at().partitions()) if readable else 0
    return actions.record_check(problems, actor=None, head=head, facts=facts, now=now)


def count_archive(archive: Archive, report: Report = silent, damaged: Collection[str] = ()) -> int:
    """Count the partitions that changed since they were last counted; returns how many.

    Partitions with a damaged file keep the counts they had.
    """
    snapshot = archive.at()
    live = snapshot.partitions()
    known = {(c.table, c.source, c.cycle): c for c in Counted.objects.all()}
    changed = [p for p in live if _is_new(p, known) and not any(f.endswith(tuple(damaged)) for f in p.files)]
    places = dict(Place.objects.filter(kind="project").values_list("code", "pk"))
    for number, partition in enumerate(changed):
        report(_("Counting facts"), number, len(changed))
        actions.count_partition(partition, census(snapshot, partition), actor=None, places=places)
    there = {(p.table, p.source, p.cycle) for p in live}
    actions.forget_partitions([c for key, c in known.items() if key not in there], actor=None)
    _find_new_places(places)
    return len(changed)


def _is_new(partition: Partition, known: dict[tuple[str, str, str], Counted]) -> bool:
    counted = known.get((partition.table, partition.source, partition.cycle))
    return counted is None or counted.sha256 != partition.sha256


def _find_new_places(places: dict[str, int]) -> None:
    """Facts may have come before somebody entered their project."""
    lost = Holding.objects.filter(place=None).values_list("project", flat=True).distinct()
    for project in lost:
        if project in places:
            Holding.objects.filter(place=None, project=project).update(place=places[project])


def find_gaps(now: datetime) -> Iterator[actions.Found]:
    """What every active project lacks from every source it used to have."""
    months: dict[tuple[str, str, int], dict[str, tuple[int, int]]] = defaultdict(dict)
    held = Holding.objects.filter(place__state="active").values_list("table", "source", "place_id", "months")
    for table, source, place_id, counts in held.iterator(chunk_size=2000):
        into = months[table, source, place_id]
        for month, (rows, complete) in counts.items():
            before = into.get(month, (0, 0))
            into[month] = (before[0] + rows, before[1] + complete)
    places = Place.objects.in_bulk({place_id for _, _, place_id in months})
    responsible = Responsibles()
    for (table, source, place_id), counts in sorted(months.items()):
        for gap in gaps.missing(counts, now):
            place = places[place_id]
            yield actions.Found(table, source, place, gap, *responsible.of(table, source, place))


class Responsibles:
    """Who is reminded: the keeper of the source; else the nearest department head or quality manager."""

    ORDER = (Role.DEPARTMENT_HEAD, Role.QUALITY_MANAGER, Role.ADMINISTRATOR)

    def __init__(self) -> None:
        keepers = Keeper.objects.select_related("department__head", "person")
        self._keepers = {(keeper.table, keeper.source): keeper for keeper in keepers}
        grants = RoleGrant.objects.on(timezone.localdate()).filter(role__in=self.ORDER, user__is_active=True)
        self._grants = [
            (grant.place.path if grant.place else "/", self.ORDER.index(Role(grant.role)), grant.user)
            for grant in grants.select_related("user__department", "place").order_by("user__employee_number")
        ]

    def of(self, table: str, source: str, place: Place) -> Responsible:
        """The department and the person to remind about a project."""
        keeper = self._keepers.get((table, source))
        if keeper is not None:
            head = keeper.department.head if keeper.department else None
            return keeper.department, keeper.person or head
        here = [grant for grant in self._grants if place.path.startswith(grant[0])]
        if not here:
            return None, None
        _, _, person = min(here, key=lambda grant: (-len(grant[0]), grant[1]))
        return person.department, person
