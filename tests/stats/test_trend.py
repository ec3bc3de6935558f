from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bihuan.stats import intervals, trend
from tests.stats.support import same


def test_a_short_series_by_hand():
    found = trend.mann_kendall([1.0, 2, 4, 3])
    same([found.s[0], found.variance[0]], [4, 4 * 3 * 13 / 18])
    same(found.z[0], 3 / np.sqrt(4 * 3 * 13 / 18))
    same(found.slope[0], np.median([1, 1.5, 2 / 3, 2, 0.5, -1]))
    assert np.isnan(found.low[0])  # four points have no limit


def test_kendalls_tau_and_theil_sen():
    rng = np.random.default_rng(2)
    x = np.round(rng.normal(0, 1, (20, 25)) + np.linspace(0, 1, 25), 1)
    found = trend.mann_kendall(x)
    for i, row in enumerate(x):
        same(found.tau[i], stats.kendalltau(np.arange(25), row).statistic)
        same(found.slope[i], stats.theilslopes(row).slope)


def test_missing_points():
    found = trend.mann_kendall([1.0, np.nan, 3, 4, np.nan])
    same([found.n[0], found.s[0], found.slope[0]], [3, 3, 1])
    nothing = trend.mann_kendall([[np.nan] * 4, [1.0, np.nan, np.nan, np.nan]])
    assert nothing.n.tolist() == [0, 1]
    assert np.isnan([nothing.p, nothing.slope]).all()


def test_a_flat_series():
    found = trend.mann_kendall(np.full(10, 3.0))
    same([found.z[0], found.p[0], found.slope[0]], [0, 1, 0])


def test_seasons_are_compared_with_themselves():
    season = np.array([0.0, 10, 20, 30])
    x = np.tile(season, 6) + np.repeat(np.arange(6.0), 4)
    found = trend.seasonal_mann_kendall(x, 4)
    same([found.s[0], found.tau[0], found.slope[0]], [4 * 15, 1, 1])
    by_season = trend.mann_kendall(x.reshape(6, 4).T)
    same(found.variance[0], by_season.variance.sum())
    same(found.z[0], (60 - 1) / np.sqrt(by_season.variance.sum()))
    with pytest.raises(ValueError, match="seasons"):
        trend.seasonal_mann_kendall(x, 0)


def _covariance(g, h):
    """Hirsch and Slack by definition, complete seasons."""
    n = len(g)
    cross = sum(np.sign((g[j] - g[i]) * (h[j] - h[i])) for i in range(n) for j in range(i + 1, n))
    ranks = 4 * (stats.rankdata(g) * stats.rankdata(h)).sum()
    return (cross + ranks - n * (n + 1) ** 2) / 3


def test_covariance_between_seasons():
    rng = np.random.default_rng(9)
    x = np.round(np.cumsum(rng.normal(0, 1, 48)), 1)
    plain = trend.seasonal_mann_kendall(x, 4)
    found = trend.seasonal_mann_kendall(x, 4, "hirsch_slack")
    table = x.reshape(12, 4)
    extra = sum(2 * _covariance(table[:, g], table[:, h]) for g in range(4) for h in range(g + 1, 4))
    same(found.variance[0], plain.variance[0] + extra)
    assert found.p[0] > plain.p[0]
    with pytest.raises(ValueError, match="covariance"):
        trend.seasonal_mann_kendall(x, 4, "newey_west")


def test_covariance_keeps_the_level_when_quarters_go_together():
    rng = np.random.default_rng(1)
    year = rng.normal(0, 1, (3000, 12))
    x = np.repeat(year, 4, axis=1) + rng.normal(0, 0.3, (3000, 48))
    plain = (trend.seasonal_mann_kendall(x, 4).p < 0.05).mean()
    held = (trend.seasonal_mann_kendall(x, 4, "hirsch_slack").p < 0.05).mean()
    assert plain > 0.2
    assert held < 0.07


def test_slopes_have_the_coverage_they_claim():
    rng = np.random.default_rng(4)
    found = trend.mann_kendall(rng.normal(0, 1, (4000, 20)) + 0.3 * np.arange(20))
    covered = ((found.low <= 0.3) & (found.high >= 0.3)).mean()
    assert 0.935 < covered < 0.975


def test_step():
    found = trend.step_change([[1.0, 1.2, 0.9, 1.1, 3, 3.2, 2.9, 3.1], [np.nan] * 8])
    assert found.at.tolist() == [3, -1]
    same(found.shift[0], 2)
    same(found.k[0], 16)
    same(found.p[0], 2 * np.exp(-6 * 256 / (512 + 64)))


def test_benjamini_hochberg():
    p = [0.01, 0.04, 0.03, np.nan, 0.5]
    found = trend.benjamini_hochberg(p)
    same(found[[0, 1, 2, 4]], stats.false_discovery_control([0.01, 0.04, 0.03, 0.5]))
    assert np.isnan(found[3])
    assert np.isnan(trend.benjamini_hochberg([np.nan])).all()


def test_simes():
    same(trend.simes([[0.01, 0.02, 0.03], [0.5, np.nan, 0.5]]), [0.03, 0.5])
    same(trend.simes([0.01, 0.9, np.nan, 0.9]), 0.03)
    assert np.isnan(trend.simes([[np.nan, np.nan]])).all()


@pytest.mark.parametrize("points", [3, 13, 40, 61, 92])
def test_slopes_are_those_of_all_pairs_put_in_order(points):
    """Long series find their slopes without sorting; ties, gaps, outliers and sizes must not matter."""
    rng = np.random.default_rng(points)
    x = np.concatenate(
        [
            rng.normal(size=(40, points)),
            np.round(rng.normal(size=(40, points)), 1),
            rng.integers(0, 2, (40, points)) * 1.0,
            rng.standard_cauchy((40, points)),
            (rng.random((40, points)) < 0.05) * 1.0,
            rng.normal(size=(10, points)) * 1e300,  # beyond the range of floats of half the size
            rng.normal(size=(10, points)) * 1e-310,
            np.arange(points) * np.ones((2, 1)),
            np.zeros((1, points)),
        ]
    )
    x[::7, points // 2] = np.nan
    found = trend.mann_kendall(x)
    for k, row in enumerate(x):
        t = np.flatnonzero(~np.isnan(row))
        i, j = np.triu_indices(len(t), 1)
        slopes = np.sort((row[t[j]] - row[t[i]]) / (t[j] - t[i]))
        assert found.slope[k] == np.median(slopes)
        half = intervals.normal_quantile(0.95) * np.sqrt(found.variance[k])
        ranks = round((len(slopes) - half) / 2) - 1, round((len(slopes) + half) / 2 + 1) - 1
        for limit, rank in zip((found.low[k], found.high[k]), ranks, strict=True):
            inside = 0 <= rank < len(slopes)
            assert (limit == slopes[rank]) if inside else np.isnan(limit)
