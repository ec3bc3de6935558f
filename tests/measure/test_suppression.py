"""Nobody can work out what fewer than ten people answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.measure.company import random_company
from tests.measure.world import Found, World, at, indicator

NUMBERS = ("n", "n_eff", "numerator", "denominator", "value", "se", "df", "low", "high", "deff")
JUDGED = ("score", "score_low", "score_high", "change", "previous")


def people(world: World, project: str, count: int, **more: Any) -> None:
    for k in range(count):
        world.answer(project, f"{project}-{more.get('mode', '')}{k}", 1.0 + k % 5, **more)


@pytest.fixture
def found(tmp_path: Path) -> Found:
    world = World(tmp_path)
    world.company({"N1": 10.0, "N2": 10.0, "N3": 10.0, "S1": 10.0, "S2": 10.0})
    for project, count in (("N1", 6), ("N2", 40), ("N3", 55), ("S1", 30), ("S2", 45)):
        people(world, project, count)
    return world.run(indicator("top_box", "answers", min_n=5, target=60, floor=40))


def test_a_place_with_nine_respondents_or_fewer_shows_nothing(found: Found) -> None:
    row = found("N1")
    assert row["status"] == "suppressed"
    assert [row[name] for name in (*NUMBERS, *JUDGED)] == [None] * (len(NUMBERS) + len(JUDGED))
    assert row["standing"] == ""


def test_another_place_is_hidden_so_that_the_first_cannot_be_had_by_subtraction(found: Found) -> None:
    hidden = {r["place"] for r in found.rows if r["status"] == "suppressed"}
    assert hidden == {"N1", "N2"}
    assert found("RN")["n"] == 101
    assert {r["place"]: r["n"] for r in found.rows if r["place"] in ("S1", "S2", "C")} == {
        "S1": 30, "S2": 45, "C": 176,
    }  # fmt: skip


def test_scores_are_made_of_what_is_shown_alone(found: Found) -> None:
    assert found("RN")["score"] is None  # of its three projects only one is shown
    assert found.score("N1")["score"] is None
    assert found.score("N2")["score"] is None
    assert found.score("RS")["score"] == pytest.approx(np.mean([found(p)["score"] for p in ("S1", "S2")]))


def test_work_orders_are_never_hidden(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.company({"N1": 10.0})
    world.fact("work_orders", "N1", at("2026-08-01 00:00"), rating=2.0, rating_min=1.0, rating_max=5.0)
    assert world.run(indicator("top_box"))("N1")["value"] == 0.0


def determined(found: Found, parent: dict[str, str | None]) -> list[tuple[str, str]]:
    """Hidden cells that follow from the shown ones: solved over the tree, and over each breakdown."""
    rows = {(r["place"], r["breakdown"], r["item"]): r for r in found.rows if r["period"] == ""}
    hidden = [key for key, r in rows.items() if r["status"] == "suppressed"]
    column = {key: k for k, key in enumerate(hidden)}
    equations = []
    for place, breakdown, item in rows:
        below = [k for k in rows if parent.get(k[0]) == place and k[1:] == (breakdown, item)]
        groups = [below]
        if not breakdown:
            ways = {k[1] for k in rows if k[0] == place and k[1]}
            groups += [[k for k in rows if k[0] == place and k[1] == way] for way in ways]
        for group in groups:
            if group:
                line = np.zeros(len(hidden))
                for key in [*group, (place, breakdown, item)]:
                    if key in column:
                        line[column[key]] = -1.0 if key in group else 1.0
                equations.append(line)
    matrix = np.array(equations)
    _, sizes, right = np.linalg.svd(matrix)
    null = right[int((sizes > 1e-9).sum()) :]
    return [key[:2] for key, k in column.items() if np.abs(null[:, k]).max(initial=0.0) < 1e-9]


@pytest.mark.parametrize("seed", range(4))
def test_no_hidden_cell_follows_from_those_that_are_shown(tmp_path: Path, seed: int) -> None:
    world, rng = World(tmp_path), np.random.default_rng(seed)
    names = [f"{side}{k}" for side in "NS" for k in range(4)]
    world.company(dict.fromkeys(names, 10.0))
    for name in names:
        world.place(f"{name}-1", "building", name)
        world.place(f"{name}-2", "building", name)
        for mode in ("web", "phone", "face"):
            for building in (1, 2):
                count = int(rng.integers(1, 22))
                for k in range(count):
                    response = f"{name}-{mode}-{building}-{k}"
                    world.answer(name, response, 4.0, mode=mode, building=f"{name}-{building}")
    found = world.run(indicator("top_box", "answers", breakdowns=["mode", "building"]))
    parent: dict[str, str | None] = {row["code"]: row["parent"] for row in world.dimensions["places"]}
    hidden = [r for r in found.rows if r["status"] == "suppressed"]
    assert hidden
    assert determined(found, parent) == []


def test_sums_before_hiding_are_kept_for_the_owner_alone(tmp_path: Path) -> None:
    world = World(tmp_path)
    random_company(world, people=40)
    found = world.run(indicator("top_box", "answers", filter="role = 'overall'"))
    assert any(r["status"] == "suppressed" for r in found.rows)
    folder = tmp_path / "results" / "run=r1" / "private" / "sums"
    (file,) = [path for path in folder.iterdir() if path.name.startswith("answers")]
    assert {oct(path.stat().st_mode)[-3:] for path in folder.iterdir()} == {"600"}
    assert oct(folder.stat().st_mode)[-3:] == "700"
    assert pq.read_table(file, partitioning=None).num_rows > 0
    sums = world.results.sums("r1").to_pylist()
    asked = [r for r in world.rows["answers"] if r["role"] == "overall" and r["sampled"]]
    assert sum(r["n"] for r in sums) == len(asked)
    assert sum(r["b"] for r in sums) == sum(r["weight"] for r in asked)
