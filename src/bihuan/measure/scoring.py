"""Scores of places above projects, and the one score at the top of the tree of weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bihuan.measure.frame import Frame
from bihuan.measure.places import BUILDING, PROJECT, Tree
from bihuan.measure.standing import is_above_projects
from bihuan.measure.weights import Weights
from bihuan.stats import clipped, composite
from bihuan.stats.intervals import normal_quantile
from bihuan.stats.types import Bools, Floats, Ints

BLOCK = 512  # projects worked out together
RARE = frozenset({"event_time"})  # where nothing happened there is nothing to score
PERIODS = 16  # a cycle and its months
ROUNDING = 1e-12  # of the variances under a node: where they cancel out down to this, nothing is left


def parent_scores(
    frame: Frame, score: Floats, low: Floats, high: Floats, least: float
) -> tuple[Floats, Floats, Floats]:
    """Replace the scores of places above projects by the household-weighted mean of their projects' scores.

    Where projects with less than the share ``least`` of the households have a score there is none.
    """
    score, low, high = score.copy(), low.copy(), high.copy()
    above = is_above_projects(frame)
    score[above], low[above], high[above] = np.nan, np.nan, np.nan
    z = normal_quantile(0.95)
    sums = _ParentSums.of(frame, score, (high - low) / (2 * z))
    goal = np.flatnonzero(above & frame.whole())
    held, total, variance, asked = sums.at(frame, goal)
    enough = (held > 0) & (held >= (least - 1e-12) * asked)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, half = total / held, z * np.sqrt(variance) / held
    score[goal] = np.where(enough, mean, np.nan)
    low[goal] = np.where(enough, np.clip(mean - half, 0, 100), np.nan)
    high[goal] = np.where(enough, np.clip(mean + half, 0, 100), np.nan)
    return score, low, high


@dataclass(frozen=True)
class _ParentSums:
    """Sums over the projects under each place, by indicator and period.

    ``slot`` numbers the places above projects; the sums stand at ``_cell(...)·slots + slot``.
    """

    slot: Ints
    slots: int
    held: Floats
    total: Floats
    variance: Floats
    asked: Floats
    rare: Bools

    @classmethod
    def of(cls, frame: Frame, score: Floats, spread: Floats) -> _ParentSums:
        """Add up the rows of projects whose score is there; of rare events, all rows count as asked."""
        tree = frame.tree
        weights, slot, slots = tree.project_weights(), *_slots(tree)
        project = np.zeros(len(tree), np.bool_)
        project[tree.projects] = True
        rows = np.flatnonzero(frame.whole() & project[frame.place]) if len(frame) else np.zeros(0, np.int64)
        there = np.isfinite(score[rows])
        rare = frame.of_definition([d.kind in RARE for d in frame.definitions])
        seldom, rows = rows[rare[rows]], rows[there]
        w = weights[frame.place[rows]]
        held, total, variance = _sums_above(
            frame, rows, slot, slots, [w, w * score[rows], (w * np.nan_to_num(spread[rows])) ** 2]
        )
        (asked,) = _sums_above(frame, seldom, slot, slots, [weights[frame.place[seldom]]])
        return cls(slot, slots, held, total, variance, asked, rare)

    def at(self, frame: Frame, rows: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """The sums at these rows: weight with a score, weighted scores, their variance, weight asked for."""
        tree = frame.tree
        cell = _cell(frame, rows) * self.slots + self.slot[frame.place[rows]]
        position, place = tree.lineage(tree.projects)
        everybody = np.bincount(place, tree.project_weights()[tree.projects[position]], len(tree))
        asked = np.where(self.rare[rows], self.asked[cell], everybody[frame.place[rows]])
        return self.held[cell], self.total[cell], self.variance[cell], asked


def _slots(tree: Tree) -> tuple[Ints, int]:
    """A number for every place above projects, and one more, the last, for all others."""
    inner = np.array([level not in (PROJECT, BUILDING) for level in tree.levels], np.bool_)
    count = int(inner.sum())
    return np.where(inner, np.cumsum(inner) - 1, count), count + 1


def _cell(frame: Frame, rows: Ints) -> Ints:
    return frame.definition[rows].astype(np.int64) * PERIODS + frame.period[rows]


def _sums_above(frame: Frame, rows: Ints, slot: Ints, slots: int, values: Sequence[Floats]) -> list[Floats]:
    """Sums of the rows' values over indicator, period and every place above each row."""
    size = len(frame.definitions) * PERIODS * slots
    found = [np.zeros(size) for _ in values]
    place, base = frame.place[rows], _cell(frame, rows) * slots
    above = frame.tree.parent
    while len(rows) and (above >= 0).any():
        key = base + np.where(above >= 0, slot[above], slots - 1)[place]
        for into, value in zip(found, values, strict=True):
            into += np.bincount(key, value, size)
        above = np.where(above >= 0, frame.tree.parent[above], -1)
    return found


