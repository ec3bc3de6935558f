"""Standard errors of survey numbers against the formulas, written out over single responses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bihuan.stats import intervals, weighting
from tests.measure.world import World, at, indicator
from tests.stats.support import columns

SIZES = {"a": (400.0, 60.0), "b": (900.0, 90.0)}


class People:
    """Responses as arrays: project, stratum, weight, value, and cells of two raking margins."""

    def __init__(self, seed: int, count: int = 120) -> None:
        rng = np.random.default_rng(seed)
        self.project = rng.choice(["N1", "N2", "S1"], count)
        self.stratum = rng.choice(list(SIZES), count)
        self.weight = np.round(rng.gamma(4, 2, count) + 1, 3)
        self.value = rng.integers(1, 6, count).astype(float)
        self.age = rng.choice(["young", "old"], count)
        self.tenure = rng.choice(["owner", "tenant", "other"], count)

    def fill(self, world: World, *, register: str, raked: bool = False) -> None:
        world.company({"N1": 100.0, "N2": 200.0, "S1": 300.0})
        for k, project in enumerate(self.project):
            more: dict[str, Any] = {"stratum": self.stratum[k], "weight": self.weight[k]}
            if raked:
                more["weight_cell"] = f"{self.age[k]}|{self.tenure[k]}"
            world.answer(str(project), f"r{k}", self.value[k], **more)
        for name, (frame, drawn) in SIZES.items():
            if register == "strata":
                world.dimensions.setdefault("strata", []).append(
                    {"cycle": "2026Q3", "stratum": name, "frame_size": frame, "sample_size": drawn}
                )
            elif register == "samples":
                world.fact(
                    "samples", "N1", at("2026-07-02 00:00"), stratum=name, frame_size=frame, sample_size=drawn
                )

    def se(self, inside: np.ndarray, y: np.ndarray, *, residuals: bool = False) -> float:
        """The linearised stratified standard error of a weighted mean, n_h from the register."""
        w, total = self.weight, self.weight[inside].sum()
        mean = (w * y)[inside].sum() / total
        u = np.where(inside, (y - mean) / total, 0.0)
        if residuals:
            margins = np.stack(
                [self.age == "young", self.age == "old"]
                + [self.tenure == t for t in ("owner", "tenant", "other")], 1
            ).astype(float)  # fmt: skip
            u = u - margins @ np.linalg.lstsq(margins, u, rcond=None)[0]
        variance = 0.0
        for name, (frame, drawn) in SIZES.items():
            z = (w * u)[self.stratum == name]
            variance += (1 - drawn / frame) * drawn / (drawn - 1) * ((z**2).sum() - z.sum() ** 2 / drawn)
        return float(np.sqrt(variance))


@pytest.mark.parametrize("register", ["strata", "samples"])
def test_the_size_of_the_sample_comes_from_its_register(tmp_path: Path, register: str) -> None:
    people, world = People(1), World(tmp_path)
    people.fill(world, register=register)
    found = world.run(
        indicator("mean", "answers", value="value"), indicator("top_box", "answers", code="BOX")
    )
    for place, inside in (
        ("C", people.weight > 0), ("RN", people.project != "S1"), ("N2", people.project == "N2"),
    ):  # fmt: skip
        assert found(place)["se"] == pytest.approx(people.se(inside, people.value), rel=1e-9)
        hit = (people.value >= 4).astype(float)
        row, se = found(place, "BOX"), people.se(inside, hit)
        assert row["se"] == pytest.approx(100 * se, rel=1e-9)
        p = (people.weight * hit)[inside].sum() / people.weight[inside].sum()
        n = int(inside.sum())
        strata = len(set(people.stratum[inside]))
        low, high = intervals.bounded(p, se, n, n - strata)
        assert (row["low"], row["high"]) == (pytest.approx(100 * low), pytest.approx(100 * high))


def test_raked_weights_leave_only_residuals(tmp_path: Path) -> None:
    people, world = People(2), World(tmp_path)
    # raking gives the responses of a stratum and weight cell one weight
    keys = [f"{s}{a}{t}" for s, a, t in zip(people.stratum, people.age, people.tenure, strict=True)]
    people.weight = np.random.default_rng(2).gamma(4, 2, 12)[np.unique(keys, return_inverse=True)[1]]
    people.fill(world, register="strata", raked=True)
    found = world.run(indicator("mean", "answers", value="value"))
    for place, inside in (("C", people.weight > 0), ("N1", people.project == "N1")):
        wanted = people.se(inside, people.value, residuals=True)
        assert found(place)["se"] == pytest.approx(wanted, rel=1e-9)
    assert found("C")["se"] != pytest.approx(people.se(people.weight > 0, people.value), rel=1e-3)


def test_raked_weights_with_several_items_a_response(tmp_path: Path) -> None:
    """Broken down by what was asked, every item has the whole sample's margins and not their multiple."""
    people, world = People(3), World(tmp_path)
    people.fill(world, register="strata", raked=True)
    for row in list(world.rows["answers"]):
        world.rows["answers"].append({**row, "fact_id": row["fact_id"] + "b", "question": "q2", "value": 3.0})
    found = world.run(indicator("mean", "answers", value="value", breakdowns=["question"]))
    alone = World(tmp_path / "alone")
    people.fill(alone, register="strata", raked=True)
    for place in ("C", "N1"):
        wanted = alone.run(indicator("mean", "answers", value="value"), run=place)(place)
        assert found(place, breakdown="question", item="q1")["se"] == pytest.approx(wanted["se"], rel=1e-9)


