"""A writer for the crash test: publishes one batch after the other and says what it is about to do.

``python -m tests.archive.writer FOLDER COUNT``. Batch k adds the orders ``k-*`` to two partitions,
withdraws one order of batch k-1 and replaces the places.
"""

from __future__ import annotations

import sys

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
    archive = Archive(sys.argv[1])
    for _ in range(int(sys.argv[2])):
        publish(archive, archive.snapshot() + 1)
