"""The trail's head, written outside the database: ``trail/head.log`` in the home folder.

One JSON line after each commit: the chain's name, the number of its last entry and that entry's hash. The
line is written *after* the commit, so the log may lag behind the database (the program was killed in between,
or the disk was full) but never leads it. It is judged so: every line must find its entry in the database with
the same hash. An entry that no line covers yet is no fault; a line without its entry means that the trail was
cut, changed or exchanged. The next commit covers what a crash left uncovered, because each hash holds all
before it. Whoever copies this file to another machine can also prove what happened to the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from filelock import FileLock

from bihuan.base.trail.keyfile import sync_folder


@dataclass(frozen=True)
class Anchor:
    """One line of the log."""

    chain: str
    sequence: int
    hash: str


def path() -> Path:
    """Where the log lies."""
    return Path(settings.BIHUAN_HOME) / "trail" / "head.log"


def append(anchor: Anchor) -> None:
    """Add one line and wait until it is on the disk."""
    log = path()
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    line = json.dumps({"chain": anchor.chain, "sequence": anchor.sequence, "hash": anchor.hash}) + "\n"
    with FileLock(log.with_suffix(".lock"), timeout=20):
        fresh = not log.exists()
        with os.fdopen(os.open(log, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
            if _torn(file):
                line = "\n" + line
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            sync_folder(log.parent)


def read() -> Iterator[Anchor]:
    """Every whole line in the order written. A line that a crash cut in the middle proves nothing."""
    try:
        file = path().open(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    with file:
        for line in file:
            try:
                fields = json.loads(line)
                yield Anchor(str(fields["chain"]), int(fields["sequence"]), str(fields["hash"]))
            except (ValueError, KeyError, TypeError):
                continue


def _torn(file: BinaryIO) -> bool:
    if file.seek(0, os.SEEK_END) == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) != b"\n")
