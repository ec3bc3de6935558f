"""A partition and what is published to it, merged by ``fact_id`` outside of memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bihuan.archive.errors import ArchiveError
from bihuan.archive.schema import Table

ROWS_PER_FILE = 2_000_000
GROUP = 65_536  # rows of a row group: a project's rows are found without reading the rest


@dataclass(frozen=True)
class Change:
    """How many rows a publish adds, replaces, leaves as they are and withdraws."""

    added: int
    replaced: int
    unchanged: int
    withdrawn: int
    rows: int

    @property
    def any(self) -> bool:
        """Whether the partition differs afterwards."""
        return bool(self.added or self.replaced or self.withdrawn)


def connect(scratch: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB of its own that spills to ``scratch`` rather than fill the memory."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET memory_limit = '1GB'")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(f"SET temp_directory = {quoted(str(scratch / 'spill'))}")
    return connection


def one_row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...] | None:
    """The first row of a query's result, read to the end so that the connection is free again."""
    rows = connection.execute(sql).fetchall()
    return rows[0] if rows else None


def quoted(text: str) -> str:
    """A string literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def parquet(paths: Iterable[str | Path]) -> str:
    """SQL that reads the files by the names of their columns."""
    listed = ", ".join(quoted(str(path)) for path in paths)
    return f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"


class Merge:
    """One publish to one partition: ``check``, ``change``, then ``write`` the whole replacement."""

    def __init__(
        self,
        table: Table,
        old: Sequence[Path],
        incoming: Path,
        withdrawn: Iterable[str],
        *,
        late: bool,
        scratch: Path,
    ) -> None:
        self.table, self.late = table, late
        self._con = connect(scratch)
        self._names = table.arrow.names
        self._con.execute(f"CREATE VIEW new AS SELECT * FROM {parquet([incoming])}")
        self._con.execute(f"CREATE VIEW old AS {self._old(old, incoming)}")
        gone = pa.table({"fact_id": pa.array(sorted(set(withdrawn)), pa.string())})
        self._con.register("gone", gone)

    def __enter__(self) -> Merge:
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()

    def _old(self, old: Sequence[Path], incoming: Path) -> str:
        """The partition as it stands; columns that came to the table later are empty in its files."""
        if not old:
            return f"SELECT * FROM {parquet([incoming])} WHERE false"
        there = {name for path in old for name in pq.read_schema(path).names}
        columns = [f'"{n}"' if n in there else f'NULL AS "{n}"' for n in self._names]
        return f"SELECT {', '.join(columns)} FROM {parquet(old)}"

    def check(self) -> None:
        """Refuse a fact handed in twice, or handed in and withdrawn at once."""
        twice = one_row(
            self._con,
            "SELECT fact_id, count(*) FROM new GROUP BY fact_id HAVING count(*) > 1 ORDER BY fact_id LIMIT 1",
        )
        if twice:
            raise ArchiveError(
                f"The fact_id {twice[0]!r} stands in {twice[1]} rows handed in for {self.table.name}; "
                "keep one row of each fact.",
                code="duplicate",
            )
        both = one_row(self._con, "SELECT min(fact_id) FROM new SEMI JOIN gone USING (fact_id)")
        if both and both[0] is not None:
            raise ArchiveError(
                f"The fact {both[0]!r} of {self.table.name} is handed in and withdrawn in the same batch; "
                "choose one of the two.",
                code="withdrawn_and_new",
            )

    def _differs(self) -> str:
        """Whether two rows of one fact say something else; being late is not part of what they say."""
        names = [n for n in self._names if n not in {"fact_id", "late"}]
        return "(" + " OR ".join(f'n."{n}" IS DISTINCT FROM o."{n}"' for n in names) + ")"

    def change(self) -> Change:
        """Count what the publish changes."""
        row = one_row(
            self._con,
            f"""
            SELECT count(*) FILTER (o.fact_id IS NULL),
                   count(*) FILTER (o.fact_id IS NOT NULL AND {self._differs()}),
                   count(*) FILTER (o.fact_id IS NOT NULL AND NOT {self._differs()}),
                   (SELECT count(*) FROM old SEMI JOIN gone USING (fact_id)),
                   (SELECT count(*) FROM old)
            FROM new n LEFT JOIN old o USING (fact_id)
            """,
        )
        assert row is not None
        added, replaced, unchanged, withdrawn, before = row
        return Change(added, replaced, unchanged, withdrawn, before + added - withdrawn)

    def _merged(self) -> str:
        late = f"CASE WHEN o.fact_id IS NOT NULL AND NOT {self._differs()} THEN o.late ELSE {{}} END"
        late = late.format("true" if self.late else "n.late")
        columns = ", ".join(f'{late} AS "late"' if n == "late" else f'n."{n}"' for n in self._names)
        kept = ", ".join(f'o."{n}"' for n in self._names)
        return f"""
            SELECT {columns} FROM new n LEFT JOIN old o USING (fact_id)
            UNION ALL
            SELECT {kept} FROM old o ANTI JOIN new USING (fact_id)
            WHERE fact_id NOT IN (SELECT fact_id FROM gone)
            ORDER BY {", ".join(self.table.order)}
        """

    def write(self, folder: Path, rows: int) -> list[tuple[Path, int]]:
        """Write the whole replacement, sorted by project; returns each file and its rows."""
        if not rows:
            return []
        reader = self._con.sql(self._merged()).to_arrow_reader(GROUP)
        return write_split(reader, self.table.arrow, folder, splits(rows))


def splits(rows: int) -> int:
    """Into how many files a partition of so many rows goes: powers of two, so that it seldom moves."""
    return 1 << max(0, -(-rows // ROWS_PER_FILE) - 1).bit_length()


def split_of(project: str, count: int) -> int:
    """The file a project's rows go to; the same on every machine."""
    return zlib.crc32(project.encode()) % count


