"""Working minutes between two instants for ten million work orders on twenty calendars."""

from __future__ import annotations

import numpy as np

from benchmarks.race import Outcome, best
from bihuan.stats import business_time

ORDERS = 10_000_000
CALENDARS, DAYS = 20, 1096
FIRST = np.datetime64("2024-01-01", "D")
MINUTE, DAY = 60_000_000, 86_400_000_000


def _calendars() -> tuple[np.ndarray, np.ndarray]:
    """Opening and closing of each calendar's day in microseconds; every other one works on Saturdays."""
    rng = np.random.default_rng(42)
    opened, closed = np.zeros((CALENDARS, DAYS), np.int64), np.zeros((CALENDARS, DAYS), np.int64)
    weekday = (FIRST.astype(np.int64) + np.arange(DAYS) + 3) % 7
    for c in range(CALENDARS):
        opened[c, weekday < 5] = (8 * 60 + 30 * (c % 3)) * MINUTE
        closed[c, weekday < 5] = (18 * 60 - 30 * (c % 4)) * MINUTE
        if c % 2:
            opened[c, weekday == 5], closed[c, weekday == 5] = 600 * MINUTE, 840 * MINUTE
        holidays = rng.choice(DAYS, 33, replace=False)
        opened[c, holidays] = closed[c, holidays] = 0
    return opened, closed


def race() -> list[Outcome]:
    """Both sides start from columns in memory and end with a column of minutes."""
    import polars as pl

    opened, closed = _calendars()
    rng = np.random.default_rng(11)
    zero = FIRST.astype("M8[us]").astype(np.int64)
    calendar = rng.integers(0, CALENDARS, ORDERS).astype(np.int16)
    start = rng.integers(0, 2 * 366 * 86_400, ORDERS) * 1_000_000
    end = start + np.clip(rng.lognormal(7.5, 1.4, ORDERS), 30, 30 * 86_400).astype(np.int64) * 1_000_000

    code, day = np.nonzero(closed > opened)
    begins = zero + day * DAY
    working = business_time.Calendars.from_stretches(
        [str(c) for c in range(CALENDARS)], code, begins + opened[code, day], begins + closed[code, day]
    )
    from_us, to_us = (start + zero).view("M8[us]"), (end + zero).view("M8[us]")
    business_time.minutes_between(working, calendar[:10], from_us[:10], to_us[:10])
    ours, mine = best(5, lambda: business_time.minutes_between(working, calendar, from_us, to_us))

    passed = np.cumsum(closed - opened, axis=1) - (closed - opened)
    table = pl.DataFrame(
        {
            "calendar": np.repeat(np.arange(CALENDARS), DAYS).astype(np.int16),
            "day": np.tile(np.arange(DAYS), CALENDARS).astype(np.int32),
            "open": opened.ravel(), "close": closed.ravel(), "passed": passed.ravel(),
        }
    ).lazy()  # fmt: skip
    orders = pl.DataFrame({"calendar": calendar, "start": from_us, "end": to_us})
    theirs, other = best(5, lambda: _joined(pl, orders, table, zero))
    worst = float(np.max(np.abs(np.sort(mine) - np.sort(other))))  # the join does not keep the order
    return [
        Outcome(
            f"Working minutes of {ORDERS:,} orders on {CALENDARS} calendars",
            "polars",
            ours,
            theirs,
            1,
            f"minutes differ by at most {worst:.0e}; ours also takes split shifts",
            "columns in memory to a column of minutes; the join is to a table of days",
        )
    ]


def _joined(pl, orders, table, zero: int) -> np.ndarray:
    """B(t) = time before the day + min(max(t, open), close) - open, looked up for both ends by a join."""
    c = pl.col
    rows = orders.lazy().with_columns(s=c.start.cast(pl.Int64) - zero, e=c.end.cast(pl.Int64) - zero)
    rows = rows.with_columns(s_day=(c.s // DAY).cast(pl.Int32), e_day=(c.e // DAY).cast(pl.Int32))
    rows = rows.join(table, left_on=["calendar", "s_day"], right_on=["calendar", "day"])
    rows = rows.join(table, left_on=["calendar", "e_day"], right_on=["calendar", "day"], suffix="_end")
    before = c.passed + (c.s % DAY).clip(c.open, c.close) - c.open
    until = c.passed_end + (c.e % DAY).clip(c.open_end, c.close_end) - c.open_end
    found = rows.select(minutes=(until - before) / MINUTE).collect(engine="streaming")
    return found["minutes"].to_numpy()
