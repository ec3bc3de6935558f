"""What every step of one evaluation needs to know: which cycle, judged when, on which tree."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from bihuan.archive.snapshot import Snapshot
from bihuan.measure import cycles
from bihuan.measure.build import instant


@dataclass(frozen=True)
class Context:
    """One cycle judged at one instant over one snapshot.

    ``pooled`` are the cycles whose facts count; ``end`` is the first instant after the cycle. With
    ``remote`` files are named by their address in the store, for an engine that reads it itself.
    """

    snapshot: Snapshot
    cycle: str
    pooled: tuple[str, ...]
    start: datetime
    end: datetime
    as_of: datetime
    zone: str
    remote: bool = False

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        cycle: str,
        *,
        as_of: datetime | None,
        start: datetime | None = None,
        end: datetime | None = None,
        zone: str = "Asia/Shanghai",
        remote: bool = False,
    ) -> Context:
        """Work out the spans."""
        first, last = cycles.bounds(cycle, zone)
        start, end = start or first, end or last
        judged = as_of or end + cycles.AFTER_END
        if judged.tzinfo is None:
            raise ValueError("as_of needs a zone; give it one, such as UTC.")
        there = tuple(cycles.pooled(cycle, {p.cycle for p in snapshot.partitions()}))
        return cls(snapshot, cycle, there, start, end, judged.astimezone(UTC), zone, remote)

    @property
    def last_day(self) -> date:
        """The last day of the cycle in the company's zone: the tree is taken as at that day."""
        return (self.end - timedelta(microseconds=1)).astimezone(ZoneInfo(self.zone)).date()

    def files(self, table: str, pooled: Collection[str] | None = None) -> list[str]:
        """Files of a table whose facts count."""
        named = self.snapshot.urls if self.remote else self.snapshot.files
        return named(table, self.pooled if pooled is None else pooled)

    def constants(self, table: ir.Table) -> Callable[[str], ir.Value]:
        """Gives the instants that expressions may name; built when one is named."""
        return partial(self._constant, table)

    def _constant(self, table: ir.Table, name: str) -> ir.Value:
        match name:
            case "as_of":
                return instant(self.as_of)
            case "cycle_start":
                return instant(self.start)
            case "cycle_end":
                return instant(min(self.end, self.as_of))
            case _:
                return self._period_end(table)

    def _period_end(self, table: ir.Table) -> ir.Value:
        last = instant(min(self.end, self.as_of))
        ends = [
            (table.period == month, instant(min(cycles.month_end(month, self.zone), self.as_of)))
            for month in cycles.months(self.cycle)
        ]
        return ibis.cases(*ends, else_=last)
