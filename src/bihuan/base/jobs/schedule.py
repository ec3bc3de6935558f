"""Regular work: ``@scheduled("nightly-upkeep", daily="02:30", title=_("Nightly upkeep"))``.

``tick`` looks which work is due and orders it as a job, in one transaction that locks its row: however many
processes tick, each time is run once. A time that was missed because the machine was off is run once when it
is back, not once for each time missed; and work that is still running is not ordered a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise

from bihuan.base.calendars.periods import company_zone
from bihuan.base.jobs.registry import Background, background
from bihuan.base.jobs.states import ENDED

if TYPE_CHECKING:
    from bihuan.base.jobs.models import Job

SCHEDULES: dict[str, Schedule] = {}


@dataclass(frozen=True)
class Schedule:
    """One piece of regular work: every day at a time of the company's zone, or every so often."""

    name: str
    work: Background
    daily: str = ""
    every: timedelta = timedelta()

    @property
    def rule(self) -> str:
        """The rule as text; when it changes, the next time is worked out anew."""
        return f"daily {self.daily}" if self.daily else f"every {int(self.every.total_seconds())} s"

    def first_due(self, now: datetime) -> datetime:
        """When it is due for the first time."""
        return self.next_after(now) if self.daily else now

    def next_after(self, now: datetime) -> datetime:
        """The next time after ``now``."""
        if not self.daily:
            return now + self.every
        local = now.astimezone(company_zone())
        hour, minute = map(int, self.daily.split(":"))
        due = local.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
        return due if due > local else due + timedelta(days=1)


def scheduled(
    name: str,
    *,
    daily: str = "",
    every: timedelta = timedelta(),
    title: str | Promise = "",
    rerun: bool = True,
) -> Callable[[Callable[..., Any]], Background]:
    """Have a function run ``daily`` at ``"HH:MM"`` of the company's zone, or ``every`` so often.

    It is background work of the kind ``schedule.<name>``, may take ``progress`` and takes nothing else. It
    belongs into a room's ``tasks.py``.
    """
    if bool(daily) == bool(every):
        raise ValueError(f"{name}: give either daily or every")

    def wrap(function: Callable[..., Any]) -> Background:
        work = background(f"schedule.{name}", title=title or name, rerun=rerun)(function)
        SCHEDULES[name] = Schedule(name, work, daily, every)
        return work

    return wrap


def tick(now: datetime | None = None) -> list[Job]:
    """Order what is due. Gives the jobs ordered."""
    from bihuan.base.jobs.models import ScheduleEntry  # rooms declare schedules before models load

    now = now or timezone.now()
    _write_table(now)
    due = ScheduleEntry.objects.filter(next_due__lte=now, name__in=list(SCHEDULES)).order_by("next_due")
    jobs = [_order(SCHEDULES[name], now) for name in due.values_list("name", flat=True)]
    return [job for job in jobs if job is not None]


def _order(schedule: Schedule, now: datetime) -> Job | None:
    from bihuan.base.jobs.models import ScheduleEntry  # as above

    with transaction.atomic():
        rows = ScheduleEntry.objects.select_for_update(skip_locked=True, of=("self",))
        entry = rows.filter(name=schedule.name, next_due__lte=now).first()
        if entry is None:  # another process has just ordered it
            return None
        entry.next_due = schedule.next_after(now)
        busy = entry.job is not None and entry.job.state not in ENDED
        if not busy:
            entry.job = schedule.work.enqueue()
            entry.last_started = now
        entry.save()
        return None if busy else entry.job


def _write_table(now: datetime) -> None:
    """Bring the table in line with what the code declares."""
    from bihuan.base.jobs.models import ScheduleEntry  # as above

    known = dict(ScheduleEntry.objects.values_list("name", "rule"))
    if known == {name: schedule.rule for name, schedule in SCHEDULES.items()}:
        return
    ScheduleEntry.objects.bulk_create(
        [
            ScheduleEntry(name=s.name, rule=s.rule, next_due=s.first_due(now))
            for s in SCHEDULES.values()
            if s.name not in known
        ],
        ignore_conflicts=True,
    )
    for schedule in SCHEDULES.values():
        if known.get(schedule.name, schedule.rule) != schedule.rule:
            ScheduleEntry.objects.filter(name=schedule.name).update(
                rule=schedule.rule, next_due=schedule.first_due(now)
            )
    ScheduleEntry.objects.exclude(name__in=list(SCHEDULES)).delete()