@dataclass(frozen=True)
class Scores:
    """One row per (place, node)."""

    place: Ints
    node: np.ndarray
    score: Floats
    low: Floats
    high: Floats
    weight_present: Floats
    grade: np.ndarray
    red_line: Bools
    enough: Bools


def measured_leaves(frame: Frame, weights: Weights) -> list[tuple[str, int]]:
    """Leaves of the tree that this run measured anywhere, with the number of their definition."""
    there = set(np.unique(frame.definition[frame.period == 0]).tolist()) if len(frame) else set()
    code = {d.code: i for i, d in enumerate(frame.definitions)}
    return [(leaf, code[leaf]) for leaf in weights.paths["total"] if code.get(leaf) in there]


def composite_scores(
    frame: Frame,
    weights: Weights,
    target: Floats,
    floor: Floats,
    usable: Bools,
    red: Bools,
    correlation: Mapping[tuple[int, int], float],
) -> Scores:
    """The score of every branch of the tree for every project and every place above.

    Indicators that nobody measured in this run are left out and their weight stands nowhere. At a project
    the weight of an indicator without a score is missing, and below ``min_present`` there is no score.
    Intervals are laid around the score by its standard error, in which indicators of the same respondents
    are correlated; parents are weighted means of projects, which say nothing of each other.
    """
    leaves = measured_leaves(frame, weights)
    tree = frame.tree
    nodes = [n for n in weights.paths if any(leaf in weights.paths[n] for leaf, _ in leaves)]
    share = np.array([[weights.paths[n].get(leaf, 0.0) for leaf, _ in leaves] for n in nodes]).reshape(
        len(nodes), len(leaves)
    )
    grid = _Grid.of(frame, [number for _, number in leaves], target, floor, usable)
    household = tree.project_weights()[tree.projects]
    parents = np.array([i for i in range(len(tree)) if tree.levels[i] != BUILDING], np.int64)
    row_of = np.full(len(tree), -1, np.int64)
    row_of[parents] = np.arange(len(parents))
    score, present = _mean(grid.score, share, grid.applies)
    enough = (present >= weights.min_present - 1e-12) & (present > 0)
    variance = _variance(grid, share, correlation, [n for _, n in leaves])
    w = np.where(enough, household[:, None], 0.0)
    asked = np.broadcast_to(household[:, None], w.shape)
    values = [w, np.where(enough, w * score, 0.0), np.where(enough, w * w * variance, 0.0), asked]
    held, total, squares, asked = _lifted(values, tree, row_of, len(parents))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, part, se = total / held, held / asked, np.sqrt(squares) / held
    ok = (part >= weights.min_present - 1e-12) & (held > 0)
    own = row_of[tree.projects]
    mean[own], part[own], ok[own], se[own] = score, present, enough, np.sqrt(variance)
    return _rows(parents, nodes, mean, normal_quantile(0.95) * se, part, ok, red, weights, tree)


def _lifted(values: Sequence[Floats], tree: Tree, row_of: Ints, count: int) -> list[Floats]:
    """Sums of the projects' values (projects by nodes) over each place and everything under it."""
    nodes = values[0].shape[1]
    position, place = tree.lineage(tree.projects)
    position, row = position[row_of[place] >= 0], row_of[place][row_of[place] >= 0]
    key = (row[:, None] * nodes + np.arange(nodes)).ravel()
    sums = [np.bincount(key, v[position].ravel(), count * nodes) for v in values]
    return [np.asarray(total, np.float64).reshape(count, nodes) for total in sums]


def _rows(
    places: Ints,
    nodes: Sequence[str],
    mean: Floats,
    half: Floats,
    part: Floats,
    ok: Bools,
    red: Bools,
    weights: Weights,
    tree: Tree,
) -> Scores:
    count = len(places) * len(nodes)
    place, node = np.repeat(places, len(nodes)), np.tile(np.array(nodes, object), len(places))
    score = np.where(ok, mean, np.nan).reshape(count)
    project = np.zeros(len(tree), np.bool_)
    project[tree.projects] = True
    capped = project[place] & red[place] & (node == "total")
    return Scores(
        place,
        node,
        score,
        np.where(ok, np.clip(mean - half, 0.0, 100.0), np.nan).reshape(count),
        np.where(ok, np.clip(mean + half, 0.0, 100.0), np.nan).reshape(count),
        part.reshape(count),
        weights.graded(score, capped),
        red[place],
        ok.reshape(count),
    )


