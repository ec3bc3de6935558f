"""The archive as one line of the manifest left it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from bihuan.archive.errors import ArchiveError
from bihuan.archive.manifest import DimensionPart, File, Line, Part, Rewrite
from bihuan.archive.schema import DIMENSIONS, FACTS
from bihuan.archive.storage import Storage


@dataclass(frozen=True)
class Partition:
    """One live partition: its rows, its files' full addresses, and one hash over all of them."""

    table: str
    source: str
    cycle: str
    files: tuple[str, ...]
    rows: int
    sha256: str
    line: int
    time: str


@dataclass(frozen=True)
class Loss:
    """What a snapshot no longer has: ``rows`` of a partition, erased by the purge of a later line."""

    line: int
    time: str
    reason: str
    table: str
    source: str
    cycle: str
    rows: int


class Snapshot:
    """The exact files that stood at one line of the manifest; they never change."""

    def __init__(self, storage: Storage, lines: Sequence[Line], number: int) -> None:
        self.number = number
        self._storage = storage
        self._parts: dict[tuple[str, str, str], tuple[Part, Line]] = {}
        self._dimensions: dict[str, DimensionPart] = {}
        for line in lines[:number]:
            self._parts.update({part.key: (part, line) for part in line.parts})
            self._dimensions.update({part.name: part for part in line.dimensions})
        self._rewritten: dict[str, tuple[Rewrite, Line]] = {
            rewrite.path: (rewrite, line) for line in lines for rewrite in line.rewritten
        }

    def current(self, file: File) -> tuple[File | None, list[tuple[Rewrite, Line]]]:
        """The file that stands for ``file`` today, and the purges it went through."""
        steps: list[tuple[Rewrite, Line]] = []
        now: File | None = file
        while now is not None and now.path in self._rewritten:
            step = self._rewritten[now.path]
            steps.append(step)
            now = step[0].by
        return now, steps

    def _standing(self, part: Part) -> list[File]:
        return [now for file in part.files if (now := self.current(file)[0]) is not None]

    def _chosen(
        self, table: str | None, cycles: Collection[str] | None, sources: Collection[str] | None
    ) -> list[tuple[Part, Line]]:
        if table is not None and table not in FACTS:
            raise ArchiveError(
                f"The archive has no table {table!r}; it has {', '.join(FACTS)}.", code="unknown_table"
            )
        return [
            (part, line)
            for _, (part, line) in sorted(self._parts.items(), key=lambda item: item[0])
            if (table is None or part.table == table)
            and (cycles is None or part.cycle in cycles)
            and (sources is None or part.source in sources)
        ]

    def partitions(self, table: str | None = None) -> list[Partition]:
        """Live partitions that have rows, by table, source and cycle."""
        found = []
        for part, line in self._chosen(table, None, None):
            files = self._standing(part)
            if files:
                addresses = tuple(self._storage.address(file.path) for file in files)
                rows = sum(file.rows for file in files)
                found.append(Partition(*part.key, addresses, rows, _joint(files), line.line, line.time))
        return found

    def files(
        self, table: str, cycles: Collection[str] | None = None, sources: Collection[str] | None = None
    ) -> list[str]:
        """Local paths of the files of a table, fetched first where the archive lies elsewhere."""
        return [
            str(self._storage.here(file.path))
            for part, _ in self._chosen(table, cycles, sources)
            for file in self._standing(part)
        ]

    def digests(self) -> dict[str, str]:
        """SHA-256 of every file of facts, by the path that `files` gives."""
        return {
            str(self._storage.here(file.path)): file.sha256
            for part, _ in self._chosen(None, None, None)
            for file in self._standing(part)
        }

    def urls(
        self, table: str, cycles: Collection[str] | None = None, sources: Collection[str] | None = None
    ) -> list[str]:
        """The same files by their address in the store, for an engine that reads it itself."""
        return [
            self._storage.address(file.path)
            for part, _ in self._chosen(table, cycles, sources)
            for file in self._standing(part)
        ]

    def table_exists(self, table: str) -> bool:
        """Whether the table has any row here; for a dimension, whether it was ever put."""
        if table in DIMENSIONS:
            return table in self._dimensions
        return any(self._standing(part) for part, _ in self._chosen(table, None, None))

    def dimension(self, name: str) -> pa.Table:
        """A dimension, whole; without rows where it was never put."""
        if name not in DIMENSIONS:
            raise ArchiveError(
                f"The archive has no dimension {name!r}; it has {', '.join(DIMENSIONS)}.",
                code="unknown_table",
            )
        schema = DIMENSIONS[name].arrow
        if name not in self._dimensions:
            return schema.empty_table()
        tables = [
            pq.ParquetFile(self._storage.here(file.path)).read() for file in self._dimensions[name].files
        ]
        return _in_schema(pa.concat_tables(tables), schema) if tables else schema.empty_table()

    def dimension_sha256(self, name: str) -> str:
        """One hash over a dimension's content; empty where it was never put."""
        part = self._dimensions.get(name)
        return _joint(list(part.files)) if part else ""

    @property
    def losses(self) -> list[Loss]:
        """What later purges took out of this snapshot, so that it may no longer repeat to the last digit."""
        return [
            Loss(line.line, line.time, line.note, *part.key, rewrite.lost)
            for part, _ in self._chosen(None, None, None)
            for file in part.files
            for rewrite, line in self.current(file)[1]
        ]

    def live(self, key: tuple[str, str, str]) -> list[File]:
        """The files that stand for one partition now, as the manifest names them."""
        return self._standing(self._parts[key][0]) if key in self._parts else []

    def live_keys(self) -> list[tuple[str, str, str]]:
        """Every partition ever put, by table, source and cycle."""
        return sorted(self._parts)


def _joint(files: Sequence[File]) -> str:
    if len(files) == 1:
        return files[0].sha256
    return hashlib.sha256("\n".join(file.sha256 for file in files).encode()).hexdigest()


def _in_schema(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table written before a column was added, with that column empty."""
    columns = [
        table[field.name] if field.name in table.column_names else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)
