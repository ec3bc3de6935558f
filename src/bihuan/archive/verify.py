"""Proof that the archive is what its manifest says: every line, every file, every byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from bihuan.archive.errors import ArchiveError
from bihuan.archive.manifest import MANIFEST, START, File, Line, Manifest, Part, decode, whole
from bihuan.archive.recover import FOLDERS, known_files
from bihuan.archive.schema import TABLES
from bihuan.archive.storage import WRITING, LocalStorage, Storage, sha256_of

HARMLESS = frozenset({"torn", "unfinished", "stray"})


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. ``kind`` is a stable word for it, ``message`` a sentence.

    Harmless kinds are what a crash leaves behind: never visible, and removed by the next batch
    (torn, unfinished) or by ``sweep`` (stray).
    """

    kind: str
    path: str
    message: str
    line: int = 0

    def __str__(self) -> str:
        return self.message

    @property
    def harmless(self) -> bool:
        """Whether no visible row is touched by it."""
        return self.kind in HARMLESS


def verify(
    storage: Storage, *, head: tuple[int, str] | None = None, lock_timeout: float = 600
) -> list[Problem]:
    """Read the whole archive; an empty list means that all of it is sound."""
    problems = list(_manifest_problems(storage, head))
    manifest = Manifest(storage)
    try:
        lines = manifest.lines()
    except ArchiveError:
        return problems  # the files cannot be judged without a manifest that can be read
    checked: set[str] = set()
    _, erased = known_files(manifest)
    for line in lines:
        for file, table, rows in _files(line):
            if file.path in checked or file.path in erased:
                continue
            checked.add(file.path)
            problems += _file_problems(storage, file, table, line.line)
            problems += rows
    problems += _leftovers(storage, manifest, lock_timeout)
    return problems


def _files(line: Line) -> Iterator[tuple[File, str, list[Problem]]]:
    """Files that a line brings in, each with its table, and row counts that do not agree."""
    for part in line.contents:
        table = part.table if isinstance(part, Part) else part.name
        wrong = []
        if sum(file.rows for file in part.files) != part.rows:
            message = (
                f"Line {line.line} counts {part.rows} rows of {table}, but its files hold another number."
            )
            wrong = [Problem("rows", MANIFEST, message, line.line)]
        for file in part.files:
            yield file, table, wrong
            wrong = []
    for rewrite in line.rewritten:
        if rewrite.by:
            yield rewrite.by, rewrite.table, []


def _manifest_problems(storage: Storage, head: tuple[int, str] | None) -> Iterator[Problem]:
    kept = Manifest(storage).kept_head()  # read first: a batch may end in between, and brings both forward
    raw = storage.read(MANIFEST)
    if len(raw) > len(whole(raw)):
        yield Problem(
            "torn", MANIFEST, "The last line of the manifest was not finished; the next batch removes it."
        )
    hashes = {0: START}
    for number, text in enumerate(whole(raw).split(b"\n")[:-1], 1):
        try:
            line = decode(text)
        except ValueError:
            yield Problem("unreadable", MANIFEST, f"Line {number} of the manifest cannot be read.", number)
            return
        if line.line != number:
            message = (
                f"Line {number} of the manifest says that it is line {line.line}: a line was added or cut."
            )
            yield Problem("chain", MANIFEST, message, number)
        elif line.prev != hashes[number - 1]:
            message = (
                f"Line {number - 1} of the manifest is not the one that line {number} was written after."
            )
            yield Problem("chain", MANIFEST, message, number - 1)
        hashes[number] = line.sha256
    yield from _head_problems("kept beside it", hashes, kept)
    if head is not None:
        yield from _head_problems("noted earlier", hashes, head)


def _head_problems(which: str, hashes: dict[int, str], head: tuple[int, str]) -> Iterator[Problem]:
    number, expected = head
    if number not in hashes:
        message = (
            f"The manifest ends at line {len(hashes) - 1}, but the head {which} is line {number}: it was cut."
        )
        yield Problem("cut", MANIFEST, message, len(hashes) - 1)
    elif hashes[number] != expected:
        message = f"Line {number} of the manifest is not the one of the head {which}: it was altered."
        yield Problem("altered", MANIFEST, message, number)


def _file_problems(storage: Storage, file: File, table: str, line: int) -> list[Problem]:
    def problem(kind: str, message: str) -> list[Problem]:
        return [Problem(kind, file.path, message, line)]

    if not storage.exists(file.path):
        return problem("missing", f"The file {file.path} of line {line} is missing.")
    path = storage.here(file.path, fresh=True)
    if (size := path.stat().st_size) != file.bytes:
        return problem("size", f"The file {file.path} has {size} bytes, and should have {file.bytes}.")
    if sha256_of(path) != file.sha256:
        return problem("changed", f"The file {file.path} is not the one that line {line} published.")
    metadata = pq.read_metadata(path)
    if metadata.num_rows != file.rows:
        message = f"The file {file.path} has {metadata.num_rows} rows, and line {line} says {file.rows}."
        return problem("rows", message)
    if wrong := _schema_problem(metadata.schema.to_arrow_schema(), table):
        return problem("schema", f"The file {file.path} does not fit {table}: {wrong}.")
    return []


def _schema_problem(schema: pa.Schema, table: str) -> str:
    """What does not fit; a column that may be empty and came to the table later may be absent."""
    if table not in TABLES:
        return "there is no such table"
    known = TABLES[table]
    for name in schema.names:
        if name not in known.arrow.names:
            return f"it has a column {name!r}"
        if schema.field(name).type != known.column(name).type:
            return f"{name} is {schema.field(name).type}"
    absent = [c.name for c in known.columns if c.required and c.name not in schema.names]
    return f"it lacks {absent[0]!r}" if absent else ""


def _leftovers(storage: Storage, manifest: Manifest, lock_timeout: float) -> Iterator[Problem]:
    """Files that no line vouches for; judged while nobody writes, so that a batch in the making is not.

    While somebody goes on writing for longer than the wait, nothing can be said about them.
    """
    if not isinstance(storage, LocalStorage):
        yield from _strays(storage, manifest)
        return
    vouched, _ = known_files(manifest)
    suspects = {n for folder in FOLDERS for n in storage.listing(folder) if n not in vouched}
    if not suspects and not storage.listing(WRITING):
        return
    try:
        with storage.lock(lock_timeout):
            yield from list(_strays(storage, manifest))
            for name in storage.listing(WRITING):
                yield Problem("unfinished", name, f"{name} was left by a batch that was interrupted.")
    except ArchiveError as error:
        if error.code != "locked":
            raise


def _strays(storage: Storage, manifest: Manifest) -> Iterator[Problem]:
    vouched, erased = known_files(manifest)
    for folder in FOLDERS:
        for name in storage.listing(folder):
            if name in erased:
                yield Problem("not_erased", name, f"{name} was purged, but it is still there.")
            elif name not in vouched:
                yield Problem("stray", name, f"{name} is in the archive, but no batch published it.")
