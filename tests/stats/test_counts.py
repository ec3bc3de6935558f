"""Counts now against counts before, and new points against a past with seasons."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy import stats

from bihuan.stats import counts
from bihuan.stats.control import ewma, prediction
from bihuan.stats.control.reference import above, reference
from tests.stats.support import same


@pytest.fixture
def rng():
    return np.random.default_rng(20261122)


def test_a_share_that_rose_is_fishers_exact_test(rng):
    n, m = rng.integers(1, 60, 300), rng.integers(1, 2000, 300)
    k, b = rng.binomial(n, 0.2), rng.binomial(m, 0.15)
    rows = zip(k, n, b, m, strict=True)
    want = [stats.fisher_exact([[a, c - a], [d, e - d]], alternative="greater")[1] for a, c, d, e in rows]
    same(counts.more_of(k, n, b, m), want)


def test_many_cases_and_both_ends():
    same(
        counts.more_of(51_000, 10**6, 500_000, 10**7), stats.hypergeom.sf(50_999, 11 * 10**6, 551_000, 10**6)
    )
    same(counts.more_of([0, 5, 5], [5, 5, 5], [0, 90, 0], [90, 90, 90]), [1.0, 1.0, 1 / comb(95, 5)])
    assert np.isnan(counts.more_of([1, np.nan], [0, 5], [3, 3], [30, 30])).all()


def test_parts_of_a_case_never_make_it_surer():
    assert counts.more_of(4.9, 10.0, 2.1, 50.0) == counts.more_of(4, 10, 3, 50)


def test_a_rate_that_rose_is_the_conditional_test(rng):
    k, b = rng.poisson(3, 300), rng.poisson(40, 300)
    e, before = rng.uniform(1, 5, 300), rng.uniform(20, 60, 300)
    same(counts.more_events(k, e, b, before), stats.binom.sf(k - 1, k + b, e / (e + before)))
    assert np.isnan(counts.more_events([2, 2], [1.0, 0.0], [3, 3], [0.0, 9.0])).all()


def test_a_skew_tail_is_pearsons_third_type():
    z, g = np.meshgrid([-1.5, 0.0, 2.0, 4.0], [-0.8, -0.2, 0.0, 0.3, 1.5])
    same(counts.skewed_tail(z, g), stats.pearson3.sf(z, g))


def test_with_one_season_and_equal_sizes_it_is_the_prediction_and_the_moving_average(rng):
    x = rng.normal(10, 2, (20, 30))
    x[3, 5] = np.nan
    past = np.broadcast_to(np.arange(30) < 24, x.shape)
    ones, season = np.ones_like(x), np.zeros(30, int)
    found = reference(x, ones, season, past)
    same(
        2 * above(np.abs(found.t(x, ones, season)), found.df[:, None])[:, 24], prediction(x[:, :25]).p[:, 24]
    )
    average = found.average(x, ones, season, ~past)
    same(2 * above(np.abs(average.t), found.df), ewma(x, baseline=24).p[:, -1])


def test_a_new_point_keeps_its_level_with_seasons_and_unequal_sizes(rng):
    series, points = 40_000, 25
    season = np.arange(points) % 4
    size = rng.integers(5, 200, (series, points)).astype(float)
    x = season * 3.0 + rng.normal(0, 1, (series, points)) * 7 / np.sqrt(size)
    past = np.broadcast_to(np.arange(points) < 21, x.shape)
    found = reference(x, size, season, past, 4)
    p = above(found.t(x, size, season)[:, 22], found.df)
    for level in (0.05, 0.01, 0.001):
        assert np.mean(p <= level) == pytest.approx(level, abs=4 * np.sqrt(level / series))
    average = found.average(x, size, season, ~past)
    assert np.mean(above(average.t, found.df) <= 0.01) == pytest.approx(0.01, abs=0.002)


def test_a_season_that_the_past_does_not_have_says_nothing():
    x, season = np.array([[1.0, 2.0, 3.0, 9.0, 8.0]]), np.array([0, 0, 0, 1, 0])
    found = reference(x, np.ones_like(x), season, np.array([[True, True, True, False, False]]), 2)
    t = found.t(x, np.ones_like(x), season)
    assert np.isnan(t[0, 3])
    assert t[0, 4] == pytest.approx(6 / np.sqrt(4 / 3))
    flat = reference([[0.1, 0.1, 0.1, 0.1]], np.ones((1, 4)), [0] * 4, [[True, True, True, False]])
    assert flat.spread[0] == 0.0
    assert flat.t([[0.2]], 1.0, [0])[0, 0] == np.inf
    assert above(np.inf, 2.0) == 0.0
