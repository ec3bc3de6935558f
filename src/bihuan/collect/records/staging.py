"""Rows on disk while a file is read: facts by cycle, and what was turned away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bihuan.collect.records.mapping import Outcome
from bihuan.collect.records.mapping.problems import Reason

REASONS = pa.schema(
    [("row", pa.int64()), ("column", pa.string()), ("code", pa.string()), ("params", pa.string())]
)
ROW = "\x00row"  # no heading is called so


class Staging:
    """Writes facts to one Parquet file per cycle, and rejected rows with their reasons beside them."""

    def __init__(self, work: Path, keep: Path) -> None:
        self.work, self.keep = work, keep
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        self._facts: dict[str, pq.ParquetWriter] = {}
        self._rejected: pq.ParquetWriter | None = None
        self._reasons = pq.ParquetWriter(work / "reasons.parquet", REASONS)
        self.counts: dict[str, int] = {}

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: TracebackType | BaseException | None) -> None:
        self.close()
        shutil.rmtree(self.work, ignore_errors=True)

    def add(self, outcome: Outcome) -> None:
        """Put one chunk on disk."""
        for cycle, part in by_cycle(outcome.facts):
            if cycle not in self._facts:
                self._facts[cycle] = pq.ParquetWriter(
                    self.path(cycle), part.schema, compression="zstd", compression_level=1
                )
            self._facts[cycle].write_table(part)
            self.counts[cycle] = self.counts.get(cycle, 0) + len(part)
        if len(outcome.rejected_rows):
            table = outcome.rejected.append_column(ROW, pa.array(outcome.rejected_rows, pa.int64()))
            if self._rejected is None:
                self._rejected = pq.ParquetWriter(self.work / "rejected.parquet", table.schema)
            self._rejected.write_table(table)
        if outcome.reasons:
            self._reasons.write_table(reasons_table(outcome.reasons))

    def path(self, cycle: str) -> Path:
        """The staged facts of one cycle."""
        return self.work / f"facts-{cycle}.parquet"

    def close(self) -> None:
        """Finish every file."""
        for writer in (*self._facts.values(), self._rejected, self._reasons):
            if writer is not None and writer.is_open:
                writer.close()

    def hand_over(self) -> None:
        """Close, and move the rejected rows to where they are kept."""
        self.close()
        for name in ("rejected.parquet", "reasons.parquet"):
            if (self.work / name).exists():
                (self.work / name).replace(self.keep / name)
            else:
                (self.keep / name).unlink(missing_ok=True)


def by_cycle(facts: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """The facts of a chunk, cycle by cycle."""
    cycles = pc.unique(facts["cycle"]).to_pylist()
    for cycle in cycles:
        yield cycle, facts if len(cycles) == 1 else facts.filter(pc.equal(facts["cycle"], cycle))


def reasons_table(reasons: list[Reason]) -> pa.Table:
    """Reasons as rows of a table."""
    return pa.table(
        [
            pa.array([r.row for r in reasons], pa.int64()),
            pa.array([r.column for r in reasons], pa.string()),
            pa.array([r.code for r in reasons], pa.string()),
            pa.array([json.dumps(r.params, ensure_ascii=False, default=str) for r in reasons], pa.string()),
        ],
        schema=REASONS,
    )


def read_reasons(folder: Path, offset: int = 0, limit: int | None = None) -> list[Reason]:
    """Reasons kept for an import, in the order of the file's rows."""
    path = folder / "reasons.parquet"
    if not path.exists():
        return []
    table = pq.read_table(path)
    rows = table.slice(offset, limit).to_pylist() if limit is not None else table.slice(offset).to_pylist()
    return [Reason(r["row"], r["column"], r["code"], json.loads(r["params"])) for r in rows]


def read_rejected(folder: Path) -> Iterator[tuple[list[str], np.ndarray, list[list[str | None]]]]:
    """Rejected rows as they stood in the file, in pieces: headings, row numbers, cells."""
    path = folder / "rejected.parquet"
    if not path.exists():
        return
    with pq.ParquetFile(path) as file:
        names = [n for n in file.schema_arrow.names if n != ROW]
        for batch in file.iter_batches(batch_size=20_000):
            rows = batch.column(ROW).to_numpy(zero_copy_only=False)
            columns = [batch.column(i).to_pylist() for i, n in enumerate(batch.schema.names) if n != ROW]
            yield names, rows, [list(cells) for cells in zip(*columns, strict=True)]
