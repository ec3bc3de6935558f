"""The sample behind answers: the register of its strata, and what is known of everybody in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bihuan.measure.blocks import Domains
from bihuan.measure.plan import BUILDING, Column
from bihuan.measure.sums import Cells, Labels, month_of
from bihuan.stats.types import Floats, Ints

SLOTS = 16  # the whole cycle and at most twelve months


@dataclass(frozen=True)
class Register:
    """N_h and n_h of the strata of a cycle's sample, from the register and not from who answered."""

    sizes: Mapping[tuple[str, str], tuple[float, float]]

    @classmethod
    def of(cls, strata: pa.Table, samples: pa.Table) -> Register:
        """From the dimension ``strata``; for cycles it does not name, from the drawn samples."""
        sizes = {(r["cycle"], r["stratum"]): (r["frame_size"], r["sample_size"]) for r in samples.to_pylist()}
        named = {(r["cycle"], r["stratum"]): (r["frame_size"], r["sample_size"]) for r in strata.to_pylist()}
        return cls({**sizes, **named})

    def knows(self, stratum: tuple[str, str]) -> bool:
        """Whether it says how many were drawn."""
        drawn = self.sizes.get(stratum, (None, None))[1]
        return drawn is not None and bool(np.isfinite(drawn))


@dataclass(frozen=True)
class Whole:
    """The strata over the whole cycle, of each cell at hand and of each of everybody's, with N_h and n_h."""

    of_cell: Ints
    of_everybody: Ints
    frame: Floats
    drawn: Floats


@dataclass(frozen=True)
class Strata:
    """Codes and sizes of the pairs of a roll-up, and the strata of the whole cycle that they are part of."""

    of_pair: Ints
    frame: Floats
    drawn: Floats
    sample: Whole


def strata_of(
    cells: Cells,
    everybody: Cells,
    column: Column,
    domains: Domains,
    register: Register,
    months: list[str],
) -> Strata:
    """Stratum of each pair of cell and domain.

    Where the register does not know a stratum, its n_h is the number of units that anybody of the sample gave
    in the item and period.
    """
    names = [*everybody.stratum.names, ""]
    own, every = (_codes(some, everybody, len(names)) for some in (cells, everybody))
    pairs = [(cycle, name) for cycle in everybody.cycle.names for name in names]
    frame, drawn = np.array([register.sizes.get(p, (np.nan, np.nan)) for p in pairs], np.float64).T
    n = everybody.sums[column][0]
    seen = np.where(np.isfinite(drawn), drawn, np.bincount(every, n, len(drawn)))
    whole = Whole(own, every, frame, seen)
    if np.isfinite(drawn[np.unique(own)]).all():
        return Strata(own[domains.cell], frame, drawn, whole)
    period, item = domains.period[domains.domain], domains.item[domains.domain]
    items = max(int(item.max(initial=0)), int(cells.item.codes.max(initial=0))) + 1
    fine = (period * items + item) * len(drawn) + own[domains.cell]
    counted = _counted(cells, everybody, n, every, items, len(drawn), months)
    full = np.tile(drawn, SLOTS * items)
    return Strata(fine, np.tile(frame, SLOTS * items), np.where(np.isfinite(full), full, counted), whole)


def _codes(cells: Cells, everybody: Cells, strata: int) -> Ints:
    """The stratum of each cell, as a number over the cycles and strata of everybody."""
    cycle = recoded(cells.cycle, everybody.cycle)
    stratum = recoded(cells.stratum, everybody.stratum)
    return cycle * strata + np.where(stratum < 0, strata - 1, stratum)


def recoded(labels: Labels, into: Labels) -> Ints:
    """Codes of the same texts among other labels, -1 where they are not there."""
    if labels is into or labels.names == into.names:
        return labels.codes
    index = {name: k for k, name in enumerate(into.names)}
    return np.array([*(index.get(name, -1) for name in labels.names), -1], np.int64)[labels.codes]


def _counted(
    cells: Cells, everybody: Cells, n: Floats, stratum: Ints, items: int, strata: int, months: list[str]
) -> Floats:
    """Units in each period, item and stratum; every cell counts for its month and for the whole cycle."""
    item = np.zeros(len(everybody), np.int64)
    if cells.step.breakdown not in ("", BUILDING):
        item = recoded(everybody.item, cells.item)
    period = month_of(everybody.period, months)
    found = np.zeros(SLOTS * items * strata)
    for when, there in ((0, item >= 0), (period, (item >= 0) & (period > 0))):
        key = (when * items + item) * strata + stratum
        found += np.bincount(key[there], n[there], len(found))
    return found
