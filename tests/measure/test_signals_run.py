"""Signals of real evaluations: facts in, series tested, stored with the run."""

from __future__ import annotations

import numpy as np
import pytest

from tests.measure.world import World, at, indicator

SHARE = indicator("share", success="reopened", direction="down", period="month", min_n=5)
ASKED = indicator("top_box", "answers", code="S", min_n=5)
CYCLES = [f"{2024 + (k + 2) // 4}Q{(k + 2) % 4 + 1}" for k in range(9)]  # 2024Q3 to 2026Q3


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Nine quarters of two projects; in the last one the second gets many of its orders back."""
    rng = np.random.default_rng(7)
    world = World(tmp_path_factory.mktemp("signals"))
    world.company({"N1": 100.0, "N2": 300.0, "N3": 50.0})
    for k, cycle in enumerate(CYCLES):
        for month in range(3):
            when = at(f"{cycle[:4]}-{3 * int(cycle[5]) - 2 + month:02d}-05 04:00")
            for project in ("N1", "N2"):
                share = 0.4 if (project, k) == ("N2", 8) else 0.1
                for hit in rng.random(40) < share:
                    world.fact("work_orders", project, when, cycle=cycle, reopened=bool(hit))
        for n in range(9):  # too few to be shown
            world.answer("N3", f"{cycle}-{n}", 5.0 if k < 8 else 1.0, when=when, cycle=cycle)
    return world


@pytest.fixture(scope="module")
def earlier(world: World) -> list[str]:
    """The runs of the first seven quarters."""
    return run(world, [], CYCLES[:7])


def run(world: World, history: list[str], cycles: list[str], version: str = "1") -> list[str]:
    """Evaluate cycles one after the other, each knowing all that came before."""
    runs = list(history)
    for cycle in cycles:
        name = f"v{version}-{cycle}"
        definition = {**SHARE, "version": version}
        world.run(definition, ASKED, run=name, cycle=cycle, history=list(runs), as_of=None)
        runs.append(name)
    return runs


def test_what_gets_worse_is_found_in_the_facts_and_stored_with_the_run(
    world: World, earlier: list[str]
) -> None:
    last = run(world, earlier, CYCLES[7:])[-1]
    rows = {(row["indicator"], row["place"]): row for row in world.results.signals(last).to_pylist()}
    assert set(rows) == {("X", "N1"), ("X", "N2")}  # neither parents nor what is hidden
    worse, same = rows["X", "N2"], rows["X", "N1"]
    assert (worse["signalled"], worse["direction"], worse["points"], worse["provisional"]) == (
        True, "worse", 24, False,
    )  # fmt: skip
    assert (worse["run"], worse["cycle"], worse["period"], worse["phase_start"]) == (
        last, "2026Q3", "month", "2024-07",
    )  # fmt: skip
    assert worse["value"] > worse["upper"] > worse["center"] > worse["lower"]
    assert not same["signalled"]
    record = world.results.record(last)["signals"]
    assert (record["tested"], record["signalled"], record["false_discovery_rate"]) == (2, 1, 0.05)
    assert world.results.signals(last, signalled=True, places=["N1"]).num_rows == 0


def test_a_new_version_of_the_indicator_begins_a_new_phase(world: World, earlier: list[str]) -> None:
    last = run(world, earlier, CYCLES[7:], "2")[-1]
    rows = world.results.signals(last).to_pylist()
    assert {(row["points"], row["phase_start"], row["provisional"]) for row in rows} == {(3, "2026-04", True)}
    assert all(row["p_level"] is None and row["p_shift"] is None for row in rows)


def test_the_first_cycle_has_nothing_to_test(world: World) -> None:
    found = world.run(SHARE, run="alone", cycle="2026Q3")
    assert found.record["signals"]["tested"] == 0
    assert world.results.signals("alone").num_rows == 0
