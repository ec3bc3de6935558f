"""Against the cycle before: the change and its interval, the break at a new standard, the own past."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bihuan.measure.history import same_instruments
from tests.measure.world import Found, World, at, indicator

SHARE = indicator("share", success="reopened", min_n=5)


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.company({"N1": 100.0, "N2": 300.0})
    for cycle, month, hits in (("2026Q1", "02", 20), ("2026Q2", "05", 10), ("2026Q3", "08", 30)):
        for k in range(40):
            world.fact("work_orders", "N1", at(f"2026-{month}-03 00:00"), cycle=cycle, reopened=k < hits)
    return world


def over(world: World, *cycles: str, definition: dict[str, Any] = SHARE, **more: Any) -> Found:
    """Evaluate cycles one after the other, each knowing all that came before."""
    runs: list[str] = []
    for cycle in cycles:
        found = world.run(definition, run=f"r-{cycle}", cycle=cycle, history=list(runs), as_of=None, **more)
        runs.append(f"r-{cycle}")
    return found


def test_the_change_is_against_the_latest_earlier_cycle(world: World) -> None:
    row = over(world, "2026Q1", "2026Q2", "2026Q3")("N1")
    assert (row["previous"], row["change"], row["comparable"]) == (25.0, 50.0, True)


def test_the_interval_of_a_change_is_that_of_two_independent_estimates(world: World) -> None:
    before, now = over(world, "2026Q2")("N1"), over(world, "2026Q2", "2026Q3")("N1")
    low = now["change"] - np.hypot(now["value"] - now["low"], before["high"] - before["value"])
    high = now["change"] + np.hypot(now["high"] - now["value"], before["value"] - before["low"])
    assert (now["change_low"], now["change_high"]) == (pytest.approx(low), pytest.approx(high))
    assert now["change_low"] > 0


def test_the_first_cycle_has_nothing_before_it(world: World) -> None:
    row = over(world, "2026Q1")("N1")
    assert (row["previous"], row["change"], row["comparable"]) == (None, None, False)


def test_a_cycle_without_a_value_is_stepped_over(world: World) -> None:
    world.rows["work_orders"] = [r for r in world.rows["work_orders"] if r["cycle"] != "2026Q2"]
    assert over(world, "2026Q1", "2026Q2", "2026Q3")("N1")["previous"] == 50.0


def test_later_cycles_and_years_are_no_history(world: World) -> None:
    world.run(SHARE, run="year", cycle="2025", as_of=None)
    world.run(SHARE, run="later", cycle="2026Q3", as_of=None)
    found = world.run(SHARE, run="r", cycle="2026Q2", as_of=None, history=["year", "later", "missing"])
    assert found.record["history"] == []
    assert found("N1")["previous"] is None


def test_of_two_runs_of_a_cycle_the_last_counts(world: World) -> None:
    world.run(SHARE, run="first", cycle="2026Q2", as_of=None)
    for k in range(40):
        world.fact(
            "work_orders", "N1", at("2026-05-09 00:00"), cycle="2026Q2", reopened=True, fact_id=f"x{k}"
        )
    world.run(SHARE, run="revised", cycle="2026Q2", as_of=None)
    found = world.run(SHARE, run="r", cycle="2026Q3", as_of=None, history=["first", "revised"])
    assert found("N1")["previous"] == pytest.approx(62.5)


def test_nothing_is_computed_across_a_new_version_of_the_indicator(world: World) -> None:
    over(world, "2026Q2")
    found = world.run({**SHARE, "version": "2"}, run="new", cycle="2026Q3", as_of=None, history=["r-2026Q2"])
    row = found("N1")
    assert (row["previous"], row["change"], row["change_low"], row["comparable"]) == (25.0, None, None, False)


@pytest.mark.parametrize("table", ["inspection_items", "answers"])
def test_nothing_is_computed_across_a_new_checklist_or_questionnaire(tmp_path: Path, table: str) -> None:
    world = World(tmp_path)
    world.company({"N1": 1.0, "N2": 1.0})
    for project in ("N1", "N2"):
        for cycle, month in (("2026Q2", "05"), ("2026Q3", "08")):
            version = "std-v2" if (project, cycle) == ("N1", "2026Q3") else "std-v1"
            for k in range(12):
                when = at(f"2026-{month}-03 00:00")
                if table == "answers":
                    world.answer(
                        project, f"{project}{cycle}{k}", 4.0, when=when, questionnaire_version=version
                    )
                else:
                    world.fact(table, project, when, inspection=f"i{k}", checklist_version=version)
    definition = indicator("top_box", table)
    if table != "answers":
        definition = indicator("share", table, success="result = 'conforming'")
    found = over(world, "2026Q2", "2026Q3", definition=definition)
    assert [found(p)["comparable"] for p in ("N1", "N2", "C")] == [False, True, False]
    assert found("N1")["instrument"] == "std-v2"
    assert found("C")["instrument"] == "std-v1|std-v2"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("", "", True), ("a-v1", "a-v1", True), ("a-v1", "a-v2", False), ("a-v1", "a-v1|b-v1", True),
     ("a-v1|b-v1", "a-v2|b-v1", False), ("a-v1", "a-v1|a-v2", False), ("old", "new", False),
     ("a-v1|b-v1", "b-v1", True)],
)  # fmt: skip
def test_one_checklist_more_is_no_break_and_another_in_its_place_is(one: str, other: str, same: bool) -> None:
    assert same_instruments(one, other) is same
    assert same_instruments(other, one) is same


FAULTS = indicator(
    "rate_per", filter="asset is not null", per=100, unit="/100", direction="down", period="month",
    exposure={"value": "assets_in_service"}, target={"of_baseline": 0.9, "periods": 4},
    floor={"of_baseline": 1.2, "periods": 4},
)  # fmt: skip


def test_a_target_relative_to_the_own_past_waits_for_four_periods(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.company({"N1": 1.0})
    cycles = {"2026Q1": (1, 2, 3), "2026Q2": (4, 5, 6), "2026Q3": (7, 8, 9)}
    for cycle, inside in cycles.items():
        for month in inside:
            when = at(f"2026-{month:02d}-15 00:00")
            world.fact("exposure", "N1", when, cycle=cycle, asset_type="lift", assets_in_service=10.0)
            for _ in range(month):
                world.fact("work_orders", "N1", when, cycle=cycle, asset="L")
    found = over(world, "2026Q1", "2026Q2", definition=FAULTS)
    assert (found("N1")["target"], found("N1")["score"], found("N1")["standing"]) == (None, None, "")
    found = over(world, *cycles, definition=FAULTS)
    past = 100 * (1 + 2 + 3 + 4 + 5 + 6) / 60
    assert found("N1")["target"] == pytest.approx(0.9 * past)
    assert found("N1")["floor"] == pytest.approx(1.2 * past)
    assert found("N1")["standing"] == "below_floor"
    assert found("N1")["score"] == 0.0


def test_hidden_values_are_no_history(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.company({"N1": 1.0})
    for cycle, month, count in (("2026Q2", "05", 5), ("2026Q3", "08", 30)):
        for k in range(count):
            world.answer("N1", f"{cycle}{k}", 4.0, when=at(f"2026-{month}-03 00:00"))
    assert (
        over(world, "2026Q2", "2026Q3", definition=indicator("top_box", "answers"))("N1")["previous"] is None
    )
