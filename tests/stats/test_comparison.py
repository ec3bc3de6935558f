from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bihuan.stats import comparison
from tests.stats.support import same


def test_funnel_of_shares_is_exact():
    n = np.array([10, 50, 1000])
    found = comparison.funnel_share(n * 0.8, n, 0.8)
    assert found.outside.tolist() == [0, 0, 0]
    for k, size in enumerate(n):
        limit = found.low_warning[k] * size
        assert (
            stats.binom.cdf(np.floor(limit) - 1, size, 0.8)
            < 0.025
            <= stats.binom.cdf(np.ceil(limit), size, 0.8)
        )
    normal = 0.8 + np.array([-1, 1]) * 1.96 * np.sqrt(0.16 / 1000)
    np.testing.assert_allclose([found.low_warning[2], found.high_warning[2]], normal, atol=0.001)
    assert np.all(found.low_alarm < found.low_warning)
    assert np.all(found.high_alarm >= found.high_warning)


def test_places_outside():
    found = comparison.funnel_share([500, 850, 800, 770], [1000] * 4, 0.8)
    assert found.outside.tolist() == [-2, 2, 0, -1]
    same(found.z[1], 0.05 / np.sqrt(0.16 / 1000))
    assert comparison.funnel_share([90, 70], [100, 100]).benchmark == 0.8
    with pytest.raises(ValueError, match="between 0 and 1"):
        comparison.funnel_share([1], [2], 80)
    same(comparison.funnel_share([0, 0], [5, 6]).high_alarm, [0, 0])


def test_funnel_of_rates():
    exposure = np.array([10.0, 100, 1000])
    found = comparison.funnel_rate(exposure * 2, exposure, 2.0)
    same(found.benchmark, 2)
    assert found.outside.tolist() == [0, 0, 0]
    for k, size in enumerate(exposure):
        count = found.high_alarm[k] * size
        assert (
            stats.poisson.cdf(np.floor(count), 2 * size)
            <= 0.999
            <= stats.poisson.cdf(np.ceil(count), 2 * size)
        )
    assert comparison.funnel_rate([40, 0], [10, 10], 1.0).outside.tolist() == [2, -2]


def test_funnel_false_alarms():
    rng = np.random.default_rng(2)
    n = rng.integers(100, 400, 20_000)
    found = comparison.funnel_share(rng.binomial(n, 0.7), n, 0.7)
    assert abs((found.outside != 0).mean() - 0.05) < 0.006
    assert (np.abs(found.outside) == 2).mean() < 0.004


def test_overdispersion_is_allowed_for():
    rng = np.random.default_rng(3)
    se = rng.uniform(0.5, 1.5, 400)
    y = rng.normal(80, np.sqrt(se**2 + 9))
    found = comparison.funnel_overdispersed(y, se)
    w = 1 / se**2
    z = np.sort((y - (w * y).sum() / w.sum()) / se)
    same(found.dispersion, (np.clip(z, *np.quantile(z, [0.1, 0.9])) ** 2).mean())
    same(found.tau**2, (400 * found.dispersion - 399) / (w.sum() - (w**2).sum() / w.sum()))
    # pulled in at the ends, so that places far out do not widen the limits: below the true 3
    assert 2 < found.tau < 3
    assert (np.abs(found.outside) == 2).sum() < 20
    calm = comparison.funnel_overdispersed(rng.normal(80, se), se, 80.0)
    assert calm.tau < 0.3
    with pytest.raises(ValueError, match="above 0"):
        comparison.funnel_overdispersed([1.0], [0.0])


def test_difference_of_two_cycles():
    found = comparison.difference([80, 80], [2, 0], [30, 30], [86, 80], [1.5, 0], [20, 20])
    same([found.value[0], found.se[0]], [6, 2.5])
    same(found.df[0], 6.25**2 / (16 / 30 + 2.25**2 / 20))
    same(found.p[0], 2 * stats.t.sf(2.4, found.df[0]))
    assert np.isnan(found.p[1])
    same([found.low[1], found.high[1]], [0, 0])


def test_analysis_of_variance():
    rng = np.random.default_rng(1)
    y, group = rng.normal(1e6, 1, 60), np.repeat(["a", "b", "c"], 20)
    found = comparison.one_way(y, group)
    want = stats.f_oneway(*(y[group == g] for g in "abc"))
    same([found.f, found.p], [want.statistic, want.pvalue], 1e-7)
    with pytest.raises(ValueError, match="two groups"):
        comparison.one_way([1.0, 2], ["a", "a"])
    assert comparison.one_way([1.0, 1, 2, 2], [0, 0, 1, 1]).p == 0
