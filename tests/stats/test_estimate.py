from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bihuan.stats import estimate, tables
from tests.stats.support import same


def test_two_strata_by_hand():
    y = np.array([1.0, 3, 10, 14])
    stratum, weight, fpc = [0, 0, 1, 1], [2.0, 2, 3, 3], [4, 4, 6, 6]
    found = estimate.mean(y, weight, stratum, fpc)
    same(found.value[0], (4 * 2 + 6 * 12) / 10)
    # V = ΣW²(1-f)s²/n
    same(found.se[0] ** 2, 0.4**2 * 0.5 * 2 / 2 + 0.6**2 * (2 / 3) * 8 / 2)
    assert found.df[0] == 2
    total = estimate.total(y, weight, stratum, fpc)
    same([total.value[0], total.se[0]], [80, 10 * found.se[0]])


def test_missing_values_lie_outside_every_domain():
    y = np.array([1.0, np.nan, 3, 5])
    kept = estimate.mean(y)
    as_domain = estimate.mean([1.0, 9, 3, 5], domain=["in", "out", "in", "in"])
    same([kept.value[0], kept.se[0]], [as_domain.value[0], as_domain.se[0]])
    assert kept.n[0] == 3


def test_a_domain_too_small_for_a_standard_error():
    found = estimate.mean([1.0, 2, 3], domain=["a", "a", "b"])
    assert np.isnan(found.se).tolist() == [False, True]
    assert np.isnan([found.low[1], found.high[1]]).all()


def test_strata_of_one():
    with pytest.raises(ValueError, match="no variance"):
        estimate.mean([1.0, 2, 3], stratum=[0, 0, 1])
    assert estimate.mean([1.0, 2, 3], stratum=[0, 0, 1], lonely="adjust").se[0] > 0


def test_index_weighs_items_within_the_response():
    items = np.array([[10.0, 1.0], [5.5, np.nan]])
    same(estimate.index_of_responses(items, [3, 1], 1, 10), [75, 50])
    same(estimate.index(items, importance=[3, 1]).value, 62.5)
    same(estimate.index(items, [1.0, 3.0], importance=[3, 1]).value, 56.25)


def test_net_promoter_score_refuses_another_scale():
    with pytest.raises(ValueError, match="from 0 to 10"):
        estimate.nps([11])
    same(estimate.nps([10, 9, 8, 6]).value, 25)


def test_proportion_takes_only_successes():
    with pytest.raises(ValueError, match="success"):
        estimate.proportion([0, 1, 2])
    with pytest.raises(ValueError, match="method"):
        estimate.proportion([0, 1, 1], method="wald")
    wide, narrow = (estimate.proportion([0, 1] * 30, method=m) for m in ("korn_graubard", "wilson"))
    assert wide.low[0] < narrow.low[0] < 0.5 < narrow.high[0] < wide.high[0]


def test_quantiles():
    rng = np.random.default_rng(1)
    y = rng.normal(size=400)
    found = estimate.quantile(y, 0.5)
    assert found.value[0] == np.sort(y)[199]
    assert found.low[0] < 0 < found.high[0]
    assert abs(found.se[0] - np.sqrt(np.pi / 2 / 400)) < 0.02
    weighted = estimate.quantile([1.0, 2, 3], 0.5, [1.0, 1, 8])
    assert weighted.value[0] == 3
    with pytest.raises(ValueError, match="between 0 and 1"):
        estimate.quantile(y, 1)


def test_calibrated_weights_leave_what_margins_do_not_explain():
    group = np.array([0, 0, 0, 1, 1, 1])
    y = np.array([1.0, 1, 1, 5, 5, 5])
    assert estimate.mean(y).se[0] > 0.5
    assert estimate.mean(y, margins=[group]).se[0] < 1e-12


def test_wrong_columns():
    with pytest.raises(ValueError, match="3 weights"):
        estimate.mean([1.0, 2, 3], [1.0, 2])
    with pytest.raises(ValueError, match="3 weights"):
        estimate.mean([1.0, 2, 3], [1.0, 2, -1])
    with pytest.raises(ValueError, match="3 domain labels"):
        estimate.mean([1.0, 2, 3], domain=["a"])
    with pytest.raises(ValueError, match="3 labels"):
        estimate.mean([1.0, 2, 3], stratum=["a"])


def test_independence_of_a_simple_sample_is_pearsons_test():
    row, column = np.repeat([0, 0, 1, 1], [30, 10, 15, 25]), np.repeat([0, 1, 0, 1], [30, 10, 15, 25])
    found = tables.independence(row, column)
    same(found.chi_square, 80 * (30 * 25 - 10 * 15) ** 2 / (40 * 40 * 45 * 35))
    same([found.df, found.df_error, found.shares.sum()], [1, 79, 1])
    same(found.p, stats.f.sf(found.chi_square * 79 / 80, 1, 79))
    with pytest.raises(ValueError, match="two rows"):
        tables.independence([0, 0], [0, 1])
