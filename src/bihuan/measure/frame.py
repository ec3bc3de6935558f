"""All blocks of a run side by side, with what is worked out from them before they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from bihuan.measure.blocks import Block, Items
from bihuan.measure.definition import Definition
from bihuan.measure.places import Tree
from bihuan.stats.types import Bools, Floats, Ints

STATISTICS = ("n", "n_eff", "numerator", "denominator", "value", "se", "df", "low", "high", "deff")


@dataclass(frozen=True)
class Coded:
    """A column of texts: ``names[code]`` by row."""

    codes: np.ndarray
    names: Sequence[str]

    @property
    def compact(self) -> Coded:
        """The same with the names that occur."""
        there = np.zeros(len(self.names), np.bool_)
        there[self.codes] = True
        place = np.cumsum(there) - 1
        return Coded(place[self.codes], [self.names[k] for k in np.flatnonzero(there).tolist()])

    @property
    def arrow(self) -> pa.DictionaryArray:
        """The column as a dictionary."""
        names = pa.array(list(self.names), pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(self.codes.astype(np.int32, copy=False)), names)


@dataclass
class Frame:
    """One row per measurement; rows are in the order indicator, breakdown, place, period, item.

    ``breakdown`` and ``item`` are places in ``breakdowns`` and ``items``; both begin with the empty text.
    """

    definitions: Sequence[Definition]
    tree: Tree
    definition: Ints
    breakdown: Ints
    breakdowns: list[str]
    place: Ints
    period: Ints
    item: Ints
    items: list[str]
    numbers: dict[str, Floats]

    @classmethod
    def of(
        cls, definitions: Sequence[Definition], tree: Tree, blocks: Sequence[Block], items: Items
    ) -> Frame:
        """Join blocks in an order that does not depend on how they came about."""
        rank, names = items.ranks
        breakdowns = sorted({"", *(b.breakdown for b in blocks)})
        ordered = sorted(blocks, key=lambda b: (definitions[b.definition].code, b.breakdown))
        parts = [_in_order(replace(block, item=rank[block.item])) for block in ordered]
        sizes = [len(b) for b in parts]

        def column(name: str, kind: type) -> np.ndarray:
            return np.concatenate([getattr(b, name) for b in parts] or [np.zeros(0)]).astype(kind, copy=False)

        return cls(
            definitions,
            tree,
            np.repeat(np.array([b.definition for b in parts], np.int16), sizes),
            np.repeat(np.array([breakdowns.index(b.breakdown) for b in parts], np.int16), sizes),
            breakdowns,
            column("place", np.int32),
            column("period", np.int8),
            column("item", np.int32),
            names,
            {name: column(name, np.float64) for name in STATISTICS},
        )

    def __len__(self) -> int:
        return len(self.definition)

    def __getitem__(self, name: str) -> Floats:
        return self.numbers[name]

    def of_definition(self, test: Sequence[bool]) -> Bools:
        """Rows whose definition passes."""
        return np.asarray(test, np.bool_)[self.definition] if len(self) else np.zeros(0, np.bool_)

    def whole(self) -> Bools:
        """Rows about a place itself, not one item of a breakdown."""
        return np.asarray(self.breakdown == 0, np.bool_)

    def hide(self, rows: Bools) -> None:
        """Take the numbers of these rows away for good."""
        for name in STATISTICS:
            self.numbers[name][rows] = np.nan


def _in_order(block: Block) -> Block:
    """The block by place, period and item."""
    key = (block.place * 16 + block.period) << 32 | block.item
    if (key[1:] > key[:-1]).all():
        return block
    return block.only(np.argsort(key, kind="stable"))
