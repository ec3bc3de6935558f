"""An evaluation beside the same figures in SQL written by hand for DuckDB, in the same run."""

from __future__ import annotations

import resource
import shutil
import tempfile
import time
from datetime import UTC, datetime
from typing import Any

import duckdb
import numpy as np

from benchmarks.data import CYCLE, archive
from bihuan.archive.store import Archive
from bihuan.measure.evaluate import evaluate
from bihuan.measure.results import Results

AS_OF = datetime(2026, 10, 10, 16, tzinfo=UTC)
COMMON = {"version": "1", "family": "S", "name": {"zh": "速度"}, "unit": "%", "direction": "up"}
DEFINITIONS: list[dict[str, Any]] = [
    {"code": "S01", "table": "answers", "kind": "top_box", "filter": "role = 'overall'", **COMMON},
    {"code": "S02", "table": "answers", "kind": "index", "filter": "role = 'item'", **COMMON},
    {
        "code": "S04", "table": "answers", "kind": "top_box", "filter": "role = 'item'",
        "breakdowns": ["service_area"], **COMMON,
    },
    {
        "code": "R03", "table": "work_orders", "kind": "on_time", "event": "resolved_at", "due": "due_at",
        "period": "month", **COMMON,
    },
    {
        "code": "R90", "table": "work_orders", "kind": "quantile", "q": 0.9, "value": "minutes_to_resolve",
        **COMMON, "direction": "down", "unit": "min",
    },
]  # fmt: skip

# Every level is a domain of its own; the tree is joined to the cells, not to the rows.
TREE = """
CREATE TEMP TABLE tree AS
SELECT 'P' || lpad(p::VARCHAR, 5, '0') project, unnest(
  ['P' || lpad(p::VARCHAR, 5, '0'), 'T' || lpad((p % 40)::VARCHAR, 2, '0'), 'R' || (p % 40) % 8, 'C']) place
FROM range(10000) t(p)
"""
# Six sums of a cell, then the linearised stratified variance, as a good analyst would write it.
SURVEY = """
WITH unit AS ({unit}),
cell AS (
  SELECT project, stratum{item}, count(*) n, sum(w * y) a, sum(w) b, sum(w * w * y * y) aa, sum(w * w) bb,
         sum(w * w * y) ab FROM unit GROUP BY ALL),
up AS (
  SELECT place, stratum{item}, sum(n) n, sum(a) a, sum(b) b, sum(aa) aa, sum(bb) bb, sum(ab) ab
  FROM cell JOIN tree USING (project) GROUP BY ALL),
ratio AS (SELECT place{item}, sum(n) n, sum(a) / sum(b) r, sum(b) b FROM up GROUP BY ALL)
SELECT place{item}, any_value(ratio.n) n, 100 * any_value(r) AS value, 100 * sqrt(sum(
    (1 - sample_size / frame_size) * sample_size / (sample_size - 1)
    * ((aa - 2 * r * ab + r * r * bb) - (up.a - r * up.b) ** 2 / sample_size)) / any_value(ratio.b) ** 2) se
FROM up JOIN ratio USING (place{item}) JOIN strata USING (stratum) GROUP BY ALL
"""
UNITS = {
    "S01": ("", """SELECT project, stratum, response, (value >= 4)::INT::DOUBLE y, weight w FROM answers
                   WHERE role = 'overall' AND sampled AND occurred_at <= $as_of"""),
    "S02": ("", """SELECT project, stratum, response, avg(mark) y, max(w) w FROM (
                     SELECT project, stratum, response, dimension, avg((value - 1) / 4) mark, max(weight) w
                     FROM answers WHERE role = 'item' AND sampled AND occurred_at <= $as_of GROUP BY ALL)
                   GROUP BY ALL"""),
    "S04": ("", """SELECT project, stratum, response, avg((value >= 4)::INT) y, max(weight) w FROM answers
                   WHERE role = 'item' AND sampled AND occurred_at <= $as_of GROUP BY ALL"""),
    "S04 by area": (
        ", service_area",
        """SELECT project, stratum, response, service_area, avg((value >= 4)::INT) y, max(weight) w
           FROM answers WHERE role = 'item' AND sampled AND occurred_at <= $as_of GROUP BY ALL""",
    ),
}  # fmt: skip
ON_TIME = """
WITH cell AS (
  SELECT project, {period} period, count(*) n, sum((resolved_at <= least(due_at, $as_of))::INT) hits
  FROM work_orders WHERE occurred_at <= $as_of AND (due_at <= $as_of OR resolved_at <= $as_of) GROUP BY ALL)
SELECT place, period, sum(n) n, 100 * sum(hits) / sum(n) AS value FROM cell JOIN tree USING (project)
GROUP BY ALL
"""
QUANTILE = """
SELECT place, count(*) n, quantile_cont(minutes_to_resolve, 0.9) AS value
FROM (SELECT project, minutes_to_resolve FROM work_orders
      WHERE resolved_at <= $as_of AND occurred_at <= $as_of)
JOIN tree USING (project) GROUP BY ALL
"""


