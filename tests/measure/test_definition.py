from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bihuan.measure.definition import KINDS, Definition, DefinitionError
from bihuan.measure.goals import Goal
from bihuan.measure.weights import Weights
from tests.measure.world import indicator

COMPLETE: dict[str, dict[str, Any]] = {
    "mean": {"value": "rating"},
    "share": {"success": "reopened"},
    "top_box": {},
    "bottom_box": {},
    "nps": {},
    "index": {"table": "answers"},
    "ratio": {"numerator": "rating", "denominator": "rating_max"},
    "rate_per": {"per": 1000, "exposure": {"value": "households"}},
    "count": {"filter": "reopened"},
    "on_time": {"event": "resolved_at", "due": "due_at"},
    "quantile": {"q": 0.9, "value": "minutes_to_arrive"},
    "median_time": {"event": "resolved_at"},
    "event_time": {"event": "arrived_at"},
    "points": {"table": "inspection_items"},
}


def test_every_kind_has_an_example_here() -> None:
    assert set(COMPLETE) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_parses(kind: str) -> None:
    found = Definition.parse(indicator(kind, **COMPLETE[kind]))
    assert found.kind == kind
    assert len(found.fingerprint) == 64


def test_what_is_not_said_has_a_usual_answer() -> None:
    survey = Definition.parse(indicator("top_box", "answers"))
    assert (survey.sampled, survey.settings["box"], survey.min_n, survey.period) == (True, 0.75, 0, "quarter")
    order = Definition.parse(indicator("median_time", event="resolved_at"))
    assert order.nodes["start"].value == "reported_at"
    assert order.sampled is None


@pytest.mark.parametrize("code", ["code", "version", "family", "name", "table", "kind", "unit", "direction"])
def test_a_missing_key_is_named(code: str) -> None:
    given = indicator("share", success="reopened")
    del given[code]
    with pytest.raises(DefinitionError, match=f"key '{code}'"):
        Definition.parse(given)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"table": "orders"}, "key 'table': 'orders' is not one of answers"),
        ({"kind": "average"}, "key 'kind': 'average' is not one of"),
        ({"direction": "better"}, "key 'direction'"),
        ({"period": "week"}, "key 'period': 'week' is not one of month, quarter"),
        ({"success": "reopened >"}, "key 'success'"),
        ({"success": "rating"}, "key 'success': it gives a number, and a flag is needed"),
        ({"filter": "colour = 'red'"}, "key 'filter': there is no column 'colour'"),
        ({"numerator": "rating"}, "key 'numerator': the kind share has no such key"),
        ({"breakdowns": ["unit_key"]}, "key 'breakdowns': 'unit_key' is no column to break down by"),
        ({"breakdowns": "channel"}, "key 'breakdowns': write a list"),
        ({"min_n": -1}, "key 'min_n'"),
        ({"min_n": 2.5}, "key 'min_n'"),
        ({"name": "x"}, "key 'name'"),
        ({"sampled": True}, "key 'sampled': only answers"),
        ({"target": "eighty"}, "key 'target'"),
        ({"target": {"一级": "x"}}, "key 'target'"),
        ({"target": 80, "floor": 90}, "key 'floor': 90 must lie on the bad side of the target 80"),
        ({"direction": "down", "target": 80, "floor": 70}, "key 'floor'"),
        ({"target": {"of_baseline": 0.9}, "floor": 3}, "key 'floor': target and floor are both relative"),
        ({"target": {"of_baseline": 0.9, "years": 1}}, "'years' does not belong"),
        ({"target": {"of_baseline": 0.9, "periods": 0}}, "periods is a whole number"),
        ({"repeats": {"from": "resolved_at"}}, "key 'repeats': write it as"),
        ({"repeats": {"from": "resolved_at", "within": "3", "at": "reported_at"}}, "key 'repeats': within"),
        ({"success": None}, "key 'success': a share needs one of"),
        ({"parts": [{"table": "tasks"}], "success": None}, "key 'parts': write a list of at least two"),
        ({"response_rate": "RR1", "success": None}, "key 'response_rate'"),
    ],
)  # fmt: skip
def test_a_wrong_key_is_named_with_what_would_do(more: dict[str, Any], why: str) -> None:
    given = {k: v for k, v in indicator("share", success="reopened").items() if more.get(k, 0) is not None}
    given |= {k: v for k, v in more.items() if v is not None}
    with pytest.raises(DefinitionError, match=why):
        Definition.parse(given)


