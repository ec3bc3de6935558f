from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from bihuan.stats import control
from tests.stats.support import same


def test_individuals_with_two_phases():
    x = np.array([10.0, 12, 10, 12, 10, 20])
    chart = control.i_mr(x, baseline=5).location
    same([chart.center[0], chart.sigma[0]], [10.8, 2 / 1.128])
    assert chart.upper[5] < 20
    assert chart.n == 5
    assert chart.provisional
    assert not control.i_mr(np.arange(20.0)).location.provisional


def test_missing_points_break_ranges_only():
    chart = control.i_mr([1.0, 2, np.nan, 9, 10])
    same(chart.spread.center[0], 1)
    same(chart.location.center[0], 5.5)
    assert np.isnan(chart.location.z).tolist() == [False, False, True, False, False]


def test_each_series_its_own_baseline():
    x = np.array([[1.0, 2, 3, 4], [1.0, 2, 3, 4]])
    same(control.i_mr(x, baseline=[2, 4]).location.center[:, 0], [1.5, 2.5])


def test_a_series_that_never_moves():
    chart = control.i_mr(np.full(25, 7.0)).location
    assert not chart.z.any()
    assert control.nelson_rules(chart.z, range(1, 9)).max() == 64  # fifteen within one sigma


def test_subgroups_of_unequal_size():
    groups = np.array([[1.0, 2, 3], [2.0, 4, np.nan], [1.0, 1, 4]])
    found = control.xbar_s(groups)
    same(found.location.value, [2, 3, 2])
    same(found.location.center[0], 18 / 8)
    assert found.location.sigma[1] > found.location.sigma[0]


def test_counts():
    c = control.c([4, 9, 5])
    same([c.center[0], c.lower[0], c.upper[0]], [6, 0, 6 + 3 * np.sqrt(6)])
    u = control.u([4, 9, 5], [2, 3, 1])
    same([u.center[0], u.upper[0]], [3, 3 + 3 * np.sqrt(3 / 2)])
    p = control.p([1, 9], [10, 10])
    same(
        [p.center[0], p.upper[0], p.lower[0]], [0.5, 0.5 + 3 * 0.5 / np.sqrt(10), 0.5 - 3 * 0.5 / np.sqrt(10)]
    )


def test_points_without_cases_are_missing():
    chart = control.p([1, 0, 3], [10, 0, 10])
    assert np.isnan(chart.value[1])
    same(chart.center[0], 0.2)


def test_overdispersion_widens_limits():
    rng = np.random.default_rng(3)
    size = np.full(40, 5000)
    count = rng.binomial(size, rng.beta(80, 20, 40))
    plain, wide = control.p(count, size), control.laney_p(count, size)
    assert (np.abs(plain.z) > 3).sum() > 10
    assert (np.abs(wide.z) > 3).sum() == 0
    calm = control.laney_u(np.full(30, 100.0) + np.tile([0, 1], 15), np.full(30, 10.0), least=1)
    same(calm.sigma, control.u(np.full(30, 100.0) + np.tile([0, 1], 15), np.full(30, 10.0)).sigma)


def test_days_between_rare_events():
    chart = control.g(np.full(30, 100.0))
    q = 100 / 101
    same(chart.center[0], 100)
    tail = stats.norm.sf(3)
    assert chart.upper[0] == stats.geom.ppf(1 - tail, 1 - q) - 1
    assert chart.lower[0] == stats.geom.ppf(tail, 1 - q) - 1
    assert abs(control.g([0, 50, 400, 5, 0, 900], 5).z[5]) > 3


def test_moving_average_and_its_test():
    x = np.array([1.0, -1, 1, -1, 0, 3])
    found = control.ewma(x, baseline=5, center=0, sigma=1)
    same(found.value[:2], [0.2, -0.04])
    same(found.upper[0], 3 * 0.2)
    assert np.isnan(found.p[:5]).all()
    # one point after phase I: the same test as the prediction limit
    same(found.p[5], control.prediction(x).p[5])


def test_moving_average_holds_its_level():
    rng = np.random.default_rng(8)
    p = control.ewma(rng.normal(50, 4, (20_000, 24)), baseline=12).p[:, [12, 17, 23]]
    assert np.abs((p < 0.05).mean(axis=0) - 0.05).max() < 0.006


def test_sums_reset_at_nought():
    found = control.cusum([2.0, -5, 2, 2], center=0, sigma=1, k=0.5, h=2)
    same(found.up, [1.5, 0, 1.5, 3])
    same(found.down, [0, 4.5, 2, 0])
    assert found.out.tolist() == [False, True, False, True]


def test_prediction_limits():
    x = np.array([1.0, 2, 3, 10])
    found = control.prediction(x)
    low, high = stats.t.interval(1 - 0.0026997960632601866, 2, 2, np.sqrt(4 / 3))
    same([found.lower[3], found.upper[3]], [low, high])
    same(found.p[3], 2 * stats.t.sf(8 / np.sqrt(4 / 3), 2))
    assert np.isnan(found.p[:2]).all()
    assert found.provisional.all()


def test_prediction_limits_hold_where_three_sigma_does_not():
    rng = np.random.default_rng(11)
    x = rng.normal(0, 1, (20_000, 12))
    found = control.prediction(x)
    alarms = ((x < found.lower) | (x > found.upper))[:, 11].mean()
    assert alarms < 0.0027 + 3 * np.sqrt(0.0027 / 20_000)
    chart = control.i_mr(x, baseline=11).location
    assert (np.abs(chart.z[:, 11]) > 3).mean() > 0.01


