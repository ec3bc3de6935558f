"""The same sums in SQL written by hand for DuckDB, as somebody who knows it well would write them.

Each table is read once for each way of breaking it down, with all its indicators in one query; answers first
become responses, items first become inspections. Places above projects are joined to the cells, not to the
rows. Medians of open times (Kaplan-Meier) are left out: they cost SQL far more than all the rest.
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import numpy as np

from benchmarks.data import OUT
from benchmarks.records import AREAS
from bihuan.archive.snapshot import Snapshot

Figures = dict[str, np.ndarray]
TREE = """
CREATE TEMP TABLE tree AS
SELECT 'P' || lpad(p::VARCHAR, 5, '0') project, unnest(
  ['P' || lpad(p::VARCHAR, 5, '0'), 'T' || lpad((p % 40)::VARCHAR, 2, '0'), 'R' || (p % 40) % 8, 'C']) place
FROM range(10000) t(p)
"""
SIX = """count(*) FILTER (x > 0) n, sum(w * y) a, sum(w * x) b, sum(w * w * y * y) aa, sum(w * w * x * x) bb,
         sum(w * w * x * y) ab"""
# Six sums of a cell, then the linearised stratified variance.
SURVEY = """
WITH cell AS (SELECT project, stratum{item}, {six} FROM ({unit}) GROUP BY ALL),
up AS (
  SELECT place, stratum{item}, sum(n) n, sum(a) a, sum(b) b, sum(aa) aa, sum(bb) bb, sum(ab) ab
  FROM cell JOIN tree USING (project) GROUP BY ALL),
ratio AS (SELECT place{item}, sum(n) n, sum(a) / sum(b) r, sum(b) b FROM up GROUP BY ALL)
SELECT place{item}, any_value(ratio.n) n, {scale} * any_value(r) AS value, {scale} * sqrt(sum(
    (1 - sample_size / frame_size) * sample_size / (sample_size - 1)
    * ((aa - 2 * r * ab + r * r * bb) - (up.a - r * up.b) ** 2 / sample_size)) / any_value(ratio.b) ** 2) se
FROM up JOIN ratio USING (place{item}) JOIN strata USING (stratum) GROUP BY ALL
"""
ANSWERS = "FROM answers WHERE sampled AND flags IS NULL AND occurred_at <= $as_of"
TOP = "(value - scale_min >= 0.75 * (scale_max - scale_min))::INT"
ITEM = "FILTER (role = 'item')"
MARK = "(value - scale_min) / (scale_max - scale_min)"
_OVERALL = "FILTER (role = 'overall')"
_INDEX = ", ".join(f"avg({MARK}) FILTER (role = 'item' AND dimension = '{d}')" for d in AREAS)
RESPONSES = f"""
CREATE TEMP TABLE responses AS
SELECT project, stratum, mode, max(weight) w, max({TOP}) {_OVERALL} s01,
       max((value - scale_min <= 0.25 * (scale_max - scale_min))::INT) {_OVERALL} s07,
       max((value >= 9)::INT - (value <= 6)::INT) FILTER (role = 'nps') s03, avg({TOP}) {ITEM} s04,
       list_avg([{_INDEX}]) s02
{ANSWERS} GROUP BY project, stratum, response, mode
"""
UNIT = "SELECT project, stratum, w{item}, {column} y, 1 x FROM responses WHERE {column} IS NOT NULL"
BROKEN = f"""
SELECT project, stratum, {{item}}, max(weight) w, avg({{mark}}) y, 1 x
{ANSWERS} AND role = 'item' GROUP BY project, stratum, response, {{item}}
"""
SCALES = {"s01": 100, "s02": 100, "s03": 100, "s04": 100, "s07": 100}

ORDERS = {  # whether it counts, and whether it is a hit
    "S05": ("rating IS NOT NULL AND resolved_at <= $as_of",
            "rating - rating_min >= 0.75 * (rating_max - rating_min)"),
    "R01": ("priority = 'emergency' AND due_arrive_at IS NOT NULL "
            "AND (arrived_at <= $as_of OR due_arrive_at <= $as_of)",
            "arrived_at <= least(due_arrive_at, $as_of)"),
    "R03": ("priority != 'emergency' AND due_at IS NOT NULL AND (resolved_at <= $as_of OR due_at <= $as_of)",
            "resolved_at <= least(due_at, $as_of)"),
    "R05": ("resolved_at + INTERVAL 30 DAY <= $as_of",
            "(again IS NULL OR again > resolved_at + INTERVAL 30 DAY)"),
    "R08a": ("resolved_at <= $as_of", "revisited_at <= $as_of"),
    "M06": ("asset IS NOT NULL", "true"),
}  # fmt: skip
ORDER_WAYS = {
    "period": ("S05", "R01", "R03", "R05", "R08a", "M06"),
    "category": ("S05", "R01", "R03", "R05", "R08a"),
    "building": ("S05", "R01", "R03", "R05", "R08a"),
    "contractor": ("S05", "R01", "R03", "R05", "R08a"),
    "channel": ("S05", "R01", "R03"),
    "asset_type": ("M06",),
}
AGAIN = """
CREATE TEMP TABLE again AS SELECT repeat_of, min(reported_at) again FROM work_orders
WHERE repeat_of IS NOT NULL AND reported_at <= $as_of GROUP BY ALL
"""
FROM_ORDERS = """
FROM work_orders LEFT JOIN again ON again.repeat_of = fact_id WHERE occurred_at <= $as_of
"""
QUANTILE = """
SELECT place{item}, count(*) n, quantile_cont(took, 0.9) AS value
FROM (SELECT project{item}, CASE WHEN arrived_at <= $as_of THEN minutes_to_arrive
             ELSE epoch($as_of - reported_at) / 60 - paused_minutes END took FROM work_orders
      WHERE priority = 'emergency' AND (arrived_at <= $as_of OR due_arrive_at <= $as_of)
        AND occurred_at <= $as_of)
