from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from bihuan.stats import disclosure

# company 0; regions 1, 2; projects 3, 4 under 1 and 5, 6, 7 under 2
PARENT = np.array([-1, 0, 0, 1, 1, 2, 2, 2])
LEAVES = (3, 4, 5, 6, 7)


def _totals(leaves, parent=PARENT):
    """Counts of all places from those of the projects, one column for each item."""
    counts = np.zeros((len(parent), *np.shape(leaves)[1:]))
    counts[len(parent) - len(leaves) :] = leaves
    for place in range(len(parent) - 1, 0, -1):
        counts[parent[place]] += counts[place]
    return counts


def _hidden(leaves, parent=PARENT):
    counts = _totals(leaves, parent)
    found = disclosure.suppress(counts, np.arange(len(parent)), parent)
    return np.flatnonzero(found.suppressed).tolist(), np.flatnonzero(found.primary).tolist()


def test_enough_everywhere():
    assert _hidden([10, 10, 20, 30, 40]) == ([], [])


def test_a_second_is_hidden_beside_the_first():
    # 6 has 4 answers; its smallest neighbour 5 is hidden with it
    assert _hidden([10, 12, 20, 4, 40]) == ([5, 6], [6])


def test_two_hidden_neighbours_must_be_ten_together():
    # 3 + 4 = 7 answers would be the difference between region and project 7
    assert _hidden([10, 12, 3, 4, 40]) == ([5, 6, 7], [5, 6])
    assert _hidden([10, 12, 5, 6, 40]) == ([5, 6], [5, 6])


def test_a_region_hidden_with_its_only_projects():
    # region 1 has 9 answers and is hidden; so must region 2 be, and in it something too
    hidden, primary = _hidden([4, 5, 20, 30, 40])
    assert primary == [1, 3, 4]
    assert hidden == [1, 2, 3, 4, 5]


def test_places_without_answers_neither_need_help_nor_give_it():
    two = np.array([-1, 0, 0])
    assert _hidden([12, 3], two) == ([1, 2], [2])
    assert _hidden([12, 0], two) == ([], [])
    assert _hidden([3, 0], two) == ([0, 1], [0, 1])


def test_a_sum_of_one_part_is_hidden_with_it():
    # region 1 has one project only; hiding region 1 beside region 2 hides that project
    parent = np.array([-1, 0, 0, 1, 2])
    assert _hidden([30, 4], parent) == ([1, 2, 3, 4], [2, 4])


def _breakdown(table):
    """One place with two one-way breakdowns, of two and of three items."""
    total = sum(table[0])
    count = [total, *table[0], *table[1]]
    breakdown = [-1] + [0] * len(table[0]) + [1] * len(table[1])
    item = [-1, *range(len(table[0])), *range(len(table[1]))]
    found = disclosure.suppress(count, np.zeros(len(count), int), [-1], breakdown=breakdown, item=item)
    return found.suppressed.astype(int).tolist()


def test_items_of_a_breakdown():
    assert _breakdown([(40, 60), (30, 30, 40)]) == [0, 0, 0, 0, 0, 0]
    assert _breakdown([(4, 96), (30, 30, 40)]) == [0, 1, 1, 0, 0, 0]
    assert _breakdown([(40, 60), (30, 8, 62)]) == [0, 0, 0, 1, 1, 0]


def test_groups_have_nothing_to_do_with_each_other():
    place, parent = np.tile([0, 1, 2], 2), [-1, 0, 0]
    found = disclosure.suppress([24, 12, 12, 24, 4, 20], place, parent, group=np.repeat([7, 8], 3))
    assert found.suppressed.astype(int).tolist() == [0, 0, 0, 0, 1, 1]


def test_order_of_the_cells_does_not_matter():
    counts = _totals([10, 12, 3, 4, 40])
    order = np.random.default_rng(1).permutation(8)
    found = disclosure.suppress(counts[order], np.arange(8)[order], PARENT)
    assert np.flatnonzero(found.suppressed[np.argsort(order)]).tolist() == [5, 6, 7]


def test_what_cannot_be():
    with pytest.raises(ValueError, match="hard floor of 5"):
        disclosure.suppress([10], [0], [-1], minimum=4)
    with pytest.raises(ValueError, match="occurs twice"):
        disclosure.suppress([10, 10], [0, 0], [-1])
    assert not disclosure.suppress([], [], [-1]).suppressed.any()


def test_cells_tied_by_a_bridge_are_found():
    """Every sum may have two hidden parts, and one hidden cell still follow from all sums together.

    Items down, places across: two pairs of hidden cells that can trade with each other, and one cell
    between them that can trade with none.
    """
    hidden = np.zeros((4, 4), np.bool_)
    hidden[:2, :2] = hidden[2:, 2:] = True
    hidden[1, 2] = True
    count = np.full((4, 4), 20.0)
    place = np.tile(np.arange(1, 5), 4)
    cells = {
        "count": [*count.ravel(), *count.sum(axis=0), *count.sum(axis=1), count.sum()],
        "place": [*place, *range(1, 5), *([0] * 4), 0],
        "breakdown": [0] * 16 + [-1] * 4 + [0] * 4 + [-1],
        "item": [*np.repeat(np.arange(4), 4), *([-1] * 4), *range(4), -1],
    }
    sums = disclosure.sums_of(
        cells["place"], [-1, 0, 0, 0, 0], breakdown=cells["breakdown"], item=cells["item"]
    )
    mask = np.concatenate([hidden.ravel(), np.zeros(9, np.bool_)])
    found = disclosure.determined(mask, sums, cells["count"])
    assert np.flatnonzero(found).tolist() == [6]


