"""All blocks of a run side by side, with what is worked out from them before they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bihuan.measure.blocks import ARRAYS, Block
from bihuan.measure.definition import Definition
from bihuan.measure.places import Tree
from bihuan.stats.types import Bools, Floats, Ints

STATISTICS = ("n", "n_eff", "numerator", "denominator", "value", "se", "df", "low", "high", "deff")


@dataclass
class Frame:
    """One row per measurement; rows are in the order indicator, breakdown, place, period, item."""

    definitions: Sequence[Definition]
    tree: Tree
    definition: Ints
    breakdown: np.ndarray
    place: Ints
    period: Ints
    item: np.ndarray
    numbers: dict[str, Floats]

    @classmethod
    def of(cls, definitions: Sequence[Definition], tree: Tree, blocks: Sequence[Block]) -> Frame:
        """Join blocks in an order that does not depend on how they came about."""
        ordered = sorted(blocks, key=lambda b: (definitions[b.definition].code, b.breakdown))
        parts = []
        for block in ordered:
            order = np.lexsort((block.item.astype(str), block.period, block.place))
            parts.append(block.only(order))
        if not parts:
            empty = np.zeros(0, np.int64)
            text = np.zeros(0, object)
            numbers = {name: np.zeros(0) for name in STATISTICS}
            return cls(definitions, tree, empty, text, empty, empty, text, numbers)
        joined = {name: np.concatenate([getattr(block, name) for block in parts]) for name in ARRAYS}
        return cls(
            definitions,
            tree,
            np.concatenate([np.full(len(b), b.definition, np.int64) for b in parts]),
            np.concatenate([np.full(len(b), b.breakdown, object) for b in parts]),
            joined["place"],
            joined["period"],
            joined["item"],
            {name: np.asarray(joined[name], np.float64) for name in STATISTICS},
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
        return np.asarray(self.breakdown == "", np.bool_)

    def hide(self, rows: Bools) -> None:
        """Take the numbers of these rows away for good."""
        for name in STATISTICS:
            self.numbers[name][rows] = np.nan
