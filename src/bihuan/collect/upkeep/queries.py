"""Reads of how the archive is kept; every list starts from what the user may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Sum

from bihuan.base.places.models import Place
from bihuan.collect.records.models import ImportBatch
from bihuan.collect.records.states import ImportState
from bihuan.collect.upkeep import rules
from bihuan.collect.upkeep.models import Check, Holding, Keeper, Reminder
from bihuan.collect.upkeep.states import ReminderState


@dataclass
class SourceLine:
    """One kind of record from one source, over the places one sees."""

    table: str
    source: str
    rows: int
    complete: int
    projects: int
    last_at: datetime
    changed_at: datetime
    missing: int = 0
    keeper: Keeper | None = None


@dataclass
class ProjectLine:
    """One project of a source."""

    project: str
    place: Place | None
    rows: int = 0
    complete: int = 0
    late: int = 0
    last_at: datetime | None = None
    changed_at: datetime | None = None
    months: dict[str, tuple[int, int]] = field(default_factory=dict)
    reminders: list[Reminder] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The project's name, or its code while nobody entered it."""
        return self.place.name if self.place is not None else self.project


def by_month(holdings: Iterable[Holding]) -> dict[str, tuple[int, int]]:
    """Facts and complete facts by month, over the cycles that hold them."""
    found: dict[str, tuple[int, int]] = {}
    for holding in holdings:
        for month, (rows, complete) in holding.months.items():
            before = found.get(month, (0, 0))
            found[month] = (before[0] + rows, before[1] + complete)
    return dict(sorted(found.items()))


def holdings(user: Any, place: Place | None = None) -> Any:
    """What the archive holds of the places one sees, under the chosen one."""
    if not rules.may_read(user):
        return Holding.objects.none()
    return Holding.objects.visible_to(user).under(place)


def reminders(user: Any, place: Place | None = None) -> Any:
    """Open reminders about the places one sees, the oldest first."""
    if not rules.may_read(user):
        return Reminder.objects.none()
    rows = Reminder.objects.visible_to(user).under(place).filter(state=ReminderState.OPEN)
    return rows.select_related("place", "person", "department")


def source_lines(user: Any, place: Place | None = None) -> list[SourceLine]:
    """Every source one sees, with how fresh and complete it is and how many projects lack something."""
    grouped = (
        holdings(user, place)
        .order_by("table", "source")
        .values("table", "source")
        .annotate(
            facts=Sum("rows"),
            whole=Sum("complete"),
            projects=Count("project", distinct=True),
            last=Max("last_at"),
            changed=Max("changed_at"),
        )
    )
    lacking = reminders(user, place).order_by().values_list("table", "source")
    missing = {(table, source): n for table, source, n in lacking.annotate(n=Count("place", distinct=True))}
    keepers = {(k.table, k.source): k for k in Keeper.objects.select_related("department", "person")}
    return [
        SourceLine(
            row["table"],
            row["source"],
            row["facts"],
            row["whole"],
            row["projects"],
            row["last"],
            row["changed"],
            missing.get((row["table"], row["source"]), 0),
            keepers.get((row["table"], row["source"])),
        )
        for row in grouped
    ]


def project_lines(user: Any, table: str, source: str, place: Place | None = None) -> list[ProjectLine]:
    """Every project of a source that one sees, with what it lacks."""
    found: dict[str, ProjectLine] = {}
    rows = holdings(user, place).filter(table=table, source=source).select_related("place")
    for holding in rows:
        line = found.setdefault(holding.project, ProjectLine(holding.project, holding.place))
        line.rows += holding.rows
        line.complete += holding.complete
        line.late += holding.late
        line.last_at = max(filter(None, (line.last_at, holding.last_at)))
        line.changed_at = max(filter(None, (line.changed_at, holding.changed_at)))
    for reminder in reminders(user, place).filter(table=table, source=source):
        if reminder.place.code in found:
            found[reminder.place.code].reminders.append(reminder)
    return sorted(found.values(), key=lambda line: (not line.reminders, line.project))


def project_line(
    user: Any, table: str, source: str, project: str
) -> tuple[ProjectLine, list[Holding]] | None:
    """One project of one source, and what each cycle holds; None when one sees nothing of it."""
    rows = list(
        holdings(user)
        .filter(table=table, source=source, project=project)
        .select_related("place")
        .order_by("-cycle")
    )
    if not rows:
        return None
    line = ProjectLine(project, rows[0].place, months=by_month(rows))
    line.rows = sum(row.rows for row in rows)
    line.complete = sum(row.complete for row in rows)
    line.late = sum(row.late for row in rows)
    line.last_at = max(row.last_at for row in rows)
    line.changed_at = max(row.changed_at for row in rows)
    line.reminders = list(reminders(user).filter(table=table, source=source, place=line.place))
    return line, rows


def last_check() -> Check | None:
    """The last time the whole archive was read."""
    return Check.objects.first()


def imports_with_bad_rows(user: Any, limit: int = 5) -> list[ImportBatch]:
    """The newest imports of which rows are still to be mended."""
    return list(ImportBatch.objects.visible_to(user).filter(state=ImportState.HAS_ISSUES)[:limit])
