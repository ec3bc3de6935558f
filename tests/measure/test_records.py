"""Every number can be opened down to what is under it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bihuan.measure.definition import Definition
from bihuan.measure.records import FEW, RecordPage, RecordsError, records
from tests.measure.company import random_company
from tests.measure.world import AS_OF, CYCLE, DAY, World, at, indicator

SHARES: dict[str, dict[str, Any]] = {
    "on_time": indicator("on_time", event="resolved_at", due="due_at", breakdowns=["contractor"]),
    "share": indicator("share", filter="resolved_at is not null", success="revisited_at is not null"),
    "top_box": indicator("top_box"),
    "repeats": indicator(
        "share", filter="resolved_at is not null", success="not repeated",
        repeats={"from": "resolved_at", "within": "30 days", "at": "reported_at"},
    ),
    "items": indicator("share", "inspection_items", filter="result in ('conforming', 'non_conforming')",
                       success="result = 'conforming'"),
    "assets": indicator("share", "assets", filter="asset_type = 'lift'", success="valid_until >= period_end"),
    "overall": indicator("top_box", "answers", filter="role = 'overall'"),
    "intervals": indicator(
        "on_time", "tasks", filter="kind = 'maintenance'",
        interval={"days": "interval_days", "limit": 99, "per": "asset", "done": "done_at"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("records"))
    random_company(world)
    world.run(*({**d, "code": name} for name, d in SHARES.items()))
    return world


def look(
    world: World, definition: dict[str, Any], places: list[str] | None = None, **more: Any
) -> RecordPage:
    more = {"cycle": CYCLE, "as_of": AS_OF, **more}
    return records(world.archive, world.archive.at(), Definition.parse(definition), places=places, **more)


@pytest.mark.parametrize("name", sorted(SHARES))
@pytest.mark.parametrize("place", ["C", "RN", "S1", "N0-1"])
def test_hits_and_misses_add_up_to_the_number(world: World, name: str, place: str) -> None:
    page = look(world, SHARES[name], [place])
    read = world.results.measurements("r1", places=[place], indicators=[name], breakdown="", periods=[""])
    rows = [r for r in read.to_pylist() if r["status"] != "suppressed"]
    if rows and name != "overall" and place != "N0-1":
        hits, misses = page.outcomes["hit"], page.outcomes["miss"]
        assert (hits, hits + misses) == (rows[0]["numerator"], rows[0]["n"])
    assert page.total == sum(page.outcomes.values())


def test_pages_follow_each_other_and_filters_hold(world: World) -> None:
    everything = look(world, SHARES["on_time"], ["C"], outcome="miss", limit=1000)
    assert len(everything.rows) == everything.total == everything.outcomes["miss"]
    assert {r["outcome"] for r in everything.rows} == {"miss"}
    pages = [
        look(world, SHARES["on_time"], ["C"], outcome="miss", offset=k, limit=7).rows for k in (0, 7, 14)
    ]
    assert [r for page in pages for r in page] == everything.rows[:21]
    assert [r["occurred_at"] for r in everything.rows] == sorted(
        (r["occurred_at"] for r in everything.rows), reverse=True
    )
    first = look(world, SHARES["on_time"], ["C"], order="due_at", limit=5).rows
    assert [r["due_at"] for r in first] == sorted(r["due_at"] for r in first)
    team = look(world, SHARES["on_time"], ["C"], breakdown=("contractor", "T1"), limit=1000)
    assert {r["contractor"] for r in team.rows} == {"T1"}
    month = look(world, SHARES["on_time"], ["C"], period="2026-08", limit=1000)
    assert {r["period"] for r in month.rows} == {"2026-08"}
    assert look(world, SHARES["on_time"]).total == look(world, SHARES["on_time"], ["C"]).total
    assert look(world, SHARES["on_time"], ["N0", "S1"]).total == sum(
        look(world, SHARES["on_time"], [p]).total for p in ("N0", "S1")
    )


def test_what_is_not_yet_ripe_or_due_is_out(tmp_path: Path) -> None:
    world, when = World(tmp_path), at("2026-09-20 00:00")
    world.company({"N1": 1.0})
    world.fact("work_orders", "N1", when, resolved_at=when, due_at=AS_OF + DAY)
    world.fact("work_orders", "N1", when, resolved_at=at("2026-07-02 00:00"))
    world.fact("work_orders", "N1", when, due_at=AS_OF + DAY)
    world.publish()
    assert look(world, SHARES["repeats"]).outcomes == {"hit": 1, "miss": 0, "out": 1}
    assert look(world, SHARES["on_time"]).outcomes == {"hit": 1, "miss": 0, "out": 2}


def test_times_are_held_against_the_target_of_their_project(tmp_path: Path) -> None:
    world, when = World(tmp_path), at("2026-07-02 00:00")
    world.company({"N1": 1.0, "N2": 1.0}, {"N1": "一级"})
    for project in ("N1", "N2"):
        for hours in (1, 3, 9):
            world.fact("work_orders", project, when, resolved_at=when + hours * DAY / 24)
        world.fact("work_orders", project, AS_OF - DAY / 24, cycle=CYCLE)
    world.publish()
    median = indicator(
        "median_time", unit="min", event="resolved_at", direction="down", target={"一级": 120, "": 480},
        floor=9999,
    )  # fmt: skip
    assert look(world, median, ["N1"]).outcomes == {"hit": 1, "miss": 2, "out": 1}
    assert look(world, median, ["N2"]).outcomes == {"hit": 2, "miss": 1, "out": 1}
    rows = look(world, median, ["N2"], order="-minutes").rows
    assert [r["minutes"] for r in rows] == [540.0, 180.0, 60.0, 60.0]


def test_means_are_held_against_the_target(world: World) -> None:
    mean = indicator("mean", value="rating", unit="1-5", target=4, floor=2)
    rated = [r for r in world.rows["work_orders"] if r["rating"] and r["resolved_at"] <= AS_OF]
    page = look(world, mean, ["C"])
    assert page.outcomes["hit"] == sum(r["rating"] >= 4 for r in rated)
    assert page.outcomes["hit"] + page.outcomes["miss"] == len(rated)


def test_only_what_happened_stands_under_a_count(world: World) -> None:
    count = indicator("count", "inspection_items", filter="veto and result = 'non_conforming'")
    page = look(world, count, ["C"], limit=1000)
    assert page.outcomes == {"hit": page.total, "miss": 0, "out": 0}
    assert all(r["veto"] and r["result"] == "non_conforming" for r in page.rows)


def test_survey_numbers_show_neither_time_nor_building_nor_who(world: World) -> None:
    page = look(world, SHARES["overall"], ["C"])
    assert len(page.rows) == 50
    assert set(page.rows[0]) == {
        "question", "role", "dimension", "service_area", "value", "scale_min", "scale_max", "mode", "outcome",
    }  # fmt: skip
    with pytest.raises(RecordsError, match="no column to order by"):
        look(world, SHARES["overall"], ["C"], order="occurred_at")


@pytest.mark.parametrize(("count", "closed"), [(9, FEW), (10, "")])
def test_survey_numbers_end_at_ten_respondents(tmp_path: Path, count: int, closed: str) -> None:
    world = World(tmp_path)
    world.company({"N1": 1.0})
    for k in range(count):
        for j in range(3):
            world.answer("N1", f"r{k}", 4.0, question=f"q{j}")
    world.answer("N1", "silent", None)
    world.publish()
    page = look(world, indicator("top_box", "answers"), ["N1"])
    assert page.closed == closed
    assert page.outcomes["hit"] == (0 if closed else 30)
    assert len(page.rows) == (0 if closed else 31)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"outcome": "perhaps"}, "no outcome"),
        ({"order": "colour"}, "no column to order by"),
        ({"breakdown": ("channel", "web")}, "not broken down by"),
    ],
)
def test_what_cannot_be_listed_is_said(world: World, more: dict[str, Any], why: str) -> None:
    with pytest.raises(RecordsError, match=why):
        look(world, SHARES["on_time"], ["C"], **more)


def test_a_table_without_facts_has_no_records(tmp_path: Path) -> None:
    assert look(World(tmp_path), SHARES["on_time"]).total == 0
