"""Calendars unrolled into open stretches: arrays of instants for the arithmetic of working time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from bihuan.base.calendars import hours
from bihuan.base.calendars.models import DayException, WeeklyHours, WorkingCalendar
from bihuan.base.calendars.periods import company_zone

Instants = npt.NDArray[np.int64]
EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Stretches:
    """Open stretches of several calendars.

    Attributes
    ----------
    names: codes of the calendars.
    calendar: which of them a stretch belongs to.
    day: local day, as days since 1970.
    opened, closed: microseconds since 1970 UTC.
    """

    names: tuple[str, ...]
    calendar: Instants
    day: Instants
    opened: Instants
    closed: Instants


def unroll(calendars: Iterable[WorkingCalendar], first: date, last: date) -> Stretches:
    """The stretches of ``calendars`` that begin on the days from ``first`` to ``last``."""
    kept = [c for c in calendars if not c.always_open]
    week, exceptions = _rules(kept, first, last)
    parts: list[tuple[Instants, ...]] = []
    for index, calendar in enumerate(kept):
        by_hours = _days_by_hours(week[calendar.pk], exceptions[calendar.pk], first, last)
        for text, days in by_hours.items():
            for start, end in hours.parse(text):
                opened = _wall(company_zone(), first, last, start)[days]
                closed = _wall(company_zone(), first, last, end)[days]
                day = first.toordinal() - EPOCH_DAY + days
                parts.append((np.full(len(days), index, np.int64), day, opened, closed))
    empty = np.zeros(0, np.int64)
    columns = [np.concatenate(c) for c in zip(*parts, strict=True)] if parts else [empty] * 4
    order = np.lexsort((columns[2], columns[0]))
    return Stretches(tuple(c.code for c in kept), *(c[order] for c in columns))


def _rules(
    calendars: list[WorkingCalendar], first: date, last: date
) -> tuple[dict[int, dict[int, str]], dict[int, dict[date, str]]]:
    """Hours by weekday and by exceptional day, for each calendar."""
    week: dict[int, dict[int, str]] = defaultdict(dict)
    for row in WeeklyHours.objects.filter(calendar__in=calendars):
        week[row.calendar_id][row.weekday] = row.hours
    days: dict[int, dict[date, str]] = defaultdict(dict)
    for day in DayException.objects.filter(calendar__in=calendars, day__range=(first, last)):
        days[day.calendar_id][day.day] = day.hours
    return week, days


def _days_by_hours(
    week: dict[int, str], exceptions: dict[date, str], first: date, last: date
) -> dict[str, Instants]:
    """Which days (counted from ``first``) have which hours; closed days are left out."""
    count = last.toordinal() - first.toordinal() + 1
    weekday = (first.weekday() + np.arange(max(count, 0))) % 7
    texts = ["", *sorted({*week.values(), *exceptions.values()} - {""})]
    number = {text: i for i, text in enumerate(texts)}
    of_weekday = np.array([number[week.get(d, "")] for d in range(7)])
    of_day = of_weekday[weekday]
    for day, text in exceptions.items():
        of_day[day.toordinal() - first.toordinal()] = number[text]
    return {text: np.flatnonzero(of_day == i).astype(np.int64) for text, i in number.items() if i}


@lru_cache(maxsize=256)
def _wall(zone: ZoneInfo, first: date, last: date, minute: int) -> Instants:
    """The instant at which the clock shows ``minute`` on each day (past 1440: on the day after)."""
    shift, minute = divmod(minute, hours.DAY)
    start = datetime(first.year, first.month, first.day, minute // 60, minute % 60, tzinfo=zone)
    start += timedelta(days=shift)
    count = max(last.toordinal() - first.toordinal() + 1, 0)
    seconds = [(start + timedelta(days=i)).timestamp() for i in range(count)]
    return np.array(seconds, np.int64) * 1_000_000
