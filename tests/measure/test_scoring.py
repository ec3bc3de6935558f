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
from bihuan.measure.scoring import BLOCK, Scores, composite_scores
from bihuan.measure.standing import Goals
from bihuan.measure.weights import Weights
from bihuan.stats import composite
from bihuan.stats.intervals import normal_quantile
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
    target, floor = Goals(place, definitions).of(frame, {})
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
    assert apart == pytest.approx(10 / np.sqrt(2), rel=1e-9)
    assert together == pytest.approx(10.0, rel=1e-9)
    assert against == pytest.approx(0.0, abs=1e-12)


def test_a_project_is_scored_the_same_whatever_stands_beside_it() -> None:
    alone = row(scored({"P0": (70, 75, 80)}), 1, "total")
    beside = row(scored({"P0": (70, 75, 80), "P1": (60, 60, 60)}), 1, "total")
    assert alone == beside


def test_not_one_digit_of_a_project_turns_with_the_others() -> None:
    rng = np.random.default_rng(5)
    many = {f"P{k:03d}": tuple(rng.uniform(45, 95, 3)) for k in range(BLOCK + 40)}
    households = tuple([100.0] * len(many))
    correlation = {(0, 1): 0.83, (0, 2): -0.4, (1, 2): 0.2}
    together = scored(many, correlation=correlation, households=households)
    for k in (0, 1, BLOCK - 1, BLOCK, BLOCK + 39):
        alone = scored({f"P{k:03d}": many[f"P{k:03d}"]}, correlation=correlation)
        for node in ("total", "S", "R"):
            assert row(alone, 1, node) == row(together, k + 1, node)


@pytest.mark.parametrize("r", [-0.9, -0.5, 0.0, 0.3, 0.7, 0.95, 0.99])
@pytest.mark.parametrize(
    ("values", "half"),
    [
        ((70, 75, 80), 5.0),
        ((90, 88, 92), 5.0),  # a kink at the target
        ((90, 90, 90), 30.0),
        ((96, 60, 20), 20.0),  # beyond the target, and next to no score
        ((88, 90, 91), 0.0),
    ],
)
def test_the_interval_is_that_of_a_big_simulation(
    values: tuple[float, float, float], half: float, r: float
) -> None:
    draws, share = 200_000, {"S": (0.5, 0.5, 0.0), "total": (0.375, 0.375, 0.25)}
    rng = np.random.default_rng(11)
    z = rng.standard_normal((draws, 3))
    z[:, 1] = r * z[:, 0] + np.sqrt(1 - r * r) * z[:, 1]
    scores = composite.score_map(np.array(values) + z * half / normal_quantile(0.95), 90, 50)
    found = scored({"P0": values}, correlation={(0, 1): r}, half=half)
    for node, weights in share.items():
        drawn = scores @ np.array(weights)
        middle = row(found, 1, node)
        sd = drawn.std()
        moment = np.mean((drawn - drawn.mean()) ** 4)
        doubt = np.sqrt(max(moment - sd**4, 0.0) / (4 * draws)) / max(sd, 1e-12)  # error of a simulated sd
        wide = normal_quantile(0.95) * (sd + 5 * doubt) + 1e-9
        slim = normal_quantile(0.95) * (sd - 5 * doubt) - 1e-9
        score = middle["score"]
        assert score - wide <= middle["low"] <= max(score - slim, 0.0) + 1e-9
        assert min(score + slim, 100.0) - 1e-9 <= middle["high"] <= score + wide


def test_a_parent_adds_up_what_its_projects_are_unsure_of() -> None:
    values = {"P0": (70.0, 75.0, 80.0), "P1": (65.0, 60.0, 72.0), "P2": (80.0, 82.0, 78.0)}
    found = scored(values, correlation={(0, 1): 0.6}, households=(100.0, 300.0, 50.0))
    half = [(row(found, k, "total")["high"] - row(found, k, "total")["low"]) / 2 for k in (1, 2, 3)]
    want = np.sqrt(np.sum((np.array([100, 300, 50]) * half) ** 2)) / 450
    top = row(found, 0, "total")
    assert (top["high"] - top["low"]) / 2 == pytest.approx(want, rel=1e-12)
    assert top["low"] == pytest.approx(top["score"] - want, rel=1e-12)


@pytest.mark.parametrize("cap", ["A", "B", "C", "D"])
def test_grades_are_those_of_the_weights(cap: str) -> None:
    nodes = [{"code": "S", "indicators": ["S01"]}]
    weights = Weights.parse({"grades": {"A": 85, "B": 75, "C": 60}, "red_line_grade": cap, "nodes": nodes})
    score = np.array([100, 85, 84.999999, 75, 74, 60, 59.9999, 0, np.nan])
    plain = ["A", "A", "B", "B", "C", "C", "D", "D", ""]
    assert list(weights.graded(score, np.zeros(9, np.bool_))) == plain
    assert list(weights.graded(score, np.ones(9, np.bool_))) == [g and max(g, cap) for g in plain]


def test_a_parent_of_many_is_surer_than_each_of_them() -> None:
    households = tuple([100.0] * 16)
    found = scored({f"P{k:02d}": (70, 70, 70) for k in range(16)}, households=households)
    top = row(found, 0, "total")
    assert top["high"] - top["low"] == pytest.approx(width(found, "total") / 4, rel=1e-9)


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