@pytest.mark.parametrize(
    ("rule", "z", "at"),
    [
        (1, [0, 3.1, -3.2, 3.0], [1, 2]),
        (2, [0.1] * 9 + [-0.1], [8]),
        (2, [0.1] * 8 + [0.0] + [0.1], []),
        (3, [-1, -0.5, 0.1, 0.3, 0.6, 0.9], [5]),
        (3, [1, 0.5, 0.1, -0.3, -0.6, -0.9, -0.9], [5]),
        (4, [0.1, -0.1] * 7, [13]),
        (5, [0, 2.1, 2.1, 0], [2, 3]),
        (5, [0, 2.1, -2.1, 0], []),
        (6, [1.1, 1.2, 0, 1.3, 1.4], [4]),
        (7, [0.5, -0.5] * 7 + [0.9], [14]),
        (8, [1.1, -1.2] * 4, [7]),
    ],
)
def test_nelson(rule, z, at):
    found = control.nelson_rules(z, [rule])
    assert np.flatnonzero(found).tolist() == at
    assert all(control.rules_in(found[k]) == [rule] for k in at)


def test_a_gap_ends_every_pattern():
    z = [0.1] * 5 + [np.nan] + [0.1] * 8
    assert not control.nelson_rules(z, range(1, 9)).any()


def test_default_rules():
    z = np.tile([0.5, -0.5], 10)
    assert not control.nelson_rules(z).any()
    assert control.nelson_rules(z, range(1, 9)).any()
    with pytest.raises(ValueError, match="1 to 8"):
        control.nelson_rules(z, [9])


def test_western_electric():
    found = control.western_electric_rules([3.5, 0, 2.5, 2.5, 1.5, 1.5, 1.5, 1.5])
    assert [control.rules_in(b) for b in found] == [[1], [], [2], [2], [2, 3], [3], [3], [3]]
    eight = control.western_electric_rules([0.1] * 8)
    assert eight.tolist() == [0] * 7 + [8]


def _last(z, j, k):
    return np.array(z[j - k + 1 : j + 1]) if j >= k - 1 else np.array([])


def _by_definition(z):
    """Nelson's rules written the slow way."""
    out = np.zeros(len(z), np.uint8)
    for j in range(len(z)):
        w = {k: _last(z, j, k) for k in (3, 5, 6, 8, 9, 14, 15)}
        steps, turns = np.diff(w[6]), np.diff(w[14])
        checks = [
            abs(z[j]) > 3,
            len(w[9]) and (all(w[9] > 0) or all(w[9] < 0)),
            len(w[6]) and (all(steps > 0) or all(steps < 0)),
            len(w[14]) and all(turns[1:] * turns[:-1] < 0),
            len(w[3]) and max((w[3] > 2).sum(), (w[3] < -2).sum()) >= 2,
            len(w[5]) and max((w[5] > 1).sum(), (w[5] < -1).sum()) >= 4,
            len(w[15]) and all(np.abs(w[15]) < 1),
            len(w[8]) and all(np.abs(w[8]) > 1),
        ]
        out[j] = sum(1 << k for k, met in enumerate(checks) if met)
    return out


def test_many_series_at_once():
    rng = np.random.default_rng(6)
    z = np.round(rng.normal(0, 1.2, (300, 40)), 1)
    z[::3] = np.cumsum(z[::3], axis=1) / 5
    found = control.nelson_rules(z, range(1, 9))
    assert (found == np.array([_by_definition(row) for row in z])).all()
    assert (
        found.reshape(3, 100, 40).tolist()
        == control.nelson_rules(z.reshape(3, 100, 40), range(1, 9)).tolist()
    )


@pytest.mark.parametrize("points", [1, 16, 63, 64, 65, 112, 113, 200])
def test_long_series_are_as_short_ones(points):
    """Series are taken in stretches of 64 points; no pattern may be lost where they meet, none invented."""
    rng = np.random.default_rng(points)
    z = np.round(rng.normal(0, 1.2, (40, points)), 1)
    z[::4] = np.cumsum(z[::4], axis=1) / 5
    z[1::4] /= 3
    z[2::8] = np.abs(z[2::8]) * (-1) ** np.arange(points)
    gaps = rng.random(z.shape) < 0.01
    gaps[0] = False
    z[gaps] = np.nan
    found = control.nelson_rules(z, range(1, 9))
    for row, bits in zip(z, found, strict=True):
        cuts = [-1, *np.flatnonzero(np.isnan(row)), points]  # a missing point ends every pattern
        for a, b in itertools.pairwise(cuts):
            assert bits[a + 1 : b].tolist() == _by_definition(row[a + 1 : b]).tolist()
        assert not bits[np.isnan(row)].any()


@pytest.mark.parametrize("baseline", [None, 12])
def test_rules_straight_from_the_values_are_those_of_the_chart(baseline):
    rng = np.random.default_rng(5)
    x = np.round(rng.normal(3.5, 0.4, (500, 30)) + np.linspace(0, 1, 30) * rng.integers(-1, 2, (500, 1)), 1)
    x[rng.random(x.shape) < 0.03] = np.nan
    x[0] = 2.0
    chart = control.i_mr(x, baseline)
    straight = control.nelson_of_individuals(x, baseline, range(1, 9))
    np.testing.assert_array_equal(straight, control.nelson_rules(chart.location.z, range(1, 9)))
    assert len(np.unique(straight)) > 8
    three = control.nelson_of_individuals(x.reshape(5, 100, 30), baseline)
    np.testing.assert_array_equal(three.reshape(500, 30), straight & 0b10111)
