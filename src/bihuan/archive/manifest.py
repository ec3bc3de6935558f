"""The manifest: one line of JSON per batch, each holding the hash of the line before it.

The last line's number and hash are also kept in ``manifest.head``, so that a cut tail is seen; a
line without its line feed is what a crash left behind, and counts as not there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bihuan.archive.errors import ArchiveError
from bihuan.archive.storage import Storage

MANIFEST = "manifest.jsonl"
HEAD = "manifest.head"
START = "0" * 64  # what the first line has as the hash before it


@dataclass(frozen=True)
class File:
    """One file of a partition or dimension: its name below the archive's root, and what it must be."""

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Part:
    """One whole partition as a batch left it, and what the batch changed in it."""

    table: str
    source: str
    cycle: str
    rows: int
    files: tuple[File, ...]
    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    purged: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """What names the partition: table, source, cycle."""
        return self.table, self.source, self.cycle


@dataclass(frozen=True)
class DimensionPart:
    """One dimension, whole, as a batch left it."""

    name: str
    rows: int
    files: tuple[File, ...]


@dataclass(frozen=True)
class Rewrite:
    """An old file that a purge erased, and the file without the purged rows that stands in for it."""

    path: str
    table: str
    source: str
    cycle: str
    lost: int
    by: File | None


@dataclass(frozen=True)
class Line:
    """One line of the manifest: one batch, visible as a whole."""

    line: int
    prev: str
    batch: str
    kind: str  # publish, purge
    time: str
    actor: str
    note: str
    parts: tuple[Part, ...] = ()
    dimensions: tuple[DimensionPart, ...] = ()
    rewritten: tuple[Rewrite, ...] = ()
    erased: tuple[str, ...] = ()  # SHA-256 of purged responses, so that they cannot come back
    sha256: str = field(default="", compare=False)

    @property
    def contents(self) -> tuple[Part | DimensionPart, ...]:
        """The partitions and dimensions the batch left behind, each whole."""
        return (*self.parts, *self.dimensions)

    def encode(self) -> bytes:
        """The line as it stands in the file, with its line feed."""
        record = {k: v for k, v in asdict(self).items() if k != "sha256"}
        return json.dumps(record, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def _file(record: dict[str, Any]) -> File:
    return File(**record)


def _files(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "files": tuple(map(_file, record["files"]))}


def decode(text: bytes) -> Line:
    """Read one line, without its line feed. Raises ``ValueError`` when it is not one."""
    try:
        record = json.loads(text)
        return Line(
            **{
                **record,
                "parts": tuple(Part(**_files(p)) for p in record["parts"]),
                "dimensions": tuple(DimensionPart(**_files(d)) for d in record["dimensions"]),
                "rewritten": tuple(
                    Rewrite(**{**r, "by": _file(r["by"]) if r["by"] else None}) for r in record["rewritten"]
                ),
                "erased": tuple(record["erased"]),
                "sha256": hashlib.sha256(text).hexdigest(),
            }
        )
    except (KeyError, TypeError, UnicodeDecodeError) as exc:
        raise ValueError(str(exc)) from exc


class Manifest:
    """The lines of one archive, read anew whenever the file has grown."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._raw = b""
        self._lines: list[Line] = []

    def lines(self) -> list[Line]:
        """Every whole line. Raises ``ArchiveError`` where one cannot be read."""
        raw = whole(self._storage.read(MANIFEST))
        if raw != self._raw:
            if raw.startswith(self._raw):
                fresh = self._lines + list(self._decode(raw[len(self._raw) :], len(self._lines)))
            else:
                fresh = list(self._decode(raw, 0))
            self._raw, self._lines = raw, fresh
        return self._lines

    @staticmethod
    def _decode(raw: bytes, before: int) -> Iterator[Line]:
        for number, text in enumerate(raw.split(b"\n")[:-1], before + 1):
            try:
                yield decode(text)
            except ValueError as exc:
                raise ArchiveError(
                    f"Line {number} of {MANIFEST} cannot be read; "
                    "put the archive's folder back from a backup.",
                    code="manifest",
                ) from exc

    def append(self, line: Line) -> Line:
        """Add a line; when this returns it is on the disk and the batch is visible."""
        lines = self.lines()
        line = replace(line, line=len(lines) + 1, prev=lines[-1].sha256 if lines else START)
        data = line.encode()
        self._storage.append(MANIFEST, len(self._raw), data)
        line = replace(line, sha256=hashlib.sha256(data[:-1]).hexdigest())
        self._storage.replace(HEAD, f"{line.line} {line.sha256}\n".encode())
        return line

    def head(self) -> tuple[int, str]:
        """Number and hash of the last line; keep it elsewhere to prove later that nothing was cut."""
        lines = self.lines()
        return (lines[-1].line, lines[-1].sha256) if lines else (0, START)

    def kept_head(self) -> tuple[int, str]:
        """The number and hash kept beside the manifest; ``(0, ...)`` when there is none."""
        words = self._storage.read(HEAD).decode(errors="replace").split()
        if len(words) == 2 and words[0].isdigit():
            return int(words[0]), words[1]
        return 0, START


def whole(raw: bytes) -> bytes:
    """The manifest's bytes up to its last line feed: what a crash tore is left out."""
    return raw[: raw.rfind(b"\n") + 1]
