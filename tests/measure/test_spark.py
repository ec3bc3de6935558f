"""Spark gives what DuckDB gives: on a company that has everything, on the demo, on ten million answers.

The master and its two workers are real, and so are the files that they read.
"""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bihuan.measure.engine import Engine, EngineError, Query
from bihuan.measure.evaluate import evaluate
from tests.measure import many
from tests.measure.company import random_company
from tests.measure.everything import everything
from tests.measure.same import same_results
from tests.measure.world import CYCLE, World, at
from tests.support.demo import BIN, ROOT, environment
from tests.support.spark import SESSION

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two sources, weights that are no round numbers, two versions of the questionnaire, two quarters."""
    world = World(tmp_path_factory.mktemp("both"))
    random_company(world)
    for k, row in enumerate(world.rows["answers"]):
        row["source"] = ("crm", "app")[int(row["response"].split("-")[1]) % 2]
        row["weight"] = 1 + (k % 7) / 3
        row["weight_cell"] = f"{'ab'[k % 2]}|{'xyz'[k % 3]}"
        row["questionnaire_version"] = f"survey-v{1 + (row['project'] == 'N0')}"
    for k in range(40):
        when = at("2026-05-03 04:00")
        world.fact("work_orders", "N0", when, repeat_of=f"work_orders-{k}", rating=3.0, due_at=when)
    world.publish()
    return world


def on_both(world: World, spark: Engine, *definitions: dict[str, Any], **more: Any) -> dict[str, int]:
    for run, engine in (("duckdb", "duckdb"), ("spark", spark)):
        world.run(*definitions, run=run, engine=engine, **more)
    root = Path(world.results.root)
    return same_results(root / "run=duckdb", root / "run=spark")


def test_every_kind_level_month_and_breakdown_is_the_same(world: World, spark: Engine) -> None:
    rows = on_both(world, spark, *everything())
    assert rows["measurements"] > 800
    assert rows["private/sums"] > 1000
    record = world.results.record("spark")
    assert record["engine"].startswith("spark 4.")
    assert record["not_measured"] == []


def test_a_year_is_the_same_and_so_is_an_earlier_instant(world: World, spark: Engine) -> None:
    definitions = [{k: v for k, v in d.items() if k != "breakdowns"} for d in everything()]
    rows = on_both(world, spark, *definitions, cycle="2026", as_of=at("2026-09-01 00:00"))
    assert rows["measurements"] > 200


def test_ten_million_answers_are_the_same(tmp_path: Path, spark: Engine) -> None:
    archive = many.archive(tmp_path / "archive")
    for run, engine in (("duckdb", "duckdb"), ("spark", spark)):
        record = evaluate(
            archive, run=run, cycle=CYCLE, definitions=many.DEFINITIONS, weights=None, engine=engine,
            as_of=datetime(2026, 10, 10, 16, tzinfo=UTC), results=tmp_path,
        )  # fmt: skip
        assert record["counts"]["facts"] == many.ANSWERS
    same_results(tmp_path / "run=duckdb", tmp_path / "run=spark")


def test_the_command_evaluates_the_demo_on_spark(demo_home: Path, spark_master: str) -> None:
    runs = {}
    for engine in ("duckdb", spark_master):
        done = subprocess.run(
            [str(BIN / "bihuan"), "evaluate", "--cycle", "2026Q2", "--json"],
            cwd=ROOT,
            env=environment(demo_home, BIHUAN_ENGINE=engine, **SESSION),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        said = json.loads(done.stdout)
        runs[said["record"]["engine"].split()[0]] = demo_home / "results" / f"run={said['run']}"
    assert sorted(runs) == ["duckdb", "spark"]
    rows = same_results(runs["duckdb"], runs["spark"])
    assert rows["measurements"] > 10_000


def test_a_file_that_workers_cannot_read_is_named(tmp_path: Path, spark: Engine) -> None:
    table = ibis.table({"a": "int64"}, name="t")
    missing = tmp_path / "gone.parquet"
    with pytest.raises(EngineError, match=r"cannot read the archive .*gone\.parquet"):
        spark.run([Query(table, "t", [str(missing)], {})])
    with pytest.raises(EngineError, match="Spark cannot read memory://x"):
        spark.run([Query(table, "t", ["memory://x"], {})])


def test_names_of_files_are_no_patterns_and_columns_may_be_missing(tmp_path: Path, spark: Engine) -> None:
    folder = tmp_path / "a{b},中 %20[x]*?"
    folder.mkdir()
    pq.write_table(pa.table({"a": [1]}), folder / "1.parquet")
    pq.write_table(pa.table({"b": pa.array(["x"]).dictionary_encode(), "a": [2]}), folder / "2.parquet")
    table = ibis.table({"a": "int64", "b": "string"}, name="t")
    files = [str(folder / f"{n}.parquet") for n in (1, 2)]
    (found,) = spark.run([Query(table, "t", files, {})])
    assert sorted(found.to_pylist(), key=lambda row: row["a"]) == [
        {"a": 1, "b": None}, {"a": 2, "b": "x"},
    ]  # fmt: skip


def test_sums_that_cannot_be_worked_out_end_in_a_sentence(tmp_path: Path, spark: Engine) -> None:
    pq.write_table(pa.table({"a": ["one"]}), tmp_path / "1.parquet")
    table = ibis.table({"a": "string"}, name="t")
    query = Query(table.select(b=table.a.cast("int64")), "t", [str(tmp_path / "1.parquet")], {})
    with pytest.raises(EngineError, match=r"Spark could not work out the sums: .*CAST_INVALID_INPUT"):
        spark.run([query])


def test_nothing_is_asked_where_there_are_no_files(spark: Engine) -> None:
    table = ibis.table({"a": "int64"}, name="t")
    assert spark.run([Query(table.agg(n=table.count()), "t", [], {})])[0].num_rows == 0


def test_more_memory_than_any_worker_has_is_not_waited_for(spark_master: str, tmp_path: Path) -> None:
    """A process holds one driver, so this one stands in another."""
    script = (
        "import sys\n"
        "from bihuan.measure.engine import SparkOptions, open_engine, spark\n"
        "spark.SECONDS_FOR_A_WORKER = 0.5\n"
        "open_engine(sys.argv[1], spark=SparkOptions(memory='90g', driver_memory='500m', "
        "driver_host='127.0.0.1'))\n"
    )
    done = subprocess.run(
        [str(BIN / "python"), "-c", script, spark_master], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "has 90g of memory and a core to spare" in done.stderr
