"""What the archive holds, counted: for whoever keeps it up, without reading the facts themselves."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bihuan.archive.merge import connect, parquet
from bihuan.archive.snapshot import Partition, Snapshot
from bihuan.archive.store import Archive

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Count:
    """The facts of one project and month in one partition; instants are UTC."""

    table: str
    source: str
    cycle: str
    project: str
    period: str
    rows: int
    complete: int
    late: int
    first: datetime
    last: datetime


def census(snapshot: Snapshot, partition: Partition) -> list[Count]:
    """Count one partition by project and month, in that order."""
    files = snapshot.files(partition.table, [partition.cycle], [partition.source])
    with tempfile.TemporaryDirectory(prefix="bihuan-census-") as scratch:
        con = connect(Path(scratch))
        try:
            rows = con.execute(
                f"""
                SELECT project, period, count(*), count(*) FILTER (complete), count(*) FILTER (late),
                       epoch_us(min(occurred_at)), epoch_us(max(occurred_at))
                FROM {parquet(files)} GROUP BY project, period ORDER BY project, period
                """
            ).fetchall()
        finally:
            con.close()
    return [
        Count(
            partition.table,
            partition.source,
            partition.cycle,
            project,
            period,
            count,
            complete,
            late,
            _instant(first),
            _instant(last),
        )
        for project, period, count, complete, late, first, last in rows
    ]


def _instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def full_census(snapshot: Snapshot) -> Iterator[Count]:
    """Count every partition of a snapshot."""
    for partition in snapshot.partitions():
        yield from census(snapshot, partition)


def describe(archive: Archive, number: int | None = None) -> dict[str, Any]:
    """What a snapshot holds, for the command line: totals by table, and its losses; plain values only."""
    snapshot = archive.at(number)
    tables: dict[str, dict[str, Any]] = {}
    for partition in snapshot.partitions():
        told = tables.setdefault(
            partition.table, {"rows": 0, "files": 0, "partitions": 0, "sources": set(), "cycles": set()}
        )
        told["rows"] += partition.rows
        told["files"] += len(partition.files)
        told["partitions"] += 1
        told["sources"].add(partition.source)
        told["cycles"].add(partition.cycle)
    last = archive.history()[snapshot.number - 1] if snapshot.number else None
    return {
        "archive": archive.url,
        "snapshot": snapshot.number,
        "published": last.time if last else "",
        "tables": {
            name: {**told, "sources": sorted(told["sources"]), "cycles": sorted(told["cycles"])}
            for name, told in tables.items()
        },
        "lost": sum(loss.rows for loss in snapshot.losses),
    }
