"""Twelve earlier cycles as stored results: one small evaluation, with its values moved a little."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bihuan.measure.results import SCORES, Results
from bihuan.measure.signals.tables import points_table

CYCLES = [f"{2023 + (k + 2) // 4}Q{(k + 2) % 4 + 1}" for k in range(12)]
MOVED = ("value", "low", "high", "numerator")


def store_earlier(results: Results, run: str) -> None:
    """Write the results of twelve earlier cycles from those of one run, file by file.

    The latest has every breakdown, since this cycle is compared with it; the others have places and months.
    """
    for k, cycle in enumerate(CYCLES):
        name, random = f"before-{cycle}", np.random.default_rng(k)
        results.begin(name)
        for path in sorted(Path(results.root, f"run={run}", "measurements").glob("*.parquet")):
            table = pq.read_table(path, partitioning=None)
            if k < len(CYCLES) - 1:
                table = table.filter(pc.equal(table["breakdown"], ""))
            moved = _moved(table, cycle, random)
            results.put(name, "measurements", path.stem, [moved])
            results.put(name, "points", path.stem, [points_table(moved)])
        results.finish(name, SCORES.empty_table(), None, {"cycle": cycle, "run": name})


def _moved(table: pa.Table, cycle: str, random: np.random.Generator) -> pa.Table:
    """The same rows of another cycle, each value a little off."""
    factor = pa.array(1 + 0.01 * random.standard_normal(table.num_rows))
    year, quarter = cycle.split("Q")
    months = [f"{year}-{3 * int(quarter) - 2 + m:02d}" for m in range(3)]
    period = table["period"]
    for old, new in zip(("2026-07", "2026-08", "2026-09"), months, strict=True):
        period = pc.if_else(pc.equal(period, old), new, period)
    changes = {name: pc.multiply(table[name], factor) for name in MOVED} | {"period": period}
    for name, values in changes.items():
        table = table.set_column(table.column_names.index(name), name, values)
    return table


def earlier(folder: Path, answers: int, orders: int, items: int) -> None:
    """The earlier results of an archive of this size, made by one evaluation without any past."""
    from benchmarks import evaluation  # it needs this module, too
    from benchmarks.data import CYCLE, OUT, archive

    kept = OUT / f"history-{answers}-{orders}-{items}"
    if not (kept / f"run=before-{CYCLES[-1]}" / "record.json").is_file():
        store = archive(answers, orders, items)
        definitions, weights = evaluation.catalogue()
        evaluation.evaluate(
            store, run="first", cycle=CYCLE, definitions=definitions, weights=weights,
            as_of=evaluation.AS_OF, results=kept, zone="UTC",
        )  # fmt: skip
        store_earlier(Results(kept), "first")
    folder.mkdir(parents=True, exist_ok=True)
    for path in kept.glob("run=before-*"):
        (folder / path.name).symlink_to(path)
