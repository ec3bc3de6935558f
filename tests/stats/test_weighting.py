from __future__ import annotations

import numpy as np
import pytest

from bihuan.stats import weighting
from tests.stats.support import same


def test_post_stratify():
    same(weighting.post_stratify([1.0, 1, 2], [0, 0, 1], [10, 6]), [5, 5, 6])
    with pytest.raises(ValueError, match="merge it"):
        weighting.post_stratify([1.0], [0], [10, 6])
    with pytest.raises(ValueError, match="no target"):
        weighting.post_stratify([1.0, 1], [0, 1], [10, 0])
    with pytest.raises(ValueError, match="has a target"):
        weighting.post_stratify([1.0, 1], [0, 2], [10, 6])


def _sample(n=4000):
    rng = np.random.default_rng(5)
    margins = [rng.integers(0, k, n) for k in (5, 12, 40)]
    targets = [rng.dirichlet(np.full(k, 30.0)) * 3 * n for k in (5, 12, 40)]
    return rng.gamma(6, 1 / 6, n), margins, targets


def test_rake_meets_all_margins():
    weight, margins, targets = _sample()
    found = weighting.rake(weight, margins, targets)
    assert found.converged
    assert found.error <= 1e-10
    for margin, target in zip(margins, targets, strict=True):
        same(np.bincount(margin, found.weight), target, 2e-10)
    same(found.factor[found.cell] * weight, found.weight)


def test_rake_by_rows_gives_the_same():
    weight, margins, targets = _sample(500)
    targets = [t[: m.max() + 1] / t[: m.max() + 1].sum() for m, t in zip(margins, targets, strict=True)]
    slow = weight.copy()
    for _ in range(300):
        for margin, target in zip(margins, targets, strict=True):
            slow *= (target / np.bincount(margin, slow))[margin]
    same(weighting.rake(weight, margins, targets).weight, slow, 1e-8)


def test_rake_says_when_it_does_not_converge():
    # the only cell of category 0 cannot hold both totals
    found = weighting.rake([1.0, 1, 1], [[0, 1, 1], [0, 0, 1]], [[5, 5], [2, 8]], max_iterations=50)
    assert not found.converged
    assert found.error > 0.01
    assert found.iterations == 50


def test_rake_refuses_what_cannot_be():
    with pytest.raises(ValueError, match="different totals"):
        weighting.rake([1.0, 1], [[0, 1], [0, 1]], [[1, 1], [1, 2]])
    with pytest.raises(ValueError, match=r"margin 1, category \[1\]"):
        weighting.rake([1.0, 1], [[0, 1], [0, 0]], [[1, 1], [1, 1]])
    with pytest.raises(ValueError, match="targets"):
        weighting.rake([1.0], [], [])


def test_calibrate_meets_totals_with_the_least_change():
    rng = np.random.default_rng(2)
    x = np.column_stack([np.ones(50), rng.normal(40, 10, 50)])
    found = weighting.calibrate(np.full(50, 2.0), x, [110, 4700])
    same(found.weight @ x, [110, 4700])
    assert found.negative == 0
    with pytest.raises(ValueError, match="contradict"):
        weighting.calibrate([1.0, 1], [[1, 1], [1, 1]], [2, 5])
    with pytest.raises(ValueError, match="as many targets"):
        weighting.calibrate([1.0, 1], [[1, 1], [1, 1]], [2])


def test_trim_leaves_no_weight_above_the_cap():
    weight = np.array([*np.linspace(1, 3, 40), 38.0, 60])
    found = weighting.trim(weight)
    assert found.weight.max() <= found.cap * (1 + 1e-12)
    same(found.weight.sum(), weight.sum())
    assert found.trimmed == 2
    middle, spread = np.median(weight), np.subtract(*np.quantile(weight, [0.75, 0.25]))
    assert found.cap == min(middle + 6 * spread, 5 * middle)


def test_trim_goes_on_where_what_is_given_lifts_others_over_the_cap():
    found = weighting.trim([1.0, 9, 15, 40], cap=20)
    # 20 go to 25: 15 becomes 27, over the cap; then 1 and 9 share what is left
    same(found.weight, [5, 20, 20, 20])
    same(found.weight.sum(), 65)
    assert found.rounds == 3


def test_trim_refuses_a_cap_that_cannot_hold_the_sum():
    with pytest.raises(ValueError, match="cannot sum"):
        weighting.trim([1.0, 5], cap=2)
    same(weighting.trim([1.0, 1, 1]).weight, [1, 1, 1])


def test_design_effect():
    same(weighting.design_effect([1.0, 1, 1, 5]).deff, 4 * 28 / 64)
    same(weighting.design_effect(np.full(7, 3.0)).n_eff, 7)


def test_margin_against_the_frame():
    found = weighting.compare_margin([0, 0, 0, 1], [50, 50])
    same(found.difference, [0.25, -0.25])
    same(found.dissimilarity, 0.25)
    assert found.thin.all()
    same(weighting.compare_margin([0, 0, 0, 1], [50, 50], [1, 1, 1, 3]).difference, [0, 0])


def test_representativeness():
    group = np.repeat([0, 1], 100)
    answered = np.concatenate([np.arange(100) < 60, np.arange(100) < 20])
    same(weighting.r_indicator(answered, [group]), 1 - 2 * 0.2, 1e-6)
    same(weighting.r_indicator(np.tile([True, False], 100), [group]), 1, 1e-6)
    assert abs(weighting.r_indicator(group == 1, [group])) < 1e-6
