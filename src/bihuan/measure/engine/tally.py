"""Counts of rows by a few texts of a file, with no look at what all rows have in common."""

from __future__ import annotations

from datetime import datetime
from types import EllipsisType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bihuan.measure.engine import labels
from bihuan.measure.engine.fold import Tally
from bihuan.measure.engine.folding import fitted
from bihuan.measure.engine.labels import Texts, together
from bihuan.stats.types import Bools

WHEN = "occurred_at"


def answer(asked: Tally, path: str, schema: pa.Schema) -> pa.Table:
    """What a tally asks of one file, with the columns and types of its expression; texts as dictionaries."""
    metadata = pq.read_metadata(path)
    alike = {key: text for key in asked.keys if (text := _alike(metadata, key)) is not ...}
    texts = labels.read(path, [key for key in asked.keys if key not in alike])
    rows, there = metadata.num_rows, _there(path, metadata, asked.until)
    if there is not None:
        rows = int(there.sum())
        texts = {name: Texts(text.codes[there], text.names) for name, text in texts.items()}
    code, size = together([t.codes for t in texts.values()], [t.size for t in texts.values()], rows)
    counts = np.bincount(code, minlength=size)
    some = np.full(size, -1, np.int64)
    some[code] = np.arange(rows)
    first = some[some >= 0]
    columns = {asked.names.get(key, key): text.at(first) for key, text in texts.items()}
    for key, text in alike.items():
        same = pa.DictionaryArray.from_arrays(np.zeros(len(first), np.int32), pa.array([text], pa.string()))
        columns[asked.names.get(key, key)] = same
    columns["rows_n"] = pa.array(counts[code[first]])
    return fitted(columns, schema)


def _alike(metadata: pq.FileMetaData, column: str) -> str | EllipsisType | None:
    """The text, or nothing, that a column has in every row; ``...`` where the file does not say so."""
    place = metadata.schema.names.index(column)
    found: set[str | None] = set()
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group)
        told = rows.column(place).statistics
        if told is None or not told.has_null_count or told.null_count not in (0, rows.num_rows):
            return ...
        if told.null_count:
            found.add(None)
        elif told.has_min_max:
            found |= {told.min, told.max}
        else:
            return ...
    return found.pop() if len(found) == 1 else ...


def _there(path: str, metadata: pq.FileMetaData, until: datetime) -> Bools | None:
    """Which rows had occurred by an instant; None where all had."""
    place = metadata.schema.names.index(WHEN)
    told = [metadata.row_group(k).column(place).statistics for k in range(metadata.num_row_groups)]
    if all(one is not None and one.has_min_max and one.max <= until for one in told):
        return None
    when = pq.read_table(path, columns=[WHEN], use_threads=False, partitioning=None)[WHEN]
    found = pc.less_equal(when, pa.scalar(until, when.type)).fill_null(False)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)
