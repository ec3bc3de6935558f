"""What makes a score fair: one test for each rule."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.measure.world import AS_OF, DAY, World, at, indicator

ON_TIME = indicator("on_time", event="resolved_at", due="due_at")
JULY = at("2026-07-06 01:00")


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.company({"N1": 100.0, "N2": 300.0, "S1": 600.0})
    return world


def order(world: World, project: str = "N1", when: Any = JULY, **more: Any) -> str:
    return world.fact("work_orders", project, when, **more)


def test_an_open_job_past_its_limit_is_a_miss(world: World) -> None:
    order(world, due_at=JULY + DAY, resolved_at=JULY + DAY)
    order(world, due_at=JULY + DAY)
    assert (world.run(ON_TIME)("N1")["n"], world.run(ON_TIME)("N1")["value"]) == (2, 50.0)


def test_an_open_job_that_is_not_yet_due_is_out(world: World) -> None:
    order(world, due_at=JULY + DAY, resolved_at=JULY + DAY)
    order(world, due_at=AS_OF + DAY)
    assert (world.run(ON_TIME)("N1")["n"], world.run(ON_TIME)("N1")["value"]) == (1, 100.0)


def test_a_job_without_a_limit_is_out(world: World) -> None:
    order(world, due_at=JULY + DAY, resolved_at=JULY)
    order(world, resolved_at=JULY)
    assert world.run(ON_TIME)("N1")["n"] == 1


def test_what_happens_after_as_of_has_not_happened_yet(world: World) -> None:
    order(world, due_at=AS_OF + 5 * DAY, resolved_at=AS_OF + DAY)
    order(world, due_at=AS_OF - DAY, resolved_at=AS_OF + DAY, rating=5.0, rating_min=1.0, rating_max=5.0)
    order(world, when=AS_OF + DAY, cycle="2026Q3", due_at=AS_OF + 2 * DAY, resolved_at=AS_OF + DAY)
    found = world.run(
        ON_TIME, indicator("top_box", code="RATED"), indicator("count", code="ALL", filter="true")
    )
    assert (found("N1")["n"], found("N1")["value"]) == (1, 0.0)
    assert not found.has("N1", indicator="RATED")
    assert found("N1", "ALL")["value"] == 2


def test_an_open_job_waits_on_its_own_working_calendar(world: World) -> None:
    for k in range(20):
        day = at("2026-09-28 00:00") + k * DAY
        world.dimensions.setdefault("calendars", []).append(
            {"calendar": "office", "day": day.date(), "open_at": day, "close_at": day + timedelta(hours=8)}
        )
    median = indicator("median_time", unit="min", time="minutes_to_resolve", event="resolved_at")
    order(world, when=at("2026-09-29 07:00"), calendar="office", paused_minutes=30.0)
    order(world, when=at("2026-09-29 07:00"), calendar="office", resolved_at=at("2026-09-30 01:00"))
    order(world, "N2", when=at("2026-09-29 07:00"), calendar="24h", resolved_at=at("2026-09-30 01:00"))
    found = world.run(median, as_of=at("2026-09-30 08:00"))
    assert found("N1")["value"] == 120.0  # an hour on the 29th, another on the 30th
    assert found("N2")["value"] == 18 * 60.0
    assert found("N1")["numerator"] == 1  # the other is open and only censored


def test_items_that_do_not_apply_are_left_out_on_both_sides(world: World) -> None:
    for result, earned in (("conforming", 4.0), ("not_applicable", None), ("not_checked", None)):
        world.fact("inspection_items", "N1", JULY, result=result, points=earned, max_points=4.0)
    world.fact("inspection_items", "N1", JULY, result="non_conforming", points=1.0, max_points=4.0)
    found = world.run(indicator("points", "inspection_items"))
    assert found("N1")["value"] == pytest.approx(100 * 5 / 8)


def test_a_failed_red_line_item_takes_its_area_to_zero_and_no_other(world: World) -> None:
    for area, veto, result in (("消防", True, "non_conforming"), ("消防", False, "conforming"),
                               ("电梯", False, "conforming")):  # fmt: skip
        world.fact(
            "inspection_items", "N1", JULY, service_area=area, veto=veto, result=result, max_points=2.0
        )
    assert world.run(indicator("points", "inspection_items"))("N1")["value"] == pytest.approx(100 / 3)


def test_deductions_stop_at_the_points_of_their_area(world: World) -> None:
    world.dimensions["versions"] = [{"kind": "checklist", "version": "cut-v1", "scheme": "deduction"}]
    rows = [("消防", -5.0, 3.0), ("消防", 0.0, 1.0), ("电梯", -1.0, 3.0), ("电梯", None, 1.0)]
    for area, points, most in rows:
        failed = points is not None and points < 0
        world.fact(
            "inspection_items", "N1", JULY, service_area=area, points=points, max_points=most, veto=failed,
            result="non_conforming" if failed else "conforming", checklist_version="cut-v1",
        )  # fmt: skip
    assert world.run(indicator("points", "inspection_items"))("N1")["value"] == pytest.approx(100 * 3 / 8)


def test_a_red_line_caps_the_grade_of_its_project_and_of_no_other(world: World) -> None:
    for project in ("N1", "N2"):
        for item in range(40):
            failed = project == "N1" and item == 0
            world.fact(
                "inspection_items", project, JULY, inspection=f"{project}-{item}", veto=True,
                result="non_conforming" if failed else "conforming",
            )  # fmt: skip
    passed = indicator("share", "inspection_items", success="result = 'conforming'", target=95, floor=80)
    found = world.run({**passed, "family": "C"})
    assert (found.score("N1")["score"], found.score("N1")["grade"], found.score("N1")["red_line"]) == (
        100,
        "C",
        True,
    )
    assert (found.score("N2")["score"], found.score("N2")["grade"], found.score("N2")["red_line"]) == (
        100,
        "A",
        False,
    )
    assert found("C")["red_line"]
    assert not found("N2")["red_line"]


def test_too_few_records_give_no_score(world: World) -> None:
    for k in range(9):
        order(world, reopened=k < 4)
    found = world.run(indicator("share", success="reopened", target=50, floor=20, min_n=10))
    row = found("N1")
    assert (row["status"], row["score"], row["standing"], row["n"]) == ("insufficient", None, "", 9)
    assert found.score("N1")["status"] == "insufficient"
    assert found.score("N1")["grade"] == ""


def test_a_probability_sample_is_never_mixed_with_an_open_link(world: World) -> None:
    for k in range(20):
        world.answer("N1", f"r{k}", 5.0, sampled=True)
        world.answer("N1", f"o{k}", 1.0, sampled=False)
    box = {"kind": "top_box", "table": "answers"}
    found = world.run(
        indicator(**box),
        indicator(code="OPEN", sampled=False, **box),
        indicator(code="ANY", sampled="any", **box),
    )
    assert [found("N1", code)["value"] for code in ("X", "OPEN", "ANY")] == [100.0, 0.0, 50.0]


FIXED = indicator(
    "share", filter="resolved_at is not null", success="not repeated",
    repeats={"from": "resolved_at", "within": "30 days", "at": "reported_at"},
)  # fmt: skip


def test_a_repeat_is_looked_up_in_the_next_cycle(world: World) -> None:
    done = at("2026-09-08 00:00")
    first = order(world, when=done - DAY, resolved_at=done)
    order(world, when=done - DAY, resolved_at=done)
    order(world, when=at("2026-10-05 00:00"), repeat_of=first)
    assert (world.run(FIXED)("N1")["n"], world.run(FIXED)("N1")["value"]) == (2, 50.0)


def test_a_repeat_after_the_time_is_none(world: World) -> None:
    first = order(world, resolved_at=JULY)
    order(world, when=JULY + 31 * DAY, repeat_of=first, resolved_at=None)
    assert world.run(FIXED)("N1")["value"] == 100.0


def test_what_may_still_be_repeated_is_out(world: World) -> None:
    order(world, resolved_at=JULY)
    late = at("2026-09-20 00:00")
    order(world, when=late, resolved_at=late)
    assert world.run(FIXED)("N1")["n"] == 1
    assert world.run(FIXED, as_of=late + 30 * DAY)("N1")["n"] == 2


def test_a_repeat_that_came_twice_counts_once(world: World) -> None:
    first = order(world, resolved_at=JULY)
    for k in (3, 5):
        order(world, when=JULY + k * DAY, repeat_of=first)
    assert (world.run(FIXED)("N1")["n"], world.run(FIXED)("N1")["value"]) == (1, 0.0)


GAPS = indicator(
    "on_time", "tasks", filter="kind = 'maintenance' and asset_type = 'lift'",
    interval={"days": "interval_days", "limit": 15, "per": "asset", "done": "done_at"}, breakdowns=["asset"],
)  # fmt: skip


def service(world: World, asset: str, done: str, days: float | None, **more: Any) -> None:
    when = at(f"{done} 02:00")
    world.fact("tasks", "N1", when, asset=asset, asset_type="lift", done_at=when, interval_days=days, **more)


def test_an_interval_that_is_still_open_counts_once_it_is_too_long(world: World) -> None:
    service(world, "L1", "2026-09-20", 14.0)
    service(world, "L2", "2026-09-28", 15.0)
    service(world, "L3", "2026-08-30", 16.0)
    found = world.run(GAPS, as_of=at("2026-10-09 00:00"))
    assert found("N1")["n"] == 5  # three closed, and the open ones of L1 (19 days) and L3
    assert found("N1")["numerator"] == 2
    assert found("N1", breakdown="asset", item="L3")["value"] == 0.0


def test_an_open_interval_belongs_to_the_cycle_in_which_it_began(world: World) -> None:
    service(world, "L1", "2026-05-01", 10.0)
    service(world, "L1", "2026-10-01", 153.0)
    found = world.run(GAPS, as_of=at("2026-10-30 00:00"))
    assert not found.has("N1")
    assert world.run(GAPS, as_of=at("2026-09-30 00:00"))("N1")["value"] == 0.0


def test_a_retired_lift_has_no_open_interval(world: World) -> None:
    service(world, "L1", "2026-07-10", 10.0)
    world.fact("assets", "N1", at("2026-09-30 12:00"), asset="L1", in_service=False)
    assert (world.run(GAPS)("N1")["n"], world.run(GAPS)("N1")["value"]) == (1, 100.0)


def test_assets_are_taken_as_at_the_periods_end(world: World) -> None:
    valid = indicator(
        "share", "assets", filter="in_service", success="valid_until >= period_end", period="month"
    )
    for month, until in (("2026-07", "2026-08-15"), ("2026-08", "2026-08-15"), ("2026-09", "2027-08-15")):
        world.fact("assets", "N1", at(f"{month}-28 00:00"), in_service=True, valid_until=at(f"{until} 00:00"))
    world.fact("assets", "N1", at("2026-07-28 00:00"), asset="gone", in_service=True)
    found = world.run(valid)
    months = [found("N1", period=f"2026-0{m}") for m in (7, 8, 9)]
    assert [(row["n"], row["value"]) for row in months] == [(2, 50.0), (1, 0.0), (1, 100.0)]
    assert (found("N1")["n"], found("N1")["value"]) == (1, 100.0)


def test_a_place_where_nothing_happened_has_a_rate_of_nothing(world: World) -> None:
    rate = indicator(
        "rate_per", "feedback", filter="valid", per=1000, unit="/1000", direction="down",
        exposure={"value": "households", "filter": "asset_type is null"},
    )  # fmt: skip
    for project, households in (("N1", 100.0), ("N2", 300.0)):
        world.fact("exposure", project, JULY, households=households)
        world.fact("exposure", project, JULY, households=None, asset_type="lift", assets_in_service=2.0)
    world.fact("feedback", "N1", JULY, valid=True)
    world.fact("feedback", "N1", JULY, valid=None)
    found = world.run(rate)
    assert [found(p)["value"] for p in ("N1", "N2", "RN")] == [10.0, 0.0, 2.5]
    assert found("N2")["high"] == pytest.approx(3.6889 / 0.3, rel=1e-4)
    assert not found.has("S1")


def test_a_revision_counts_from_its_cycle_on(world: World) -> None:
    world.dimensions["versions"] = [
        {"kind": "checklist", "version": "fire-v1", "from_cycle": "2026Q1"},
        {"kind": "checklist", "version": "fire-v2", "from_cycle": "2026Q4"},
    ]
    for version, result in (
        ("fire-v1", "conforming"),
        ("fire-v2", "non_conforming"),
        ("lift-v9", "conforming"),
    ):
        world.fact(
            "inspection_items", "N1", JULY, checklist_version=version, result=result, inspection=version
        )
    found = world.run(indicator("share", "inspection_items", success="result = 'conforming'"))
    assert (found("N1")["n"], found("N1")["value"]) == (2, 100.0)
    assert found.record["left_out"] == {"inspection_items": 1}


def test_two_versions_never_mix_in_a_project(world: World) -> None:
    for k, version in enumerate(["fire-v1"] * 3 + ["fire-v2"] * 2):
        world.fact("inspection_items", "N1", JULY, checklist_version=version, inspection=f"i{k}")
    world.fact("inspection_items", "N2", JULY, checklist_version="fire-v2", inspection="j")
    found = world.run(indicator("count", "inspection_items", filter="result = 'conforming'"))
    assert [found(p)["value"] for p in ("N1", "N2", "RN")] == [3, 1, 4]


def test_a_parents_score_is_the_household_weighted_mean_of_its_projects(world: World) -> None:
    for project, hits in (("N1", 10), ("N2", 6), ("S1", 4)):
        for k in range(10):
            order(world, project, reopened=k < hits)
    found = world.run(indicator("share", success="reopened", target=100, floor=50))
    scores = {p: found(p)["score"] for p in ("N1", "N2", "S1")}
    assert scores == pytest.approx({"N1": 100.0, "N2": 68.0, "S1": 52.0})
    assert found("RN")["score"] == pytest.approx((100 * 100 + 300 * 68) / 400)
    assert found("C")["score"] == pytest.approx((100 * 100 + 300 * 68 + 600 * 52) / 1000)
    assert found("C")["value"] == pytest.approx(100 * 20 / 30)
    assert found.score("C")["score"] == pytest.approx(found("C")["score"])


def test_under_seventy_per_cent_of_the_weight_there_is_no_score(world: World) -> None:
    for project in ("N1", "N2"):
        for k in range(10):
            order(world, project, reopened=k < 5)
    found = world.run(indicator("share", success="reopened", target=60, floor=40))
    assert found("C")["value"] == 50.0
    assert found("C")["score"] is None
    assert found("RN")["score"] == pytest.approx(80.0)
    assert found.score("C")["status"] == "insufficient"
    assert found.score("C")["weight_present"] == pytest.approx(0.4)


def test_targets_by_grade(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.company({"N1": 100.0, "N2": 300.0}, {"N1": "一级", "N2": "二级"})
    for project in ("N1", "N2"):
        order(world, project, reopened=True)
    found = world.run(indicator("share", success="reopened", target={"一级": 80, "二级": 60}, floor={"": 40}))
    assert [found(p)["target"] for p in ("N1", "N2", "C")] == [80, 60, pytest.approx(65)]
    assert found("C")["floor"] == 40


@pytest.mark.parametrize(
    ("hits", "of", "direction", "goals", "standing"),
    [
        (10, 100, "up", (80, 60), "below_floor"),
        (650, 1000, "up", (80, 60), "below"),
        (75, 100, "up", (80, 60), "slightly_below"),
        (82, 100, "up", (80, 60), "met"),
        (950, 1000, "up", (80, 60), "above"),
        (82, 100, "down", (60, 80), "below_floor"),
        (700, 1000, "down", (60, 80), "below"),
        (65, 100, "down", (60, 80), "slightly_below"),
        (55, 100, "down", (60, 80), "met"),
        (100, 1000, "down", (60, 80), "above"),
    ],
)  # fmt: skip
def test_the_five_classes(
    world: World, hits: int, of: int, direction: str, goals: tuple[int, int], standing: str
) -> None:
    for k in range(of):
        order(world, reopened=k < hits)
    definition = indicator("share", success="reopened", direction=direction, target=goals[0], floor=goals[1])
    assert world.run(definition)("N1")["standing"] == standing


def test_a_cycle_that_is_not_over_is_provisional(world: World) -> None:
    order(world, reopened=True)
    order(world, when=at("2026-09-20 00:00"), reopened=True)
    definition = indicator("share", success="reopened", period="month")
    found = world.run(definition, as_of=at("2026-09-25 00:00"))
    assert found("N1")["status"] == "provisional"
    assert found("N1", period="2026-07")["status"] == "final"
    assert found("N1", period="2026-09")["status"] == "provisional"
