from __future__ import annotations

import numpy as np
import pytest

from bihuan.stats import outcomes, sampling
from tests.stats.support import same


def test_sample_size_of_a_share():
    found = sampling.sample_size(p=0.5, margin=0.05, population=500)
    same([found.n0, found.n], [384.14588206941244, 217.48721806258717])
    assert (found.answers, found.issue) == (218, 218)


def test_sample_size_of_a_mean():
    found = sampling.sample_size(sd=10, margin=1)
    same(found.n, (1.959963984540054 * 10) ** 2)


def test_what_has_to_be_issued():
    found = sampling.sample_size(
        p=0.5, margin=0.05, population=10_000, deff=1.5, response_rate=0.25, eligibility=0.9
    )
    assert found.answers == int(np.ceil(found.n * 1.5))
    assert found.issue == int(np.ceil(found.n * 1.5 / 0.225))
    everyone = sampling.sample_size(p=0.5, margin=0.01, population=60, response_rate=0.1)
    assert (everyone.answers, everyone.issue) == (60, 60)


@pytest.mark.parametrize(
    "wrong",
    [
        {"margin": 0.05},
        {"margin": 0.05, "p": 0.5, "sd": 1},
        {"margin": 0, "p": 0.5},
        {"margin": 0.05, "p": 50},
        {"margin": 0.05, "p": 0.5, "response_rate": 0},
        {"margin": 0.05, "p": 0.5, "population": 0},
    ],
)
def test_sizes_that_make_no_sense(wrong):
    with pytest.raises(ValueError):
        sampling.sample_size(**wrong)


def test_proportional_allocation():
    assert sampling.allocate(10, [50, 30, 20]).tolist() == [5, 3, 2]
    assert sampling.allocate(7, [50, 30, 20]).sum() == 7


def test_allocation_keeps_its_bounds():
    found = sampling.allocate(100, [1000, 10, 5], [1, 50, 0], "neyman")
    assert found.tolist() == [88, 10, 2]
    assert sampling.allocate(17, [100, 1, 100]).tolist() == [8, 1, 8]


def test_allocation_by_cost():
    found = sampling.allocate(90, [100, 100], [1, 1], "optimal", costs=[1, 4])
    assert found.tolist() == [60, 30]


def test_allocations_that_do_not_fit():
    with pytest.raises(ValueError, match="between 4 and 30"):
        sampling.allocate(31, [20, 10])
    with pytest.raises(ValueError, match="between 4 and 30"):
        sampling.allocate(3, [20, 10])
    with pytest.raises(ValueError, match="standard deviations"):
        sampling.allocate(10, [20, 10], method="neyman")
    with pytest.raises(ValueError, match="costs"):
        sampling.allocate(10, [20, 10], [1, 1], method="optimal")
    with pytest.raises(ValueError, match="method"):
        sampling.allocate(10, [20, 10], method="equal")


def test_draw():
    ids = np.array([f"H{i:03d}" for i in range(30)])
    strata = np.repeat(["a", "b"], [20, 10])
    found = sampling.draw(ids, strata, [5, 10], seed=1)
    assert len(set(found)) == 15
    assert sorted(strata[found]) == ["a"] * 5 + ["b"] * 10
    assert found.tolist() == sampling.draw(ids, strata, [5, 10], seed=1).tolist()
    assert found.tolist() != sampling.draw(ids, strata, [5, 10], seed=2).tolist()


def test_a_smaller_draw_is_the_beginning_of_a_larger_one():
    ids, strata = np.arange(30), np.zeros(30)
    large = sampling.draw(ids, strata, [20], seed=4)
    assert sampling.draw(ids, strata, [7], seed=4).tolist() == large[:7].tolist()


def test_every_member_is_as_likely():
    times = np.zeros(10)
    for seed in range(2000):
        times[sampling.draw(np.arange(10), np.zeros(10), [3], seed)] += 1
    assert np.abs(times - 600).max() < 4 * np.sqrt(2000 * 0.3 * 0.7)


def test_draws_that_cannot_be():
    with pytest.raises(ValueError, match="occurs twice"):
        sampling.draw([1, 1], [0, 0], [1], 1)
    with pytest.raises(ValueError, match="stratum a has 2 members"):
        sampling.draw([1, 2], ["a", "a"], [3], 1)
    with pytest.raises(ValueError, match="as many sizes"):
        sampling.draw([1, 2], ["a", "b"], [1], 1)
    with pytest.raises(ValueError, match="needs a stratum"):
        sampling.draw([1, 2], ["a"], [1], 1)


def test_margins_of_the_regulator():
    homes = [0, 2_499, 2_500, 9_999, 10_000, 24_999, 25_000, 1_000_000]
    assert sampling.required_margin(homes).tolist() == [0.05, 0.05, 0.04, 0.04, 0.03, 0.03, 0.02, 0.02]
    with pytest.raises(ValueError, match="not negative"):
        sampling.required_margin(-1)


def test_outcome_rates():
    found = outcomes.rates(i=[50, 0], p=10, r=20, nc=15, o=5, uh=10, uo=10, ne=[25, 0])
    same(found.e, [0.8, 1])
    same(found.rr1, [50 / 120, 0])
    same(found.rr3[0], 50 / (100 + 0.8 * 20))
    same([found.coop4[0], found.ref3[0], found.con3[0]], [60 / 80, 0.2, 0.85])


def test_no_outcomes_at_all():
    found = outcomes.rates(0)
    assert np.isnan(list(found.as_dict().values())).all()
