"""What shares came to, kept by the content of all that it was made of.

Beside answers of files (`engine.cache`) lie tables and finished result files of shares, in the same folder
and under the same rules. The names of entries also hold the SHA-256 of the code that made them, so that a
new version of it finds nothing.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import pyarrow as pa

import bihuan.measure
import bihuan.stats
from bihuan.measure.engine.cache import ENDING, Cache, place, read, write


class Memo:
    """Entries of shares in the folder of a cache; counts how many were made and how many were there."""

    def __init__(self, kept: Cache) -> None:
        self.cache = kept
        self.made = self.found = 0
        self._counting = threading.Lock()

    def path(self, key: str, ending: str = ENDING) -> Path:
        """Where an entry lies."""
        return self.cache.folder / key[:2] / f"{key}{ending}"

    def tables(self, key: str) -> list[pa.Table] | None:
        """The tables of an entry, or nothing."""
        found = read(self.path(key))
        if found is not None:
            with suppress(OSError):
                os.utime(self.path(key))
        return found

    def expect(self, key: str) -> list[pa.Table]:
        """The tables of an entry that was made in this run."""
        found = self.tables(key)
        if found is None:
            raise OSError(f"What was worked out is gone from {self.cache.folder}; is the disk full?")
        return found

    def put(self, key: str, tables: Sequence[pa.Table]) -> None:
        """Keep tables."""
        write(self.path(key), tables)

    def of(self, key: str, make: Callable[[], list[pa.Table]]) -> list[pa.Table]:
        """The tables that are kept, or else those that are made now, and kept."""
        found = self.tables(key)
        if found is None:
            found = make()
            self.put(key, found)
        return found

    def count(self, *, made: bool) -> None:
        """Note that a share was worked out, or was there."""
        with self._counting:
            self.made += made
            self.found += not made

    def put_file(self, key: str, ending: str, data: pa.Buffer, mode: int) -> str:
        """Keep a finished file; returns its SHA-256."""
        place(self.path(key, ending), [data], mode=mode, lasting=True)
        return hashlib.sha256(data).hexdigest()

    def has_file(self, key: str, ending: str, sha256: str) -> bool:
        """Whether a finished file is there as it was kept; it is used then, and goes later (`Cache.trim`)."""
        try:
            with self.path(key, ending).open("rb") as file:
                same = hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except OSError:
            return False
        if same:
            with suppress(OSError):
                os.utime(self.path(key, ending))
        return same


def key_of(*texts: object) -> str:
    """One name for all these texts."""
    mark = hashlib.sha256()
    for text in texts:
        mark.update(hashlib.sha256(str(text).encode()).digest())
    return mark.hexdigest()


@cache
def code() -> str:
    """SHA-256 of the code that results are made by."""
    folders = [Path(package.__path__[0]) for package in (bihuan.measure, bihuan.stats)]
    files = sorted(file for folder in folders for file in folder.rglob("*.py"))
    return key_of(*(file.read_text(encoding="utf-8") for file in files))
