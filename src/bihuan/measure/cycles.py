"""Cycles and months as spans of time in the company's zone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_CYCLE = re.compile(r"(\d{4})(?:Q([1-4]))?")
AFTER_END = timedelta(days=10)  # late answers and last jobs come in; then the cycle is judged


def months(cycle: str) -> list[str]:
    """The months of a quarter (``2026Q3``) or a year (``2026``)."""
    match = _CYCLE.fullmatch(cycle)
    if match is None:
        raise ValueError(f"{cycle!r} is not a cycle; write a quarter like 2026Q3 or a year like 2026.")
    year, quarter = match.groups()
    first, count = (3 * int(quarter) - 2, 3) if quarter else (1, 12)
    return [f"{year}-{first + k:02d}" for k in range(count)]


def pooled(cycle: str, there: Iterable[str]) -> list[str]:
    """The cycles whose facts belong to this one: itself, and the quarters of a year."""
    months(cycle)
    wanted = {cycle} if "Q" in cycle else {cycle, *(f"{cycle}Q{q}" for q in range(1, 5))}
    return sorted(wanted & set(there))


def month_start(month: str, zone: str) -> datetime:
    """The first instant of a month, in UTC."""
    year, number = map(int, month.split("-"))
    return datetime(year, number, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def month_end(month: str, zone: str) -> datetime:
    """The first instant after a month, in UTC."""
    year, number = map(int, month.split("-"))
    return month_start(f"{year + number // 12}-{number % 12 + 1:02d}", zone)


def bounds(cycle: str, zone: str) -> tuple[datetime, datetime]:
    """Start of the cycle and the first instant after it, in UTC."""
    inside = months(cycle)
    return month_start(inside[0], zone), month_end(inside[-1], zone)


def order_key(cycle: str) -> str:
    """Cycles of one kind sort by it."""
    return months(cycle)[0]


def same_kind(a: str, b: str) -> bool:
    """Whether both are quarters, or both years."""
    return ("Q" in a) == ("Q" in b)
