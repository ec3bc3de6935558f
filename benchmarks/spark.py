"""What an engine has to do, on DuckDB and on a Spark cluster of two workers on this machine, in the same run.

Both share the cores, so the ratio says what Spark's way of working costs, not what more machines bring. Timed
are the sums of the facts; estimates, signals and writing are the same for both.
"""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import tempfile
import time
from pathlib import Path

from tests.measure.same import same_results
from tests.support import spark

from benchmarks.data import CYCLE, archive
from benchmarks.evaluation import AS_OF, catalogue
from benchmarks.race import MissingError, Outcome
from bihuan.archive.store import Archive
from bihuan.measure.engine import Engine, SparkOptions, open_engine
from bihuan.measure.evaluate import evaluate

WANTED = 10.0  # no more is promised than that a cluster of ten times the cores is worth it
RUNS = 2  # the first also pays for what Java compiles on its way
CODES = ("S01", "S02", "S04", "R01", "R05", "C01", "C02")  # binary, index, items, limits, scores


def race(chosen: argparse.Namespace) -> list[Outcome]:
    if missing := spark.missing():
        raise MissingError(f"It needs {missing}; `make test` installs pyspark where there is Java.")
    store = archive(int(chosen.answers), int(chosen.orders), int(chosen.items))
    folder = Path(tempfile.mkdtemp(prefix="bihuan-bench-spark-"))
    try:
        embedded = [_sums(store, folder, "duckdb", "duckdb") for _ in range(RUNS)]
        with spark.cluster(folder) as url:
            began = time.perf_counter()
            with open_engine(url, spark=_options()) as engine:
                opened = time.perf_counter() - began
                cluster = [_sums(store, folder, "spark", engine) for _ in range(RUNS)]
        rows = same_results(folder / "run=duckdb", folder / "run=spark")
    finally:
        shutil.rmtree(folder)
    facts = sum(
        p.rows for t in ("answers", "work_orders", "inspection_items") for p in store.at().partitions(t)
    )
    return [
        Outcome(
            f"Spark: the sums of {len(CODES)} indicators over {facts:,} facts, two workers on this machine",
            "DuckDB",
            min(cluster),
            min(embedded),
            WANTED,
            f"{rows['measurements.parquet']:,} measurements equal to 1e-9",
            f"the first run on Spark {cluster[0]:.1f} s, and {opened:.1f} s to open a session",
            at_most=True,
        )
    ]


def _sums(store: Archive, folder: Path, run: str, engine: str | Engine) -> float:
    """Seconds from the first question to the last answer."""
    definitions = [
        {**d, "period": "quarter", "breakdowns": ["service_area"] if d["code"] == "S04" else []}
        for d in catalogue()[0]
        if d["code"] in CODES
    ]
    at: dict[str, float] = {}

    def tell(stage: str, done: int, total: int) -> None:
        at.setdefault(stage, time.perf_counter())

    evaluate(
        store, run=run, cycle=CYCLE, definitions=definitions, weights=None, as_of=AS_OF, results=folder,
        zone="UTC", engine=engine, progress=tell,
    )  # fmt: skip
    return at["estimates"] - at["versions"]


def _options() -> SparkOptions:
    """As the tests' session, but with the whole of Java's compiler and more memory."""
    usual = spark.options()
    more = {k: v for k, v in usual.more.items() if not k.endswith("extraJavaOptions")}
    return dataclasses.replace(usual, memory="1400m", driver_memory="2g", more=more)
