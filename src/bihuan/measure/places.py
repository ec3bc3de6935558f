"""The tree of places as it stood on one day, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from bihuan.stats.types import Bools, Floats, Ints

PROJECT, BUILDING = "project", "building"


@dataclass(frozen=True)
class Tree:
    """Places in a fixed order (by code); ``parent`` is an index, -1 at the top.

    Attributes
    ----------
    codes, levels, grades : list of str
        Code, kind and service grade of each place.
    parent : ndarray of int
    households : ndarray
        Of the projects as the dimension says; NaN where it does not.
    unplaced : frozenset of str
        Projects that have facts but stand nowhere in the tree.
    """

    codes: list[str]
    levels: list[str]
    grades: list[str]
    parent: Ints
    households: Floats
    index: dict[str, int]
    unplaced: frozenset[str]

    @classmethod
    def build(cls, places: pa.Table, day: date, projects: Iterable[str]) -> Tree:
        """Take the spells that hold on ``day``, and every project that has facts."""
        rows = {row["code"]: row for row in places.to_pylist() if _stands(row, day)}
        extra = sorted(set(projects) - set(rows))
        codes = sorted([*rows, *extra])
        index = {code: i for i, code in enumerate(codes)}
        found: list[dict[str, Any]] = [rows.get(code, {"kind": PROJECT}) for code in codes]
        parent = np.array([index.get(row.get("parent") or "", -1) for row in found], np.int64)
        _refuse_loops(parent, codes)
        return cls(
            codes,
            [row["kind"] for row in found],
            [row.get("grade") or "" for row in found],
            parent,
            np.array([_number(row.get("households")) for row in found], np.float64),
            index,
            frozenset(extra),
        )

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def projects(self) -> Ints:
        """Indices of the projects."""
        return np.array([i for i, level in enumerate(self.levels) if level == PROJECT], np.int64)

    @cached_property
    def project_grades(self) -> tuple[list[str], Ints]:
        """The grades of projects, and which of them each project has."""
        index: dict[str, int] = {}
        codes = [index.setdefault(self.grades[i], len(index)) for i in self.projects.tolist()]
        return list(index), np.array(codes, np.int64)

    @cached_property
    def is_building(self) -> Bools:
        """Which places are buildings."""
        return np.array([level == BUILDING for level in self.levels], np.bool_)

    @cached_property
    def is_above(self) -> Bools:
        """Places with others than buildings under them: what they have is gathered from several projects."""
        found = np.zeros(len(self), np.bool_)
        found[self.parent[(self.parent >= 0) & ~self.is_building]] = True
        return found

    @cached_property
    def home(self) -> Ints:
        """The lowest place above projects that each place belongs to: itself, or its parent; -1 for none."""
        return np.where(self.is_above, np.arange(len(self)), self.parent)

    @cached_property
    def project_of(self) -> Ints:
        """The project that each place belongs to: itself, or the lowest above it; -1 for none."""
        is_project = np.zeros(len(self), np.bool_)
        is_project[self.projects] = True
        place = np.arange(len(self))
        while (low := (place >= 0) & ~is_project[place]).any():
            place = np.where(low, self.parent[place], place)
        return place

    def own_buildings(self, building: Ints, project: Ints) -> Ints:
        """The buildings that belong to the projects beside them, and -1 for all others.

        A fact that names another project's building is its project's, and no building's: the places under a
        project add up to it, and all that a building has comes from the facts of one project.
        """
        own = (building >= 0) & self.is_building[building] & (self.project_of[building] == project)
        return np.where(own, building, -1)

    def places_of(self, names: Sequence[str]) -> Ints:
        """Index of each code, -1 where there is no such place; at the end one more -1, for nothing."""
        return np.array([*(self.index.get(name, -1) for name in names), -1], np.int64)

    def lineage(self, start: Ints) -> tuple[Ints, Ints]:
        """Pairs (position in ``start``, place) of each place itself and everything above it."""
        position = np.flatnonzero(np.asarray(start) >= 0)
        place = np.asarray(start, np.int64)[position]
        positions, found = [], []
        while len(place):
            positions.append(position)
            found.append(place)
            above = self.parent[place]
            position, place = position[above >= 0], above[above >= 0]
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        return np.concatenate(positions), np.concatenate(found)

    def ancestors(self) -> list[Ints]:
        """For each depth from the top: the place there that each place belongs to, -1 where there is none.

        Every place stands at one depth, so that what is grouped by one of these arrays is grouped whole.
        """
        depth = np.full(len(self), -1, np.int64)
        depth[self.parent < 0] = 0
        while (depth < 0).any():
            open_ = np.flatnonzero(depth < 0)
            above = depth[self.parent[open_]]
            depth[open_[above >= 0]] = above[above >= 0] + 1
        found = []
        for level in range(int(depth.max(initial=-1)) + 1):
            own = np.arange(len(self))
            while True:
                low = (own >= 0) & (depth[own] > level)
                if not low.any():
                    break
                own = np.where(low, self.parent[own], own)
            found.append(np.where(depth[own] == level, own, -1))
        return found

    def project_weights(self) -> Floats:
        """Households of each project as its weight; where any is unknown, of that project the mean, or 1."""
        weights = np.zeros(len(self))
        own = self.households[self.projects]
        known = own[np.isfinite(own) & (own >= 0)]
        usual = float(known.mean()) if known.size and known.sum() > 0 else 1.0
        weights[self.projects] = np.where(np.isfinite(own) & (own >= 0), own, usual)
        return weights

    def below(self, code: str) -> frozenset[str]:
        """Codes of a place and of everything under it."""
        if code not in self.index:
            return frozenset([code])
        top = self.index[code]
        position, place = self.lineage(np.arange(len(self)))
        return frozenset(self.codes[i] for i in position[place == top])


def _stands(row: dict[str, Any], day: date) -> bool:
    first, last = row.get("valid_from"), row.get("valid_to")
    return (first is None or first <= day) and (last is None or last >= day)


def _number(given: Any) -> float:
    return float("nan") if given is None else float(given)


def _refuse_loops(parent: Ints, codes: list[str]) -> None:
    place = np.arange(len(parent))
    for _ in range(len(parent)):
        place = np.unique(parent[place])
        place = place[place >= 0]
        if not len(place):
            return
    if len(place):
        raise ValueError(f"The place {codes[int(place[0])]!r} stands above itself in the tree.")
