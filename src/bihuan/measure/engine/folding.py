"""Runs folds over one file: rows come from the engine, the rest are loops over numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from bihuan.measure.engine import kernels
from bihuan.measure.engine.fold import ROW, Fold, Take
from bihuan.measure.engine.labels import DENSE, Texts, together
from bihuan.stats.types import Floats, Ints

Units = tuple[Ints, Ints | None]  # where each unit starts, and the order of rows that brings units together
NOT_SEEN = -1


@dataclass
class Rows:
    """What the engine found in one file, and the labels of these rows; codes are worked out once."""

    table: pa.Table
    labels: Mapping[str, Texts]
    count: int
    _matrix: tuple[Floats, dict[str, int]] | None = None
    _cells: dict[tuple[str, ...], tuple[Ints, int]] = field(default_factory=dict)
    _units: dict[tuple[str, ...], Units] = field(default_factory=dict)

    @classmethod
    def of(cls, table: pa.Table, labels: Mapping[str, Texts]) -> Rows:
        """Take the labels of the rows that are in ``table``."""
        row = table[ROW].to_numpy()
        whole = all(len(text.codes) == len(row) for text in labels.values()) and _is_range(row)
        own = labels if whole else {n: Texts(t.codes[row], t.names) for n, t in labels.items()}
        return cls(table, own, len(row))

    def matrix(self) -> tuple[Floats, dict[str, int]]:
        """All columns of numbers as rows of one array, where each stands, and last a row to write to."""
        if self._matrix is None:
            names = [name for name in self.table.column_names if name != ROW]
            found = np.empty((len(names) + 1, self.count))
            for k, name in enumerate(names):  # DuckDB gives numbers that are written out as decimals
                found[k] = self.table[name].cast(pa.float64()).to_numpy()
            self._matrix = found, {name: k for k, name in enumerate(names)}
        return self._matrix

    def cells(self, keys: tuple[str, ...]) -> tuple[Ints, int]:
        """Code of the cell of each row."""
        if keys not in self._cells:
            texts = [self.labels[key] for key in keys]
            self._cells[keys] = together([t.codes for t in texts], [t.size for t in texts], self.count)
        return self._cells[keys]

    def units(self, unit: str, keys: tuple[str, ...]) -> Units:
        """Rows of one unit and cell, side by side."""
        if (unit, *keys) not in self._units:
            self._units[(unit, *keys)] = _adjacent(self.labels[unit].codes, self.cells(keys)[0])
        return self._units[(unit, *keys)]


def answer(asked: Fold | Take, rows: Rows, schema: pa.Schema) -> pa.Table:
    """What a query asks of one file, with the columns and types of its expression; texts as dictionaries."""
    if isinstance(asked, Take):
        return _taken_as_they_are(asked, rows, schema)
    return _folded(asked, rows, schema)


def _taken_as_they_are(take: Take, rows: Rows, schema: pa.Schema) -> pa.Table:
    every = np.arange(rows.count)
    columns = {name: rows.labels[column].at(every) for name, column in take.named.items()}
    return fitted({**{n: rows.table[n] for n in rows.table.column_names}, **columns}, schema)


def _folded(fold: Fold, rows: Rows, schema: pa.Schema) -> pa.Table:
    cell, cells = rows.cells(fold.keys)
    item, items = _items(fold, rows)
    values, place = rows.matrix()
    y = np.array([place[m.y] for m in fold.measures], np.int64)
    start, order = rows.units(fold.unit, fold.keys) if fold.unit else (np.zeros(0, np.int64), None)
    if order is not None:
        cell, item, values = cell[order], item[order], np.ascontiguousarray(values[:, order])
    slot, first = _slots(cell, cells, item, items, values, y)
    out = np.zeros((len(first), len(y), kernels.SUMS))
    both = np.zeros((len(first), len(fold.pairs), 4))
    x = np.array([place.get(m.x, NOT_SEEN) for m in fold.measures], np.int64)
    if fold.area:
        area = rows.labels[fold.area]
        parts = [values[place[name]] for name in ("earned", "most", "vetoed")]
        kernels.scores(start, slot, item, items, _taken(area.codes, order), area.size, *parts, out)
    elif fold.unit:
        marks, y = y, _indices(fold, rows, (start, order), item, items, values, y)
        w = values[place["w"]] if fold.weighted else np.zeros(0)
        pairs = np.array(fold.pairs, np.int64).reshape(-1, 2)
        kernels.units(start, slot, item, items, values, y, marks, x, w, fold.mean, pairs, out, both)
    else:
        kernels.plain(slot, values, y, x, out)
    return _table(fold, rows, first if order is None else order[first], out, both, schema)


def _is_range(row: Ints) -> bool:
    return not len(row) or (row[0] == 0 and row[-1] == len(row) - 1 and bool((np.diff(row) == 1).all()))


def _taken(values: np.ndarray, order: Ints | None) -> np.ndarray:
    return values if order is None else values[order]


def _items(fold: Fold, rows: Rows) -> tuple[Ints, int]:
    """Code of the item of each row, -1 where it has none."""
    if not fold.item:
        return np.zeros(rows.count, np.int32), 1
    text = rows.labels[fold.item]
    return np.where(text.codes == len(text.names), NOT_SEEN, text.codes), max(len(text.names), 1)


def _adjacent(unit: Ints, cell: Ints) -> Units:
    """Where units start; and an order of rows, where those of one unit do not stand together."""
    if not len(unit):
        return np.zeros(1, np.int64), None
    new = np.flatnonzero((unit[1:] != unit[:-1]) | (cell[1:] != cell[:-1])) + 1
    start = np.concatenate([[0], new, [len(unit)]]).astype(np.int64)
    heads = unit[start[:-1]]
    if (heads[1:] > heads[:-1]).all() or _all_differ(heads, cell[start[:-1]]):
        return start, None
    order = np.lexsort((cell, unit))
    return _adjacent(unit[order], cell[order])[0], order


def _all_differ(unit: Ints, cell: Ints) -> bool:
    key = unit.astype(np.int64) * (int(cell.max()) + 1) + cell
    return len(np.unique(key)) == len(key)


def _slots(
    cell: Ints, cells: int, item: Ints, items: int, values: Floats, y: Ints
) -> tuple[np.ndarray, Ints]:
    """Number of the pair of cell and item that each row counts in, and the first row of each."""
    slot, first = np.empty(len(cell), np.int32), np.empty(len(cell), np.int64)
    if cells * items > DENSE:  # bring together only the pairs that occur
        key = np.where(item >= 0, cell.astype(np.int64) * items + item, 0)
        found, inverse = np.unique(key, return_inverse=True)
        of_pair = inverse.reshape(-1).astype(np.int64)
        table = np.full(len(found), -1, np.int32)
        count = kernels.numbered(of_pair, np.where(item >= 0, 0, NOT_SEEN), 1, values, y, table, slot, first)
    else:
        table = np.full(cells * items, -1, np.int32)
        count = kernels.numbered(cell, item, items, values, y, table, slot, first)
    return slot, first[:count].copy()


def _indices(fold: Fold, rows: Rows, units: Units, item: Ints, items: int, values: Floats, y: Ints) -> Ints:
    """Which rows of values hold y once marks have become the index of their unit, written to the last row."""
    how = fold.dimensions
    of_index = [m for m, measure in enumerate(fold.measures) if measure.index]
    if how is None or not of_index:
        return y
    if len(of_index) > 1:
        raise ValueError("Two indices of one table are two folds.")
    start, order = units
    dimension = _places(rows.labels[how.dimension], how.names)
    text = rows.labels[how.version]
    names = text.names.to_pylist()
    rank = np.empty(text.size, np.int64)  # versions in the order of their texts
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    rank[-1] = len(names)
    weights = np.array([how.weights.get(n, how.usual) for n in sorted(names)] + [how.usual])
    values[-1] = np.nan
    kernels.indices(
        start,
        item,
        values[y[of_index[0]]],
        _taken(dimension, order),
        _taken(rank[text.codes], order),
        weights,
        items,
        values[-1],
    )
    y = y.copy()
    y[of_index[0]] = len(values) - 1
    return y


def _places(text: Texts, names: tuple[str, ...]) -> Ints:
    """Where each row's text stands among ``names``; nothing counts as an empty text."""
    at = {name: k for k, name in enumerate(names)}
    found = [at.get(name, NOT_SEEN) for name in [*text.names.to_pylist(), ""]]
    return np.array(found, np.int64)[text.codes]