def race(answers: int, orders: int, threads: int | None) -> dict[str, Any]:
    """Both sides once warm, then once more, and the better time of each."""
    store = archive(answers, orders)
    folder = tempfile.mkdtemp(prefix="bihuan-bench-")
    try:
        ours, record = min((_ours(store, folder, threads) for _ in range(2)), key=lambda run: run[0])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        theirs, figures = min((_theirs(store, threads) for _ in range(2)), key=lambda run: run[0])
        worst = _compare(Results(folder), figures)
    finally:
        shutil.rmtree(folder)
    return {
        "answers": answers,
        "orders": orders,
        "measurements": record["counts"]["measurements"],
        "figures in sql": sum(len(rows["value"]) for rows in figures.values()),
        "evaluation, seconds": ours,
        "hand-written sql, seconds": theirs,
        "ratio": ours / theirs,
        "peak memory, gib": peak,
        "largest relative difference": f"{worst:.1e}",
    }


def _ours(store: Archive, folder: str, threads: int | None) -> tuple[float, dict[str, Any]]:
    began = time.perf_counter()
    record = evaluate(
        store, run="bench", cycle=CYCLE, definitions=DEFINITIONS, weights=None, as_of=AS_OF, results=folder,
        zone="UTC", threads=threads,
    )  # fmt: skip
    return time.perf_counter() - began, record


def _theirs(store: Archive, threads: int | None) -> tuple[float, dict[str, dict[str, np.ndarray]]]:
    snapshot = store.at()
    began = time.perf_counter()
    connection = duckdb.connect()
    if threads:
        connection.execute(f"SET threads = {threads}")
    connection.execute(TREE)
    for table in ("answers", "work_orders"):
        connection.read_parquet(snapshot.files(table, [CYCLE])).create_view(table)
    strata = snapshot.dimension("strata")
    connection.register("strata", strata.select(["stratum", "frame_size", "sample_size"]))
    found = {}
    for name, (item, unit) in UNITS.items():
        found[name] = _fetch(connection, SURVEY.format(unit=unit, item=item))
    found["R03"] = _fetch(connection, ON_TIME.format(period="''"))
    found["R03 by month"] = _fetch(connection, ON_TIME.format(period="period"))
    found["R90"] = _fetch(connection, QUANTILE)
    return time.perf_counter() - began, found


def _fetch(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, np.ndarray]:
    text = sql.replace("$as_of", f"TIMESTAMPTZ '{AS_OF.isoformat()}'")
    table = connection.sql(text).to_arrow_table()
    return {name: table[name].to_numpy() for name in table.column_names}


def _compare(results: Results, figures: dict[str, dict[str, np.ndarray]]) -> float:
    """The largest relative difference between what both sides found; they must have found the same rows."""
    table = results.measurements("bench").to_pylist()
    mine: dict[tuple[str, str, str, str], tuple[float, float]] = {}
    for row in table:
        if row["status"] != "suppressed":
            key = (row["indicator"], row["place"], row["period"], row["item"])
            mine[key] = row["value"], row["se"] or 0.0
    worst = 0.0
    for name, rows in figures.items():
        code = name.split()[0]
        count = len(rows["value"])
        period = rows.get("period", np.full(count, "", object))
        item = rows.get("service_area", np.full(count, "", object))
        for i in range(count):
            got = mine.get((code, rows["place"][i], period[i], item[i]))
            if got is None:
                continue
            worst = max(worst, abs(got[0] - rows["value"][i]) / max(abs(rows["value"][i]), 1.0))
            if "se" in rows and rows["n"][i] > 1:
                worst = max(worst, abs(got[1] - rows["se"][i]) / max(abs(rows["se"][i]), 1.0))
    return worst
