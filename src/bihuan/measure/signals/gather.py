"""The points of many series over many runs, as tables: a row is a project, a column a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.measure import cycles
from bihuan.measure.history import same_instruments
from bihuan.measure.signals.tables import NUMBERS
from bihuan.stats.types import Bools, Floats, Ints

MOST_CYCLES = 20  # five years of quarters


@dataclass(frozen=True)
class Calendar:
    """The cycles from the first that has a run to the one under test, without a gap."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, cycle: str, earlier: Sequence[str]) -> Calendar:
        """``earlier`` are cycles of the same kind, in any order."""
        first = min([_ordinal(c) for c in earlier], default=_ordinal(cycle))
        last = _ordinal(cycle)
        first = max(first, last - MOST_CYCLES)
        return cls(tuple(_named(k, "Q" in cycle) for k in range(first, last + 1)))

    def __len__(self) -> int:
        return len(self.names)

    @property
    def yearly(self) -> bool:
        return "Q" not in self.names[-1]

    @property
    def per_cycle(self) -> int:
        """Months in a cycle."""
        return 12 if self.yearly else 3

    @property
    def months(self) -> list[str]:
        return [month for name in self.names for month in cycles.months(name)]

    def season(self, monthly: bool) -> Ints:
        """The quarter of the year of each column, 0 to 3; years have one season."""
        if monthly:
            return np.array([(int(month[5:]) - 1) // 3 for month in self.months], np.int64)
        return np.array([0 if self.yearly else int(name[5]) - 1 for name in self.names], np.int64)


def _ordinal(cycle: str) -> int:
    year, _, quarter = cycle.partition("Q")
    return int(year) * 4 + int(quarter) - 1 if quarter else int(year)


def _named(ordinal: int, quarters: bool) -> str:
    return f"{ordinal // 4}Q{ordinal % 4 + 1}" if quarters else str(ordinal)


@dataclass(frozen=True)
class Points:
    """The points of one indicator: arrays of shape (projects, periods) by name of the column.

    ``phase`` says which cycles may be compared with the last one.
    """

    months: Mapping[str, Floats]
    whole: Mapping[str, Floats]
    phase: Bools
    version: Sequence[str]


class Gathering:
    """Takes in the tables of points of some indicators, run by run."""

    def __init__(self, indicators: Sequence[str], places: Sequence[str], calendar: Calendar) -> None:
        self.indicators, self.places, self.calendar = list(indicators), list(places), calendar
        shape = (len(indicators), len(places))
        self.months = {
            name: np.full((*shape, len(calendar) * calendar.per_cycle), np.nan)
            for name in ("value", "n", "denominator")
        }
        self.whole = {name: np.full((*shape, len(calendar)), np.nan) for name in NUMBERS}
        self.standard = np.full((*shape, len(calendar)), -1, np.int64)
        self._known: dict[tuple[str, str], int] = {}

    def add(self, cycle: str, table: pa.Table) -> None:
        """Take the points of one cycle."""
        if not table.num_rows or cycle not in self.calendar.names:
            return
        column = self.calendar.names.index(cycle)
        period = _codes(table["period"], ["", *cycles.months(cycle)])
        which, place = _codes(table["indicator"], self.indicators), _codes(table["place"], self.places)
        standard = self._standards(table)
        there = (which >= 0) & (place >= 0) & (period >= 0)
        numbers = {name: table[name].to_numpy() for name in NUMBERS}
        self.standard[which[there], place[there], column] = standard[there]
        rows = there & (period == 0)
        for name, array in self.whole.items():
            array[which[rows], place[rows], column] = numbers[name][rows]
        rows = there & (period > 0)
        at = column * self.calendar.per_cycle + period[rows] - 1
        for name, array in self.months.items():
            array[which[rows], place[rows], at] = numbers[name][rows]

    def points(self, number: int) -> Points:
        """The points of the indicator with this number."""
        standard = self.standard[number]
        names = [version for version, _instrument in self._known]
        return Points(
            {name: array[number] for name, array in self.months.items()},
            {name: array[number] for name, array in self.whole.items()},
            self._phase(standard),
            [names[code] if code >= 0 else "" for code in standard[:, -1]],
        )

    def _standards(self, table: pa.Table) -> Ints:
        """One number for each pair of the indicator's version and the instruments under it."""
        one, other = (table[name].combine_chunks() for name in ("version", "instrument"))
        width = max(len(other.dictionary), 1)
        pair = _indices(one) * width + _indices(other)
        versions, instruments = one.dictionary.to_pylist(), other.dictionary.to_pylist()
        number = np.full(len(versions) * width, -1, np.int64)
        for k in np.flatnonzero(np.bincount(pair, minlength=len(number))):
            names = versions[k // width], instruments[k % width]
            number[k] = self._known.setdefault(names, len(self._known))
        return number[pair]

    def _phase(self, standard: Ints) -> Bools:
        """Cycles since the last new version, this cycle included; cycles without a point change nothing."""
        known = list(self._known)
        total = max(len(known), 1)
        inside = np.zeros(standard.shape, np.bool_)
        going = np.ones(len(standard), np.bool_)
        later = standard[:, -1].copy()
        inside[:, -1] = True
        for column in range(standard.shape[1] - 2, -1, -1):
            now = standard[:, column]
            meets = (now >= 0) & (later >= 0) & (now != later)
            pairs, at = np.unique(now[meets] * total + later[meets], return_inverse=True)
            same = np.array([_same(known[k // total], known[k % total]) for k in pairs], np.bool_)
            going[np.flatnonzero(meets)[~same[at]]] = False
            later = np.where((now >= 0) & going, now, later)
            inside[:, column] = going
        return inside


def _same(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether numbers under two pairs of version and instruments may be compared."""
    return one[0] == other[0] and same_instruments(one[1], other[1])


def _indices(column: pa.DictionaryArray) -> Ints:
    return np.asarray(column.indices.to_numpy(zero_copy_only=False), np.int64)


def _codes(column: pa.ChunkedArray, known: Sequence[str]) -> Ints:
    """The position of each text in a list, -1 where it is not there."""
    joined = column.combine_chunks()
    found = pc.index_in(joined.dictionary, value_set=pa.array(known, pa.string()))
    position = pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.asarray(np.append(position, -1)[_indices(joined)], np.int64)
