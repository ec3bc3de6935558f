"""Scores of places above projects, and the one score at the top of the tree of weights."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bihuan.measure.frame import Frame
from bihuan.measure.places import BUILDING, Tree
from bihuan.measure.standing import is_above_projects
from bihuan.measure.weights import Weights
from bihuan.stats import composite
from bihuan.stats.intervals import normal_quantile
from bihuan.stats.types import Bools, Floats, Ints

SEED = 20_260_701
DRAWS = 500
BATCH = 64  # projects drawn together
RARE = frozenset({"event_time"})  # where nothing happened there is nothing to score


def parent_scores(
    frame: Frame, score: Floats, low: Floats, high: Floats, least: float
) -> tuple[Floats, Floats, Floats]:
    """Replace the scores of places above projects by the household-weighted mean of their projects' scores.

    Where projects with less than the share ``least`` of the households have a score there is none.
    """
    score, low, high = score.copy(), low.copy(), high.copy()
    above = is_above_projects(frame)
    score[above], low[above], high[above] = np.nan, np.nan, np.nan
    tree, weights = frame.tree, frame.tree.project_weights()
    position, place = tree.lineage(tree.projects)
    under = tree.projects[position]
    all_weight = np.bincount(place, weights[under], len(tree))
    spread = (high - low) / (2 * normal_quantile(0.95))
    index = np.full(len(tree), -1, np.int64)
    whole = frame.whole()
    for number, definition in enumerate(frame.definitions):
        mine = whole & (frame.definition == number)
        for period in np.unique(frame.period[mine]):
            rows = np.flatnonzero(mine & (frame.period == period))
            index[:] = -1
            index[frame.place[rows]] = rows
            own = index[under]
            there = (own >= 0) & np.isfinite(score[own])
            w = np.where(there, weights[under], 0.0)
            held = np.bincount(place, w, len(tree))
            total = np.bincount(place, w * np.where(there, score[own], 0.0), len(tree))
            variance = np.bincount(
                place, (w * np.where(there, np.nan_to_num(spread[own]), 0.0)) ** 2, len(tree)
            )
            asked = all_weight
            if definition.kind in RARE:
                asked = np.bincount(place, np.where(own >= 0, weights[under], 0.0), len(tree))
            goal = rows[above[rows]]
            at = frame.place[goal]
            enough = (held[at] > 0) & (held[at] >= (least - 1e-12) * asked[at])
            with np.errstate(divide="ignore", invalid="ignore"):
                mean, se = total[at] / held[at], np.sqrt(variance[at]) / held[at]
            half = normal_quantile(0.95) * se
            score[goal] = np.where(enough, mean, np.nan)
            low[goal] = np.where(enough, np.clip(mean - half, 0, 100), np.nan)
            high[goal] = np.where(enough, np.clip(mean + half, 0, 100), np.nan)
    return score, low, high


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
    Intervals come from seeded draws of all indicators of a project together, those of the same
    respondents correlated; parents are the weighted means of their projects' draws.
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
    position, place = tree.lineage(tree.projects)
    score, present = _mean(grid.score, share, grid.applies)
    enough = (present >= weights.min_present - 1e-12) & (present > 0)
    spread, sums = _draw(grid, share, enough, household, tree, row_of, correlation, [n for _, n in leaves])
    w = np.where(enough, household[:, None], 0.0)
    held, total, asked = (np.zeros((len(parents), len(nodes))) for _ in range(3))
    above = row_of[place]
    np.add.at(held, above, w[position])
    np.add.at(total, above, (w * np.where(enough, score, 0.0))[position])
    np.add.at(asked, above, np.broadcast_to(household[:, None], w.shape)[position])
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, part = total / held, held / asked
    ok = (part >= weights.min_present - 1e-12) & (held > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = normal_quantile(0.95) * sums.std(axis=2) / held
    own = row_of[tree.projects]
    mean[own], part[own], ok[own] = score, present, enough
    half[own] = normal_quantile(0.95) * spread
    return _rows(parents, nodes, mean, half, part, ok, red, weights, tree)


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
    grade = np.array(
        [weights.grade(s, bool(c)) if np.isfinite(s) else "" for s, c in zip(score, capped, strict=True)],
        object,
    )
    return Scores(
        place,
        node,
        score,
        np.where(ok, np.clip(mean - half, 0.0, 100.0), np.nan).reshape(count),
        np.where(ok, np.clip(mean + half, 0.0, 100.0), np.nan).reshape(count),
        part.reshape(count),
        grade,
        red[place],
        ok.reshape(count),
    )


@dataclass(frozen=True)
class _Grid:
    """Projects by leaves: the score, and the line by which a draw becomes a score.

    A draw z gives ``line + z·below`` (z under 0) or ``line + z·over``, within 0 to 100.
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
        whole = frame.whole() & (frame.period == 0)
        for k, number in enumerate(numbers):
            definition = frame.definitions[number]
            rows = np.flatnonzero(whole & (frame.definition == number) & (at[frame.place] >= 0))
            applies[:, k] = definition.kind not in RARE
            applies[at[frame.place[rows]], k] = np.isfinite(target[rows]) & np.isfinite(floor[rows])
            rows = rows[usable[rows]]
            own = at[frame.place[rows]]
            value[own, k], low[own, k], high[own, k] = (frame[n][rows] for n in ("value", "low", "high"))
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
    held = there @ share.T
    asked = applies @ share.T
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (np.where(there, score, 0.0) @ share.T) / held
        return mean, np.where(asked > 0, held / asked, 0.0)


