"""Do intervals hold what they say? 10,000 stratified samples for each size and share."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from bihuan.stats import estimate, intervals, sums

SAMPLES = 10_000
ITEMS = 3
CORRELATION = 0.6  # of the items of one response
SHARE_DRAWN = np.array([0.5, 0.3, 0.2])
SHARE_FRAME = np.array([0.5, 0.2, 0.3])
SHIFT = np.array([0.15, 0.0, -0.25])  # strata differ, on the probit scale


def _threshold(p):
    """Where to cut so that the strata together have the share p."""
    low, high = -5.0, 5.0
    for _ in range(80):
        middle = (low + high) / 2
        below = (SHARE_FRAME * special.ndtr(middle + SHIFT)).sum() < p
        low, high = (middle, high) if below else (low, middle)
    return low


def _sizes(n):
    drawn = np.round(n * SHARE_DRAWN).astype(np.int64)
    drawn[0] += n - drawn.sum()
    return drawn


def _samples(n, p, seed):
    """Items that are satisfied (sample, response, item), the stratum and weight of each response."""
    rng = np.random.default_rng(seed)
    drawn = _sizes(n)
    stratum = np.repeat(np.arange(3), drawn)
    weight = (SHARE_FRAME / drawn)[stratum] * 1000
    person = rng.standard_normal((SAMPLES, n, 1))
    item = rng.standard_normal((SAMPLES, n, ITEMS))
    z = np.sqrt(CORRELATION) * person + np.sqrt(1 - CORRELATION) * item
    return z < (_threshold(p) + SHIFT)[stratum][None, :, None], stratum, weight


def _estimate(y, x, stratum, weight):
    """All samples at once, each a domain with strata of its own."""

    def cells(v):
        return np.stack([v[:, stratum == h].sum(axis=1) for h in range(3)], axis=1).ravel()

    wy, wx = weight * y, weight * np.broadcast_to(x, y.shape)
    n = np.tile(np.bincount(stratum), SAMPLES)
    domain = np.repeat(np.arange(SAMPLES), 3)
    return sums.ratio(
        n, cells(wy), cells(wx), cells(wy * wy), cells(wx * wx), cells(wy * wx),
        domain, np.arange(3 * SAMPLES), SAMPLES,
    )  # fmt: skip


def _covered(limits, truth):
    return float(((limits[0] <= truth) & (truth <= limits[1])).mean())


def _hold(covered, n, p):
    if n * p >= 10 and n * (1 - p) >= 10:
        assert 0.93 <= covered <= 0.97
    else:
        assert covered >= 0.93


@pytest.mark.slow
@pytest.mark.parametrize("n", [15, 30, 100])
@pytest.mark.parametrize("p", [0.5, 0.8, 0.95])
def test_intervals_of_shares(n, p):
    """Three correlated items of a response, pooled; and one of them alone."""
    satisfied, stratum, weight = _samples(n, p, seed=n)
    pooled = _estimate(satisfied.sum(axis=2) * 1.0, float(ITEMS), stratum, weight)
    limits = intervals.korn_graubard(pooled.value, pooled.se, pooled.n, pooled.df, most=ITEMS * n)
    _hold(_covered(limits, p), n, p)
    single = _estimate(satisfied[:, :, 0] * 1.0, 1.0, stratum, weight)
    limits = intervals.korn_graubard(single.value, single.se, single.n, single.df)
    _hold(_covered(limits, p), n, p)
    limits = intervals.wilson_design(single.value, single.se, single.n, single.df)
    _hold(_covered(limits, p), n, p)


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100])
def test_intervals_of_means(n):
    """The mean number of satisfied items, by Student's interval."""
    satisfied, stratum, weight = _samples(n, 0.5, seed=n)
    found = _estimate(satisfied.sum(axis=2) * 1.0, 1.0, stratum, weight)
    covered = _covered(intervals.student(found.value, found.se, found.df), 0.5 * ITEMS)
    assert 0.93 <= covered <= 0.97


@pytest.mark.slow
def test_items_taken_for_answers_give_intervals_that_are_too_short():
    """Why the response is the unit: the three items of a response are not three answers."""
    satisfied, stratum, weight = _samples(100, 0.5, seed=7)
    rows = satisfied.reshape(SAMPLES, -1) * 1.0
    found = _estimate(rows, 1.0, np.repeat(stratum, ITEMS), np.repeat(weight, ITEMS))
    assert _covered(intervals.student(found.value, found.se, found.df), 0.5) < 0.90


def test_one_sample_by_rows_and_by_sums():
    satisfied, stratum, weight = _samples(30, 0.8, seed=3)
    y = satisfied[0].sum(axis=1) * 1.0
    found = _estimate(satisfied.sum(axis=2) * 1.0, float(ITEMS), stratum, weight)
    rows = estimate.ratio(y, np.full(30, float(ITEMS)), weight, stratum)
    np.testing.assert_allclose([found.value[0], found.se[0]], [rows.value[0], rows.se[0]], rtol=1e-12)
