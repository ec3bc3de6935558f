from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bihuan.stats import effect
from tests.stats.support import same


@pytest.mark.parametrize(
    ("low", "high", "promised", "verdict"),
    [
        (5, 12, 10, "effective"),
        (4.9, 12, 10, "partial"),
        (0.1, 4, 10, "partial"),
        (-3, 4.9, 10, "ineffective"),
        (-9, -2, 10, "ineffective"),
        (-3, 5, 10, "inconclusive"),
        (np.nan, np.nan, 10, "inconclusive"),
    ],
)
def test_verdict(low, high, promised, verdict):
    assert effect.verdict(low, high, promised) == verdict


def test_a_promise_is_an_improvement():
    with pytest.raises(ValueError, match="above 0"):
        effect.verdict(1, 2, 0)


def test_before_and_after():
    rng = np.random.default_rng(1)
    y0, y1 = rng.normal(70, 8, 40), rng.normal(76, 4, 25)
    found = effect.before_after(y0.mean(), stats.sem(y0), 39, y1.mean(), stats.sem(y1), 24)
    want = stats.ttest_ind(y1, y0, equal_var=False)
    same([found.p, found.df], [want.pvalue, want.df])
    same([found.low, found.high], list(want.confidence_interval()))
    panel = effect.before_after(70, 2, 39, 76, 2, 39, covariance=3)
    same(panel.se, np.sqrt(2))


def _panel(places=30, periods=8, lift=0.0, treated=10, seed=1):
    rng = np.random.default_rng(seed)
    table = rng.normal(70, 5, (places, 1)) + rng.normal(0, 2, (places, periods)) + np.arange(periods)
    mark = np.arange(places) < treated
    table[mark, 6:] += lift
    return table, mark


def _long(table, mark):
    places, periods = table.shape
    place = np.repeat(np.arange(places), periods)
    return table.ravel(), mark[place], np.tile(np.arange(periods), places) >= 6, place


def test_difference_in_differences():
    table, mark = _panel(lift=5)
    found = effect.difference_in_differences(*_long(table, mark))
    change = table[:, 6:].mean(axis=1) - table[:, :6].mean(axis=1)
    same(found.value, change[mark].mean() - change[~mark].mean())
    assert (found.method, found.treated, found.comparison) == ("cr2", 10, 20)
    assert found.low < 5 < found.high
    many, big = _panel(places=60, treated=20)
    assert effect.difference_in_differences(*_long(many, big)).method == "cr1"


def test_too_few_clusters_get_no_standard_error():
    table, mark = _panel(treated=3, lift=5)
    found = effect.difference_in_differences(*_long(table, mark))
    assert found.method == "too_few"
    assert np.isnan([found.se, found.low, found.high, found.p]).all()
    assert effect.verdict(found.low, found.high, 5) == "inconclusive"


def test_covariates_and_missing_rows():
    table, mark = _panel(lift=5)
    y, treated, after, place = _long(table, mark)
    y = y.copy()
    y[3] = np.nan
    age = np.random.default_rng(2).normal(size=len(y))
    found = effect.difference_in_differences(y, treated, after, place, covariates=age)
    assert abs(found.value - 5) < 2


def test_panel_with_many_places_is_welchs_test():
    table, mark = _panel(lift=5)
    found = effect.panel_effect(table, mark, 5, baseline=4, after=6, length=2)
    change = table[:, 6:8].mean(axis=1) - table[:, 1:5].mean(axis=1)
    want = stats.ttest_ind(change[mark], change[~mark], equal_var=False)
    same([found.p, found.low, found.high], [want.pvalue, *want.confidence_interval()])
    assert found.method == "welch"


def test_the_triggering_period_is_in_no_mean():
    table, mark = _panel()
    other = table.copy()
    other[:, 5] = -1000
    a = effect.panel_effect(table, mark, 5, baseline=4, after=6, length=2)
    assert a == effect.panel_effect(other, mark, 5, baseline=4, after=6, length=2)


def test_one_place_is_judged_by_placebos():
    table, mark = _panel(treated=1, lift=12)
    found = effect.panel_effect(table, mark, 5, baseline=3, after=6, length=2)
    assert found.method == "placebo"
    assert found.placebos == 29 * 3
    assert found.low > 0
    assert found.p < 0.05
    again = effect.panel_effect(table, mark, 5, baseline=3, after=6, length=2)
    assert found == again


