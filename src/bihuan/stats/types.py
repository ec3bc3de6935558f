"""The array types that signatures speak of."""

from __future__ import annotations

import itertools
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Instants: TypeAlias = NDArray[np.datetime64]

__all__ = [
    "ArrayLike",
    "Bools",
    "Floats",
    "Instants",
    "Ints",
    "codes",
    "distinct",
    "floats",
    "parts",
    "totals",
]


def floats(values: ArrayLike) -> Floats:
    """Return the values as a contiguous one-dimensional float64 array."""
    return np.ascontiguousarray(np.atleast_1d(np.asarray(values, dtype=np.float64)))


def codes(values: ArrayLike | None, rows: int) -> tuple[Ints, int]:
    """Return labels as codes from 0 and their number; ``None`` is one code for all rows.

    Parameters
    ----------
    values : array_like or None
        Labels of any sortable kind.
    rows : int
        How many there have to be.

    Raises
    ------
    ValueError
        When the number of labels is not `rows`.
    """
    if values is None:
        return np.zeros(rows, np.int64), 1
    labels = np.asarray(values)
    if labels.shape != (rows,):
        raise ValueError(f"{rows} labels are needed, one for each row, not {labels.shape}")
    found, inverse = distinct(labels)
    return inverse, len(found)


def distinct(labels: NDArray[Any]) -> tuple[NDArray[Any], Ints]:
    """Return the distinct labels in order, and where each row's label is among them.

    Whole numbers that lie close together are counted, which is much faster than sorting them.
    """
    if labels.dtype.kind in "iu" and labels.size:
        least, most = int(labels.min()), int(labels.max())
        if most - least <= 4 * labels.size + 1000:
            offset = labels.astype(np.int64) - least
            there = np.bincount(offset, minlength=most - least + 1) > 0
            found = np.flatnonzero(there)
            return (found + least).astype(labels.dtype), (np.cumsum(there) - 1)[offset]
    found, inverse = np.unique(labels, return_inverse=True)
    return found, inverse.astype(np.int64).reshape(labels.shape)


def parts(code: Ints, size: int) -> list[Ints]:
    """Return the rows under each code from 0 to ``size - 1``."""
    order = np.argsort(code, kind="stable").astype(np.int64)
    edges = np.searchsorted(code[order], np.arange(size + 1))
    return [order[a:b] for a, b in itertools.pairwise(edges)]


def totals(code: Ints, values: ArrayLike | None, size: int) -> Floats:
    """Return the sum of the values (or the number of rows) under each code from 0 to ``size - 1``."""
    weights = np.ones(len(code)) if values is None else floats(values)
    return np.bincount(code, weights, size).astype(np.float64)