@dataclass(frozen=True)
class _Grid:
    """Projects by leaves: the score, and the line by which an error becomes a score.

    An error of z standard errors gives ``line + z·below`` (z under 0) or ``line + z·over``, within 0 to 100.
    """

    score: Floats
    line: Floats
    below: Floats
    over: Floats
    applies: Bools

    @classmethod
    def of(cls, frame: Frame, numbers: list[int], target: Floats, floor: Floats, usable: Bools) -> _Grid:
        tree = frame.tree
        at = np.full(len(tree), -1, np.int64)
        at[tree.projects] = np.arange(len(tree.projects))
        shape = (len(tree.projects), len(numbers))
        value, low, high, goal, least = (np.full(shape, np.nan) for _ in range(5))
        applies = np.ones(shape, np.bool_)
        column = np.full(len(frame.definitions), -1, np.int64)
        column[numbers] = np.arange(len(numbers))
        applies &= np.array([frame.definitions[n].kind not in RARE for n in numbers], np.bool_)
        rows = np.flatnonzero(frame.whole() & (frame.period == 0))
        rows = rows[(at[frame.place[rows]] >= 0) & (column[frame.definition[rows]] >= 0)]
        own, k = at[frame.place[rows]], column[frame.definition[rows]]
        applies[own, k] = np.isfinite(target[rows]) & np.isfinite(floor[rows])
        use = usable[rows]
        rows, own, k = rows[use], own[use], k[use]
        for into, given in zip((value, low, high), ("value", "low", "high"), strict=True):
            into[own, k] = frame[given][rows]
        goal[own, k], least[own, k] = target[rows], floor[rows]
        direction = np.array([frame.definitions[n].direction for n in numbers], dtype=str)
        score = composite.score_map(value, goal, least, direction) if value.size else value
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = (100 - composite.FLOOR_SCORE) / (goal - least)  # negative where less is better
            line = composite.FLOOR_SCORE + slope * (value - least)
        step = goal == least
        slope, line = np.where(step, 0.0, slope), np.where(step, score, line)
        z = normal_quantile(0.95)
        below, over = (np.maximum(np.nan_to_num(gap / z), 0.0) for gap in (value - low, high - value))
        return cls(score, line, np.nan_to_num(slope * below), np.nan_to_num(slope * over), applies)


def _mean(score: Floats, share: Floats, applies: Bools) -> tuple[Floats, Floats]:
    """Weighted mean of the leaves that are there under each node, and the share of the weight they have."""
    there = np.isfinite(score) & applies
    held, asked = _under(there, share), _under(applies, share)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = _under(np.where(there, score, 0.0), share) / held
        return mean, np.where(asked > 0, held / asked, 0.0)


def _variance(
    grid: _Grid, share: Floats, correlation: Mapping[tuple[int, int], float], numbers: list[int]
) -> Floats:
    """Variance of the score of each project's nodes.

    A score is capped at 100, so that of an indicator at its target lies on one side of it: its spread says
    how sure the score is, its middle would be biased twice. The interval is laid around the score.
    """
    there = np.isfinite(grid.score) & grid.applies
    line, below, over = (np.where(there, x, 0.0) for x in (grid.line, grid.below, grid.over))
    apart = _under(clipped.variance(line, below, over), share**2)
    together = _covariance(line, below, over, share, _pairs(numbers, correlation))
    total = np.where(together > (ROUNDING - 1) * apart, apart + together, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return total / _under(there, share) ** 2


def _covariance(
    line: Floats, below: Floats, over: Floats, share: Floats, pairs: tuple[Ints, Ints, Floats]
) -> Floats:
    """What the pairs of leaves that are correlated add to the variance of each project's nodes."""
    one, other, rho = pairs
    found = np.zeros((len(line), len(share)))
    if not len(rho):
        return found
    leaves = np.unique(np.concatenate([one, other]))
    both = 2 * share[:, one] * share[:, other]
    one, other = np.searchsorted(leaves, one), np.searchsorted(leaves, other)
    terms = int(clipped.needed(rho).max())
    for start in range(0, len(found), BLOCK):
        part = slice(start, start + BLOCK)
        lines = [np.ascontiguousarray(x[part, leaves].T) for x in (line, below, over)]
        coefficients = clipped.hermite(lines[0], lines[1], lines[2], terms)
        found[part] = _under(clipped.covariance(coefficients, one, other, rho).T, both)
    return found


def _under(values: Floats | Bools, share: Floats) -> Floats:
    """Sums of the leaves' values by the nodes' shares; a project's do not turn with who stands beside it."""
    return np.einsum("pl,nl->pn", np.ascontiguousarray(values, np.float64), share)


def _pairs(numbers: list[int], correlation: Mapping[tuple[int, int], float]) -> tuple[Ints, Ints, Floats]:
    """The pairs of leaves that are correlated, and how."""
    at = {number: k for k, number in enumerate(numbers)}
    found = [(at[i], at[j], r) for (i, j), r in correlation.items() if r and i < j and i in at and j in at]
    one, other, rho = zip(*found, strict=True) if found else ((), (), ())
    return np.array(one, np.int64), np.array(other, np.int64), np.clip(np.array(rho, np.float64), -1, 1)