def _attack(counts, hidden, parent):
    """What an attacker knows of each hidden cell: the least and the most it can be, given all that is shown.

    `counts` is (places, 1 + items): the whole place first. The equations are written down here anew, and
    solved as linear programmes in which no count is negative.
    """
    places, columns = counts.shape
    number = np.arange(places * columns).reshape(places, columns)
    sums = [(number[p, 0], number[p, 1:]) for p in range(places)]
    for p in np.unique(parent[parent >= 0]):
        sums += [(number[p, k], number[parent == p, k]) for k in range(columns)]
    matrix = np.zeros((len(sums), counts.size))
    for r, (whole, members) in enumerate(sums):
        matrix[r, whole] = -1
        matrix[r, members] = 1
    unknown = hidden.ravel()
    if not unknown.any():
        return np.zeros(0), np.zeros(0)
    given = -matrix[:, ~unknown] @ counts.ravel()[~unknown]
    system = {"A_eq": matrix[:, unknown], "b_eq": given, "bounds": (0, None)}
    aims = np.eye(int(unknown.sum()))
    least = [optimize.linprog(aim, **system).fun for aim in aims]
    most = [optimize.linprog(-aim, **system) for aim in aims]
    return np.array(least), np.array([-found.fun if found.status == 0 else np.inf for found in most])


@st.composite
def _trees(draw):
    places = draw(st.integers(2, 12))
    parent = [-1] + [draw(st.integers(max(0, k - 4), k - 1)) for k in range(1, places)]
    items = draw(st.integers(2, 4))
    leaf = st.integers(0, 30)
    rows = [[draw(leaf) for _ in range(items)] for _ in range(places)]
    return np.array(parent), np.array(rows, dtype=np.float64)


@settings(max_examples=60, deadline=None)
@given(_trees())
def test_suppression_cannot_be_undone_by_subtraction(case):
    parent, rows = case
    places = len(parent)
    for place in range(places - 1, 0, -1):  # a place with places under it has no answers of its own
        if place in parent:
            rows[place] = rows[parent == place].sum(axis=0)
    rows[0] = rows[parent == 0].sum(axis=0)
    counts = np.column_stack([rows.sum(axis=1), rows])
    place, column = np.indices(counts.shape)
    found = disclosure.suppress(
        counts.ravel(),
        place.ravel(),
        parent,
        breakdown=np.where(column == 0, -1, 0).ravel(),
        item=(column - 1).ravel(),
    )
    hidden = found.suppressed.reshape(counts.shape)
    small = (counts > 0) & (counts < 10)
    assert (found.primary.reshape(counts.shape) == small).all()
    assert hidden[small].all()
    assert not hidden[counts == 0].any()
    least, most = _attack(counts, hidden, parent)
    assert (most - least > 1e-6).all()  # nothing follows
    assert (most - least)[small[hidden]].min(
        initial=np.inf
    ) >= 5 - 1e-6  # nor is nearly known what is too small
    # nor does a shown sum less its shown parts leave fewer than ten
    for p in range(places):
        if not hidden[p, 0]:
            rest = counts[p, 1:][hidden[p, 1:]]
            assert rest.sum() == 0 or rest.sum() >= 10
        for k in np.flatnonzero(~hidden[p]):
            below = (parent == p) & hidden[:, k]
            assert not below.any() or counts[below, k].sum() >= 10


def test_a_cell_with_nothing_shown_beside_it_is_helped_from_farther_away():
    """Project 2 has one answer, all of it in one mode; projects 1 and 3 share the rest."""
    parent = np.array([-1, 0, 0, 0, 3])
    counts = np.array([[32.0, 11, 10, 11], [20, 10, 10, 0], [1, 0, 0, 1], [11, 1, 0, 10], [11, 1, 0, 10]])
    place, column = np.indices(counts.shape)
    found = disclosure.suppress(
        counts.ravel(),
        place.ravel(),
        parent,
        breakdown=np.where(column == 0, -1, 0).ravel(),
        item=(column - 1).ravel(),
    )
    hidden = found.suppressed.reshape(counts.shape)
    least, most = _attack(counts, hidden, parent)
    assert (most - least).min() >= 5


def test_what_sums_together_nearly_tell_is_hidden_with_more():
    """Projects 1 and 2 have 4 and 12 answers, and modes of which two cells at a time are hidden.

    Each sum alone leaves a range of ten or more; carried from one to the next they leave less.
    """
    hidden = np.array([[0, 0, 0], [0, 1, 1], [0, 1, 1]], np.bool_)
    counts = np.array([[30.0, 11, 19], [14, 2, 12], [16, 9, 7]])
    place, column = np.indices(counts.shape)
    sums = disclosure.sums_of(
        place.ravel(),
        [-1, 0, 0],
        breakdown=np.where(column == 0, -1, 0).ravel(),
        item=(column - 1).ravel(),
    )
    flat = hidden.ravel()
    assert not disclosure.known_within(flat, sums, counts.ravel(), 11).any()
    assert disclosure.known_within(flat, sums, counts.ravel(), 12).sum() == 4


def test_many_places_at_once():
    rng = np.random.default_rng(4)
    projects, items = 2000, 4
    parent = np.concatenate([[-1], np.zeros(40, int), 1 + np.arange(projects) % 40])
    counts = _totals(rng.poisson(9, (projects, items)), parent)
    counts = np.column_stack([counts.sum(axis=1), counts])
    place, column = np.indices(counts.shape)
    found = disclosure.suppress(
        counts.ravel(),
        place.ravel(),
        parent,
        breakdown=np.where(column == 0, -1, 0).ravel(),
        item=(column - 1).ravel(),
    )
    assert found.primary.sum() > 3000
    assert not found.suppressed.reshape(counts.shape)[0].any()
    assert found.suppressed.sum() < 1.3 * found.primary.sum()
