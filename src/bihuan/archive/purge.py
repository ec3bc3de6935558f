"""A person's answers, taken out of every file there ever was."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pyarrow as pa

from bihuan.archive.errors import ArchiveError
from bihuan.archive.manifest import File, Line, Manifest, Part, Rewrite
from bihuan.archive.merge import GROUP, connect, one_row, parquet, write_split
from bihuan.archive.recover import known_files, place_all
from bihuan.archive.rows import response_mark
from bihuan.archive.schema import FACTS
from bihuan.archive.snapshot import Snapshot
from bihuan.archive.storage import Storage, sha256_of

TABLES = ("answers", "samples")


@dataclass
class _Work:
    storage: Storage
    workshop: Path
    batch: str
    responses: pa.Table
    ready: list[tuple[Path, str]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)


def purge(
    storage: Storage,
    manifest: Manifest,
    workshop: Path,
    *,
    batch: str,
    responses: Collection[str],
    actor: str,
    reason: str,
    time: str,
) -> Line | None:
    """Rewrite every file that holds a trace of the responses, then erase the old ones.

    Returns the new line of the manifest, or None where there was no trace and the responses were
    already barred.
    """
    if isinstance(responses, str) or not responses:
        raise ArchiveError("Name the responses to purge, as a list.", code="nothing_named")
    if not reason.strip():
        raise ArchiveError("Give the reason of the purge; it is kept in the manifest.", code="no_reason")
    wanted = sorted(set(responses))
    work = _Work(storage, workshop, batch, pa.table({"response": pa.array(wanted, pa.string())}))
    lines = manifest.lines()
    now = Snapshot(storage, lines, len(lines))
    rewritten = [rewrite for part, file in _files(manifest, now) if (rewrite := _rewrite(work, part, file))]
    marks = tuple(response_mark(response) for response in wanted)
    barred = {mark for line in lines for mark in line.erased}
    if not rewritten and barred.issuperset(marks):
        return None
    parts = tuple(_parts(now, rewritten))
    place_all(storage, workshop, work.ready)
    line = manifest.append(
        Line(0, "", batch, "purge", time, actor, reason, parts, rewritten=tuple(rewritten), erased=marks)
    )
    for rewrite in rewritten:
        storage.delete(rewrite.path)
    return line


def _files(manifest: Manifest, now: Snapshot) -> list[tuple[Part, File]]:
    """Every file of the tables that name responses, of any age, each once, as it stands today."""
    vouched, _ = known_files(manifest)
    found: dict[str, tuple[Part, File]] = {}
    for line in manifest.lines():
        for part in line.parts:
            if part.table in TABLES:
                for file in part.files:
                    standing = now.current(file)[0]
                    if standing is not None and standing.path in vouched:
                        found[standing.path] = (part, standing)
    return list(found.values())


def _rewrite(work: _Work, part: Part, file: File) -> Rewrite | None:
    """Write the file again without the responses; None when it does not name them."""
    schema = FACTS[part.table].arrow
    folder = work.workshop / f"purge-{next(work.numbers)}"
    folder.mkdir()
    con = connect(folder)
    try:
        con.register("purged", work.responses)
        con.execute(f"CREATE VIEW facts AS SELECT * FROM {parquet([work.storage.here(file.path)])}")
        row = one_row(con, "SELECT count(*) FROM facts SEMI JOIN purged USING (response)")
        lost = row[0] if row else 0
        if not lost:
            return None
        there = [
            name for name in schema.names if name in {c[0] for c in con.execute("DESCRIBE facts").fetchall()}
        ]
        kept = con.sql(_kept(part.table, there)).to_arrow_reader(GROUP)
        made = write_split(kept, pa.schema([schema.field(name) for name in there]), folder, 1)
    finally:
        con.close()
    by = None
    for path, rows in made:
        name = f"{file.path.rpartition('/')[0]}/{work.batch}-{len(work.ready)}.parquet"
        work.ready.append((path, name))
        by = File(name, rows, path.stat().st_size, sha256_of(path))
    return Rewrite(file.path, *part.key, lost, by)


def _kept(table: str, columns: list[str]) -> str:
    """SQL of what stays: other people's answers; of samples every row, its link cut."""
    if table == "answers":
        names = ", ".join(f'"{name}"' for name in columns)
        return f"SELECT {names} FROM facts ANTI JOIN purged USING (response) ORDER BY project, fact_id"
    cut = "CASE WHEN response IN (SELECT response FROM purged) THEN NULL ELSE response END AS response"
    names = ", ".join(cut if name == "response" else f'"{name}"' for name in columns)
    return f"SELECT {names} FROM facts ORDER BY project, fact_id"


def _parts(now: Snapshot, rewritten: list[Rewrite]) -> list[Part]:
    """The live partitions that lose something, with their new files."""
    steps = {rewrite.path: rewrite for rewrite in rewritten}
    parts = []
    for key in now.live_keys():
        files = now.live(key)
        hit = [steps[file.path] for file in files if file.path in steps]
        if not hit:
            continue
        after = [steps[f.path].by if f.path in steps else f for f in files]
        left = tuple(file for file in after if file is not None)
        lost = sum(rewrite.lost for rewrite in hit)
        withdrawn, replaced = (lost, 0) if key[0] == "answers" else (0, lost)
        rows = sum(file.rows for file in left)
        parts.append(Part(*key, rows, left, replaced=replaced, withdrawn=withdrawn))
    return parts
