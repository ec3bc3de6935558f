"""Rows on their way in: brought to the table's columns and types, or refused with a sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from bihuan.archive.errors import ArchiveError
from bihuan.archive.schema import Column, Table

Paths: TypeAlias = str | Path | Iterable[str | Path]
Rows: TypeAlias = pa.Table | pa.RecordBatch | pa.RecordBatchReader | Paths

BATCH = 131_072


@dataclass(frozen=True)
class Home:
    """The partition that rows must belong to, and the responses that may not come back."""

    source: str
    cycle: str
    late: bool
    erased: frozenset[str] = frozenset()


def write_rows(rows: Rows, table: Table, target: Path, home: Home | None = None) -> tuple[int, int]:
    """Write rows to one Parquet file in the table's exact schema, in bounded memory.

    Returns the rows written and the rows left out because their response was purged. Raises
    ``ArchiveError`` on anything that does not fit; ``home`` is None for dimensions.
    """
    written = purged = 0
    with pq.ParquetWriter(target, table.arrow, compression="zstd", compression_level=1) as writer:
        for batch in _batches(rows):
            if not batch.num_rows:
                continue
            fitted = fit(batch, table, home)
            if home and home.erased and "response" in table.arrow.names:
                fitted, gone = _without_erased(fitted, table, home.erased)
                purged += gone
            if fitted.num_rows:
                writer.write_table(fitted)
                written += fitted.num_rows
    return written, purged


def _batches(rows: Rows) -> Iterator[pa.Table]:
    if isinstance(rows, pa.Table):
        for start in range(0, rows.num_rows, BATCH):
            yield rows.slice(start, BATCH)
    elif isinstance(rows, pa.RecordBatch):
        yield pa.Table.from_batches([rows])
    elif isinstance(rows, pa.RecordBatchReader):
        for batch in rows:
            yield pa.Table.from_batches([batch])
    else:
        paths = [rows] if isinstance(rows, str | Path) else list(rows)
        for path in paths:
            for batch in ds.dataset(str(path), format="parquet").to_batches(batch_size=BATCH):
                yield pa.Table.from_batches([batch])


def fit(rows: pa.Table, table: Table, home: Home | None) -> pa.Table:
    """Bring rows to the table's columns, order and types; refuse what does not fit."""
    unknown = [name for name in rows.column_names if name not in table.arrow.names]
    if unknown:
        raise ArchiveError(
            f"{table.name} has no column {unknown[0]!r}; leave it out or use one of: "
            f"{', '.join(table.arrow.names)}.",
            code="unknown_column",
        )
    columns = [_column(rows, table, column, home) for column in table.columns]
    fitted = pa.Table.from_arrays(columns, schema=table.arrow)
    if home is not None:
        _check_home(fitted, table, home)
    return fitted


def _column(rows: pa.Table, table: Table, column: Column, home: Home | None) -> pa.ChunkedArray:
    if column.name in rows.column_names:
        values = _cast(rows[column.name], table, column)
    else:
        values = _filled(rows.num_rows, table, column, home)
    if column.required and values.null_count:
        raise ArchiveError(
            f"{table.name}.{column.name} is empty in {values.null_count} of {len(values)} rows"
            f"{_example(rows, pc.is_null(values))}; every row needs it ({column.doc}).",
            code="required",
        )
    return values


def _filled(count: int, table: Table, column: Column, home: Home | None) -> pa.ChunkedArray:
    """A column that was not handed in: from the partition, or empty where it may be empty."""
    known = {"source": home.source, "cycle": home.cycle, "late": home.late} if home else {}
    if column.name in known:
        return pa.chunked_array([pa.repeat(pa.scalar(known[column.name], column.type), count)])
    if column.required:
        raise ArchiveError(
            f"{table.name} needs the column {column.name!r} ({column.doc}); add it to the rows.",
            code="missing_column",
        )
    return pa.chunked_array([pa.nulls(count, column.type)])


