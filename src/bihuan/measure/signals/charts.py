"""The control chart of one series as a page draws it, by the same limits that its test uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import special

from bihuan.measure.definition import Definition
from bihuan.measure.signals import checks
from bihuan.measure.signals.scales import BOUNDED_MEAN, SHARE, TIME, Scale
from bihuan.stats.control import PHASE_ONE, nelson_rules, rules_in
from bihuan.stats.control.reference import Reference, reference
from bihuan.stats.types import Bools, Floats, Ints

SIGMA3 = float(special.ndtr(-3.0))  # the share that each limit cuts off
WIDE, LARGE = 1.2, 1000  # σz and cases a point beyond which the chart is Laney's
LEAST_DRAWN = 6  # points before there is a range worth drawing
RARE = 1.0  # events a point


def limits(
    scale: Scale, past: Reference, size: Floats, season: Ints, tail: float = SIGMA3
) -> tuple[Floats, Floats, Floats]:
    """Centre and prediction limits, as values, of one point of each series in its season.

    They are Laney's with Student's distribution: never narrower than chance alone where cases are counted.
    """
    row = np.arange(len(size))
    with np.errstate(divide="ignore", invalid="ignore"):
        center, precise = past.mean[row, season], 1 / size + 1 / past.weight[row, season]
        df = np.where(past.df > 0, past.df, np.nan)
        spread = np.maximum(past.spread, scale.chance(center))
        half = -special.stdtrit(df, tail) * np.sqrt(spread * precise)
        ends = [scale.values(center + sign * half, size) for sign in (-1, 1)]
    return scale.values(center, size), np.minimum(*ends), np.maximum(*ends)


def chart_kind(scale: Scale, past: Reference, size: Floats) -> np.ndarray:
    """The name of the chart that is right for each series: p, p', u, u', g, i, log or root."""
    rows = len(past.n)
    if not scale.counts:
        return np.full(rows, {TIME: "log", BOUNDED_MEAN: "root"}.get(scale.kind, "i"), object)
    there = np.isfinite(size) & (size > 0)
    held = np.where(there, size, 0.0).sum(axis=1)
    n = np.maximum(there.sum(axis=1), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        center = np.where(past.weight > 0, past.mean * past.weight, 0.0).sum(axis=1) / held
        ratio = np.sqrt(past.spread / scale.chance(center))
        rare = np.abs(center) * held / n < RARE
    laney = ratio > WIDE
    if scale.kind == SHARE:
        return np.where(laney | (held / n > LARGE), "p'", "p").astype(object)
    return np.where(rare & ~laney, "g", np.where(laney, "u'", "u")).astype(object)


@dataclass(frozen=True)
class Stretch:
    """One phase of a chart: the points from ``first`` to before ``end``, ``n`` before the newest cycle.

    With fewer than 20 of them it is provisional, and nothing is tested by it.
    """

    first: int
    end: int
    n: int
    provisional: bool
    chart: str


@dataclass(frozen=True)
class ControlChart:
    """Centre and limits by point, NaN where there are none; which run rules each point meets."""

    center: Floats
    lower: Floats
    upper: Floats
    rules: Sequence[Sequence[int]]
    stretches: Sequence[Stretch]


def control_charts(
    definition: Definition,
    *,
    value: Floats,
    n: Floats,
    denominator: Floats,
    season: Sequence[int],
    cycle: Sequence[int],
    starts: Sequence[int],
) -> ControlChart:
    """The chart of one series, each cycle by the limits that stood when it was tested.

    The first cycles that make 20 points are judged by themselves, every later one by all before it. Run
    rules look at the worse side alone: a long run on the better side says that it was better before.

    Parameters
    ----------
    definition : Definition
    value, n, denominator : ndarray, shape (points,)
        NaN where a period has no number.
    season, cycle : sequence of int
        Quarter of the year of each point, 0 to 3, and the cycle it belongs to, in order.
    starts : sequence of int
        Where a new version begins, besides 0.
    """
    scale = Scale.of(definition)
    size = scale.size(n, denominator)
    y = scale.points(value, size)
    season_of, cycle_of = np.asarray(season, np.int64), np.asarray(cycle, np.int64)
    drawn, rules, stretches = np.full((3, len(y)), np.nan), [], []
    edges = sorted({0, *(k for k in starts if 0 < k < len(y)), len(y)})
    for first, end in pairwise(edges):
        part = slice(first, end)
        one = _Series(scale, y[part], size[part], season_of[part], cycle_of[part])
        past = one.known & (one.cycle < cycle_of[-1] if end == len(y) else True)
        count = int(past.sum())
        z = one.learnt(drawn[:, part]) if count >= PHASE_ONE else one.provisional(past, drawn[:, part])
        rules += _rules(z, one.y)
        kind = str(chart_kind(scale, one.by(past), np.where(past, one.size, np.nan)[None])[0])
        stretches.append(Stretch(first, end, count, count < PHASE_ONE, kind))
    return ControlChart(drawn[0], drawn[1], drawn[2], rules, stretches)


def _rules(z: Floats, y: Floats) -> list[list[int]]:
    """Run rules towards the worse side; a rise is one of the values, whatever their sizes."""
    bits = nelson_rules(np.maximum(z, 0.0), (1, 2, 5))
    rising = (nelson_rules(np.where(np.isnan(z), np.nan, y), (3,)) > 0) & (
        y > np.concatenate([y[:1], y[:-1]])
    )
    return [rules_in(int(bit) | 4 * int(up)) for bit, up in zip(bits, rising, strict=True)]


@dataclass(frozen=True)
class _Series:
    """One phase of one series."""

    scale: Scale
    y: Floats
    size: Floats
    season: Ints
    cycle: Ints

    @property
    def known(self) -> Bools:
        return np.isfinite(self.y)

    def by(self, past: Bools, *, seasons: bool = True) -> Reference:
        """What the points in use say."""
        season = self.season if seasons else np.zeros_like(self.season)
        return reference(self.y[None], self.size[None], season, past[None], checks.SEASONS)

    def learnt(self, out: Floats) -> Floats:
        """Fill in the limits cycle by cycle; gives the normal scores."""
        z = np.full(len(self.y), np.nan)
        before = np.array([(self.known & (self.cycle < c)).sum() for c in self.cycle])
        learning = before < PHASE_ONE
        self._fill(self.by(self.known & learning), learning, out, z, self.season)
        for c in np.unique(self.cycle[~learning]):
            self._fill(self.by(self.known & (self.cycle < c)), self.cycle == c, out, z, self.season)
        return z

    def provisional(self, past: Bools, out: Floats) -> Floats:
        """Fill in limits from few points, which say nothing of the seasons."""
        z = np.full(len(self.y), np.nan)
        if past.sum() >= LEAST_DRAWN:
            every = np.ones_like(past)
            self._fill(self.by(past, seasons=False), every, out, z, np.zeros_like(self.season))
        return z

    def _fill(self, past: Reference, rows: Bools, out: Floats, z: Floats, season: Ints) -> None:
        size = np.where(self.known, self.size, np.nanmean(np.where(self.known, self.size, np.nan)))
        for k in np.flatnonzero(rows):
            out[:, k] = np.concatenate(limits(self.scale, past, size[k : k + 1], season[k : k + 1]))
        spread = max(float(past.spread[0]), float(np.nanmean(self.scale.chance(past.mean[0]))))
        with np.errstate(divide="ignore", invalid="ignore"):
            score = (self.y - past.center(season)[0]) * np.sqrt(self.size / spread)
        z[rows] = (np.where(self.known, 0.0, np.nan) if not spread > 0 else score)[rows]
