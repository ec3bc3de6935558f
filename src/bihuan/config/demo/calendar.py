"""The twelve simulated quarters and the instants inside them."""

from __future__ import annotations

import numpy as np

FIRST_YEAR, FIRST_QUARTER, QUARTERS = 2023, 4, 12
OFFSET = np.timedelta64(8, "h")  # Asia/Shanghai has had no daylight saving since 1991
NOW = np.datetime64("2026-10-09T12:00:00", "s")  # UTC; nothing has happened after it


def cycle_codes(more: int = 0) -> list[str]:
    """``2023Q4`` to ``2026Q3``, and as many ``more`` after it."""
    start = FIRST_YEAR * 4 + FIRST_QUARTER - 1
    return [f"{q // 4}Q{q % 4 + 1}" for q in range(start, start + QUARTERS + more)]


def month_starts() -> np.ndarray:
    """Local first instants of the 36 months and of the month after, shape (37,), datetime64[M]."""
    first = np.datetime64(f"{FIRST_YEAR}-{FIRST_QUARTER * 3 - 2:02d}", "M")
    return first + np.arange(QUARTERS * 3 + 1)


def utc(local: np.ndarray) -> np.ndarray:
    """Local wall-clock instants to UTC, datetime64[s]."""
    return local.astype("datetime64[s]") - OFFSET


def months_of(instants: np.ndarray) -> np.ndarray:
    """Index 0-35 of the local month of UTC instants; outside the span it runs below 0 or past 35."""
    return (instants + OFFSET).astype("datetime64[M]").astype(int) - month_starts()[0].astype(int)


def random_instants(rng: np.random.Generator, month: np.ndarray, peak: float = 13.0) -> np.ndarray:
    """One UTC instant in each given month (0-35), mostly in the waking hours around ``peak``."""
    starts = month_starts()
    begin = starts[month].astype("datetime64[s]")
    days = (starts[month + 1].astype("datetime64[D]") - starts[month].astype("datetime64[D]")).astype(int)
    day = np.floor(rng.random(month.size) * days).astype("timedelta64[D]")
    hour = np.clip(rng.normal(peak, 3.6, month.size), 0.1, 23.9)
    return utc(begin + day + (hour * 3600).astype("timedelta64[s]"))