def _cast(values: pa.ChunkedArray, table: Table, column: Column) -> pa.ChunkedArray:
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if not _may_become(values.type, column.type):
        hint = "; give it the zone UTC" if pa.types.is_timestamp(values.type) else ""
        raise ArchiveError(
            f"{table.name}.{column.name} must be {column.type}, not {values.type}{hint}.", code="wrong_type"
        )
    if values.type != column.type:
        try:
            values = values.cast(column.type)
        except pa.ArrowInvalid as exc:
            raise ArchiveError(
                f"{table.name}.{column.name} must be {column.type}: {exc}.", code="wrong_type"
            ) from exc
    if pa.types.is_floating(column.type) and len(values):
        odd = len(values) - values.null_count - (pc.sum(pc.is_finite(values)).as_py() or 0)
        if odd:
            raise ArchiveError(
                f"{table.name}.{column.name} is not a finite number in {odd} rows; "
                "leave it empty where there is none.",
                code="not_finite",
            )
    return values


def _may_become(given: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether values of one type are also values of the other, nothing lost."""
    types = pa.types
    if given == wanted or types.is_null(given):
        return True
    if types.is_string(wanted):
        return bool(types.is_large_string(given) or types.is_string_view(given))
    if types.is_floating(wanted):
        return bool(types.is_integer(given) or types.is_floating(given))
    if types.is_integer(wanted):
        return bool(types.is_integer(given))
    if types.is_timestamp(wanted):
        return bool(types.is_timestamp(given) and given.tz)
    return False


def _check_home(rows: pa.Table, table: Table, home: Home) -> None:
    for name, wanted in (("cycle", home.cycle), ("source", home.source)):
        wrong = pc.not_equal(rows[name], wanted)
        if pc.any(wrong).as_py():
            found = rows[name].filter(wrong)[0].as_py()
            raise ArchiveError(
                f"A row of {table.name} has the {name} {found!r}{_example(rows, wrong)}, "
                f"but it was handed in for {wanted!r}; put it into the batch under its own {name}.",
                code=f"wrong_{name}",
            )
    for name, pattern, like in (("period", r"^\d{4}-(0[1-9]|1[0-2])$", "2026-07"), ("fact_id", ".", "WO-1")):
        wrong = pc.invert(pc.match_substring_regex(rows[name], pattern))
        if pc.any(wrong).as_py():
            found = rows[name].filter(wrong)[0].as_py()
            raise ArchiveError(
                f"A row of {table.name} has the {name} {found!r}{_example(rows, wrong)}; "
                f"write it like {like!r}.",
                code=f"wrong_{name}",
            )


def _example(rows: pa.Table, wrong: pa.ChunkedArray) -> str:
    """Name one of the rows that are wrong, where rows have a name."""
    if "fact_id" not in rows.column_names:
        return ""
    first = rows["fact_id"].filter(wrong).slice(0, 1).to_pylist()
    return f" (fact_id {first[0]!r})" if first and first[0] else ""


def response_mark(response: str) -> str:
    """What the manifest keeps of a purged response: enough to know it again, not to read it."""
    return hashlib.sha256(f"bihuan-response:{response}".encode()).hexdigest()


def _without_erased(rows: pa.Table, table: Table, erased: frozenset[str]) -> tuple[pa.Table, int]:
    """Leave out answers of purged responses, and the links of samples to them."""
    responses = rows["response"]
    gone = [r for r in pc.unique(responses).to_pylist() if r is not None and response_mark(r) in erased]
    if not gone:
        return rows, 0
    hit = pc.fill_null(pc.is_in(responses, value_set=pa.array(gone, pa.string())), False)
    count = pc.sum(hit).as_py()
    if table.column("response").required:
        return rows.filter(pc.invert(hit)), count
    index = rows.column_names.index("response")
    cleared = pc.if_else(hit, pa.scalar(None, pa.string()), responses)
    return rows.set_column(index, table.arrow.field("response"), cleared), 0
