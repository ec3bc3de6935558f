"""Which numbers about respondents may be shown.

A number with too few respondents is hidden; and so are further numbers, so that no hidden one can be had
by subtracting what is shown, over the place tree and over each one-way breakdown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bihuan.stats.addition import Sums, loops_of, sums_of
from bihuan.stats.types import ArrayLike, Bools, Floats, Ints, floats

__all__ = [
    "HARD_FLOOR",
    "MINIMUM",
    "Sums",
    "Suppression",
    "determined",
    "known_within",
    "sums_of",
    "suppress",
]

MINIMUM = 10
HARD_FLOOR = 5
SWEEPS = 100
SEED = 20260101

_Work: TypeAlias = tuple[Ints, Ints, NDArray[np.int32], Bools, Ints, Bools]


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
    says nothing about anybody and is neither hidden nor a help. Where counts contradict the sums (nobody
    under any item of a breakdown, say), a cell may be determined even with all the others hidden: what the
    sums then say of it is wrong, and no more is hidden for its sake.

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
    Cox, "Suppression methodology and statistical disclosure control", Journal of the American Statistical
    Association 75 (1980); Fischetti and Salazar-González, "Solving the cell suppression problem on tabular
    data with linear constraints", Management Science 47 (2001); Hundepool et al., Statistical Disclosure
    Control (2012), chapter 4.
    """
    if minimum < HARD_FLOOR:
        raise ValueError(f"a minimum of {minimum} is under the hard floor of {HARD_FLOOR}")
    n = floats(count)
    sums = sums_of(place, parent, breakdown=breakdown, item=item, group=group)
    primary = (n > 0) & (n < minimum)
    hidden = primary.copy()
    if not primary.any() or not len(sums.whole):
        return Suppression(hidden, primary)
    search = _Search.of(sums, n, primary, hidden, minimum)

    def loop(first: int, last: int) -> None:
        for g in range(first, last):
            search.settle(g)

    from bihuan.stats.kernels.jit import in_threads  # compiled code is loaded when first used

    groups = len(sums.groups) - 1
    in_threads(loop, groups, cost=max(1, len(n) // groups))
    return Suppression(hidden, primary)


@dataclass(frozen=True)
class _Search:
    """What is known of all cells while it is settled what to hide.

    Groups share no cells and no sums, so that each can be settled in a thread of its own.
    """

    sums: Sums
    loops: tuple[Ints, Ints, Ints, Ints, Ints]
    count: Floats
    primary: Bools
    hidden: Bools
    minimum: float
    parts: Ints  # hidden parts of each sum
    units: Floats  # respondents under them
    waiting: Bools  # sums that a cell was hidden in since they were looked at
    queue: Ints
    searches: Ints  # searches in each group so far
    met: Ints  # the last that came by a cell, and by a sum
    seen: Ints
    reached: Ints
    low: Floats
    high: Floats
    work: _Work  # for the kernel that solves equations; at first the solution, at last what is hidden

    @classmethod
    def of(cls, sums: Sums, count: Floats, primary: Bools, hidden: Bools, minimum: int) -> _Search:
        cells, relations = len(count), len(sums.whole)
        return cls(
            sums,
            loops_of(sums, cells),
            count,
            primary,
            hidden,
            float(minimum),
            parts=np.zeros(relations, np.int64),
            units=np.zeros(relations),
            waiting=np.ones(relations, np.bool_),
            queue=np.empty(relations, np.int64),
            searches=np.zeros(len(sums.groups) - 1, np.int64),
            met=np.zeros(cells, np.int64),
            seen=np.zeros(relations, np.int64),
            reached=np.empty(cells, np.int64),
            low=np.empty(cells),
            high=np.empty(cells),
            work=_work(cells),
        )

    def settle(self, g: int) -> None:
        """Hide all that must be in one group."""
        from bihuan.stats.kernels import cells

        first, last = self.sums.groups[g], self.sums.groups[g + 1]
        own = np.sort(self.sums.sites.cells[self.sums.sites.edges(g)])
        if first == last or not self.primary[own].any():
            return
        cells.tally(self.loops, first, last, self.count, self.hidden, self.parts, self.units)
        while True:
            cells.protect(
                self.loops, self.count, self.hidden, self.parts, self.units, self.minimum, first, last,
                self.queue, self.waiting,
            )  # fmt: skip
            helped = self._help(g, own[self._narrow(g, own)])
            if not helped and not self._help(g, self._determined(g)):  # the bounds take less time
                return

    def _help(self, g: int, weak: Ints) -> bool:
        """Hide one more cell beside each of some; whether there was any to hide."""
        from bihuan.stats.kernels import cells

        done = cells.help_all(
            weak, self.loops, self.count, self.hidden, self.parts, self.units, self.waiting,
            self.met, self.seen, self.reached[self.sums.sites.edges(g)], self.searches[g],
        )  # fmt: skip
        self.searches[g] += len(weak)
        return bool(done)

    def _narrow(self, g: int, own: Ints) -> Bools:
        """Cells of a group that are too small, and too well known by bounds."""
        from bihuan.stats.kernels import cells

        self.low[own], self.high[own] = 0, np.inf
        first, last = self.sums.groups[g], self.sums.groups[g + 1]
        cells.narrow(self.loops, first, last, self.count, self.hidden, self.low, self.high, SWEEPS)
        return np.asarray(self.primary[own] & (self.high[own] - self.low[own] < HARD_FLOOR))

    def _determined(self, g: int) -> Ints:
        """Cells of a group that are determined, but would not be if all were hidden."""
        found = _fixed(self.hidden, self.sums, g, self.work)
        if not len(found):
            return found
        return np.setdiff1d(found, _fixed(self.count > 0, self.sums, g, self.work))


def known_within(hidden: Bools, sums: Sums, count: ArrayLike, width: float) -> Bools:
    """Which hidden cells have a range narrower than `width`, by bounds carried from sum to sum.

    Every count is at least 0; in each sum the bounds of all the others bound a part, and the sum itself.
    Where the parts are more than the sum (one respondent stands under several items) or less, it is taken
    to be known by how much, and that no part is more than the sum.
    """
    from bihuan.stats.kernels import cells  # compiled code is loaded when first used

    count = floats(count)
    low, high = np.zeros(len(count)), np.full(len(count), np.inf)
    loops = loops_of(sums, len(count))
    cells.narrow(loops, 0, len(sums.whole), count, hidden, low, high, SWEEPS)
    return np.asarray(hidden & (high - low < width))


def determined(hidden: Bools, sums: Sums, count: ArrayLike) -> Bools:
    """Which hidden cells have only one value that fits all the sums, given what is shown.

    A cell is determined when every solution of the homogeneous equations has 0 there; a random such
    solution, in whole numbers modulo a large prime, has 0 at hardly any other cell.
    """
    work, out = _work(len(hidden)), np.zeros(len(hidden), np.bool_)
    for g in range(len(sums.groups) - 1):
        out[_fixed(hidden, sums, g, work)] = True
    return out


def _work(cells: int) -> _Work:
    from bihuan.stats.kernels.spaces import PRIME

    return (
        np.zeros(cells, np.int64),
        np.zeros(cells, np.int64),
        np.zeros(cells, np.int32),
        np.zeros(cells, np.bool_),
        np.random.default_rng(SEED).integers(1, PRIME, cells),
        np.zeros(cells, np.bool_),
    )


def _fixed(hidden: Bools, sums: Sums, g: int, work: _Work) -> Ints:
    """Hidden cells of a group that are determined, in order."""
    from bihuan.stats.kernels import spaces

    tree, at = sums.sites, sums.sites.edges(g)
    value, chosen = work[0], work[-1]
    chosen[at] = hidden[tree.cells[at]]
    spaces.solution(tree.arrays, tree.groups[g], tree.groups[g + 1], chosen, work[:-1])
    return np.sort(tree.cells[at][chosen[at] & (value[at] == 0)])
