"""Keeping the archive up: counting, checking, reminding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.archive.census import Count
from bihuan.archive.snapshot import Partition
from bihuan.archive.verify import Problem
from bihuan.base.people.models import Department, User
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused, act, note
from bihuan.collect.upkeep import gaps, queries, rules
from bihuan.collect.upkeep.gaps import Missing
from bihuan.collect.upkeep.models import Check, Counted, Holding, Keeper, Reminder
from bihuan.collect.upkeep.states import TRANSITIONS, CheckState, ReminderState

KEPT_PROBLEMS = 200


@act
def record_check(
    problems: Sequence[Problem], *, actor: User | None, head: tuple[int, str], facts: int, now: datetime
) -> Check:
    """Write down what reading the whole archive found."""
    if any(not problem.harmless for problem in problems):
        state = CheckState.DAMAGED
    else:
        state = CheckState.LEFTOVERS if problems else CheckState.SOUND
    found = [
        {"kind": p.kind, "path": p.path, "line": p.line, "harmless": p.harmless}
        for p in sorted(problems, key=lambda p: p.harmless)[:KEPT_PROBLEMS]
    ]
    check = Check.objects.create(
        at=now, state=state, snapshot=head[0], head=head[1], problems=found, facts=facts
    )
    note(actor, "archive.checked", check, state=str(state), snapshot=head[0], problems=len(problems))
    return check


@act
def count_partition(
    partition: Partition, counts: Iterable[Count], *, actor: User | None, places: dict[str, int]
) -> None:
    """Write down what one partition holds of each project, in place of what was written before."""
    arrived = datetime.fromisoformat(partition.time)
    key: dict[str, Any] = {
        "table": partition.table,
        "source": partition.source,
        "cycle": partition.cycle,
    }
    before = {holding.project: holding for holding in Holding.objects.filter(**key)}
    fresh = _holdings(key, counts, places)
    for project, holding in fresh.items():
        old = before.get(project)
        same = old is not None and (old.months, old.last_at) == (holding.months, holding.last_at)
        holding.changed_at = old.changed_at if old is not None and same else arrived
    Holding.objects.filter(**key).delete()
    Holding.objects.bulk_create(fresh.values(), batch_size=500)
    Counted.objects.update_or_create(
        **key, defaults={"sha256": partition.sha256, "line": partition.line, "arrived_at": arrived}
    )


def _holdings(key: dict[str, Any], counts: Iterable[Count], places: dict[str, int]) -> dict[str, Holding]:
    found: dict[str, Holding] = {}
    for count in counts:
        holding = found.get(count.project)
        if holding is None:
            holding = found[count.project] = Holding(
                **key,
                project=count.project,
                place_id=places.get(count.project),
                rows=0,
                complete=0,
                first_at=count.first,
                last_at=count.last,
            )
        holding.rows += count.rows
        holding.complete += count.complete
        holding.late += count.late
        holding.months[count.period] = [count.rows, count.complete]
        holding.first_at = min(holding.first_at, count.first)
        holding.last_at = max(holding.last_at, count.last)
    return found


@act
def forget_partitions(gone: Sequence[Counted], *, actor: User | None) -> None:
    """Drop the counts of partitions that have no rows any more."""
    for counted in gone:
        key = {"table": counted.table, "source": counted.source, "cycle": counted.cycle}
        Holding.objects.filter(**key).delete()
        Counted.objects.filter(**key).delete()


@dataclass(frozen=True)
class Found:
    """A gap as the nightly look found it: where it is, and who answers for it."""

    table: str
    source: str
    place: Place
    missing: Missing
    department: Department | None
    person: User | None

    @property
    def key(self) -> tuple[str, str, str, int, str]:
        """What makes two gaps the same one."""
        return self.table, self.source, self.missing.cycle, self.place.pk, str(self.missing.gap)


@act
def remind(found: Sequence[Found], *, actor: User | None, now: datetime) -> dict[str, int]:
    """Remind of gaps that are new, and end the reminders whose gap is gone.

    Somebody is reminded once of a gap; a gap that only changed, or whose keeper changed, keeps its date.
    """
    standing = {
        (r.table, r.source, r.cycle, r.place_id, r.gap): r
        for r in Reminder.objects.select_for_update(of=("self",)).filter(state=ReminderState.OPEN)
    }
    made = 0
    for gap in found:
        reminder = standing.pop(gap.key, None)
        if reminder is None:
            reminder = Reminder(
                table=gap.table,
                source=gap.source,
                cycle=gap.missing.cycle,
                place=gap.place,
                gap=gap.missing.gap,
                made_at=now,
            )
            made += 1
        reminder.detail = gap.missing.detail
        reminder.department, reminder.person = gap.department, gap.person
        fresh = reminder.pk is None
        reminder.save()
        if fresh:
            note(actor, "reminder.made", reminder, place=gap.place, to=_reminded(gap))
    for reminder in standing.values():
        _end(reminder, actor, now)
    return {"made": made, "standing": len(found), "ended": len(standing)}


def _reminded(found: Found) -> str:
    """The person's or department's code: the trail shows no names."""
    if found.person is not None:
        return found.person.employee_number
    return found.department.code if found.department is not None else ""


def _end(reminder: Reminder, actor: User | None, now: datetime) -> None:
    held = Holding.objects.filter(table=reminder.table, source=reminder.source, place=reminder.place_id)
    months = queries.by_month(held)
    came = gaps.filled(reminder.gap, reminder.detail, reminder.cycle, months)
    state = ReminderState.FILLED if came else ReminderState.DROPPED
    if state not in TRANSITIONS[reminder.state]:
        raise Refused(_("This reminder has already ended."), code="reminder_ended")
    reminder.state, reminder.ended_at = state, now
    reminder.save(update_fields=["state", "ended_at"])
    note(actor, "reminder.ended", reminder, place=reminder.place, state=str(state))


@act
def name_keeper(
    *,
    table: str,
    source: str,
    department: Department | None,
    person: User | None,
    actor: User | None,
) -> Keeper | None:
    """Say who answers for a source and is reminded of what is missing; nobody named means nobody special."""
    if not rules.may_name_keeper(actor):
        raise Refused(
            _("Only quality managers of the whole company say who answers for a source."), code="not_keeper"
        )
    key: dict[str, Any] = {"table": table, "source": source}
    if department is None and person is None:
        Keeper.objects.filter(**key).delete()
        note(actor, "keeper.cleared", ("upkeep.keeper", "", f"{table} {source}"))
        return None
    keeper, _made = Keeper.objects.update_or_create(
        **key, defaults={"department": department, "person": person}
    )
    note(
        actor,
        "keeper.named",
        keeper,
        department=department.code if department else "",
        person=person.employee_number if person else "",
    )
    return keeper
