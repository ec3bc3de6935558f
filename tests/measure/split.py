"""A company whose facts lie in one file for each table and cycle, or in several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bihuan.measure.evaluate import evaluate
from bihuan.measure.results import Results
from tests.measure.company import random_company
from tests.measure.everything import everything
from tests.measure.world import AS_OF, CYCLE, DAY, World, indicator, month_of, quarter_of

CYCLES = ("2026Q1", "2026Q2", CYCLE)
WAYS = {
    "answers": ["mode", "service_area", "building"],
    "work_orders": ["building", "contractor"],
    "inspection_items": ["service_area", "building"],
    "feedback": ["service_area"],
}
PAST: dict[str, Any] = {
    "target": {"of_baseline": 1.02, "periods": 3},
    "floor": {"of_baseline": 0.9, "periods": 3},
}
MORE = [
    indicator("on_time", code="own_past", event="resolved_at", due="due_at", period="month", **PAST),
    indicator("nps", "answers", code="anybody", filter="role = 'nps'", sampled="any", unit="nps",
              breakdowns=["mode"], period="month", min_n=10),
    indicator("bottom_box", "answers", code="discontent", family="S", filter="role = 'overall'", target=5,
              floor=60, direction="down", breakdowns=["mode", "building"], period="month"),
    indicator("count", "feedback", code="counted", filter="valid", family="C", unit="times", target=3,
              floor=9, direction="down", period="month"),
]  # fmt: skip
SCORED = {"items", "index", "on_time", "points", "quantile", "rate_per", "parts", "count", "median_time"}
# Those that were measured in the cycles before
FOLLOWED = {
    "items",
    "on_time",
    "points",
    "quantile",
    "rate_per",
    "parts",
    "median_time",
    "own_past",
    "anybody",
}


class Split(World):
    """Publishes so many rows to a file."""

    rows_per_file = 2_000_000

    def publish(self) -> int:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("bihuan.archive.merge.ROWS_PER_FILE", self.rows_per_file)
            return super().publish()

    def evaluated(
        self,
        results: Results | Path,
        definitions: Sequence[Mapping[str, Any]],
        *,
        run: str = "r1",
        **more: Any,
    ) -> dict[str, Any]:
        """Evaluate what is published; gives the record of the run."""
        store = results if isinstance(results, Results) else Results(results)
        given: dict[str, Any] = {"cycle": CYCLE, "as_of": AS_OF, "weights": None, "threads": 2, **more}
        return evaluate(self.archive, run=run, definitions=list(definitions), results=store, **given)

    def files(self, table: str, cycle: str = CYCLE) -> int:
        """In how many files the facts of a table lie."""
        return len(self.archive.at().files(table, [cycle]))


def definitions() -> list[dict[str, Any]]:
    """Indicators of every kind; some have something to be held against, so that there are scores."""
    found = []
    for given in everything():
        down = given["direction"] == "down"
        goals = {"target": 20, "floor": 90} if down else {"target": {"": 90, "一级": 95}, "floor": 20}
        ways = {"breakdowns": WAYS.get(given["table"], [])} if given.get("breakdowns") else {}
        found.append({**(goals if given["code"] in SCORED else {}), **given, **ways})
    return [*found, *MORE]


def company(folder: Path, rows_per_file: int) -> Split:
    """Thirteen projects in a tree of uneven depth.

    Some stand in a district, one right under the company, one under another project, one nowhere.
    """
    world = Split(folder)
    world.rows_per_file = rows_per_file
    random_company(world, seed=7, projects=13, orders=400, people=240)
    places = {row["code"]: row for row in world.dimensions["places"]}
    world.place("D", "district", "RN")
    for code, parent in {"N0": "D", "N2": "D", "N6": "C", "S3": "S1"}.items():
        places[code]["parent"] = parent
    for table in ("answers", "work_orders", "inspection_items"):
        for row in world.rows[table][::29]:
            row["building"] = "N2-1"  # of whichever project it is
    gone = {"N4", "N4-1", "N4-2"}
    world.dimensions["places"] = [row for row in world.dimensions["places"] if row["code"] not in gone]
    return world


def with_past(world: World) -> None:
    """Add the two cycles before, which were much like this one."""
    for rows in list(world.rows.values()):
        rows += [_earlier(row, back) for back in (1, 2) for row in rows]


def _earlier(row: dict[str, Any], back: int) -> dict[str, Any]:
    ago = back * 91 * DAY
    moved = {name: value - ago if isinstance(value, datetime) else value for name, value in row.items()}
    when = moved["occurred_at"]
    names = {name: f"{row[name]}/{back}" for name in ("fact_id", "response", "repeat_of") if row.get(name)}
    worse = {"value": max(row["value"] - 1, 1.0)} if row.get("value") and len(row["fact_id"]) % 2 else {}
    return {**moved, **names, **worse, "cycle": quarter_of(when), "period": month_of(when)}


def raked(world: World) -> None:
    """Weights that were fitted to margins (the cells of some are not known), in two questionnaires."""
    for k, row in enumerate(world.rows["answers"]):
        number = int(row["response"].split("-")[1])
        row["weight"] = 1 + (number % 7) / 3
        row["weight_cell"] = None if number % 40 == 7 else f"{'ab'[number % 2]}|{'xyz'[number % 3]}"
        row["questionnaire_version"] = f"survey-v{1 + (row['project'] == 'N0')}"
        row["value"] = None if k % 50 == 3 else row["value"]


def unregistered(world: World) -> None:
    """Answers of strata of which nobody knows how many were drawn."""
    for row in world.rows["answers"]:
        row["stratum"] = row["stratum"].replace("h", "g")


def registered(world: World) -> None:
    """A register of strata beside the samples, with other sizes."""
    world.dimensions["strata"] = [
        {"cycle": cycle, "stratum": name, "frame_size": 900.0, "sample_size": 260.0}
        for cycle in CYCLES
        for name in ("h0", "h1")
    ]
