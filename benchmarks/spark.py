"""What an engine has to do, on DuckDB and on a Spark cluster of two workers on this machine, in the same run.

Both share the cores, so the ratio says what Spark's way of working costs, not what more machines bring. Timed
are the questions about the facts; estimates, signals and writing are the same for both.
"""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import tempfile
import time
from pathlib import Path

import pyarrow as pa
from tests.measure.same import plain, pooled, same_tables
from tests.support import spark

from benchmarks.data import CYCLE, archive
from benchmarks.evaluation import AS_OF, catalogue
from benchmarks.race import MissingError, Outcome
from bihuan.archive.snapshot import Snapshot
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine import Engine, SparkOptions, open_engine
from bihuan.measure.plan import Known, steps
from bihuan.measure.versions import look

WANTED = 10.0  # no more is promised than that a cluster of ten times the cores is worth it
RUNS = 2  # the first also pays for what Java compiles on its way
CODES = ("S01", "S02", "S04", "R01", "R03", "C01", "C02")  # binary, index, items, limits, scores


def race(chosen: argparse.Namespace) -> list[Outcome]:
    if missing := spark.missing():
        raise MissingError(f"It needs {missing}; `make test` installs pyspark where there is Java.")
    store = archive(int(chosen.answers), int(chosen.orders), int(chosen.items))
    folder = Path(tempfile.mkdtemp(prefix="bihuan-bench-spark-"))
    held = store.at()
    try:
        with open_engine("duckdb", chosen.threads) as engine:
            embedded = [_asked(held, engine) for _ in range(RUNS)]
        with spark.cluster(folder) as url:
            began = time.perf_counter()
            with open_engine(url, spark=_options()) as engine:
                opened = time.perf_counter() - began
                cluster = [_asked(held, engine) for _ in range(RUNS)]
    finally:
        shutil.rmtree(folder)
    pairs = zip(embedded[-1][1], cluster[-1][1], strict=True)
    rows = sum(same_tables(pooled(plain(one)), pooled(plain(other))) for one, other in pairs)
    tables = ("answers", "work_orders", "inspection_items")
    facts = sum(p.rows for table in tables for p in held.partitions(table))
    return [
        Outcome(
            f"Spark: what {len(CODES)} indicators ask of {facts:,} facts, two workers on this machine",
            "DuckDB",
            min(seconds for seconds, _ in cluster),
            min(seconds for seconds, _ in embedded),
            WANTED,
            f"{rows:,} rows of sums equal to 1e-9",
            f"the first run on Spark {cluster[0][0]:.1f} s, and {opened:.1f} s to open a session",
            at_most=True,
        )
    ]


def _asked(held: Snapshot, engine: Engine) -> tuple[float, list[pa.Table]]:
    """Seconds from the first question to the last answer, and the answers."""
    definitions = [Definition.parse(given) for given in catalogue()[0] if given["code"] in CODES]
    context = Context.of(held, CYCLE, as_of=AS_OF, zone="UTC", remote=engine.remote)
    began = time.perf_counter()
    seen = look(context, engine, sorted({d.table for d in definitions}))
    known = Known(seen.dropped, seen.dimensions, seen.deducting, {})
    answers = engine.run([step.query for step in steps(context, definitions, known)])
    return time.perf_counter() - began, answers


def _options() -> SparkOptions:
    """As the tests' session, but with the whole of Java's compiler and more memory."""
    usual = spark.options()
    more = {k: v for k, v in usual.more.items() if not k.endswith("extraJavaOptions")}
    return dataclasses.replace(usual, memory="1400m", driver_memory="2g", more=more)
