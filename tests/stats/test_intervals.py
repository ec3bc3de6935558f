from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from bihuan.stats import intervals
from tests.stats.support import same


@pytest.mark.parametrize(("count", "n"), [(412, 520), (0, 10), (10, 10), (1, 3)])
def test_proportions(count, n):
    same(intervals.wilson(count / n, n), proportion_confint(count, n, method="wilson"))
    same(intervals.exact_binomial(count, n), proportion_confint(count, n, method="beta"))


def test_exact_interval_without_a_design():
    p, n = 0.3, 50
    found = intervals.korn_graubard(p, np.sqrt(p * (1 - p) / n), n, n - 1)
    same(found, intervals.exact_binomial(15, 50))


def test_a_share_of_nothing_or_all():
    low, high = intervals.korn_graubard([0, 1], [0, 0], [20, 20], [19, 19])
    same([low, high], [[0, 0.025 ** (1 / 20)], [1 - 0.025 ** (1 / 20), 1]])
    assert np.isnan(intervals.logit([0.0, 1.0], [0.0, 0.0], 19)).all()


def test_no_more_answers_than_items():
    wide = intervals.korn_graubard(0.8, 0.01, 15, 12, most=45)
    same(wide, intervals.exact_binomial(0.8 * 45, 45))
    narrow = intervals.korn_graubard(0.8, 0.01, 15, 12)
    assert narrow[1] - narrow[0] < wide[1] - wide[0]


def test_student_and_normal():
    same(intervals.student(10, 2, 5), stats.t.interval(0.95, 5, 10, 2))
    same(intervals.student(10, 2, np.inf, 0.9), stats.norm.interval(0.9, 10, 2))
    assert np.isnan(intervals.student(10, 2, np.nan)).all()
    with pytest.raises(ValueError, match="confidence"):
        intervals.normal_quantile(95)


def test_rates_of_events():
    low, high = intervals.poisson_rate([0, 7, 3], [10, 2, 0])
    same(low[:2], [0, stats.chi2.ppf(0.025, 14) / 2 / 2])
    same(high[:2], [-np.log(0.025) / 10, stats.chi2.ppf(0.975, 16) / 2 / 2])
    assert np.isnan([low[2], high[2]]).all()


def test_missing_stays_missing():
    for limits in (
        intervals.wilson(np.nan, 10),
        intervals.korn_graubard(np.nan, np.nan, 0, np.nan),
        intervals.wilson_design(np.nan, np.nan, 10, 9),
    ):
        assert np.isnan(limits).all()


def test_the_mean_of_what_lies_between_two_ends():
    """A share of equal single answers is that of Korn and Graubard; marks move with their scale."""
    n, p = 40.0, 0.9
    se = np.sqrt(p * (1 - p) / (n - 1))
    same(
        intervals.bounded(p, np.sqrt(p * (1 - p) / n), n, n - 1),
        intervals.korn_graubard(p, np.sqrt(p * (1 - p) / n), n, n - 1),
    )
    low, high = intervals.bounded(p, se / 2, n, n - 3)
    marks = intervals.bounded(1 + 4 * p, 4 * se / 2, n, n - 3, (1.0, 5.0))
    same(marks, [1 + 4 * low, 1 + 4 * high])
    assert 0 < low < p < high < 1
    student = intervals.student(p, se / 2, n - 3)
    assert low < student[0]  # the tail lies on the side of the greater distance to the end
    same(intervals.bounded(1.0, 0.0, 12, 11), intervals.exact_binomial(12, 12))  # nothing varies
    assert np.isnan(intervals.bounded(0.5, np.nan, 1, np.nan)).all()
