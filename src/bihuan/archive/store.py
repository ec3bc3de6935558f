"""The service-quality data archive 数据档案: published in whole batches, read by snapshot.

>>> archive = Archive("/data/archive")
>>> with archive.batch(note="work orders of July", actor="wang") as batch:
...     batch.put("work_orders", "crm", "2026Q3", rows)
>>> archive.at().files("work_orders", cycles=["2026Q3"])
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from bihuan.archive import purge, recover, verify
from bihuan.archive.errors import ArchiveError
from bihuan.archive.manifest import DimensionPart, File, Line, Manifest, Part
from bihuan.archive.merge import Merge
from bihuan.archive.rows import Home, Rows, write_rows
from bihuan.archive.schema import DIMENSIONS, FACTS
from bihuan.archive.snapshot import Loss, Partition, Snapshot
from bihuan.archive.storage import Storage, open_storage, sha256_of
from bihuan.archive.verify import Problem

__all__ = [
    "Archive",
    "ArchiveError",
    "Batch",
    "BatchResult",
    "Loss",
    "PartResult",
    "Partition",
    "Problem",
    "Snapshot",
]
CYCLE = re.compile(r"\d{4}(Q[1-4])?")


@dataclass(frozen=True)
class PartResult:
    """What one batch did to one partition; ``purged`` rows were left out because a purge forbids them."""

    table: str
    source: str
    cycle: str
    rows: int
    added: int
    replaced: int
    unchanged: int
    withdrawn: int
    purged: int = 0


@dataclass(frozen=True)
class BatchResult:
    """What a batch did. ``line`` is the snapshot that shows it; ``changed`` is False when nothing was new."""

    line: int
    batch_id: str
    parts: list[PartResult] = field(default_factory=list)
    changed: bool = True


class Archive:
    """The archive at a folder or fsspec address. Opening it touches nothing; reading needs no lock."""

    def __init__(self, url: str | Path, *, lock_timeout: float = 600) -> None:
        self.storage: Storage = open_storage(url)
        self.url = self.storage.url
        self.lock_timeout = lock_timeout
        self._manifest = Manifest(self.storage)
        self._writing = False

    @contextmanager
    def batch(self, note: str = "", actor: str = "") -> Iterator[Batch]:
        """Publish: everything put inside the block becomes visible together, or nothing does."""
        with self._alone():
            name = new_batch_id()
            with self.storage.workshop(name) as workshop:
                batch = Batch(self, name, workshop, note, actor)
                yield batch
                batch.result = batch.publish()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._writing:
            raise ArchiveError(
                "A batch is already open; finish it before the next one begins.", code="nested"
            )
        with self.storage.lock(self.lock_timeout):
            self._writing = True
            try:
                recover.finish_interrupted(self.storage, self._manifest)
                yield
            finally:
                self._writing = False

    def snapshot(self) -> int:
        """The number of the last line; 0 while nothing was published."""
        return len(self._manifest.lines())

    def at(self, number: int | None = None) -> Snapshot:
        """The archive as line ``number`` left it; the newest when None."""
        lines = self._manifest.lines()
        if number is None:
            number = len(lines)
        if not 0 <= number <= len(lines):
            raise ArchiveError(
                f"There is no snapshot {number}; the archive's last one is {len(lines)}.",
                code="unknown_snapshot",
            )
        return Snapshot(self.storage, lines, number)

    def history(self) -> list[Line]:
        """Every batch, oldest first: number, time, actor, note, and what it changed."""
        return list(self._manifest.lines())

    def head(self) -> tuple[int, str]:
        """Number and hash of the last line. Keep it elsewhere, and hand it to ``verify`` later."""
        return self._manifest.head()

    def verify(self, *, head: tuple[int, str] | None = None) -> list[Problem]:
        """Read every file and find what is changed, missing, half-written or should not be there."""
        return verify.verify(self.storage, head=head, lock_timeout=self.lock_timeout)

    def sweep(self) -> list[str]:
        """Remove files that no batch ever made visible; returns their names."""
        with self._alone():
            return recover.sweep(self.storage, self._manifest)

    def purge(self, *, responses: Collection[str], actor: str, reason: str) -> BatchResult:
        """Take a person's answers out of every snapshot: a legal right, and the one thing that rewrites.

        Answers of the responses are erased, links of samples to them are cut, and neither can be
        published again. Snapshots that lose rows by it say so in ``losses``.
        """
        with self._alone():
            name = new_batch_id()
            with self.storage.workshop(name) as workshop:
                line = purge.purge(
                    self.storage,
                    self._manifest,
                    workshop,
                    batch=name,
                    responses=responses,
                    actor=actor,
                    reason=reason,
                    time=now(),
                )
        if line is None:
            return BatchResult(self.snapshot(), "", changed=False)
        return BatchResult(line.line, name, [_result(part) for part in line.parts])


class Batch:
    """What is put here becomes visible when its block ends without an error. ``result`` says what it did."""

    result: BatchResult

    def __init__(self, archive: Archive, name: str, workshop: Path, note: str, actor: str) -> None:
        self._storage, self._manifest = archive.storage, archive._manifest
        self._name, self._workshop, self._note, self._actor = name, workshop, note, actor
        self._before = archive.at()
        self._erased = frozenset(mark for line in archive.history() for mark in line.erased)
        self._parts: dict[tuple[str, str, str], tuple[Part, bool]] = {}
        self._dimensions: dict[str, DimensionPart] = {}
        self._ready: list[tuple[Path, str]] = []

    def put(
        self,
        table: str,
        source: str,
        cycle: str,
        rows: Rows,
        *,
        withdrawn: Iterable[str] = (),
        late: bool = False,
    ) -> PartResult:
        """Merge rows by ``fact_id`` into a partition, and take the facts named in ``withdrawn`` out.

        ``rows`` is a table, a record batch reader, or paths of Parquet files; columns that may be empty
        need not be there, and ``source``, ``cycle`` and ``late`` are filled in. With ``late`` the rows that
        are new or changed are marked as having come after the cycle was closed.
        """
        self._check_key(table, source, cycle)
        folder = self._workshop / f"put-{len(self._parts)}"
        folder.mkdir()
        incoming = folder / "incoming.parquet"
        home = Home(source, cycle, late, self._erased)
        _, purged = write_rows(rows, FACTS[table], incoming, home)
        old = [self._storage.here(file.path) for file in self._before.live((table, source, cycle))]
        with Merge(FACTS[table], old, incoming, withdrawn, late=late, scratch=folder) as merge:
            merge.check()
            change = merge.change()
            made = merge.write(folder, change.rows) if change.any else []
        incoming.unlink()
        prefix = f"facts/{table}/{slug(source)}/{cycle}"
        files = tuple(self._finished(path, n, f"{prefix}/{self._name}-{path.name}") for path, n in made)
        part = Part(
            table,
            source,
            cycle,
            change.rows,
            files,
            change.added,
            change.replaced,
            change.unchanged,
            change.withdrawn,
            purged,
        )
        self._parts[part.key] = (part, change.any)
        return _result(part)

    def _check_key(self, table: str, source: str, cycle: str) -> None:
        if table not in FACTS:
            raise ArchiveError(
                f"The archive has no table {table!r}; it has {', '.join(FACTS)}.", code="unknown_table"
            )
        if not source.strip():
            raise ArchiveError(
                f"Rows of {table} need a source: the system or file family they come from.",
                code="wrong_source",
            )
        if not CYCLE.fullmatch(cycle):
            raise ArchiveError(
                f"{cycle!r} is not a cycle; write a quarter like '2026Q3' or a year like '2026'.",
                code="wrong_cycle",
            )
        if (table, source, cycle) in self._parts:
            raise ArchiveError(
                f"{table} of {source} for {cycle} was already put in this batch; "
                "hand in all its rows at once.",
                code="put_twice",
            )

    def put_dimension(self, name: str, rows: Rows) -> int:
        """Replace a dimension as a whole; returns its rows."""
        if name not in DIMENSIONS:
            raise ArchiveError(
                f"The archive has no dimension {name!r}; it has {', '.join(DIMENSIONS)}.",
                code="unknown_table",
            )
        path = self._workshop / f"{name}-{len(self._ready)}.parquet"
        count = write_dimension(rows, name, path)
        if sha256_of(path) != self._before.dimension_sha256(name):
            file = self._finished(path, count, f"dimensions/{name}/{self._name}.parquet")
            self._dimensions[name] = DimensionPart(name, count, (file,))
        return count

    def _finished(self, path: Path, rows: int, name: str) -> File:
        self._ready.append((path, name))
        return File(name, rows, path.stat().st_size, sha256_of(path))

    def publish(self) -> BatchResult:
        """Put the finished files in their place and make them visible with one line."""
        parts = [part for part, changed in self._parts.values() if changed]
        results = [_result(part) for part, _ in self._parts.values()]
        if not parts and not self._dimensions:
            return BatchResult(self._before.number, self._name, results, changed=False)
        recover.place_all(self._storage, self._workshop, self._ready)
        line = self._manifest.append(
            Line(
                0,
                "",
                self._name,
                "publish",
                now(),
                self._actor,
                self._note,
                tuple(parts),
                tuple(self._dimensions.values()),
            )
        )
        return BatchResult(line.line, self._name, results)


def write_dimension(rows: Rows, name: str, path: Path) -> int:
    """Write a dimension in one order of rows, so that the same content gives the same bytes."""
    import pyarrow.parquet as pq

    table = DIMENSIONS[name]
    write_rows(rows, table, path)
    ordered = pq.ParquetFile(path).read().sort_by([(column.name, "ascending") for column in table.columns])
    pq.write_table(ordered, path, compression="zstd")
    return int(ordered.num_rows)


def _result(part: Part) -> PartResult:
    return PartResult(
        *part.key, part.rows, part.added, part.replaced, part.unchanged, part.withdrawn, part.purged
    )


def slug(source: str) -> str:
    """A folder name for a source, safe on every store; different sources get different ones."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", source)
    if plain == source and len(source) <= 60:
        return source
    return f"{plain[:40]}-{sha256(source.encode()).hexdigest()[:8]}"


def new_batch_id() -> str:
    """A name no other batch has, sorted by time."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:12]}"


def now() -> str:
    """The instant, as the manifest writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
