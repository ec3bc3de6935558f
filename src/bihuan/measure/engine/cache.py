"""What pieces of the archive answered, kept by the content of what they were asked of.

An entry is named by the SHA-256 of everything its answers depend on: the engine and its version, the
questions, the files. So no entry is ever out of date, and what is not asked for any more is just the oldest.
Entries appear whole (written beside their place, then moved there), several processes may share a folder, and
an entry that cannot be read, or whose checksum does not hold, is worked out again.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa

from bihuan.measure.engine.query import Query

LIMIT = 8 << 30  # bytes
FORMAT = "1"  # goes up when what an answer means changes
MARK = hashlib.sha256().digest_size
SHOWN, PRIVATE = 0o644, 0o600
ENDING, PARTIAL = ".answers", ".partial"
FILES = (".measurements", ".points", ".sums")  # finished results of shares, kept beside answers
ENDINGS = (ENDING, *FILES)
LEFT_OVER = 86_400.0  # seconds
_PACKED = pa.ipc.IpcWriteOptions(compression="lz4")


class Cache:
    """A folder of answers.

    Parameters
    ----------
    folder : Path
        Where entries lie; it is made when the first one is written.
    digests : mapping of str
        SHA-256 of the files of the snapshot, by their path.
    limit : int
        Bytes that entries may take; the ones longest not used go first.
    """

    def __init__(self, folder: str | Path, digests: Mapping[str, str], limit: int = LIMIT) -> None:
        self.folder, self.digests, self.limit = Path(folder), digests, limit
        self.computed = self.kept = 0
        self._counting = threading.Lock()

    def key(self, version: str, files: Sequence[str], told: Sequence[str], asked: Sequence[Query]) -> str:
        """The name of the entry for these questions about these files."""
        mark = hashlib.sha256()
        beside = {name: list(paths) for query in asked for name, paths in query.beside.items()}
        for text in (FORMAT, version, *told, *(self.digest(f) for f in files)):
            mark.update(hashlib.sha256(text.encode()).digest())
        for name, paths in sorted(beside.items()):
            for text in (name, *(self.digest(path) for path in paths)):
                mark.update(hashlib.sha256(text.encode()).digest())
        return mark.hexdigest()

    def get(self, key: str, compute: Callable[[], list[pa.Table]]) -> list[pa.Table]:
        """The answers that are kept, or else those that are worked out now, and kept."""
        path = self.folder / key[:2] / f"{key}{ENDING}"
        found = read(path)
        with self._counting:
            self.kept += found is not None
            self.computed += found is None
        if found is not None:
            with suppress(OSError):
                os.utime(path)
            return found
        answers = compute()
        with suppress(OSError):  # a full or read-only disk costs time, not results
            write(path, answers)
        return answers

    def trim(self, now: float | None = None) -> int:
        """Take the entries away that were not used for longest, down to the limit; returns how many.

        What a killed process left half done goes, too, once it is a day old.
        """
        before = (time.time() if now is None else now) - LEFT_OVER
        for path in self.folder.rglob(f"*{PARTIAL}"):
            with suppress(OSError):
                if path.stat().st_mtime < before:
                    path.unlink()
        entries = []
        for path in (path for ending in ENDINGS for path in self.folder.rglob(f"*{ending}")):
            with suppress(OSError):
                state = path.stat()
                entries.append((state.st_mtime_ns, state.st_size, path))
        total = sum(size for _, size, _ in entries)
        gone = 0
        for _, size, path in sorted(entries):
            if total <= self.limit:
                break
            path.unlink(missing_ok=True)
            total -= size
            gone += 1
        return gone

    def digest(self, path: str) -> str:
        """SHA-256 of a file."""
        known = self.digests.get(path)
        if known is not None:
            return known
        with open(path, "rb") as file:  # made for this run
            return hashlib.file_digest(file, "sha256").hexdigest()


def read(path: Path) -> list[pa.Table] | None:
    """The tables of an entry; nothing where there is none, or where it is not as it was written."""
    try:
        data = np.memmap(path, np.uint8, "r")
    except (OSError, ValueError):
        return None
    mark, source = bytes(data[:MARK]), pa.py_buffer(data[MARK:])
    if hashlib.sha256(source).digest() != mark:
        return None
    reader = pa.BufferReader(source)
    tables = []
    while reader.tell() < source.size:
        tables.append(pa.ipc.open_stream(reader).read_all())
    return tables


def write(path: Path, tables: Sequence[pa.Table]) -> None:
    """Write an entry so that it is there whole or not at all."""
    sink = pa.BufferOutputStream()
    for table in tables:
        table = table.unify_dictionaries()
        with pa.ipc.new_stream(sink, table.schema, options=_PACKED) as stream:
            stream.write_table(table)
    body = sink.getvalue()
    place(path, [hashlib.sha256(body).digest(), body])


def place(
    path: Path, parts: Sequence[bytes | pa.Buffer], *, mode: int = PRIVATE, lasting: bool = False
) -> None:
    """Write a file so that it is there whole or not at all; ``lasting`` forces it to the disk first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=PARTIAL)
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(partial, mode)
        os.replace(partial, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(partial)
        raise
