"""Columns of texts of one file as numbers, read once for all the folds over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bihuan.stats.types import Ints

DENSE = 1 << 24  # keys up to here are looked up in a table; above, they are sorted


@dataclass(frozen=True)
class Texts:
    """A column: ``names[code]`` is the text, the last code stands for nothing."""

    codes: np.ndarray
    names: pa.Array

    @property
    def size(self) -> int:
        """How many codes there are."""
        return len(self.names) + 1

    def at(self, rows: Ints) -> pa.Array:
        """The texts of rows, as a dictionary."""
        codes = self.codes[rows]
        indices = pa.array(codes.astype(np.int32), mask=codes == len(self.names))
        return pa.DictionaryArray.from_arrays(indices, self.names)


def read(path: str, columns: Sequence[str]) -> dict[str, Texts]:
    """The columns of a file; the codes of each follow the order of its first appearances."""
    if not columns:
        return {}
    file = pq.ParquetFile(path, read_dictionary=list(columns))
    table = file.read(columns=list(columns), use_threads=False).unify_dictionaries()
    return {name: _texts(table[name]) for name in columns}


def _texts(column: pa.ChunkedArray) -> Texts:
    if not column.num_chunks or not len(column):
        return Texts(np.zeros(0, np.int32), pa.array([], pa.string()))
    names = column.chunk(0).dictionary
    codes = np.empty(len(column), np.int32)
    done = 0
    for chunk in column.chunks:
        indices = chunk.indices
        if indices.null_count:
            indices = indices.fill_null(len(names))
        codes[done : done + len(chunk)] = indices.to_numpy(zero_copy_only=False)
        done += len(chunk)
    return Texts(codes, names)


def together(columns: Sequence[Ints], sizes: Sequence[int], rows: int) -> tuple[Ints, int]:
    """One code for each combination of codes that occurs, and how many there are.

    The codes are numbered in the order of the combinations, or left as they are where few are possible.
    """
    code, size = np.zeros(rows, np.int64), 1
    for column, own in zip(columns, sizes, strict=True):
        code, size = code * own + column, size * own
        if size > DENSE:
            found, inverse = np.unique(code, return_inverse=True)
            code, size = inverse.reshape(-1).astype(np.int64), max(len(found), 1)
    return code, size
