from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from bihuan.stats import drivers, regression
from tests.stats.support import same


def _data(n=200, seed=3):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n, 1))
    x = common + rng.normal(size=(n, 4))
    return x, x @ [1.0, 0.5, 0.2, 0] + rng.normal(0, 2, n), rng.uniform(0.5, 2, n)


def test_uncorrelated_drivers_get_their_own_squares():
    x = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]] * 3)
    y = 2 * x[:, 0] + x[:, 1] + np.tile([1.0, -1, -1, 1], 3)
    same(drivers.relative_weights(x, y).value, [4 / 6, 1 / 6])
    same(drivers.lmg(x, y).value, [4 / 6, 1 / 6])


@pytest.mark.parametrize("measure", [drivers.relative_weights, drivers.lmg])
def test_importance_sums_to_r_squared(measure):
    x, y, w = _data()
    found = measure(x, y, w)
    fit = sm.WLS(y, sm.add_constant(x), w).fit()
    same([found.value.sum(), found.r_squared], [fit.rsquared, fit.rsquared])
    same(found.share.sum(), 1)
    assert found.enough
    assert np.argmax(found.value) == 0


def test_two_drivers_by_hand():
    """LMG of two drivers: the mean of entering first and last."""
    x, y, _ = _data()
    x = x[:, :2]
    r = np.corrcoef(np.column_stack([x, y]).T)
    both = regression.fit(y, np.column_stack([np.ones(200), x])).r_squared
    first, second = r[0, 2] ** 2, r[1, 2] ** 2
    same(drivers.lmg(x, y).value, [(first + both - second) / 2, (second + both - first) / 2])


def test_weights_are_copies():
    x, y, _ = _data(60)
    w = np.random.default_rng(1).integers(1, 4, 60)
    same(drivers.lmg(x, y, w).value, drivers.lmg(np.repeat(x, w, axis=0), np.repeat(y, w)).value)


def test_incomplete_rows_are_left_out():
    x, y, _ = _data(50)
    same(
        drivers.relative_weights(np.vstack([x, np.full((1, 4), np.nan)]), [*y, 1.0]).value,
        drivers.relative_weights(x, y).value,
    )


def test_bootstrap():
    x, y, w = _data()
    found = drivers.bootstrap(drivers.relative_weights, x, y, w, seed=5, draws=300)
    again = drivers.bootstrap(drivers.relative_weights, x, y, w, seed=5, draws=300)
    assert found.low.tolist() == again.low.tolist()
    assert np.all((found.low <= found.value) & (found.value <= found.high))
    assert found.low[0] > found.high[3]


def test_drivers_that_say_nothing():
    x, y, _ = _data(50)
    with pytest.raises(ValueError, match="same in every row"):
        drivers.lmg(np.column_stack([x, np.ones(50)]), y)
    with pytest.raises(ValueError, match="say the same"):
        drivers.relative_weights(np.column_stack([x, x[:, 0]]), y)
    with pytest.raises(ValueError, match="too few"):
        drivers.lmg(x[:4], y[:4])
    with pytest.raises(ValueError, match="at most 14"):
        drivers.lmg(np.random.default_rng(1).normal(size=(50, 15)), y)


def test_quadrants():
    found = drivers.quadrants([0.4, 0.4, 0.1, 0.1], [60, 90, 60, 90])
    assert found.quadrant.tolist() == ["improve", "keep", "secondary", "excess"]
    same([found.importance_cut, found.performance_cut], [0.25, 75])
    alike = drivers.quadrants([0.1] * 3 + [np.nan], [0.7] * 4)
    assert alike.quadrant.tolist() == ["keep"] * 3 + [""]


def test_regression_against_statsmodels():
    x, y, w = _data()
    table = sm.add_constant(x)
    found, want = regression.fit(y, table, w), sm.WLS(y, table, w).fit()
    same(found.coefficient, want.params)
    same(regression.classical(found), want.cov_params())
    same(found.r_squared, want.rsquared)
    cluster = np.arange(200) // 10
    plain = regression.fit(y, table)
    robust = sm.OLS(y, table).fit(cov_type="cluster", cov_kwds={"groups": cluster})
    same(regression.clustered(plain, cluster, "cr1"), robust.cov_params())
    for kind in ("HC0", "HC1", "HC2", "HC3"):
        same(regression.robust(plain, kind.lower()), sm.OLS(y, table).fit(cov_type=kind).cov_params())


def test_clusters_of_one_row_are_robust_errors():
    x, y, _ = _data(40)
    f = regression.fit(y, sm.add_constant(x))
    same(regression.clustered(f, np.arange(40), "cr2"), regression.robust(f, "hc2"))


def test_regressions_that_cannot_be():
    with pytest.raises(ValueError, match="depend on each other"):
        regression.fit([1.0, 2, 3, 4], [[1, 2], [2, 4], [3, 6], [4, 8]])
    with pytest.raises(ValueError, match="more than 2 rows"):
        regression.fit([1.0, 2], np.eye(2))
    with pytest.raises(ValueError, match="column 1 is 0"):
        regression.fit([1.0, 2, 3], [[1, 0], [1, 0], [1, 0]])
    f = regression.fit([1.0, 2, 4], np.ones((3, 1)))
    with pytest.raises(ValueError, match="kind"):
        regression.robust(f, "hc9")
    with pytest.raises(ValueError, match="kind"):
        regression.clustered(f, [0, 1, 2], "cr9")
