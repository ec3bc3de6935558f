from __future__ import annotations

import numpy as np
import pytest

from bihuan.stats import estimate, intervals, sums
from tests.stats.support import same


def _cells(y, x, w, domain, stratum, domains, strata):
    cell = domain * strata + stratum
    parts = [np.ones(len(y)), w * y, w * x, (w * y) ** 2, (w * x) ** 2, w * y * w * x]
    size = domains * strata
    sums_ = [np.bincount(cell, part, size) for part in parts]
    return (*sums_, np.arange(size) // strata, np.arange(size) % strata, domains)


def test_simple_random_sample():
    y = np.array([1.0, 2, 3, 4, 5])
    found = sums.ratio(*_cells(y, np.ones(5), np.ones(5), np.zeros(5, int), np.zeros(5, int), 1, 1))
    same([found.value[0], found.se[0]], [3, np.sqrt(2.5 / 5)])
    assert [found.n[0], found.df[0]] == [5, 4]
    same([found.n_eff[0], found.deff[0]], [5, 1])


def test_population_correction_and_sizes_from_the_register():
    y = np.array([1.0, 0, 1, 1])
    cells = _cells(y, np.ones(4), np.ones(4), np.zeros(4, int), np.zeros(4, int), 1, 1)
    half = sums.ratio(*cells, frame_size=[8.0])
    same(half.se[0], np.sqrt(0.1875 * 4 / 3 / 4 / 2))
    # 10 were drawn and 4 answered: those without an answer count with z = 0
    drawn = sums.ratio(*cells, frame_size=[100.0], sample_size=[10.0])
    same(drawn.se[0] ** 2, 0.9 * 10 / 9 * (0.75 / 16))


def test_unequal_weights_cost():
    w = np.array([1.0, 1, 1, 5])
    y = np.array([0.0, 1, 0, 1])
    found = sums.ratio(*_cells(y, np.ones(4), w, np.zeros(4, int), np.zeros(4, int), 1, 1))
    assert found.deff[0] > 1
    assert found.n_eff[0] < 4
    alike = sums.ratio(*_cells(np.ones(4), np.ones(4), w, np.zeros(4, int), np.zeros(4, int), 1, 1))
    same([alike.se[0], alike.n_eff[0]], [0, 64 / 28])  # no spread: Kish's effective number


def test_a_domain_without_rows_and_one_with_a_single_row():
    y, one = np.array([3.0, 4, 5]), np.ones(3)
    found = sums.ratio(*_cells(y, one, one, np.array([0, 0, 2]), np.zeros(3, int), 3, 1))
    same(found.value[[0, 2]], [3.5, 5])
    assert np.isnan(found.value[1])
    assert np.isnan(found.se[1:]).all()
    assert found.n.tolist() == [2, 0, 1]


def test_lonely_strata():
    y, one = np.array([3.0, 4, 8]), np.ones(3)
    cells = _cells(y, one, one, np.zeros(3, int), np.array([0, 0, 1]), 1, 2)
    with pytest.raises(ValueError, match="1 strata have one unit"):
        sums.ratio(*cells, lonely="error")
    found = sums.ratio(*cells)
    same(found.se[0] ** 2 * 9, 2 * 0.5 + 9)  # the lonely one counts with its distance from the mean
    with pytest.raises(ValueError, match="lonely"):
        sums.ratio(*cells, lonely="drop")


def test_clusters_and_rows_agree():
    rng = np.random.default_rng(5)
    cluster = rng.integers(0, 12, 60)
    y, w = rng.integers(0, 2, 60) * 1.0, rng.uniform(1, 3, 60)
    a, b = np.bincount(cluster, w * y), np.bincount(cluster, w)
    found = sums.ratio(
        [len(a)], [a.sum()], [b.sum()], [(a**2).sum()], [(b**2).sum()], [(a * b).sum()], [0], [0], 1
    )
    rows = estimate.mean(y, w, cluster=cluster)
    same([found.value, found.se, found.df], [rows.value, rows.se, rows.df])


def test_pooled_items_need_the_design():
    """Ten responses of three equal items each: no more than ten answers."""
    y = np.array([3.0, 0] * 5)
    found = sums.ratio(*_cells(y, np.full(10, 3.0), np.ones(10), np.zeros(10, int), np.zeros(10, int), 1, 1))
    same(intervals.effective_n(found.value, found.se, found.n), 9)
