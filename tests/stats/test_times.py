"""Survival and quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from bihuan.stats import quantiles, survival
from tests.stats.support import same


@pytest.mark.parametrize(
    ("n", "seed", "open_share"), [(30, 1, 0.3), (400, 2, 0.5), (401, 3, 0.0), (12, 4, 0.2)]
)
def test_median_against_statsmodels(n, seed, open_share):
    rng = np.random.default_rng(seed)
    time, event = np.round(rng.exponential(50, n), 0) + 1, rng.random(n) >= open_share
    want = SurvfuncRight(time, event)
    found = survival.km_median(time, event)
    same(found.median[0], want.quantile(0.5))
    with np.errstate(all="ignore"):
        same([found.low[0], found.high[0]], want.quantile_ci(0.5, method="cloglog"))
    assert (found.n[0], found.events[0]) == (n, event.sum())


def test_open_jobs_are_not_finished_jobs():
    time = np.array([1.0, 2, 3, 4, 100, 100, 100])
    assert survival.km_median(time, time < 100).median[0] == 4
    assert survival.km_median(time[:4], np.ones(4)).median[0] == 2.5
    # the curve stays at one half to the end
    assert survival.km_median(time[[0, 1, 4, 5]], [1, 1, 0, 0]).median[0] == 2


def test_groups_at_once():
    rng = np.random.default_rng(5)
    time, event, group = rng.exponential(9, 900), rng.random(900) < 0.8, rng.integers(-1, 7, 900)
    time[5] = np.nan
    found = survival.km_median(time, event, group=group, n_groups=8)
    for g in range(7):
        one = survival.km_median(time[group == g], event[group == g])
        same([found.value[g], found.low[g], found.high[g]], [one.median[0], one.low[0], one.high[0]])
        assert (found.n[g], found.events[g]) == (one.n[0], one.events[0])
    assert np.isnan([found.median[7], found.low[7], found.high[7]]).all()
    assert found.n[7] == 0


def test_nothing_reached():
    found = survival.km_median([5.0, 6, 7], [True, False, False])
    assert np.isnan([found.median[0], found.high[0]]).all()
    assert survival.km_median([], []).n.tolist() == [0]


def test_median_interval_covers():
    rng = np.random.default_rng(7)
    n, groups = 60, 3000
    time, limit = rng.exponential(1, (groups, n)), rng.uniform(0.5, 4, (groups, n))
    seen, event = np.minimum(time, limit), time <= limit
    found = survival.km_median(seen.ravel(), event.ravel(), group=np.repeat(np.arange(groups), n))
    covered = ((found.low <= np.log(2)) & ((np.log(2) <= found.high) | np.isnan(found.high))).mean()
    assert 0.93 < covered < 0.975


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_quantiles(q):
    rng = np.random.default_rng(6)
    y, group = rng.normal(size=500), rng.integers(0, 6, 500)
    found = quantiles.quantile(y, q, group=group, n_groups=7)
    for g in range(6):
        same(found.value[g], np.quantile(y[group == g], q))
        low, high = quantiles.ranks((group == g).sum(), q)
        ordered = np.sort(y[group == g])
        same(found.low[g], ordered[low - 1] if low >= 1 else np.nan)
        same(found.high[g], ordered[high - 1] if high <= len(ordered) else np.nan)
    assert np.isnan([found.value[6], found.low[6], found.high[6]]).all()


def test_ranks_hold_what_they_say():
    for n in (5, 6, 20, 101):
        for q in (0.5, 0.9):
            low, high = (int(r) for r in quantiles.ranks(n, q))
            inside = stats.binom.cdf(high - 1, n, q) - stats.binom.cdf(low - 1, n, q)
            assert inside >= 0.95
            # one rank nearer on either side would leave too much out
            assert stats.binom.cdf(low, n, q) > 0.025 or low == 0
            assert stats.binom.sf(high - 2, n, q) > 0.025
    assert [int(r) for r in quantiles.ranks(5, 0.5)] == [0, 6]


def test_a_single_value_and_none():
    found = quantiles.quantile([3.0, np.nan], 0.5)
    same(found.value, 3)
    assert np.isnan([found.low[0], found.high[0]]).all()
    assert np.isnan(quantiles.quantile([], 0.5).value).all()
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantiles.quantile([1.0], 50)
    with pytest.raises(ValueError, match="beyond"):
        quantiles.quantile([1.0], 0.5, group=[3], n_groups=2)
    with pytest.raises(ValueError, match="group codes"):
        quantiles.quantile([1.0, 2], 0.5, group=[3])
