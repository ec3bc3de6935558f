"""Parquet files, every column as text so that one set of rules reads all formats."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bihuan.collect.records.reading import chunks as base

if TYPE_CHECKING:
    from bihuan.collect.records.reading.chunks import Chunk, Source


def open_parquet(
    path: Path, *, encoding: str | None, delimiter: str | None, sheet: str | None, header: int
) -> Source:
    """Open a Parquet file; its rows are counted from 1."""
    try:
        with pq.ParquetFile(path) as file:
            names, rows = file.schema_arrow.names, file.metadata.num_rows
            first = next(file.iter_batches(batch_size=20), None)
    except (pa.ArrowException, OSError) as exc:
        raise base.UnreadableFileError("file_broken", detail=str(exc).splitlines()[0]) from exc
    head = [tuple(names)]
    if first is not None:
        text = as_text(pa.Table.from_batches([first]))
        head += [tuple(v or "" for v in row.values()) for row in text.to_pylist()]
    return base.Source(
        path=path,
        kind="parquet",
        columns=tuple(names),
        header=0,
        rows_hint=rows,
        head=tuple(head),
        read=chunks,
    )


def as_text(table: pa.Table) -> pa.Table:
    """Every column as text; instants as ISO with their offset, whole floats without ``.0``."""
    return pa.table([_column(c) for c in table.columns], names=table.column_names)


def _column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string(column.type):
        return column
    if pa.types.is_timestamp(column.type):
        aware = column.type.tz is not None
        column = column.cast(pa.timestamp("us", "UTC" if aware else None))
        return pc.strftime(column, format="%Y-%m-%d %H:%M:%SZ" if aware else "%Y-%m-%d %H:%M:%S")
    text = column.cast(pa.string())
    return pc.replace_substring_regex(text, r"\.0$", "") if pa.types.is_floating(column.type) else text


def chunks(source: Source, size: int) -> Iterator[Chunk]:
    """The rows as text, a batch at a time."""
    number = 1
    with pq.ParquetFile(source.path) as file:
        for batch in file.iter_batches(batch_size=size):
            rows = np.arange(number, number + len(batch), dtype=np.int64)
            number += len(batch)
            yield base.chunk_of(as_text(pa.Table.from_batches([batch])), rows)
