"""Months, quarters and monitoring cycles in the company's time zone.

A cycle is written ``2026Q3`` (a quarter) or ``2026`` (a year, which pools its quarters); a month ``2026-07``.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

QUARTER = re.compile(r"(\d{4})Q([1-4])")
YEAR = re.compile(r"\d{4}")
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def company_zone() -> ZoneInfo:
    """The company's time zone."""
    return ZoneInfo(settings.TIME_ZONE)


def month_of(at: datetime, zone: str | ZoneInfo | None = None) -> str:
    """The month an instant falls into, such as ``2026-07``."""
    return f"{_local(at, zone):%Y-%m}"


def quarter_of(at: datetime, zone: str | ZoneInfo | None = None) -> str:
    """The quarter an instant falls into, such as ``2026Q3``."""
    local = _local(at, zone)
    return f"{local.year:04}Q{(local.month + 2) // 3}"


def quarter_of_month(month: str) -> str:
    """The quarter of ``2026-07``: ``2026Q3``."""
    year, number = _month(month)
    return f"{year:04}Q{(number + 2) // 3}"


def is_cycle(cycle: str) -> bool:
    """Whether the text is the code of a quarter or a year."""
    return bool(QUARTER.fullmatch(cycle) or YEAR.fullmatch(cycle))


def months_of(cycle: str) -> list[str]:
    """The months of a cycle, in order."""
    year, first, last = _span(cycle)
    return [f"{year:04}-{month:02}" for month in range(first, last + 1)]


def quarters_of(cycle: str) -> list[str]:
    """The quarters a cycle pools: four for a year, itself for a quarter."""
    year, first, last = _span(cycle)
    return [f"{year:04}Q{(month + 2) // 3}" for month in range(first, last + 1, 3)]


def days_of(cycle: str) -> tuple[date, date]:
    """First and last day of a cycle."""
    year, first, last = _span(cycle)
    after = date(year + last // 12, last % 12 + 1, 1)
    return date(year, first, 1), date.fromordinal(after.toordinal() - 1)


def cycle_bounds(cycle: str, zone: str | ZoneInfo | None = None) -> tuple[datetime, datetime]:
    """Start (included) and end (not included) of a cycle, in UTC."""
    year, first, last = _span(cycle)
    return _midnight(year, first, zone), _midnight(year + last // 12, last % 12 + 1, zone)


def month_bounds(month: str, zone: str | ZoneInfo | None = None) -> tuple[datetime, datetime]:
    """Start (included) and end (not included) of a month, in UTC."""
    year, number = _month(month)
    return _midnight(year, number, zone), _midnight(year + number // 12, number % 12 + 1, zone)


def previous_cycle(cycle: str) -> str:
    """The cycle of the same length just before."""
    return shift_cycle(cycle, -1)


def next_cycle(cycle: str) -> str:
    """The cycle of the same length just after."""
    return shift_cycle(cycle, 1)


def shift_cycle(cycle: str, steps: int) -> str:
    """The cycle of the same length that many steps later (or earlier, when negative)."""
    year, first, last = _span(cycle)
    if last - first == 11:
        return f"{year + steps:04}"
    index = year * 4 + (first - 1) // 3 + steps
    return f"{index // 4:04}Q{index % 4 + 1}"


def _span(cycle: str) -> tuple[int, int, int]:
    if match := QUARTER.fullmatch(cycle):
        last = int(match[2]) * 3
        return int(match[1]), last - 2, last
    if YEAR.fullmatch(cycle):
        return int(cycle), 1, 12
    raise ValueError(
        _("“%(text)s” is no cycle. Write a quarter such as 2026Q3 or a year such as 2026.") % {"text": cycle}
    )


def _month(month: str) -> tuple[int, int]:
    if match := MONTH.fullmatch(month):
        return int(match[1]), int(match[2])
    raise ValueError(_("“%(text)s” is no month. Write it as 2026-07.") % {"text": month})


def _zone(zone: str | ZoneInfo | None) -> ZoneInfo:
    return company_zone() if zone is None else zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)


def _local(at: datetime, zone: str | ZoneInfo | None) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant must carry its time zone")
    return at.astimezone(_zone(zone))


def _midnight(year: int, month: int, zone: str | ZoneInfo | None) -> datetime:
    return datetime(year, month, 1, tzinfo=_zone(zone)).astimezone(UTC)
