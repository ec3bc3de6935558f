from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.archive.schema import DIMENSIONS
from bihuan.base.calendars import holidays, periods
from bihuan.base.calendars.models import DayException, PlaceCalendar, WorkingCalendar
from bihuan.base.calendars.stretches import unroll
from bihuan.stats import business_time

ROUND_THE_CLOCK = "24h"
OFFICE = "office"
FIRST_DAY = date(holidays.FIRST_YEAR, 1, 1)
HORIZONS = (45, 400, 4000)

Ancestry = Callable[[Sequence[str]], Mapping[str, Sequence[str]]]
_ancestry: list[Ancestry] = []


def register_ancestry(function: Ancestry) -> None:
    """Let the place tree say, for codes of places, the codes from each up to the root, itself first."""
    _ancestry[:] = [function]


def visible_to(user: Any) -> QuerySet[WorkingCalendar]:
    """The calendars ``user`` may see: whoever is signed in sees when work is done."""
    rows = WorkingCalendar.objects.all()
    return rows if getattr(user, "is_authenticated", False) else rows.none()


def default_calendar() -> WorkingCalendar:
    """The calendar of every place without its own."""
    return WorkingCalendar.objects.get(is_default=True)


def calendar_for(place_code: str) -> WorkingCalendar:
    """The calendar a place works by: its own, else that of the nearest place above, else the default."""
    code = calendars_for([place_code])[place_code]
    return WorkingCalendar.objects.get(code=code)


def calendars_for(place_codes: Iterable[str]) -> dict[str, str]:
    """The codes of the calendars that many places work by."""
    codes = list(dict.fromkeys(place_codes))
    assigned = dict(PlaceCalendar.objects.values_list("place_code", "calendar__code"))
    default = default_calendar().code
    if not assigned:
        return dict.fromkeys(codes, default)
    chains = _ancestry[0](codes) if _ancestry else {}
    found = {}
    for code in codes:
        chain = chains.get(code) or [code]
        found[code] = next((assigned[c] for c in chain if c in assigned), default)
    return found


@dataclass(frozen=True)
class WorkClock:
    """Working time on all calendars between two days, for many rows at once."""

    calendars: business_time.Calendars
    first: date
    last: date

    def index(self, codes: Sequence[str]) -> npt.NDArray[np.int64]:
        """Numbers of calendars by code; -1, the clock, for ``24h``. ``ValueError`` names an unknown code."""
        always = set(WorkingCalendar.objects.filter(always_open=True).values_list("code", flat=True))
        if unknown := sorted(set(codes) - {*self.calendars.names, *always, ROUND_THE_CLOCK}):
            raise ValueError(
                _("There is no working calendar “%(code)s”. Make it under calendars, or correct the code.")
                % {"code": unknown[0]}
            )
        return self.calendars.index(list(codes))

    def minutes_between(
        self, codes: Sequence[str], start: npt.ArrayLike, end: npt.ArrayLike
    ) -> npt.NDArray[np.float64]:
        """Working minutes of each row; NaN where an instant is missing."""
        return business_time.minutes_between(self.calendars, self.index(codes), start, end)

    def add_minutes(
        self, codes: Sequence[str], start: npt.ArrayLike, minutes: npt.ArrayLike
    ) -> npt.NDArray[np.datetime64]:
        """The instant so many working minutes after each start; NaT where the calendar ends before."""
        return business_time.add_minutes(self.calendars, self.index(codes), start, minutes)


def work_clock(first: date | None = None, last: date | None = None) -> WorkClock:
    """A clock over all calendars; by default from 2010 to the end of next year."""
    first, last = first or FIRST_DAY, last or _end_of_next_year()
    rows = unroll(WorkingCalendar.objects.order_by("code"), first, last)
    made = business_time.Calendars.from_stretches(rows.names, rows.calendar, rows.opened, rows.closed)
    return WorkClock(made, first, last)


def minutes_between(calendar: WorkingCalendar, start: datetime, end: datetime) -> float:
    """Working minutes from ``start`` to ``end``; negative when the end comes first."""
    low, high = sorted((start, end))
    if calendar.always_open:
        return (end - start).total_seconds() / 60
    made = _one(calendar, _local_day(low) - timedelta(days=1), _local_day(high))
    return float(business_time.minutes_between(made, [0], [_utc64(start)], [_utc64(end)])[0])


def add_minutes(calendar: WorkingCalendar, start: datetime, minutes: float) -> datetime:
    """The first instant at which so many working minutes have passed since ``start``.

    Raises ``ValueError`` when the calendar is closed for the next ten years.
    """
    if calendar.always_open:
        return start + timedelta(minutes=minutes)
    day = _local_day(start)
    for days in HORIZONS:
        made = _one(calendar, day - timedelta(days=1), day + timedelta(days=days))
        found = business_time.add_minutes(made, [0], [_utc64(start)], [minutes])[0]
        if not np.isnat(found):
            return found.astype("datetime64[us]").item().replace(tzinfo=UTC)
    raise ValueError(
        _("The calendar “%(name)s” has too few open hours for that. Enter its hours.")
        % {"name": calendar.name}
    )


def stretches_dimension(first: date | None = None, last: date | None = None) -> pa.Table:
    """The open stretches of every calendar that has hours, for the archive's dimension ``calendars``."""
    rows = unroll(WorkingCalendar.objects.order_by("code"), first or FIRST_DAY, last or _end_of_next_year())
    names = np.array(rows.names, dtype=object)
    columns = [
        pa.array(names[rows.calendar], pa.string()),
        pa.array(rows.day.astype("datetime64[D]")),
        pa.array(rows.opened, pa.int64()).cast(pa.timestamp("us", tz="UTC")),
        pa.array(rows.closed, pa.int64()).cast(pa.timestamp("us", tz="UTC")),
    ]
    return pa.Table.from_arrays(columns, schema=DIMENSIONS["calendars"].arrow)


def missing_holiday_years(calendar: WorkingCalendar, years: Iterable[int]) -> list[int]:
    """Years in which the calendar should follow the public holidays and has none entered."""
    if calendar.always_open or not calendar.follows_holidays:
        return []
    return [
        year
        for year in years
        if not DayException.objects.filter(
            calendar=calendar, day__year=year, origin=DayException.Origin.HOLIDAYS
        ).exists()
    ]


def years_to_watch(now: datetime | None = None) -> list[int]:
    """The years whose holidays must be there: this one, and from December the next one too."""
    local = (now or timezone.now()).astimezone(periods.company_zone())
    return [local.year, local.year + 1] if local.month == 12 else [local.year]


def with_places(rows: QuerySet[WorkingCalendar]) -> QuerySet[WorkingCalendar]:
    """The calendars with ``place_count``: how many places have each as their own."""
    return rows.annotate(place_count=Count("places"))


def _one(calendar: WorkingCalendar, first: date, last: date) -> business_time.Calendars:
    rows = unroll([calendar], first, last)
    return business_time.Calendars.from_stretches(rows.names, rows.calendar, rows.opened, rows.closed)


def _local_day(at: datetime) -> date:
    return at.astimezone(periods.company_zone()).date()


def _utc64(at: datetime) -> np.datetime64:
    return np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")


def _end_of_next_year() -> date:
    return date(timezone.now().astimezone(periods.company_zone()).year + 1, 12, 31)
