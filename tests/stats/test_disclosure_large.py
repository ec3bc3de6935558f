"""What is hidden in larger trees, held against an attacker and against plain linear algebra."""

from __future__ import annotations

import os

import numpy as np
import pytest
from scipy import optimize

from bihuan.stats import addition, disclosure
from bihuan.stats.kernels import jit


def _tree(rng, places):
    return np.array([-1] + [int(rng.integers(max(0, (k - 4) // 3), k)) for k in range(1, places)])


def _upwards(table, parent):
    out = table.copy()
    for place in range(len(parent) - 1, 0, -1):
        out[parent[place]] += out[place]
    return out


def _cells(rng, parent, mean, breakdowns):
    """Cells with respondents: whole places, and items of which one or several belong to a respondent.

    `breakdowns` has the number of items of each; a negative number where respondents tick several or none.
    """
    people = np.repeat(np.arange(len(parent)), rng.poisson(rng.gamma(1.5, mean / 1.5, len(parent))))
    people = people[~np.isin(people, parent)]
    cells = {"count": [], "place": [], "breakdown": [], "item": []}
    for b, items in enumerate([1, *breakdowns], -1):
        table = np.zeros((len(parent), abs(items)))
        if items > 0:
            np.add.at(table, (people, rng.integers(0, items, len(people))), 1)
        else:
            for k in range(-items):
                np.add.at(table, (people[rng.random(len(people)) < 0.4], k), 1)
        place, item = np.nonzero(_upwards(table, parent))
        cells["count"].append(_upwards(table, parent)[place, item])
        cells["place"].append(place)
        cells["breakdown"].append(np.full(len(place), b))
        cells["item"].append(item)
    return {name: np.concatenate(parts) for name, parts in cells.items()}


def _sums(cells, parent):
    return disclosure.sums_of(
        cells["place"], parent, breakdown=cells["breakdown"], item=cells["item"], group=cells.get("group")
    )


def _equations(cells, parent):
    """The sums, written down anew: a matrix with a row for each."""
    at = {key: c for c, key in enumerate(zip(cells["place"], cells["breakdown"], cells["item"], strict=True))}
    sums = {}
    for (p, b, i), c in at.items():
        above = at.get((int(parent[p]), b, i))
        if above is not None:
            sums.setdefault((above, -1), []).append(c)
        if b >= 0 and (p, -1, 0) in at:
            sums.setdefault((at[p, -1, 0], b), []).append(c)
    matrix = np.zeros((len(sums), len(at)))
    for r, ((whole, _), members) in enumerate(sums.items()):
        matrix[r, members] = 1
        matrix[r, whole] = -1
    return matrix


def _fixed(matrix, hidden):
    """Hidden cells that no solution of the equations changes, by the singular vectors of the system."""
    _, values, vectors = np.linalg.svd(matrix[:, hidden])
    free = vectors[(values > 1e-9).sum() :]
    out = np.zeros(len(hidden), np.bool_)
    out[hidden] = np.abs(free).max(axis=0, initial=0) < 1e-7
    return out


def _range(matrix, cells, hidden):
    """The least and the most that hidden cells can be, by linear programmes in which no count is negative."""
    count = cells["count"]
    given = matrix @ count - matrix[:, ~hidden] @ count[~hidden]  # known too: by how much a sum does not hold
    system = {"A_eq": matrix[:, hidden], "b_eq": given, "bounds": (0, None)}
    width = []
    for aim in np.eye(int(hidden.sum())):
        most = optimize.linprog(-aim, **system)
        width.append((-most.fun if most.status == 0 else np.inf) - optimize.linprog(aim, **system).fun)
    out = np.full(len(hidden), np.inf)
    out[hidden] = width
    return out


def _suppress(cells, parent):
    keys = {name: cells[name] for name in ("breakdown", "item", "group") if name in cells}
    return disclosure.suppress(cells["count"], cells["place"], parent, **keys)


@pytest.mark.parametrize("seed", range(40))
def test_the_equations_are_solved_exactly(seed):
    """Any hidden cells, any cells missing, several roots."""
    rng = np.random.default_rng(seed)
    parent = _tree(rng, int(rng.integers(2, 25)))
    parent[rng.random(len(parent)) < 0.1] = -1
    cells = _cells(rng, parent, 6, [3, -4, 2][: int(rng.integers(0, 4))])
    kept = rng.random(len(cells["count"])) < rng.choice([0.7, 1.0])
    cells = {name: values[kept] for name, values in cells.items()}
    hidden = rng.random(len(cells["count"])) < rng.choice([0.15, 0.3, 0.6, 1.0])
    if not hidden.any():
        return
    found = disclosure.determined(hidden, _sums(cells, parent), cells["count"])
    np.testing.assert_array_equal(found, _fixed(_equations(cells, parent), hidden))


@pytest.mark.parametrize("seed", range(4))
def test_larger_trees_stand_an_attack(seed):
    rng = np.random.default_rng(100 + seed)
    parent = _tree(rng, 30)
    cells = _cells(rng, parent, 12, [3, 2])
    found = _suppress(cells, parent)
    small = cells["count"] < 10
    assert found.primary.sum() > 20
    np.testing.assert_array_equal(found.primary, small)
    width = _range(_equations(cells, parent), cells, found.suppressed)
    assert width.min() > 1e-6
    assert width[small].min() >= 5 - 1e-6


@pytest.mark.parametrize("seed", range(25))
def test_nothing_is_determined_where_respondents_stand_under_several_items(seed):
    """Save what is determined with everything hidden: there the sums contradict the counts."""
    rng = np.random.default_rng(200 + seed)
    parent = _tree(rng, 40)
    cells = _cells(rng, parent, float(rng.choice([6, 15, 40])), [3, -4, -6])
    found = _suppress(cells, parent)
    matrix = _equations(cells, parent)
    everything = np.ones(len(cells["count"]), np.bool_)
    fixed = _fixed(matrix, found.suppressed) & ~_fixed(matrix, everything)
    assert not fixed.any()
    known = disclosure.known_within(found.suppressed, _sums(cells, parent), cells["count"], 5)
    assert not (known & found.primary).any()


def test_cells_that_contradict_their_sums_hide_nothing_else():
    """Project 2 has three respondents, none under any item."""
    cells = {
        "count": np.array([90.0, 43, 3, 44, 50, 23, 27, 40, 20, 20]),
        "place": np.array([0, 1, 2, 3, 0, 1, 3, 0, 1, 3]),
        "breakdown": np.array([-1, -1, -1, -1, 0, 0, 0, 0, 0, 0]),
        "item": np.array([0, 0, 0, 0, 0, 0, 0, 1, 1, 1]),
    }
    parent = np.array([-1, 0, 0, 0])
    found = _suppress(cells, parent)
    assert _fixed(_equations(cells, parent), np.ones(10, np.bool_))[2]
    assert found.suppressed[[1, 2]].all()
    assert not found.suppressed[[0, 4, 7]].any()


def test_bounds_where_sums_do_not_hold_keep_the_true_counts():
    """Each of two items is ticked by nearly all of 12 respondents."""
    cells = {
        "count": np.array([12.0, 11, 9]),
        "place": np.zeros(3, int),
        "breakdown": np.array([-1, 0, 0]),
        "item": np.array([0, 0, 1]),
    }
    sums = _sums(cells, np.array([-1]))
    hidden = np.array([False, True, True])
    assert not disclosure.known_within(hidden, sums, cells["count"], 4).any()  # 20 in all, 8 to 12 each
    assert disclosure.known_within(hidden, sums, cells["count"], 4.5).sum() == 2
    hidden[0] = True
    assert not disclosure.known_within(hidden, sums, cells["count"], np.inf).any()


def test_threads_and_the_order_of_cells_change_nothing(monkeypatch):
    rng = np.random.default_rng(7)
    parent = _tree(rng, 200)
    groups = [_cells(rng, parent, 12, [3, -4]) for _ in range(6)]
    cells = {name: np.concatenate([g[name] for g in groups]) for name in groups[0]}
    cells["group"] = np.repeat(np.arange(6), [len(g["count"]) for g in groups])
    alone = _suppress(cells, parent).suppressed
    monkeypatch.setattr(jit, "ROWS_WORTH_A_THREAD", 100)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    np.testing.assert_array_equal(_suppress(cells, parent).suppressed, alone)
    for g, own in enumerate(groups):  # nor do the other groups
        np.testing.assert_array_equal(_suppress(own, parent).suppressed, alone[cells["group"] == g])


def test_a_place_above_itself():
    with pytest.raises(ValueError, match="above itself"):
        addition.sums_of([0, 1], [1, 0])


def test_many_sparse_places_in_several_groups():
    """Most projects have about ten respondents: hardly more is hidden than must be, and nothing large."""
    rng = np.random.default_rng(11)
    projects = 1000
    parent = np.concatenate([[-1], np.zeros(25, int), 1 + np.arange(projects) % 25])
    groups = [_cells(rng, parent, 10, [4, 12, -8]) for _ in range(3)]
    cells = {name: np.concatenate([g[name] for g in groups]) for name in groups[0]}
    cells["group"] = np.repeat(np.arange(3), [len(g["count"]) for g in groups])
    found = _suppress(cells, parent)
    beyond = found.suppressed & ~found.primary
    assert found.primary.mean() > 0.7
    assert beyond.sum() < 0.03 * len(beyond)
    assert not beyond[cells["place"] == 0].any()