def test_three_places_against_drawn_sets_of_three():
    table, mark = _panel(treated=3, lift=12)
    found = effect.panel_effect(table, mark, 5, baseline=5, after=6, length=2, draws=200, seed=4)
    assert (found.method, found.placebos) == ("placebo", 200)
    assert found.low > 0


def test_too_few_placebos_say_nothing():
    table, mark = _panel(places=10, treated=1, lift=50)
    found = effect.panel_effect(table, mark, 5, baseline=5, after=6, length=2)
    assert (found.method, found.placebos) == ("too_few", 9)
    assert effect.verdict(found.low, found.high, 10) == "inconclusive"
    table[:] = np.nan
    assert effect.panel_effect(table, mark, 5, baseline=5, after=6).method == "too_few"


def test_windows_outside_the_panel():
    table, mark = _panel()
    for trigger, after, length in ((0, 1, 1), (5, 5, 1), (5, 7, 2)):
        with pytest.raises(ValueError, match="trigger"):
            effect.panel_effect(table, mark, trigger, baseline=2, after=after, length=length)


def test_randomisation():
    change = np.array([5.0, 6, 0, 1, -1, 0.5])
    found = effect.randomisation(change, np.arange(6) < 2)
    same([found.value, found.p], [5.5 - 0.125, 1 / 15])
    drawn = effect.randomisation(np.random.default_rng(3).normal(size=40), np.arange(40) < 10, draws=500)
    assert 1 / 501 <= drawn.p <= 1
    assert effect.randomisation([1.0, np.nan], [False, True]).method == "too_few"


def test_trends_before_the_trigger():
    table, mark = _panel()
    assert effect.pre_trend(table, mark, 5).p > 0.05
    table[mark] += 3 * np.arange(8)
    found = effect.pre_trend(table, mark, 5)
    assert found.p < 0.001
    assert abs(found.value - 3) < 1
    few = effect.pre_trend(table, np.arange(30) < 2, 5)
    assert few.method == "randomisation"
    assert np.isnan(effect.pre_trend(table, mark, 2).value)


def test_placebo_window():
    table, mark = _panel(lift=30)
    assert effect.placebo_check(table, mark, 5, baseline=2).p > 0.05
    table[mark, 4] += 30
    assert effect.placebo_check(table, mark, 5, baseline=2).p < 0.001
    assert effect.placebo_check(table, mark, 2, baseline=2).method == "too_few"


def test_minimum_detectable_effect():
    same(effect.minimum_detectable_effect(1.0), stats.norm.ppf(0.975) + stats.norm.ppf(0.8))
    same(effect.minimum_detectable_effect([2.0], 10), 2 * (stats.t.ppf(0.975, 10) + stats.t.ppf(0.8, 10)))
    same(effect.minimum_detectable_effect(1.0, power=0.5), stats.norm.ppf(0.975))
    with pytest.raises(ValueError, match="power"):
        effect.minimum_detectable_effect(1.0, power=80)


def test_null_plans_are_seldom_called_effective():
    """A thousand plans that do nothing, each for the worst place of its quarter.

    What was bad by chance gets better by itself. With the triggering quarter left out of the baseline at
    most 69 are called effective or partial (99.5 % of a binomial of 5 %); measured from it, far more are.
    """
    rng = np.random.default_rng(2026)
    called = naive = 0
    for seed in range(1000):
        table = rng.normal(0, 1, (30, 1)) + rng.normal(0, 1, (30, 9))
        mark = np.arange(30) == np.argmin(table[:, 7])
        found = effect.panel_effect(table, mark, 7, baseline=4, after=8, seed=seed)
        called += effect.verdict(found.low, found.high, 1.0) in ("effective", "partial")
        # the bad quarter as the baseline, an idle one in the place of the trigger
        wrong = effect.panel_effect(table[:, [4, 5, 6, 7, 3, 8]], mark, 4, baseline=1, after=5)
        naive += effect.verdict(wrong.low, wrong.high, 1.0) in ("effective", "partial")
    assert called <= 69
    assert naive > 150
