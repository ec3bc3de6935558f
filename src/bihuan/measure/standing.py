"""Targets of places, what a value scores against them, and in which of five classes it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bihuan.measure.definition import Definition
from bihuan.measure.frame import Frame
from bihuan.measure.goals import Goal
from bihuan.measure.places import BUILDING, PROJECT, Tree
from bihuan.stats import composite
from bihuan.stats.types import Bools, Floats

CLASSES = ("", "below_floor", "below", "slightly_below", "met", "above")
NONE, BELOW_FLOOR, BELOW, SLIGHTLY_BELOW, MET, ABOVE = range(len(CLASSES))


def goal_of_places(goal: Goal, tree: Tree, *, added: Bools | None = None) -> Floats:
    """The goal of every place: a project's own by its grade, above it the household-weighted mean.

    ``added`` marks the projects whose goals are added up instead, which is right for counts: a region of
    ten projects may have ten times what one may.
    """
    found = np.full(len(tree), np.nan)
    projects = tree.projects
    names, grade = tree.project_grades
    own = np.array([goal.for_grade(name) for name in names], np.float64)[grade]
    weight = tree.project_weights()[projects]
    use = np.isfinite(own) & (weight > 0)
    if added is not None:
        use, weight = np.isfinite(own) & added[projects], np.ones(len(projects))
    position, place = tree.lineage(projects[use])
    total = np.bincount(place, (own[use] * weight[use])[position], len(tree))
    held = np.bincount(place, weight[use][position], len(tree))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(held > 0, total if added is not None else total / held, np.nan)
    found[projects] = own
    buildings = np.flatnonzero(tree.is_building & (tree.parent >= 0))
    found[buildings] = found[tree.parent[buildings]]
    return np.asarray(found, np.float64)


@dataclass
class Goals:
    """Targets and floors of the places; those that are fixed are worked out once in a run."""

    tree: Tree
    definitions: Sequence[Definition]
    _known: dict[int, Floats] = field(default_factory=dict)

    def of_places(self, goal: Goal) -> Floats:
        """The goal of every place of the tree."""
        key = id(goal)
        if key not in self._known:
            self._known[key] = goal_of_places(goal, self.tree)
        return self._known[key]

    def of(self, frame: Frame, baselines: Mapping[int, Floats]) -> tuple[Floats, Floats]:
        """Target and floor of every row; ``baselines`` are the places' own past, by indicator.

        The goals of counts are added up over the projects that are counted in the frame.
        """
        target, floor = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
        whole = frame.whole()
        for number in np.unique(frame.definition).tolist():
            definition = self.definitions[number]
            rows = np.flatnonzero(frame.definition == number)
            counted = None
            if definition.kind == "count":
                counted = np.zeros(len(self.tree), np.bool_)
                counted[frame.place[rows[whole[rows]]]] = True
            for goal, into in ((definition.target, target), (definition.floor, floor)):
                if goal.of_baseline is not None:
                    past = baselines.get(number, np.full(len(self.tree), np.nan))
                    into[rows] = goal.of_baseline * past[frame.place[rows]]
                elif counted is not None:
                    into[rows] = goal_of_places(goal, self.tree, added=counted)[frame.place[rows]]
                else:
                    into[rows] = self.of_places(goal)[frame.place[rows]]
        return target, floor


def standing(frame: Frame, target: Floats, floor: Floats) -> np.ndarray:
    """The class of every row, as a place in `CLASSES`: surely or perhaps below target, met, surely above."""
    down = frame.of_definition([d.direction == "down" for d in frame.definitions])
    sign = np.where(down, -1.0, 1.0)
    value = frame["value"] * sign
    edges = np.stack([frame["low"] * sign, frame["high"] * sign])
    with np.errstate(invalid="ignore"):
        low, high = np.fmin(edges[0], edges[1]), np.fmax(edges[0], edges[1])
        low, high = (np.where(np.isnan(edge), value, edge) for edge in (low, high))
        goal, least = target * sign, floor * sign
        found = np.select(
            [value < least, (value < goal) & (high < goal), value < goal, low > goal],
            [BELOW_FLOOR, BELOW, SLIGHTLY_BELOW, ABOVE],
            MET,
        ).astype(np.int8)
    found[np.isnan(value) | np.isnan(goal)] = NONE
    return found


def own_scores(frame: Frame, target: Floats, floor: Floats) -> tuple[Floats, Floats, Floats]:
    """Score of every row by its own value, and of the ends of its interval."""
    down = frame.of_definition([d.direction == "down" for d in frame.definitions])
    way = np.where(down, "down", "up")
    score, one, other = (
        composite.score_map(frame[name], target, floor, way) if len(frame) else np.zeros(0)
        for name in ("value", "low", "high")
    )
    low, high = np.fmin(one, other), np.fmax(one, other)
    return score, np.fmin(low, score), np.fmax(high, score)


def is_above_projects(frame: Frame) -> Bools:
    """Rows of regions and companies, whose score is made of their projects' scores."""
    level = np.array([name not in (PROJECT, BUILDING) for name in frame.tree.levels], np.bool_)
    return level[frame.place] if len(frame) else np.zeros(0, np.bool_)
