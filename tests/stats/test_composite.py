from __future__ import annotations

import numpy as np
import pytest

from bihuan.stats import agreement, composite
from tests.stats.support import same


def test_scores_on_a_line():
    found = composite.score_map([95, 80, 87.5, 72.5, 0, 100, np.nan], 95, 80)
    same(found, [100, 60, 80, 40, 0, 100, np.nan])


def test_scores_where_less_is_better():
    same(composite.score_map([2, 4, 3, 5, 8], 2, 4, "down"), [100, 60, 80, 40, 0])
    same(composite.score_map([90, 4], [95, 2], [80, 4], ["up", "down"]), [60 + 40 * 10 / 15, 60])


def test_a_target_that_is_its_own_floor():
    same(composite.score_map([100, 99.9, np.nan], 100, 100), [100, 0, np.nan])
    same(composite.score_map([0, 1], 0, 0, "down"), [100, 0])


def test_targets_the_wrong_way_round():
    with pytest.raises(ValueError, match="look at the direction"):
        composite.score_map(1, 80, 95)
    with pytest.raises(ValueError, match="'up' or 'down'"):
        composite.score_map(1, 2, 1, "higher")
    assert np.isnan(composite.score_map(1, np.nan, 80))


def test_hierarchy():
    weights = np.array([0.5, 0.3, 0.2])
    found = composite.ahp(weights[:, None] / weights)
    same(found.weights, weights)
    assert found.consistency_ratio < 1e-12
    torn = composite.ahp([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]])
    assert not torn.consistent
    same(composite.ahp([[1, 3], [1 / 3, 1]]).weights, [0.75, 0.25])
    same(composite.ahp([[1]]).weights, [1])


def test_comparisons_that_contradict_themselves():
    with pytest.raises(ValueError, match="one over"):
        composite.ahp([[1, 2], [2, 1]])
    with pytest.raises(ValueError, match="square"):
        composite.ahp(np.ones((11, 11)))


def test_entropy():
    same(composite.entropy_weights([[1, 5], [1, 9]]), [0, 1])
    same(composite.entropy_weights([[1, 5], [1, 5]]), [0.5, 0.5])
    same(
        composite.entropy_weights([[1, 2], [3, 8]], ["up", "down"]),
        composite.entropy_weights([[1, 8], [3, 2]]),
    )
    with pytest.raises(ValueError, match="min_max"):
        composite.entropy_weights([[0, 1], [1, 2]])
    with pytest.raises(ValueError, match="two places"):
        composite.entropy_weights([[1, 2]])
    assert composite.min_max([[0, 3], [10, 3]]).tolist() == [[1e-9, 1], [1 + 1e-9, 1]]


def test_combined_weights():
    same(composite.combine([0.5, 0.5], [0.9, 0.1], 1), [0.5, 0.5])
    same(composite.combine([0.5, 0.5], [0.9, 0.1], 0), [0.9, 0.1])
    found = composite.combine([0.6, 0.4], [0.2, 0.8])
    same(found[0] / found[1], 1.5**0.7 * 0.25**0.3)
    with pytest.raises(ValueError, match="between 0 and 1"):
        composite.combine([1], [1], 2)
    with pytest.raises(ValueError, match="no indicator"):
        composite.combine([1, 0], [0, 1])


def test_a_score_needs_most_of_its_weight():
    found = composite.weighted_score([[80, 100, np.nan], [80, np.nan, 60]], [0.5, 0.3, 0.2])
    same(found.weight_present, [0.8, 0.7])
    same(found.score, [87.5, 52 / 0.7])
    short = composite.weighted_score([80, np.nan, np.nan], [0.69, 0.01, 0.3])
    assert not short.sufficient
    assert np.isnan(short.score)
    assert np.isnan(composite.weighted_score([np.nan], [1.0]).score)


def test_interval_of_a_score():
    value, se = [[90.0, 85.0]], [[1.0, 2.0]]
    found = composite.simulate(value, se, [0.5, 0.5], 100, 60, seed=1, draws=20_000)
    spread = np.sqrt(0.25 + 1) * 1.959964
    same(found.score, [87.5])
    assert abs(found.low[0] - (87.5 - spread)) < 0.1
    assert abs(found.high[0] - (87.5 + spread)) < 0.1
    again = composite.simulate(value, se, [0.5, 0.5], 100, 60, seed=1, draws=20_000)
    assert (found.low[0], found.high[0]) == (again.low[0], again.high[0])


def test_indicators_of_the_same_respondents_move_together():
    def width(r):
        found = composite.simulate(
            [[90.0, 85.0]], [[2.0, 2.0]], [0.5, 0.5], 100, 60, correlation=[[1, r], [r, 1]], seed=2
        )
        return found.high[0] - found.low[0]

    assert width(-1) < 1e-6 < width(0) < width(1)
    assert abs(width(1) / width(0) - np.sqrt(2)) < 0.1


def test_places_with_too_little_get_no_interval():
    found = composite.simulate(
        [[90.0, np.nan], [90, 80]], [[1.0, np.nan], [1, np.nan]], [0.5, 0.5], 100, 60, seed=3
    )
    assert found.sufficient.tolist() == [False, True]
    assert np.isnan(found.low).tolist() == [True, False]
    assert 0 < found.high[1] - found.low[1] < 4


def test_kappa_by_hand():
    found = agreement.kappa([[20, 5], [10, 15]])
    same([found.observed, found.expected, found.value], [0.7, 0.5, 0.4])


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappa_against_statsmodels(weights):
    from statsmodels.stats.inter_rater import cohens_kappa  # slow to import

    table = np.array([[22, 3, 1], [4, 18, 5], [0, 6, 21]])
    want = cohens_kappa(table, wt={"none": None}.get(weights, weights), return_results=True)
    found = agreement.kappa(table, weights)
    same(found.value, want.kappa)
    same(found.se, np.sqrt(want.var_kappa))


def test_raters():
    table = agreement.crossing(["yes", "no", "yes", "na"], ["yes", "no", "no", "na"])
    assert table.tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]
    assert agreement.kappa(np.diag([5, 5])).value == 1
    assert np.isnan(agreement.kappa([[9, 0], [0, 0]]).value)
    with pytest.raises(ValueError, match="same things"):
        agreement.crossing([1], [1, 2])
    with pytest.raises(ValueError, match="square"):
        agreement.kappa([[1, 2]])
    with pytest.raises(ValueError, match="weights"):
        agreement.kappa(np.eye(2), "cubic")