def write_sorted(reader: Iterable[pa.RecordBatch], schema: pa.Schema, path: Path) -> int:
    """Stream sorted rows into one file; returns how many there were."""
    with SortedFile(path, schema) as file:
        for batch in reader:
            file.add(pa.Table.from_batches([batch]).cast(schema))
    return file.rows


class SortedFile:
    """A file of a partition in the making.

    Row groups are full whatever pieces the rows come in, so that the same rows always give the same bytes:
    a file whose projects have nothing new keeps its SHA-256 when its partition is written again.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.rows = 0
        self._schema, self._held, self._waiting = schema, [schema.empty_table()], 0
        self._writer = pq.ParquetWriter(
            path, schema, compression="zstd", compression_level=3, write_statistics=True
        )

    def __enter__(self) -> SortedFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._flush(1)
        self._writer.close()

    def add(self, rows: pa.Table) -> None:
        """Take rows; they are written once a row group is full."""
        self.rows += rows.num_rows
        self._held.append(rows)
        self._waiting += rows.num_rows
        self._flush(GROUP)

    def _flush(self, least: int) -> None:
        if self._waiting < least:
            return
        held = pa.concat_tables(self._held).combine_chunks()
        start = 0
        while held.num_rows - start >= least:
            self._writer.write_table(held.slice(start, GROUP), row_group_size=GROUP)
            start += GROUP
        rest = held.slice(min(start, held.num_rows))
        self._held, self._waiting = [rest], rest.num_rows


def write_split(
    reader: pa.RecordBatchReader, schema: pa.Schema, folder: Path, count: int
) -> list[tuple[Path, int]]:
    """Stream sorted rows into ``count`` files by project; files that got no rows are left out."""
    paths = [folder / f"{k}.parquet" for k in range(count)]
    with ExitStack() as stack:
        files = [stack.enter_context(SortedFile(path, schema)) for path in paths]
        for batch in reader:
            table = pa.Table.from_batches([batch]).cast(schema)
            for k, piece in _pieces(table, count):
                files[k].add(piece)
    return [(path, file.rows) for path, file in zip(paths, files, strict=True) if file.rows]


def _pieces(table: pa.Table, count: int) -> Iterable[tuple[int, pa.Table]]:
    if not table.num_rows:
        return
    if count == 1:
        yield 0, table
        return
    by_split: dict[int, list[str]] = {}
    for project in pc.unique(table["project"]).to_pylist():
        by_split.setdefault(split_of(project, count), []).append(project)
    for k, projects in by_split.items():
        yield k, table.filter(pc.is_in(table["project"], value_set=pa.array(projects, pa.string())))
