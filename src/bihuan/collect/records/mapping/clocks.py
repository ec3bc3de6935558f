"""Working time for derived columns: minutes between instants, and the instant at which a limit runs out."""

from __future__ import annotations

from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

CLOCK = "24h"
MINUTE = 60_000_000


class Clocks(Protocol):
    """What derives working time; ``calendars`` holds a code per row, ``24h`` or null being the clock."""

    def minutes(self, calendars: pa.Array, start: pa.Array, end: pa.Array) -> pa.Array:
        """Minutes between two instants; null where one is missing."""

    def after(self, calendars: pa.Array, start: pa.Array, minutes: pa.Array) -> pa.Array:
        """The instant ``minutes`` after ``start``; null where one is missing."""

    def known(self, code: str) -> bool:
        """Whether there is a calendar of this code."""


class TwentyFourHours:
    """The clock alone."""

    def known(self, code: str) -> bool:
        return code == CLOCK

    def minutes(self, calendars: pa.Array, start: pa.Array, end: pa.Array) -> pa.Array:
        gap = pc.subtract(end.cast(pa.int64()), start.cast(pa.int64()))
        return pc.divide(gap.cast(pa.float64(), safe=False), float(MINUTE))

    def after(self, calendars: pa.Array, start: pa.Array, minutes: pa.Array) -> pa.Array:
        minutes = pc.if_else(pc.less(minutes, 0.0), pa.scalar(None, pa.float64()), minutes)
        step = pc.cast(pc.round(pc.multiply(minutes, float(MINUTE))), pa.int64())
        return pc.add(start.cast(pa.int64()), step).cast(start.type)