def _draw(
    grid: _Grid,
    share: Floats,
    enough: Bools,
    household: Floats,
    tree: Tree,
    row_of: Ints,
    correlation: Mapping[tuple[int, int], float],
    numbers: list[int],
) -> tuple[Floats, Floats]:
    """Standard error of each project's nodes, and the household-weighted sums of the draws of places above.

    A score is capped at 100, so the draws of an indicator at its target lie on one side of it: their spread
    says how sure the score is, their middle would be biased twice. The interval is laid around the score.
    """
    projects, nodes = len(grid.score), len(share)
    spread = np.full((projects, nodes), np.nan)
    sums = np.zeros((int(row_of.max(initial=-1)) + 1, nodes, DRAWS))
    root = _root(numbers, correlation)
    for start in range(0, projects, BATCH):
        pick = np.arange(start, min(start + BATCH, projects))
        pick = pick[enough[pick].any(axis=1)]
        if not len(pick):
            continue
        z = np.stack([_normals(tree.codes[tree.projects[i]], len(numbers)) for i in pick]) @ root.T
        scores = z * np.where(z < 0, grid.below[pick, None, :], grid.over[pick, None, :])
        scores += grid.line[pick, None, :]
        np.clip(scores, 0.0, 100.0, out=scores)
        there = np.isfinite(grid.score[pick]) & grid.applies[pick]
        np.copyto(scores, 0.0, where=~there[:, None, :])
        with np.errstate(divide="ignore", invalid="ignore"):
            node = np.matmul(scores, share.T) / (there @ share.T)[:, None, :]
        node = np.ascontiguousarray(node.transpose(0, 2, 1))
        spread[pick] = node.std(axis=2)
        weighted = np.where(enough[pick][:, :, None], node, 0.0) * household[pick, None, None]
        for position, place in zip(*tree.lineage(tree.projects[pick]), strict=True):
            sums[row_of[place]] += weighted[position]
    return spread, sums


def _normals(code: str, count: int) -> Floats:
    """Draws that belong to a project, whatever other projects there are."""
    seeds = np.random.SeedSequence([SEED, zlib.crc32(code.encode())])
    return np.random.Generator(np.random.PCG64(seeds)).standard_normal((DRAWS, count))


def _root(numbers: list[int], correlation: Mapping[tuple[int, int], float]) -> Floats:
    """The symmetric root, the only one that does not turn with the last digits of the correlations."""
    matrix = np.eye(len(numbers))
    for i, one in enumerate(numbers):
        for j, other in enumerate(numbers):
            if i != j:
                matrix[i, j] = correlation.get((min(one, other), max(one, other)), 0.0)
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)
