"""A writer for the crash test: publishes one batch after the other and says what it is about to do.

``python -m tests.archive.writer FOLDER COUNT [STEP]``. Batch k adds the orders ``k-*`` to two partitions,
withdraws one order of batch k-1 and replaces the places. With STEP the process kills itself right before
that step on the disk: a file moved, the manifest's line written, its head replaced, a file erased.
"""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from pathlib import Path

from bihuan.archive.storage import LocalStorage
from bihuan.archive.store import Archive
from tests.archive.factories import orders, places

SOURCES = ("crm", "app")
PER_BATCH = 30


def expected(upto: int) -> set[str]:
    """The orders of each source after batch ``upto``."""
    ids = {f"{k}-{i}" for k in range(1, upto + 1) for i in range(PER_BATCH)}
    return ids - {f"{k}-0" for k in range(1, upto)}


def say(word: str, k: int) -> None:
    print(word, k, flush=True)


class DyingStorage(LocalStorage):
    """The real store, in a process that is killed before its step number ``last``."""

    def __init__(self, root: Path, last: int) -> None:
        super().__init__(root)
        self._steps, self._last = count(), last

    def _step(self) -> None:
        if next(self._steps) == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def place(self, source: Path, name: str) -> None:
        self._step()
        super().place(source, name)

    def append(self, name: str, keep: int, data: bytes) -> None:
        self._step()
        super().append(name, keep, data)

    def replace(self, name: str, data: bytes) -> None:
        self._step()
        super().replace(name, data)

    def delete(self, name: str) -> None:
        self._step()
        super().delete(name)


def dying(folder: str, step: int) -> Archive:
    """An archive whose process dies before the given step."""
    archive = Archive(folder)
    archive.storage = archive._manifest._storage = DyingStorage(Path(folder), step)
    return archive


def publish(archive: Archive, k: int) -> None:
    say("begin", k)
    with archive.batch(note=str(k)) as batch:
        for source in SOURCES:
            rows = orders(*[f"{k}-{i}" for i in range(PER_BATCH)])
            batch.put("work_orders", source, "2026Q3", rows, withdrawn=[f"{k - 1}-0"])
            say(f"put-{source}", k)
        batch.put_dimension("places", places(f"P{k}"))
        say("ready", k)
    say("done", k)


if __name__ == "__main__":
    folder, batches, *step = sys.argv[1:]
    archive = dying(folder, int(step[0])) if step else Archive(folder)
    if batches == "purge":
        archive.purge(responses=["R1"], actor="wang", reason="撤回同意")
    else:
        for _ in range(int(batches)):
            publish(archive, archive.snapshot() + 1)