JOIN tree USING (project) GROUP BY ALL
"""
ITEMS = {
    "C02": ("result IN ('conforming', 'non_conforming')", "result = 'conforming'"),
    "C03": ("true", "veto AND result = 'non_conforming'"),
    "M07": ("service_area = '绿化养护' AND result IN ('conforming', 'non_conforming')",
            "result = 'conforming'"),
}  # fmt: skip
ITEM_WAYS = {
    "period": ("C02", "C03", "M07"), "service_area": ("C02", "C03"), "inspector": ("C02",),
    "level": ("C02",), "building": ("C02", "C03", "M07"), "item": ("C03", "M07"), "contractor": ("M07",),
}  # fmt: skip
POINT_WAYS = ("period", "service_area", "level", "building")
POINTS = """
WITH area AS (
  SELECT project, inspection, {way} key, service_area, sum(points * weight) got,
         sum(max_points * weight) most, bool_or(result = 'non_conforming' AND veto) lost
  FROM inspection_items WHERE occurred_at <= $as_of AND result IN ('conforming', 'non_conforming')
  GROUP BY ALL),
score AS (SELECT project, inspection, key, sum(CASE WHEN lost THEN 0 ELSE greatest(got, 0) END) / sum(most) y
          FROM area GROUP BY ALL),