@pytest.mark.parametrize(
    ("kind", "table", "more", "why"),
    [
        ("top_box", "tasks", {}, "holds no marks"),
        ("index", "feedback", {}, "made of answers"),
        ("points", "tasks", {}, "made of inspection_items"),
        ("on_time", "tasks", {}, "event and due, or interval"),
        ("count", "tasks", {}, "needs success or filter"),
        ("quantile", "tasks", {"q": 0.5}, "needs either value"),
        ("quantile", "tasks", {"q": 1.5, "value": "interval_days"}, "key 'q'"),
        ("median_time", "assets", {"event": "last_test_at"}, "no usual start"),
        ("rate_per", "feedback", {"per": 0, "exposure": {"value": "area"}}, "key 'per'"),
        ("rate_per", "feedback", {"per": 1, "exposure": {"value": "asset_type"}}, "key 'exposure'"),
        ("rate_per", "feedback", {"per": 1}, "key 'exposure': the kind rate_per needs it"),
        ("mean", "answers", {"value": "value", "range": [5, 1]}, "key 'range': 5 is not below 1"),
        ("mean", "answers", {"value": "value", "range": 5}, "key 'range': write the least and the most"),
        (
            "on_time", "tasks",
            {"interval": {"days": "interval_days", "limit": 15, "per": "lift", "done": "done_at"}},
            "per names a column",
        ),
    ],
)  # fmt: skip
def test_what_a_kind_cannot_use(kind: str, table: str, more: dict[str, Any], why: str) -> None:
    with pytest.raises(DefinitionError, match=why):
        Definition.parse(indicator(kind, table, **more))


def test_goals_by_grade() -> None:
    goal = Goal.parse({"一级": 80, "": 70})
    assert [goal.for_grade(g) for g in ("一级", "二级")] == [80.0, 70.0]
    assert not Goal.parse(None).is_set


def test_the_leaves_of_each_branch_add_up_to_one() -> None:
    weights = Weights.parse(
        {
            "nodes": [
                {"code": "S", "weight": 3, "indicators": ["S01", {"code": "S02", "weight": 3}]},
                {"code": "R", "weight": 1, "indicators": ["R01"]},
            ]
        }
    )
    assert weights.paths["S"] == {"S01": 0.25, "S02": 0.75}
    assert weights.paths["total"] == {"S01": 0.1875, "S02": 0.5625, "R01": 0.25}


def test_default_families() -> None:
    found = Weights.equal({"S": ["S01"], "R": ["R01", "R02"], "C": ["C01"], "M": ["M01"]}).paths["total"]
    assert found == pytest.approx({"S01": 0.35, "R01": 0.125, "R02": 0.125, "C01": 0.2, "M01": 0.2})


@pytest.mark.parametrize(
    ("score", "red", "grade"),
    [(85, False, "A"), (84.99, False, "B"), (75, False, "B"), (60, False, "C"), (59, False, "D"),
     (99, True, "C"), (59, True, "D")],
)  # fmt: skip
def test_grades_and_the_red_line(score: float, red: bool, grade: str) -> None:
    found = Weights.equal({"S": ["S01"]}).graded(np.array([score]), np.array([red]))
    assert list(found) == [grade]


@pytest.mark.parametrize(
    ("nodes", "why"),
    [
        ([], "name no indicator"),
        ([{"code": "S", "indicators": ["S01", "S01"]}], "stands twice"),
        ([{"code": "S", "indicators": ["S01"]}, {"code": "R", "indicators": ["S01"]}], "stands twice"),
        ([{"code": "S", "weight": -1, "indicators": ["S01"]}], "from zero up"),
        ([{"code": "S", "weight": 0, "indicators": ["S01"]}], "add up to nothing"),
    ],
)
def test_weights_that_cannot_be_used(nodes: list[Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Weights.parse({"nodes": nodes})