def test_raked_weights_as_in_r(tmp_path: Path, reference: Path) -> None:
    """R survey 4.1-1: rake(dstrat, list(~sch.wide, ~comp.imp), population 1072/5122 and 1700/4494,
    control = list(maxit = 500, epsilon = 1e-9)), then svymean(~api00) and svyby(~api00, ~awards)."""
    api, world = columns(reference / "apistrat.csv"), World(tmp_path)
    wide, improved = ((api[name] == "Yes").astype(int) for name in ("sch.wide", "comp.imp"))
    raked = weighting.rake(api["pw"], [wide, improved], [[1072, 5122], [1700, 4494]])
    world.company({"No": 1.0, "Yes": 1.0})
    for k, project in enumerate(api["awards"]):
        world.answer(
            str(project), f"r{k}", api["api00"][k], stratum=str(api["stype"][k]),
            weight=raked.weight[k], weight_cell=f"{wide[k]}|{improved[k]}",
        )  # fmt: skip
    for stratum in "EHM":
        own = api["stype"] == stratum
        world.dimensions.setdefault("strata", []).append(
            {
                "cycle": "2026Q3",
                "stratum": stratum,
                "frame_size": api["fpc"][own][0],
                "sample_size": 1.0 * own.sum(),
            }
        )
    found = world.run(indicator("mean", "answers", value="value"))
    for place, value, se in (
        ("C", 662.767506575821, 9.35613412620972),
        ("No", 626.282921219036, 14.4311771521379),
        ("Yes", 678.422405614438, 11.8569756004781),
    ):
        assert found(place)["value"] == pytest.approx(value, rel=1e-9)
        assert found(place)["se"] == pytest.approx(se, rel=1e-6)  # R stops after ten sweeps of the margins


def test_items_of_one_response_are_one_unit(tmp_path: Path) -> None:
    world, rng = World(tmp_path), np.random.default_rng(5)
    world.company({"N1": 1.0})
    means = []
    for k in range(40):
        marks = np.clip(np.rint(3 + rng.normal() + 0.3 * rng.normal(size=3)), 1, 5)
        means.append(marks.mean())
        for j, mark in enumerate(marks):
            world.answer("N1", f"r{k}", float(mark), role="item", question=f"q{j}")
    row = world.run(indicator("mean", "answers", value="value", filter="role = 'item'"))("N1")
    assert row["n"] == 40
    assert row["se"] == pytest.approx(np.std(means, ddof=1) / np.sqrt(40), rel=1e-9)


def test_items_of_one_inspection_vary_together(tmp_path: Path) -> None:
    world, rng = World(tmp_path), np.random.default_rng(6)
    world.company({"N1": 1.0})
    passed, checked = [], []
    for k in range(30):
        good = rng.random()
        marks = rng.random(10) < 0.4 + 0.6 * good
        passed.append(marks.sum())
        checked.append(10)
        for j, mark in enumerate(marks):
            world.fact(
                "inspection_items", "N1", at("2026-07-05 00:00"), inspection=f"i{k}", item=f"k{j}",
                result="conforming" if mark else "non_conforming",
            )  # fmt: skip
    row = world.run(indicator("share", "inspection_items", success="result = 'conforming'"))("N1")
    y, x = np.array(passed), np.array(checked)
    z = (y - y.sum() / x.sum() * x) / x.sum()
    se = np.sqrt(30 / 29 * (z**2).sum())
    assert (row["n"], row["se"]) == (300, pytest.approx(100 * se, rel=1e-9))
    p = y.sum() / x.sum()
    assert row["n_eff"] == pytest.approx(p * (1 - p) / se**2, rel=1e-9)
    assert row["n_eff"] < 250


def test_dimension_weights_make_the_index(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.company({"N1": 1.0})
    world.dimensions["questions"] = [
        {"questionnaire_version": "survey-v1", "question": q, "dimension": d, "dimension_weight": w}
        for q, d, w in (("q1", "保洁", 3.0), ("q2", "保洁", 3.0), ("q3", "电梯", 1.0))
    ]
    for question, dimension, value in (("q1", "保洁", 5.0), ("q2", "保洁", 3.0), ("q3", "电梯", 1.0)):
        world.answer("N1", "r1", value, role="item", question=question, dimension=dimension)
    for k in range(11):
        world.answer("N1", f"s{k}", 5.0, role="item", question="q1", dimension="保洁")
        world.answer("N1", f"s{k}", None, role="item", question="q3", dimension="电梯")
    row = world.run(indicator("index", "answers", filter="role = 'item'"))("N1")
    assert row["n"] == 12
    assert row["value"] == pytest.approx((100 * (3 * 0.75 + 1 * 0.0) / 4 + 11 * 100) / 12)