cell AS (SELECT project, key, count(*) n, sum(y) a, sum(y * y) aa FROM score GROUP BY ALL)
"""


class ByHand:
    """All figures of one archive."""

    def __init__(self, snapshot: Snapshot, cycle: str, as_of: datetime, threads: int | None) -> None:
        self.as_of = as_of
        self.connection = duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(OUT / "spill")})
        for setting in (
            "TimeZone = 'UTC'",
            "enable_progress_bar = false",
            "preserve_insertion_order = false",
        ):
            self.connection.execute(f"SET {setting}")
        if threads:
            self.connection.execute(f"SET threads = {threads}")
        self.connection.execute(TREE)
        for table in ("answers", "work_orders", "inspection_items"):
            files = snapshot.files(table, [cycle])
            if files:
                self.connection.read_parquet(files).create_view(table)
        strata = snapshot.dimension("strata").select(["stratum", "frame_size", "sample_size"])
        self.connection.register("strata", strata)

    def all(self) -> dict[str, Figures]:
        """Figures by indicator and way, ``S04 service_area``."""
        return {**self.answers(), **self.orders(), **self.items()}

    def answers(self) -> dict[str, Figures]:
        found = {}
        self._run(RESPONSES)
        for column, scale in SCALES.items():
            for item in ("", ", mode"):
                unit = UNIT.format(item=item, column=column)
                sql = SURVEY.format(unit=unit, item=item, six=SIX, scale=scale)
                found[f"{column.upper()} {item.strip(', ')}"] = self._fetch(sql)
        self._run("DROP TABLE responses")
        for code, item, mark in (
            ("S02", "dimension", MARK),
            ("S04", "service_area", TOP),
            ("S04", "question", TOP),
        ):
            unit = BROKEN.format(item=item, mark=mark)
            found[f"{code} {item}"] = self._fetch(
                SURVEY.format(unit=unit, item=f", {item}", six=SIX, scale=100)
            )
        return found

    def orders(self) -> dict[str, Figures]:
        found = {}
        self._run(AGAIN)
        for way, codes in ORDER_WAYS.items():
            sums = ", ".join(
                f"count(*) FILTER ({there}) n_{c}, count(*) FILTER ({there} AND {hit}) y_{c}"
                for c, (there, hit) in ((c, ORDERS[c]) for c in codes)
            )
            self._run(
                f"CREATE TEMP TABLE cell AS SELECT project, {way} key, {sums} {FROM_ORDERS} GROUP BY ALL"
            )
            for code in codes:
                found |= self._up(code, way, f"sum(n_{code}) n, 100 * sum(y_{code}) / sum(n_{code}) AS value",
                                  f"n_{code} > 0")  # fmt: skip
            self._run("DROP TABLE cell")
        for item in ("", ", period", ", category", ", contractor"):
            found[f"R02 {item.strip(', ')}"] = self._fetch(QUANTILE.format(item=item))
        return found

    def items(self) -> dict[str, Figures]:
        found = {}
        for way, codes in ITEM_WAYS.items():
            units = ", ".join(
                f"count(*) FILTER ({there}) x_{c}, count(*) FILTER ({there} AND {hit}) y_{c}"
                for c, (there, hit) in ((c, ITEMS[c]) for c in codes)
            )
            six = ", ".join(
                f"count(*) FILTER (x_{c} > 0) n_{c}, sum(y_{c}) a_{c}, sum(x_{c}) b_{c}, "
                f"sum(y_{c} * y_{c}) aa_{c}, sum(x_{c} * x_{c}) bb_{c}, sum(x_{c} * y_{c}) ab_{c}"
                for c in codes
            )
            self._run(
                f"CREATE TEMP TABLE cell AS SELECT project, key, {six} FROM ("
                f"SELECT project, inspection, {way} key, {units} FROM inspection_items "
                "WHERE occurred_at <= $as_of GROUP BY ALL) GROUP BY ALL"
            )
            for code in codes:
                value = f"sum(a_{code})" if code == "C03" else f"100 * sum(a_{code}) / sum(b_{code})"
                found |= self._up(code, way, f"sum(n_{code}) n, {value} AS value", f"n_{code} > 0")
            self._run("DROP TABLE cell")
        for way in POINT_WAYS:
            self._run(f"CREATE TEMP TABLE cell AS {POINTS.format(way=way)} SELECT * FROM cell")
            found |= self._up("C01", way, "sum(n) n, 100 * sum(a) / sum(n) AS value", "n > 0")
            self._run("DROP TABLE cell")
        return found

    def _up(self, code: str, way: str, sums: str, there: str) -> dict[str, Figures]:
        """The figures of all places from the table of cells; buildings stand for themselves."""
        if way == "building":
            sql = f"SELECT key place, {sums} FROM cell WHERE {there} GROUP BY ALL"
            return {f"{code} building": self._fetch(sql)}
        found = {f"{code} {way}": self._fetch(
            f"SELECT place, key {way}, {sums} FROM cell JOIN tree USING (project) WHERE {there} GROUP BY ALL"
        )}  # fmt: skip
        if way == "period" and code == "M07":  # by quarter alone
            found.clear()
        if way == "period":
            found[f"{code} "] = self._fetch(
                f"SELECT place, {sums} FROM cell JOIN tree USING (project) WHERE {there} GROUP BY ALL"
            )
        return found

    def _run(self, sql: str) -> None:
        self.connection.execute(self._told(sql))

    def _fetch(self, sql: str) -> Figures:
        table = self.connection.sql(self._told(sql)).to_arrow_table()
        return {name: table[name].to_numpy() for name in table.column_names}

    def _told(self, sql: str) -> str:
        return sql.replace("$as_of", f"TIMESTAMPTZ '{self.as_of.isoformat()}'")
