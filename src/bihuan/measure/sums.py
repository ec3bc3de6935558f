"""The answers of queries as arrays: one row per cell, six sums per indicator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.measure.kinds.additive import BINARY, FULL
from bihuan.measure.plan import ITEM, Column, Step
from bihuan.stats.types import Bools, Floats, Ints

NAMES = ("n", "a", "b", "aa", "bb", "ab")


@dataclass(frozen=True)
class Labels:
    """A column of texts as codes; ``names[code]`` is the text, -1 stands for nothing."""

    codes: Ints
    names: list[str]

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Labels:
        """Codes in the order of the texts, so that they do not depend on the order of rows."""
        if not len(column):
            return cls(np.zeros(0, np.int64), [])
        if not pa.types.is_dictionary(column.type):
            column = pc.dictionary_encode(column)
        encoded = column.unify_dictionaries().combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.chunk(0)
        names = encoded.dictionary
        codes = encoded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)
        there = np.zeros(len(names) + 1, np.bool_)
        there[codes] = True
        order = pc.array_sort_indices(names).to_numpy()
        order = order[there[order]]
        rank = np.full(len(names) + 1, -1, np.int64)
        rank[order] = np.arange(len(order))
        return cls(rank[codes], names.take(pa.array(order)).to_pylist())

    def arrow(self, rows: Ints) -> pa.DictionaryArray:
        """The texts of rows as a dictionary."""
        codes = self.codes[rows]
        names = pa.array(self.names, pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=codes < 0), names)

    @classmethod
    def same(cls, name: str, rows: int) -> Labels:
        """The same text in every row."""
        return cls(np.zeros(rows, np.int64), [name])


def month_of(labels: Labels, months: Sequence[str]) -> Ints:
    """Number from 1 of the month that each row names among these; 0 where it names none of them."""
    number = {name: k for k, name in enumerate(months, 1)}
    return np.array([*(number.get(name, 0) for name in labels.names), 0], np.int64)[labels.codes]


@dataclass(frozen=True)
class Cells:
    """The cells of one step, sorted by their keys.

    ``sums[column]`` has the rows of `NAMES`; ``latest`` is false where a row counts for its month only.
    """

    step: Step
    project: Labels
    cycle: Labels
    period: Labels
    item: Labels
    stratum: Labels
    weight_cell: Labels
    latest: Bools
    sums: dict[Column, Floats]
    pair_sums: dict[tuple[int, int], Floats]

    def __len__(self) -> int:
        return len(self.latest)


def cells(step: Step, answer: pa.Table, cycle: str) -> Cells:
    """Read an answer; cells come in the order of their keys, whatever order they came in."""
    rows = answer.num_rows
    labels = {key: Labels.of(answer[key]) for key in step.keys if key != "latest"}
    latest = np.ones(rows, np.bool_)
    if "latest" in step.keys:
        latest = answer["latest"].to_numpy(zero_copy_only=False).astype(np.bool_)
    order = np.lexsort([latest, *(labels[key].codes for key in labels)]) if rows else np.zeros(0, np.int64)
    nothing = Labels.same("", rows)
    pairs = {
        pair: np.array(
            [float(pc.sum(answer[f"p{pair[0]}_{pair[1]}_{s}"]).as_py() or 0.0) for s in ("w", "y", "z", "yz")]
        )
        for pair in step.pairs
    }

    def label(key: str, otherwise: Labels) -> Labels:
        found = labels.get(key, otherwise)
        return Labels(found.codes[order], found.names)

    return Cells(
        step,
        label("project", nothing),
        label("cycle", Labels.same(cycle, rows)),
        label("period", nothing),
        label(ITEM, nothing),
        label("stratum", nothing),
        label("weight_cell", nothing),
        latest[order],
        {column: _six(answer, column)[:, order] for column in step.columns},
        pairs,
    )


def _six(answer: pa.Table, column: Column) -> Floats:
    def read(name: str) -> Floats:
        values = answer[f"{column.prefix}_{name}"].cast(pa.float64()).fill_null(0.0)
        return np.asarray(values.to_numpy(), dtype=np.float64)

    if column.shape == FULL:
        return np.stack([read(name) for name in NAMES])
    n, a = read("n"), read("a")
    aa = a if column.shape == BINARY else read("aa")
    return np.stack([n, a, n, aa, n, a])
