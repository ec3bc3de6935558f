"""Effects against numbers computed by hand, and against the rule of ``stats``."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from scipy import stats as scipy_stats

from bihuan.improve import actions
from bihuan.improve.effects import judge, pool, worst
from bihuan.improve.effects.readings import Reading
from bihuan.stats.effect import verdict
from tests.improve import factories
from tests.improve.factories import BASE, ExpectedImpactFactory, ImprovementPlanFactory


@pytest.fixture
def impact(world):
    """R03 at the project, promised 8 percentage points from 2026Q4 on."""
    plan = ImprovementPlanFactory(place=world.here, owner=world.owner)
    return ExpectedImpactFactory(plan=plan, place=world.here)


def test_values_are_pooled_by_their_records():
    def reading(n, value, se):
        return Reading("c", "r", 1, "1", n, value, se, n - 1, 0, 0)

    found = pool([reading(400, 85.0, 1.5), reading(600, 86.0, 1.2)])
    # (0.4 · 1.5)² + (0.6 · 1.2)² = 0.36 + 0.5184
    assert (found.n, found.value) == (1000, pytest.approx(85.6))
    assert found.se == pytest.approx(math.sqrt(0.8784))
    assert found.df == pytest.approx(0.8784**2 / (0.36**2 / 399 + 0.5184**2 / 599))


def test_the_change_its_interval_and_its_verdict_are_those_computed_by_hand(world, impact):
    factories.measured(world, factories.EFFECTIVE)
    found = judge(impact, "2026Q3")
    # before 85.6 (se² 0.8784), after 95.0 (se² 1): change 9.4, Welch's degrees of freedom
    assert (found.before, found.after, found.change) == (pytest.approx(85.6), 95.0, pytest.approx(9.4))
    before_df = 0.8784**2 / (0.36**2 / 399 + 0.5184**2 / 599)
    df = (0.8784 + 1) ** 2 / (0.8784**2 / before_df + 1 / 499)
    half = scipy_stats.t.ppf(0.975, df) * math.sqrt(1.8784)
    assert (found.low, found.high) == (pytest.approx(9.4 - half), pytest.approx(9.4 + half))
    assert found.verdict == "effective" == verdict(found.low, found.high, 8.0)


@pytest.mark.parametrize(
    ("after", "promised", "wanted"),
    [
        ((500.0, 95.0, 1.0), "8", "effective"),  # lower end 6.7, at or above 4
        ((500.0, 90.0, 1.0), "8", "partial"),  # lower end 1.7, above 0 and below 4
        ((500.0, 85.0, 1.0), "8", "ineffective"),  # upper end 2.1, below 4
        ((500.0, 88.0, 1.5), "8", "inconclusive"),  # from below 0 to above 4
        ((500.0, 95.0, 1.0), "20", "partial"),
    ],
)
def test_each_verdict_by_the_rule(world, impact, after, promised, wanted):
    impact.promised = Decimal(promised)
    factories.measured(world, {**BASE, "2026Q4": after})
    assert judge(impact, "2026Q3").verdict == wanted


def test_the_cycle_that_led_to_the_plan_counts_for_neither_side(world, impact):
    factories.measured(world, factories.EFFECTIVE)
    record = judge(impact, "2026Q3").record
    assert [one["cycle"] for one in record["before"]["cycles"]] == ["2026Q1", "2026Q2"]
    assert [one["cycle"] for one in record["after"]["cycles"]] == ["2026Q4"]
    assert record["left_out"] == [{"cycle": "2026Q3", "why": "trigger"}]


def test_at_most_four_cycles_make_the_baseline_and_cycles_in_between_none(world, impact):
    early = {f"2025Q{n}": (100.0, 50.0, 1.0) for n in (1, 2, 3, 4)}
    factories.measured(world, {**early, **factories.EFFECTIVE, "2027Q1": (500.0, 96.0, 1.0)})
    impact.measured_from = "2027Q1"
    record = judge(impact, "2026Q3").record
    assert [one["cycle"] for one in record["before"]["cycles"]] == ["2025Q3", "2025Q4", "2026Q1", "2026Q2"]
    assert [one["cycle"] for one in record["after"]["cycles"]] == ["2027Q1"]
    assert {"cycle": "2026Q4", "why": "between"} in record["left_out"]


def test_another_version_of_the_indicator_is_not_compared(world, impact):
    factories.measured(world, factories.EFFECTIVE, versions={"2026Q4": "2"})
    found = judge(impact, "2026Q3")
    assert (found.verdict, found.record["missing"]) == ("inconclusive", "version")


def test_an_indicator_where_less_is_better_is_turned(world, impact):
    impact.direction = "down"
    factories.measured(world, {**BASE, "2026Q4": (500.0, 76.0, 1.0)})
    found = judge(impact, "2026Q3")
    assert (found.change, found.verdict) == (pytest.approx(9.6), "effective")


@pytest.mark.parametrize(
    ("values", "missing"),
    [(BASE, "after"), ({"2026Q4": (500.0, 95.0, 1.0)}, "before"), ({}, "after")],
)
def test_what_is_missing_is_said(world, impact, values, missing):
    factories.measured(world, values)
    found = judge(impact, "2026Q3")
    assert (found.verdict, found.record["missing"]) == ("inconclusive", missing)


def flat(n: int) -> dict[str, dict[str, float]]:
    """So many places that move by hardly anything."""
    cycles = [*BASE, "2026Q4"]
    return {
        f"B{i}": {cycle: 80.0 + 0.1 * ((i * 7 + k * 3) % 5) for k, cycle in enumerate(cycles)}
        for i in range(n)
    }


def compare(impact, world, n):
    """Put so many places beside the one with the plan."""
    beside = flat(n)
    for code in beside:
        impact.comparison.add(
            factories.PlaceFactory(code=code, kind="project", parent=world.company, name_zh=f"项目{code}")
        )
    return beside


def test_with_enough_places_beside_it_chance_is_taken_from_them(world, impact):
    beside = compare(impact, world, 20)
    factories.measured(world, factories.EFFECTIVE, beside=beside)
    found = judge(impact, "2026Q3")
    assert (found.record["method"], found.record["placebos"]) == ("placebo", 20)
    own = 95.0 - (85.0 + 86.0) / 2
    others = [b["2026Q4"] - (b["2026Q1"] + b["2026Q2"]) / 2 for b in beside.values()]
    assert found.change == pytest.approx(own - sum(others) / len(others))
    assert found.verdict == "effective"


def test_with_too_few_places_beside_it_nobody_can_tell(world, impact):
    factories.measured(world, factories.EFFECTIVE, beside=compare(impact, world, 3))
    found = judge(impact, "2026Q3")
    assert (found.verdict, found.record["missing"]) == ("inconclusive", "placebos")


def test_the_plan_is_judged_by_its_worst_impact():
    assert worst(["effective", "partial"]) == "partial"
    assert worst(["effective", "inconclusive", "partial"]) == "inconclusive"
    assert worst(["effective", "ineffective", "inconclusive"]) == "ineffective"
    assert worst([]) == "inconclusive"


def test_new_results_make_a_new_evaluation_and_the_old_one_stays(world):
    plan = factories.plan_in(world, "carried_out")
    factories.measured(world, BASE)
    first = actions.evaluate_effect(plan, actor=world.quality)
    factories.measured(world, {"2026Q4": (500.0, 95.0, 1.0)})
    second = actions.evaluate_effect(plan, actor=world.quality)
    assert [(one.number, one.verdict) for one in (first, second)] == [(1, "inconclusive"), (2, "effective")]
    assert plan.effects.count() == 2
