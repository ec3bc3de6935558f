"""The score at the top: what it is made of, and how sure it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from bihuan.archive.schema import DIMENSIONS
from bihuan.measure.blocks import Block, Items
from bihuan.measure.definition import Definition
from bihuan.measure.frame import Frame
from bihuan.measure.places import Tree
from bihuan.measure.scoring import Scores, composite_scores
from bihuan.measure.standing import goals
from bihuan.measure.weights import Weights
from tests.measure.company import random_company
from tests.measure.world import World, arrow, indicator

DAY = date(2026, 9, 30)
CODES = ("S01", "S02", "R01")
WEIGHTS = Weights.parse(
    {
        "nodes": [
            {"code": "S", "weight": 3, "indicators": ["S01", "S02"]},
            {"code": "R", "indicators": ["R01"]},
        ]
    }
)


def tree(projects: dict[str, float]) -> Tree:
    rows = [{"code": "C", "kind": "company", "parent": None, "name_zh": "C"}]
    rows += [
        {"code": p, "kind": "project", "parent": "C", "name_zh": p, "households": h}
        for p, h in projects.items()
    ]
    return Tree.build(arrow(DIMENSIONS["places"].arrow, rows), DAY, ())


def scored(
    values: dict[str, tuple[float, float, float]],
    *,
    correlation: dict[tuple[int, int], float] | None = None,
    half: float = 5.0,
    households: tuple[float, ...] = (100.0, 300.0),
) -> Scores:
    """Scores of projects P0, P1 with values of S01, S02 and R01, target 90, floor 50."""
    place = tree({name: households[k] for k, name in enumerate(values)})
    definitions = [
        Definition.parse(indicator("share", code=c, success="reopened", target=90, floor=50)) for c in CODES
    ]
    nothing = np.full(len(values), np.nan)
    blocks = []
    for k in range(len(CODES)):
        value = np.array([v[k] for v in values.values()], float)
        index = np.array([place.index[name] for name in values], np.int64)
        blocks.append(
            Block(
                k, "", index, np.zeros(len(values), np.int64), np.zeros(len(values), np.int64), value, value,
                value, value, value, nothing, nothing, value - half, value + half, nothing,
            ).only(~np.isnan(value))
        )  # fmt: skip
    frame = Frame.of(definitions, place, blocks, Items())
    target, floor = goals(frame, dict(enumerate(definitions)), {})
    usable = np.ones(len(frame), np.bool_)
    red = np.zeros(len(place), np.bool_)
    return composite_scores(frame, WEIGHTS, target, floor, usable, red, correlation or {})


def row(scores: Scores, place: int, node: str) -> dict[str, float]:
    at_row = int(np.flatnonzero((scores.place == place) & (scores.node == node))[0])
    names = ("score", "low", "high", "weight_present", "grade")
    return {name: getattr(scores, name)[at_row] for name in names}


def test_a_branch_is_the_weighted_mean_of_its_leaves() -> None:
    found = scored({"P0": (90, 50, 70)}, half=0.0)
    assert row(found, 1, "S")["score"] == pytest.approx((100 + 60) / 2)
    assert row(found, 1, "total")["score"] == pytest.approx((3 * 80 + 80) / 4)
    assert row(found, 1, "total")["low"] == pytest.approx(80.0)
    assert row(found, 1, "total")["grade"] == "B"


def test_a_parent_is_the_household_weighted_mean_of_its_projects() -> None:
    found = scored({"P0": (90, 90, 90), "P1": (50, 50, 50)}, half=0.0)
    assert row(found, 0, "total")["score"] == pytest.approx((100 * 100 + 300 * 60) / 400)


def test_missing_indicators_leave_their_weight_to_the_others_while_enough_is_there() -> None:
    found = scored({"P0": (90, 50, np.nan), "P1": (70, 70, 70)}, half=0.0)
    assert row(found, 1, "total")["score"] == pytest.approx(80.0)
    assert row(found, 1, "total")["weight_present"] == pytest.approx(0.75)
    assert np.isnan(row(found, 1, "R")["score"])


def test_under_seventy_per_cent_of_the_weight_there_is_no_score() -> None:
    found = scored({"P0": (90, np.nan, np.nan), "P1": (70, 70, 70)}, half=0.0)
    assert np.isnan(row(found, 1, "total")["score"])
    assert row(found, 1, "total")["grade"] == ""
    assert row(found, 1, "total")["weight_present"] == pytest.approx(0.375)
    assert row(found, 0, "total")["score"] == pytest.approx(row(found, 2, "total")["score"])


def width(scores: Scores, node: str = "S") -> float:
    found = row(scores, 1, node)
    return found["high"] - found["low"]


def test_the_interval_keeps_what_the_same_respondents_said() -> None:
    values = {"P0": (70.0, 70.0, 70.0)}
    apart = width(scored(values))
    together = width(scored(values, correlation={(0, 1): 1.0}))
    against = width(scored(values, correlation={(0, 1): -1.0}))
    assert apart == pytest.approx(10 / np.sqrt(2), rel=0.12)
    assert together == pytest.approx(10.0, rel=0.12)
    assert against == pytest.approx(0.0, abs=1e-6)


def test_a_project_is_drawn_the_same_whatever_stands_beside_it() -> None:
    alone = row(scored({"P0": (70, 75, 80)}), 1, "total")
    beside = row(scored({"P0": (70, 75, 80), "P1": (60, 60, 60)}), 1, "total")
    assert alone == beside


def test_a_parent_of_many_is_surer_than_each_of_them() -> None:
    households = tuple([100.0] * 16)
    found = scored({f"P{k:02d}": (70, 70, 70) for k in range(16)}, households=households)
    top = row(found, 0, "total")
    assert top["high"] - top["low"] == pytest.approx(width(found, "total") / 4, rel=0.25)


def test_indicators_of_the_same_people_are_found_to_go_together(tmp_path: Path) -> None:
    world = World(tmp_path)
    random_company(world, people=400)
    base = {"family": "S", "target": 80, "floor": 20}
    good = indicator("top_box", "answers", code="S01", filter="role = 'overall'", **base)
    bad = {**base, "target": 5, "floor": 60, "direction": "down"}
    same = indicator("bottom_box", "answers", code="S07", filter="role = 'overall'", box=0.5, **bad)
    found = world.run(good, same)
    alone = world.run(good, run="alone")
    # The second is nearly the first turned round, so it makes the score no surer.
    top, one = found.score("C"), alone.score("C")
    assert top["high"] - top["low"] > 0.75 * (one["high"] - one["low"])


def test_the_tree_is_taken_as_at_the_day() -> None:
    rows = [
        {"code": "C", "kind": "company", "parent": None, "name_zh": "C"},
        {"code": "A", "kind": "region", "parent": "C", "name_zh": "A"},
        {"code": "B", "kind": "region", "parent": "C", "name_zh": "B"},
        {"code": "P", "kind": "project", "parent": "A", "name_zh": "P", "valid_to": date(2026, 6, 30)},
        {"code": "P", "kind": "project", "parent": "B", "name_zh": "P", "valid_from": date(2026, 7, 1)},
    ]
    table: pa.Table = arrow(DIMENSIONS["places"].arrow, rows)
    found = Tree.build(table, DAY, ["Q"])
    assert found.codes[found.parent[found.index["P"]]] == "B"
    assert found.unplaced == {"Q"}
    assert found.below("B") == {"B", "P"}
    earlier = Tree.build(table, date(2026, 5, 1), ())
    assert earlier.codes[earlier.parent[earlier.index["P"]]] == "A"


def test_a_place_above_itself_is_refused() -> None:
    rows = [
        {"code": "A", "kind": "region", "parent": "B", "name_zh": "A"},
        {"code": "B", "kind": "region", "parent": "A", "name_zh": "B"},
        {"code": "C", "kind": "company", "parent": None, "name_zh": "C"},
    ]
    with pytest.raises(ValueError, match="stands above itself"):
        Tree.build(arrow(DIMENSIONS["places"].arrow, rows), DAY, ())
