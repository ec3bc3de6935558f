"""Which numbers about respondents may be shown.

A number with too few respondents is hidden; and so are further numbers, so that no hidden one can be had
by subtracting what is shown, over the place tree and over each one-way breakdown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from bihuan.stats.types import ArrayLike, Bools, Floats, Ints, codes, floats

MINIMUM = 10
HARD_FLOOR = 5
SWEEPS = 100


@dataclass(frozen=True)
class Sums:
    """Sums that hold among cells: relation r says that ``whole[r]`` is the sum of its members.

    Attributes
    ----------
    whole : ndarray of int
        Cell that is the sum.
    start, members : ndarray of int
        Parts of relation r are ``members[start[r]:start[r + 1]]``.
    """

    whole: Ints
    start: Ints
    members: Ints


@dataclass(frozen=True)
class Suppression:
    """What to hide; every array has one entry for each cell.

    Attributes
    ----------
    suppressed : ndarray of bool
        All that is hidden.
    primary : ndarray of bool
        Hidden because too few respondents stand under it.
    """

    suppressed: Bools
    primary: Bools


def sums_of(
    place: ArrayLike,
    parent: ArrayLike,
    *,
    breakdown: ArrayLike | None = None,
    item: ArrayLike | None = None,
    group: ArrayLike | None = None,
) -> Sums:
    """Find which cells are sums of which others.

    A place is the sum of the places right under it, within one breakdown and item; a whole place is the
    sum of the items of each breakdown.

    Parameters
    ----------
    place : array_like of int
        Place of each cell, from 0. A cell (group, breakdown, item, place) occurs once.
    parent : array_like of int
        Parent of each place; -1 for a root.
    breakdown, item : array_like of int, optional
        Codes of each cell; -1 for a cell that is not broken down.
    group : array_like, optional
        Cells of different groups (indicator, cycle) have nothing to do with each other.
    """
    p = np.atleast_1d(np.asarray(place, dtype=np.int64))
    up = np.atleast_1d(np.asarray(parent, dtype=np.int64))
    rows = len(p)
    b = np.full(rows, -1, np.int64) if breakdown is None else np.asarray(breakdown, dtype=np.int64)
    i = np.full(rows, -1, np.int64) if item is None else np.asarray(item, dtype=np.int64)
    i = np.where(b < 0, -1, i)
    g, _ = codes(group, rows)
    keys = _Keys.of(g, b, i, p, up)
    if len(np.unique(keys.own)) != rows:
        raise ValueError("a cell of one group, place, breakdown and item occurs twice")
    to_parent = np.where(up[p] >= 0, keys.key(g, b, i, up[p]), -1)
    to_whole = np.where(b >= 0, keys.key(g, np.full(rows, -1), np.full(rows, -1), p), -1)
    whole, member, kind = [], [], []
    for sort, wanted in ((np.zeros(rows, np.int64), to_parent), (b + 1, to_whole)):
        found = keys.find(wanted)
        there = found >= 0
        whole.append(found[there])
        member.append(np.flatnonzero(there))
        kind.append(sort[there])
    return _relations(np.concatenate(whole), np.concatenate(member), np.concatenate(kind))


@dataclass(frozen=True)
class _Keys:
    """One number for each cell, and where to find it."""

    shape: tuple[int, int, int]
    own: Ints
    order: Ints

    @classmethod
    def of(cls, g: Ints, b: Ints, i: Ints, p: Ints, up: Ints) -> _Keys:
        highest = max(int(p.max(initial=0)), int(up.max(initial=0)), len(up) - 1)
        shape = (int(b.max(initial=-1)) + 2, int(i.max(initial=-1)) + 2, highest + 1)
        own = cls(shape, p, p).key(g, b, i, p)
        return cls(shape, own, np.argsort(own, kind="stable").astype(np.int64))

    def key(self, g: Ints, b: Ints, i: Ints, p: Ints) -> Ints:
        """Number of the cell (g, b, i, p)."""
        return ((g * self.shape[0] + b + 1) * self.shape[1] + i + 1) * self.shape[2] + p

    def find(self, wanted: Ints) -> Ints:
        """Rows of the cells with these numbers, -1 where there is none."""
        if not len(self.own):
            return np.full(len(wanted), -1, np.int64)
        at = np.minimum(np.searchsorted(self.own, wanted, sorter=self.order), len(self.own) - 1)
        row = self.order[at]
        return np.where((self.own[row] == wanted) & (wanted >= 0), row, -1).astype(np.int64)


def _relations(whole: Ints, member: Ints, kind: Ints) -> Sums:
    """Bring (whole, kind) together."""
    order = np.lexsort((member, kind, whole))
    whole, member, kind = whole[order], member[order], kind[order]
    new = np.ones(len(whole), np.bool_)
    new[1:] = (whole[1:] != whole[:-1]) | (kind[1:] != kind[:-1])
    start = np.concatenate([np.flatnonzero(new), [len(whole)]]).astype(np.int64)
    return Sums(whole[new].astype(np.int64), start, member.astype(np.int64))


def suppress(
    count: ArrayLike,
    place: ArrayLike,
    parent: ArrayLike,
    *,
    breakdown: ArrayLike | None = None,
    item: ArrayLike | None = None,
    group: ArrayLike | None = None,
    minimum: int = MINIMUM,
) -> Suppression:
    """Say which cells must be hidden.

    Cells with 1 to ``minimum - 1`` respondents are hidden. Then, until nothing changes: where a shown sum
    has one hidden part, or hidden parts of fewer than `minimum` respondents together, its smallest shown
    part is hidden too (the sum itself where no part is left); where a hidden sum has only shown parts,
    the smallest of these. At last every hidden cell is tried against all sums at once, as a system of
    linear equations, and hiding goes on until no hidden cell has a determined value, and adding and
    subtracting bounds leave of no cell that is too small a range of fewer than 5. A cell with no respondents
    says nothing about anybody and is neither hidden nor a help.

    Parameters
    ----------
    count : array_like
        Respondents under each cell.
    place, parent, breakdown, item, group
        As in `sums_of`.
    minimum : int
        Fewest respondents to show; at least 5.

    References
    ----------
    Hundepool et al., Statistical Disclosure Control (2012), chapter 4.
    """
    if minimum < HARD_FLOOR:
        raise ValueError(f"a minimum of {minimum} is under the hard floor of {HARD_FLOOR}")
    n = floats(count)
    sums = sums_of(place, parent, breakdown=breakdown, item=item, group=group)
    primary = (n > 0) & (n < minimum)
    hidden = primary.copy()
    if not primary.any() or not len(sums.whole):
        return Suppression(hidden, primary)
    used_start, used = _uses(sums, len(n))
    while True:
        _protect(sums, used_start, used, n, hidden, minimum)
        weak = determined(hidden & (n > 0), sums, n) | (primary & known_within(hidden, sums, n, HARD_FLOOR))
        before = int(hidden.sum())
        for cell in np.flatnonzero(weak):
            _hide_beside(int(cell), sums, used_start, used, n, hidden)
        if int(hidden.sum()) == before:
            return Suppression(hidden, primary)


def _protect(sums: Sums, used_start: Ints, used: Ints, count: Floats, hidden: Bools, minimum: int) -> None:
    from bihuan.stats.kernels import cells  # compiled code is loaded when first used

    queue = np.arange(len(sums.whole), dtype=np.int64)
    cells.protect(
        sums.start, sums.whole, sums.members, used_start, used, count, hidden, float(minimum), queue
    )


def _uses(sums: Sums, cells: int) -> tuple[Ints, Ints]:
    """For each cell, the relations it stands in."""
    relation = np.repeat(np.arange(len(sums.whole)), np.diff(sums.start))
    cell = np.concatenate([sums.members, sums.whole])
    relation = np.concatenate([relation, np.arange(len(sums.whole))])
    order = np.argsort(cell, kind="stable")
    start = np.searchsorted(cell[order], np.arange(cells + 1))
    return start.astype(np.int64), relation[order].astype(np.int64)


def _hide_beside(cell: int, sums: Sums, used_start: Ints, used: Ints, count: Floats, hidden: Bools) -> None:
    """Hide the smallest shown cell in a sum with `cell`, or else in one with a cell hidden beside it."""
    met, reached = {cell}, [cell]
    while reached:
        relations = {int(r) for c in reached for r in used[used_start[c] : used_start[c + 1]]}
        beside = {
            int(c)
            for r in relations
            for c in (*sums.members[sums.start[r] : sums.start[r + 1]], sums.whole[r])
            if count[c] > 0
        } - met
        shown = sorted(c for c in beside if not hidden[c])
        if shown:
            hidden[min(shown, key=lambda c: count[c])] = True
            return
        met |= beside
        reached = sorted(beside)


def known_within(hidden: Bools, sums: Sums, count: ArrayLike, width: float) -> Bools:
    """Which hidden cells have a range narrower than `width`, by bounds carried from sum to sum.

    Every count is at least 0; in each sum the bounds of all the others bound a part, and the sum itself.
    """
    from bihuan.stats.kernels import cells  # compiled code is loaded when first used

    count = floats(count)
    low, high = np.zeros(len(count)), np.full(len(count), np.inf)
    cells.narrow(sums.start, sums.whole, sums.members, count, hidden, low, high, SWEEPS)
    return np.asarray(hidden & (high - low < width))


def determined(hidden: Bools, sums: Sums, count: ArrayLike) -> Bools:
    """Which hidden cells have only one value that fits all the sums, given what is shown.

    A cell is determined when every solution of the homogeneous equations has 0 there; a random such
    solution, found by least squares, has 0 at no other cell.
    """
    count = floats(count)
    relation = np.repeat(np.arange(len(sums.whole)), np.diff(sums.start))
    rows = np.concatenate([relation, np.arange(len(sums.whole))])
    cells = np.concatenate([sums.members, sums.whole])
    signs = np.concatenate([np.ones(len(relation)), -np.ones(len(sums.whole))])
    column = np.cumsum(hidden) - 1
    use = hidden[cells]
    out = np.zeros(len(hidden), np.bool_)
    if not use.any():
        return out
    unknowns = int(hidden.sum())
    matrix = sparse.csr_matrix(
        (signs[use], (rows[use], column[cells[use]])), shape=(len(sums.whole), unknowns)
    )
    matrix = matrix[np.diff(matrix.indptr) > 0]
    chosen = np.random.default_rng(20260101).uniform(0.5, 1.5, unknowns)
    fit = linalg.lsmr(matrix, matrix @ chosen, atol=1e-13, btol=1e-13, maxiter=20 * unknowns + 100)[0]
    rest = np.abs(chosen - fit)
    alone = np.asarray(np.abs(matrix).sum(axis=0)).ravel() == 0  # in no sum: nothing to subtract from
    out[np.flatnonzero(hidden)] = (rest < 1e-7) & ~alone
    return out
