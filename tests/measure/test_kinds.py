"""Every kind against SQL written by hand over the same files."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pytest

from bihuan.measure.definition import KINDS
from bihuan.measure.engine import Engine
from tests.measure.company import random_company
from tests.measure.world import CYCLE, Found, World, at, indicator

AS_OF = "TIMESTAMPTZ '2026-10-10 16:00:00+00'"
BEFORE = f"occurred_at <= {AS_OF}"

# name -> definition, SQL of (key, n, value) with {by} standing for the place
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "mean": (
        indicator("mean", unit="min", value="minutes_to_arrive", filter="priority = 'emergency'"),
        """SELECT {by}, count(*), avg(minutes_to_arrive) FROM work_orders
           WHERE priority = 'emergency' GROUP BY 1""",
    ),
    "share": (
        indicator("share", filter="resolved_at is not null", success="revisited_at is not null"),
        f"""SELECT {{by}}, count(*), 100 * avg((revisited_at <= {AS_OF})::INT::DOUBLE) FROM
            (SELECT project, coalesce(revisited_at, TIMESTAMPTZ '2099-01-01') revisited_at FROM work_orders
             WHERE resolved_at <= {AS_OF}) GROUP BY 1""",
    ),
    "top_box": (
        indicator("top_box", filter="rating is not null"),
        f"""SELECT {{by}}, count(*), 100 * avg((rating >= 4)::INT) FROM work_orders
            WHERE rating IS NOT NULL AND resolved_at <= {AS_OF} GROUP BY 1""",
    ),
    "bottom_box": (
        indicator("bottom_box", "feedback", direction="down"),
        f"""SELECT {{by}}, count(*), 100 * avg((rating <= 2)::INT) FROM feedback
            WHERE closed_at <= {AS_OF} GROUP BY 1""",
    ),
    "nps": (
        indicator("nps", "answers", filter="role = 'nps'", unit="nps"),
        """SELECT {by}, count(*), 100 * sum(weight * ((value >= 9)::INT - (value <= 6)::INT)) / sum(weight)
           FROM answers WHERE role = 'nps' AND sampled GROUP BY 1""",
    ),
    "index": (
        indicator("index", "answers", filter="role = 'item'"),
        """SELECT {by}, count(*), sum(weight * y) / sum(weight) FROM (
             SELECT project, response, max(weight) weight, avg(mark) y FROM (
               SELECT project, response, dimension, max(weight) weight, 100 * avg((value - 1) / 4) mark
               FROM answers WHERE role = 'item' AND sampled AND value IS NOT NULL GROUP BY ALL)
             GROUP BY ALL) GROUP BY 1""",
    ),
    "items": (
        indicator("top_box", "answers", filter="role = 'item'"),
        """SELECT {by}, count(*), 100 * sum(weight * y) / sum(weight) FROM (
             SELECT project, response, max(weight) weight, avg((value >= 4)::INT) y
             FROM answers WHERE role = 'item' AND sampled AND value IS NOT NULL GROUP BY ALL) GROUP BY 1""",
    ),
    "ratio": (
        indicator("ratio", "measurements", filter="indicator = 'R09'", numerator="numerator",
                  denominator="denominator", counts=True),
        """SELECT {by}, count(*), 100 * sum(numerator) / sum(denominator) FROM measurements
           WHERE indicator = 'R09' GROUP BY 1""",
    ),
    "rate_per": (
        indicator("rate_per", "feedback", filter="kind = 'complaint' and valid", per=1000, unit="/1000",
                  exposure={"value": "households", "filter": "asset_type is null"}, direction="down"),
        """SELECT key, coalesce(c, 0), 1000.0 * coalesce(c, 0) / held FROM
             (SELECT {by} AS key, sum(households) held FROM exposure WHERE asset_type IS NULL GROUP BY 1)
             LEFT JOIN (SELECT {by} AS key, count(*) c FROM feedback
                        WHERE kind = 'complaint' AND valid GROUP BY 1) USING (key)""",
    ),
    "count": (
        indicator("count", "inspection_items", filter="veto and result = 'non_conforming'", direction="down"),
        """SELECT {by}, count(*), sum((veto AND result = 'non_conforming')::INT) FROM inspection_items
           GROUP BY 1""",
    ),
    "on_time": (
        indicator("on_time", event="resolved_at", due="due_at"),
        f"""SELECT {{by}}, count(*), 100 * avg((resolved_at <= due_at)::INT::DOUBLE) FROM (
              SELECT project, due_at, coalesce(resolved_at, TIMESTAMPTZ '2099-01-01') resolved_at
              FROM work_orders WHERE due_at <= {AS_OF} OR resolved_at <= {AS_OF}) GROUP BY 1""",
    ),
    "quantile": (
        indicator("quantile", unit="min", q=0.9, value="minutes_to_arrive", direction="down"),
        "SELECT {by}, count(*), quantile_cont(minutes_to_arrive, 0.9) FROM work_orders GROUP BY 1",
    ),
    "points": (
        indicator("points", "inspection_items"),
        """SELECT {by}, count(*), avg(100 * earned / most) FROM (
             SELECT project, inspection, sum(earned) earned, sum(most) most FROM (
               SELECT project, inspection, service_area, sum(max_points) most,
                 CASE WHEN bool_or(veto AND result = 'non_conforming') THEN 0
                      ELSE greatest(sum(points), 0) END earned
               FROM inspection_items WHERE result IN ('conforming', 'non_conforming') GROUP BY ALL)
             GROUP BY ALL) GROUP BY 1""",
    ),
    "pass": (
        indicator("share", "inspection_items", filter="result in ('conforming', 'non_conforming')",
                  success="result = 'conforming'"),
        """SELECT {by}, count(*), 100 * avg((result = 'conforming')::INT) FROM inspection_items
           WHERE result IN ('conforming', 'non_conforming') GROUP BY 1""",
    ),
}  # fmt: skip
TIMES = {
    "median_time": indicator("median_time", unit="min", time="minutes_to_resolve", event="resolved_at"),
    "event_time": indicator(
        "event_time", unit="min", time="minutes_to_arrive", event="arrived_at",
        filter="category = 'entrapment'", direction="down", target=30, floor=60,
    ),
}  # fmt: skip


def test_every_kind_is_checked_here() -> None:
    kinds = {definition["kind"] for definition, _ in CASES.values()} | set(TIMES)
    assert kinds == set(KINDS)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> World:
    world = World(tmp_path_factory.mktemp("kinds"), engine)
    random_company(world)
    return world


@pytest.fixture(scope="module")
def found(world: World) -> Found:
    definitions = [{**definition, "code": name} for name, (definition, _) in CASES.items()]
    definitions += [{**definition, "code": name} for name, definition in TIMES.items()]
    return world.run(*definitions)


@pytest.fixture(scope="module")
def sql(world: World, found: Found) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for table in world.rows:
        connection.read_parquet(world.archive.at().files(table, [CYCLE])).create_view(table)
    return connection


@pytest.mark.parametrize("name", sorted(CASES))
@pytest.mark.parametrize(
    ("by", "level"), [("project", "project"), ("'C'", "company"), ("'R' || project[1]", "region")]
)
def test_values_at_every_level(
    found: Found, sql: duckdb.DuckDBPyConnection, name: str, by: str, level: str
) -> None:
    wanted = {key: (n, value) for key, n, value in sql.sql(CASES[name][1].format(by=by)).fetchall()}
    rows = [
        r for r in found.rows
        if r["indicator"] == name and r["level"] == level and not r["period"] and not r["breakdown"]
    ]  # fmt: skip
    assert {r["place"]: r["n"] for r in rows} == {key: n for key, (n, _) in wanted.items()}
    for row in rows:
        assert row["value"] == pytest.approx(float(wanted[row["place"]][1]), rel=1e-12)


def kaplan_meier(time: np.ndarray, ended: np.ndarray) -> float:
    """The first time at which less than half is left; the middle where exactly half is left for a while."""
    left, half = 1.0, None
    for t in np.unique(time[ended]):
        left *= 1 - np.sum(ended & (time == t)) / np.sum(time >= t)
        if abs(left - 0.5) < 1e-12:
            half = t
        elif left < 0.5:
            return float(t if half is None else (half + t) / 2)
    return float("nan")


@pytest.mark.parametrize("place", ["C", "RN", "N0", "S1"])
def test_a_median_time_treats_open_jobs_as_censored(
    found: Found, sql: duckdb.DuckDBPyConnection, place: str
) -> None:
    rows = sql.sql(
        f"""SELECT project, coalesce(minutes_to_resolve, date_diff('second', reported_at, {AS_OF}) / 60.0),
                   resolved_at IS NOT NULL AND resolved_at <= {AS_OF} FROM work_orders WHERE {BEFORE}"""
    ).fetchall()
    own = [(t, e) for p, t, e in rows if place in ("C", p, f"R{p[0]}")]
    time, ended = np.array([t for t, _ in own]), np.array([e for _, e in own])
    assert found(place, "median_time")["value"] == pytest.approx(kaplan_meier(time, ended), rel=1e-9)
    assert found(place, "median_time")["numerator"] == ended.sum()


def test_event_times_count_those_beyond_the_target(found: Found, sql: duckdb.DuckDBPyConnection) -> None:
    rows = sql.sql("SELECT minutes_to_arrive FROM work_orders WHERE category = 'entrapment'").fetchall()
    time = np.array([row[0] for row in rows])
    row = found("C", "event_time")
    assert (row["n"], row["numerator"]) == (len(time), (time > 30).sum())
    assert row["value"] == pytest.approx(kaplan_meier(time, np.ones(len(time), bool)))


def test_months_and_breakdowns(world: World, sql: duckdb.DuckDBPyConnection) -> None:
    definition = indicator("on_time", event="resolved_at", due="due_at", period="month",
                           breakdowns=["building", "contractor"])  # fmt: skip
    found = world.run(definition, run="split")
    wanted = sql.sql(
        f"""SELECT period, contractor, building, (coalesce(resolved_at <= due_at, false))::INT
            FROM work_orders WHERE due_at <= {AS_OF} OR resolved_at <= {AS_OF}"""
    ).fetchall()

    def share(rows: list[Any]) -> tuple[int, float]:
        return len(rows), pytest.approx(100 * sum(r[3] for r in rows) / len(rows))

    for month in ("2026-07", "2026-08", "2026-09"):
        row = found("C", period=month)
        assert (row["n"], row["value"]) == share([r for r in wanted if r[0] == month])
    for team in ("T0", "T1", "T2"):
        row = found("C", breakdown="contractor", item=team)
        assert (row["n"], row["value"]) == share([r for r in wanted if r[1] == team])
    row = found("N0-1")
    assert row["level"] == "building"
    assert (row["n"], row["value"]) == share([r for r in wanted if r[2] == "N0-1"])


def test_a_composite_is_the_mean_of_its_shares(world: World, sql: duckdb.DuckDBPyConnection) -> None:
    parts = [{"table": t, "success": "complete"} for t in ("work_orders", "inspection_items", "tasks")]
    found = world.run(indicator("share", parts=parts), run="parts")
    shares = [
        sql.sql(f"SELECT avg(complete::INT), count(*) FROM {part['table']}").fetchall()[0] for part in parts
    ]
    row = found("C")
    assert row["value"] == pytest.approx(100 * np.mean([s[0] for s in shares]))
    assert row["n"] == sum(s[1] for s in shares)
    assert row["low"] < row["value"] < row["high"]


def test_response_rate_3(world: World, sql: duckdb.DuckDBPyConnection) -> None:
    found = world.run(indicator("share", "samples", response_rate="RR3"), run="rr3")
    count = dict(sql.sql("SELECT coalesce(disposition, '-'), count(*) FROM samples GROUP BY 1").fetchall())
    known = count["I"] + count["R"] + count["NC"]
    part = known / (known + count["NE"])
    assert found("C")["value"] == pytest.approx(
        100 * count["I"] / (known + part * (count["UH"] + count["-"]))
    )


def test_a_rate_by_asset_type_has_the_exposure_of_that_type(world: World) -> None:
    definition = indicator(
        "rate_per", filter="asset is not null", per=100, unit="/100", breakdowns=["asset_type", "channel"],
        exposure={"value": "assets_in_service"}, direction="down",
    )  # fmt: skip
    found = world.run(definition, run="rate")
    lifts = [r for r in world.rows["work_orders"] if r["asset_type"] == "lift"]
    assert found("C", breakdown="asset_type", item="lift")["denominator"] == 6 * 3 * 4
    assert found("C", breakdown="asset_type", item="lift")["value"] == pytest.approx(100 * len(lifts) / 72)
    web = [r for r in lifts if r["channel"] == "web"]
    row = found("C", breakdown="channel", item="web")
    assert (row["numerator"], row["denominator"]) == (len(web), 72)


def test_a_year_pools_its_quarters(tmp_path: Any, engine: Engine) -> None:
    world = World(tmp_path, engine)
    world.company({"N1": 10})
    for k, (when, done) in enumerate([("2026-02-01", 1), ("2026-08-01", 1), ("2026-08-02", 0)]):
        world.fact("work_orders", "N1", at(f"{when} 03:00"), reopened=bool(done), fact_id=f"w{k}")
    world.fact("work_orders", "N1", at("2026-12-01 03:00"), cycle="2026", reopened=False, fact_id="w9")
    found = world.run(
        indicator("share", success="reopened", period="month"), cycle="2026", as_of=at("2027-01-11 00:00")
    )
    assert (found("C")["n"], found("C")["value"]) == (4, 50.0)
    assert found("C", period="2026-08")["n"] == 2