def _table(fold: Fold, rows: Rows, first: Ints, out: Floats, both: Floats, schema: pa.Schema) -> pa.Table:
    if fold.area:  # where nothing could be earned there is no score
        first, out = first[out[:, 0, 0] > 0], out[out[:, 0, 0] > 0]
    columns: dict[str, pa.Array] = {fold.names.get(key, key): rows.labels[key].at(first) for key in fold.keys}
    if fold.item:
        columns[fold.item_as] = rows.labels[fold.item].at(first)
    for m, measure in enumerate(fold.measures):
        for k, name in enumerate(("n", "a", "b", "aa", "bb", "ab")):
            columns[f"{measure.prefix}_{name}"] = pa.array(out[:, m, k])
    for p, (i, j) in enumerate(fold.pairs):
        for k, name in enumerate(("w", "y", "z", "yz")):
            columns[f"p{i}_{j}_{name}"] = pa.array(both[:, p, k])
    return fitted(columns, schema)


def fitted(columns: Mapping[str, pa.Array], schema: pa.Schema) -> pa.Table:
    """Columns with the types of a schema, texts as dictionaries; those that are not there are empty."""
    types = [pa.dictionary(pa.int32(), pa.string()) if pa.types.is_string(f.type) else f.type for f in schema]
    rows = len(next(iter(columns.values())))
    arrays = [
        columns[f.name].cast(t) if f.name in columns else pa.nulls(rows, t)
        for f, t in zip(schema, types, strict=True)
    ]
    return pa.Table.from_arrays(arrays, names=schema.names)
