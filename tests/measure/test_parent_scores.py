"""Scores of places above projects: the household-weighted mean of the projects under them."""

from __future__ import annotations

import numpy as np
import pytest

from bihuan.measure.blocks import Block, Items
from bihuan.measure.definition import Definition
from bihuan.measure.frame import Frame
from bihuan.measure.places import BUILDING, PROJECT, Tree
from bihuan.measure.scoring import RARE, parent_scores
from bihuan.stats.intervals import normal_quantile
from bihuan.stats.types import Floats
from tests.measure.world import indicator

LEVELS = ("company", *["region"] * 2, *["city"] * 4, *[PROJECT] * 12, *[BUILDING] * 3)
Z = normal_quantile(0.95)


def tree() -> Tree:
    """A company, two regions, four cities, twelve projects of which one stands alone, three buildings."""
    parent = [-1, 0, 0, 1, 1, 2, 2, *[3 + k % 4 for k in range(11)], -1, 7, 7, 8]
    codes = [f"{k:02d}" for k in range(len(LEVELS))]
    households = np.full(len(LEVELS), np.nan)
    households[7:19] = [120, 300, 0, 80, 500, 90, 1000, np.nan, 40, 60, 700, 30]
    index = {code: k for k, code in enumerate(codes)}
    return Tree(
        codes, list(LEVELS), [""] * len(LEVELS), np.array(parent, np.int64), households, index, frozenset()
    )


def frame() -> Frame:
    """Two shares and times of an event, by cycle and month, whole and by a breakdown, with gaps."""
    rng, place = np.random.default_rng(3), tree()
    definitions = [
        Definition.parse(indicator("share", code="S02", success="reopened", target=90, floor=50)),
        Definition.parse(indicator("share", code="S01", success="reopened", target=90, floor=50)),
        Definition.parse(indicator("event_time", code="R01", event="resolved_at", target=1, floor=9,
                                   direction="down")),
    ]  # fmt: skip
    assert definitions[2].kind in RARE
    blocks = []
    for number in range(3):
        for breakdown in ("", "mode"):
            where, when = np.repeat(np.arange(len(place)), 4), np.tile(np.arange(4), len(place))
            one = np.ones(len(where))
            keep = rng.random(len(where)) < (0.6 if number == 2 else 0.9)
            block = Block(number, breakdown, where, when, np.zeros(len(where), np.int64), *[one] * 10)
            blocks.append(block.only(keep))
    return Frame.of(definitions, place, blocks, Items())


def under(place: Tree, top: int) -> list[int]:
    found = []
    for project in place.projects.tolist():
        above = int(place.parent[project])
        while above >= 0 and above != top:
            above = int(place.parent[above])
        found += [project] if above == top else []
    return found


def by_hand(found: Frame, at: int, score: Floats, spread: Floats, least: float) -> tuple[float, float, float]:
    weights = found.tree.project_weights()
    same = (found.definition == found.definition[at]) & (found.period == found.period[at])
    rows = {int(found.place[r]): r for r in np.flatnonzero(same & (found.breakdown == 0))}
    projects = under(found.tree, int(found.place[at]))
    if found.definitions[found.definition[at]].kind in RARE:
        projects = [p for p in projects if p in rows]
    there = [p for p in projects if p in rows and np.isfinite(score[rows[p]])]
    held = sum(weights[p] for p in there)
    if held <= 0 or held < (least - 1e-12) * sum(weights[p] for p in projects):
        return np.nan, np.nan, np.nan
    mean = sum(weights[p] * score[rows[p]] for p in there) / held
    half = Z * np.sqrt(sum((weights[p] * np.nan_to_num(spread[rows[p]])) ** 2 for p in there)) / held
    return mean, max(mean - half, 0.0), min(mean + half, 100.0)


@pytest.mark.parametrize("least", [0.3, 0.7, 1.0])
def test_parents_are_the_means_of_their_projects(least: float) -> None:
    found, rng = frame(), np.random.default_rng(4)
    score = np.where(rng.random(len(found)) < 0.1, np.nan, rng.uniform(0, 100, len(found)))
    low, high = score - rng.uniform(0, 20, len(found)), score + rng.uniform(0, 20, len(found))
    low[::17] = np.nan
    given = [x.copy() for x in (score, low, high)]
    got = parent_scores(found, score, low, high, least)
    above = np.isin(np.array(LEVELS)[found.place], ["company", "region", "city"])
    for kept, before, now in zip(given, (score, low, high), got, strict=True):
        np.testing.assert_array_equal(before, kept)  # what was given stays
        np.testing.assert_array_equal(now[~above], kept[~above])
        assert np.isnan(now[above & (found.breakdown > 0)]).all()
    goal = np.flatnonzero(above & (found.breakdown == 0))
    want = np.array([by_hand(found, at, score, (high - low) / (2 * Z), least) for at in goal])
    np.testing.assert_allclose(np.stack(got, axis=1)[goal], want, rtol=1e-12, atol=1e-12)
    assert np.isfinite(want).all(axis=1).sum() > 5
    if least > 0.3:
        assert np.isnan(want).any()


def test_nothing_measured() -> None:
    empty = Frame.of([], tree(), [], Items())
    none = np.zeros(0)
    assert [len(x) for x in parent_scores(empty, none, none, none, 0.7)] == [0, 0, 0]
