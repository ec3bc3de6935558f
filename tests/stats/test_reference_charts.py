"""Control charts against R qcc 2.7 and the NIST handbook."""

from __future__ import annotations

import numpy as np
import pytest

from bihuan.stats import control
from tests.stats.support import columns, expected, same


@pytest.fixture
def wanted(reference):
    return expected(reference)["spc"]


@pytest.fixture
def rings(reference):
    return columns(reference / "qcc_pistonrings.csv")["diameter"][:125].reshape(25, 5)


def _limits(chart):
    return [chart.center[0], chart.lower[0], chart.upper[0]]


def _want(chart):
    return [chart[k] for k in ("center", "LCL", "UCL")]


def _beyond(chart):
    """Points beyond the limits, counted from 1."""
    return (np.flatnonzero((chart.value > chart.upper) | (chart.value < chart.lower)) + 1).tolist()


def test_means_and_ranges(rings, wanted):
    found = control.xbar_r(rings)
    same(_limits(found.location), _want(wanted["pistonrings_xbar_R_phase1"]))
    same(found.location.sigma * np.sqrt(5), np.full(25, wanted["pistonrings_xbar_R_phase1"]["std.dev"]))
    assert _beyond(found.location) == wanted["pistonrings_xbar_R_phase1"]["violations_beyond"]


def test_means_and_standard_deviations(rings, wanted):
    found = control.xbar_s(rings)
    same(_limits(found.location), _want(wanted["pistonrings_xbar_S_phase1"]))
    same(_limits(found.spread), _want(wanted["pistonrings_S_phase1"]))
    same(found.location.sigma * np.sqrt(5), np.full(25, wanted["pistonrings_xbar_S_phase1"]["std.dev"]))
    same(rings.std(axis=1, ddof=1).mean() / control.constant_c4(5), wanted["pistonrings_S_phase1"]["std.dev"])
    assert _beyond(found.location) == wanted["pistonrings_xbar_S_phase1"]["violations_beyond"]
    assert _beyond(found.spread) == wanted["pistonrings_S_phase1"]["violations_beyond"]


def test_shares(reference, wanted):
    d = columns(reference / "qcc_orangejuice.csv")
    trial = d["trial"] == "TRUE"
    found, want = control.p(d["D"][trial], d["size"][trial]), wanted["orangejuice_p_trial30"]
    same(found.center[0], want["center"])
    same([found.lower, found.upper], [want["LCL"], want["UCL"]])
    same(found.sigma * np.sqrt(d["size"][trial]), np.full(30, want["std.dev"]))
    assert _beyond(found) == want["violations_beyond"]


def test_shares_with_overdispersion(reference):
    d = columns(reference / "qcc_orangejuice.csv")
    trial = d["trial"] == "TRUE"
    plain, found = (f(d["D"][trial], d["size"][trial]) for f in (control.p, control.laney_p))
    want = expected(reference)["formulas"]["laney_p_orangejuice_trial"]
    same(found.center[0], want["center"])
    same(found.sigma / plain.sigma, np.full(30, want["sigma_z"]))
    same([found.lower, found.upper], [want["LCL"], want["UCL"]])


def test_individuals(reference, wanted):
    found = control.i_mr(columns(reference / "qcc_viscosity.csv")["x"])
    want = wanted["viscosity_xbar_one"]
    same(_limits(found.location), _want(want))
    same(found.location.sigma[0], want["std.dev"])
    assert _beyond(found.location) == want["violations_beyond"]
    assert wanted["viscosity_mr"]["d2"] == control.charts.D2_OF_TWO
    same(
        [found.spread.center[0], found.spread.upper[0]],
        [wanted["viscosity_mr"]["mrbar"], wanted["viscosity_mr"]["UCL"]],
    )


def test_constants(wanted):
    """R integrates d2 and d3 numerically, to about eight digits; c4 is a closed form."""
    want = wanted["constants"]
    same(control.constant_c4(want["n"]), want["c4"])
    same([control.constant_d2(n) for n in want["n"]], want["d2"], 1e-7)
    same([control.constant_d3(n) for n in want["n"]], want["d3"], 1e-7)


def test_moving_average_of_the_nist_handbook():
    """NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4."""
    x = [52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5]
    x += [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    found = control.ewma(x, weight=0.3, center=50, sigma=2.0539)
    want = [50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33]
    want += [50.11, 49.36, 49.52, 50.05, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99]
    assert np.round(found.value, 2).tolist() == want
    assert [round(found.lower[-1], 2), round(found.upper[-1], 2)] == [47.41, 52.59]
    assert not found.out.any()


def test_cumulative_sums_of_the_nist_handbook():
    """NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.3: k = 0.3175, h = 4.1959, out from 14 on."""
    x = [324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225, 324.600]
    x += [324.625, 325.150, 328.325, 327.250, 327.825, 328.500, 326.675, 327.775, 326.875, 328.350]
    found = control.cusum(x, k=0.3175, h=4.1959, center=325, sigma=1)
    want_up = [0, 0, 0, 0, 0.03, 0, 0, 0, 0, 0, 0, 0, 3.01, 4.94, 7.45, 10.63, 11.99, 14.44, 16.0, 19.04]
    want_down = [0, 0.01, 0, 0.33, 0, 0, 0.56, 0.72, 0.17, 0.25, 0.31, *([0] * 9)]
    np.testing.assert_allclose(found.up, want_up, atol=0.011)
    np.testing.assert_allclose(found.down, want_down, atol=0.011)
    assert np.flatnonzero(found.out).tolist() == list(range(13, 20))
