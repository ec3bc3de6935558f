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
from bihuan.stats.types import Floats, Ints

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
    """One phase of a chart: the points from ``first`` to before ``end``, ``n`` of which set the limits.

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
    starts: Sequence[int],
    tested_from: int,
) -> ControlChart:
    """The chart of one series.

    Parameters
    ----------
    definition : Definition
    value, n, denominator : ndarray, shape (points,)
        NaN where a period has no number.
    season : sequence of int
        Quarter of the year of each point, 0 to 3.
    starts : sequence of int
        Where a new version begins, besides 0.
    tested_from : int
        The first point of the cycle shown: it is tested, and the limits of its phase do not know it.
    """
    scale = Scale.of(definition)
    size = scale.size(n, denominator)
    y = scale.points(value, size)
    code = np.asarray(season, np.int64)
    shape = (3, len(y))
    drawn, z, stretches = np.full(shape, np.nan), np.full(len(y), np.nan), []
    edges = sorted({0, *(k for k in starts if 0 < k < len(y)), len(y)})
    for first, end in pairwise(edges):
        part = slice(first, end)
        known = np.isfinite(y[part])
        past = known & (np.arange(first, end) < tested_from) if end > tested_from else known
        count = int(past.sum())
        # few points say nothing of the seasons
        seasons = code[part] if count >= PHASE_ONE else np.zeros(end - first, np.int64)
        before = reference(y[None, part], size[None, part], seasons, past[None], checks.SEASONS)
        kind = str(chart_kind(scale, before, np.where(past, size[part], np.nan)[None])[0])
        stretches.append(Stretch(first, end, count, count < PHASE_ONE, kind))
        if count >= LEAST_DRAWN:
            z[part] = _draw(scale, before, y[part], size[part], seasons, drawn[:, part])
    bits = [nelson_rules(z[s.first : s.end]) for s in stretches]
    rules = [rules_in(int(bit)) for part in bits for bit in part]
    return ControlChart(drawn[0], drawn[1], drawn[2], rules, stretches)


def _draw(scale: Scale, past: Reference, y: Floats, size: Floats, season: Ints, out: Floats) -> Floats:
    """Fill in centre and limits of a stretch; gives the normal scores of its points for the rules."""
    there = np.isfinite(y)
    full = np.where(there, size, np.nanmean(np.where(there, size, np.nan)))
    for k in range(len(y)):
        out[:, k] = np.concatenate(limits(scale, past, full[k : k + 1], season[k : k + 1]))
    spread = max(float(past.spread[0]), float(np.nanmean(scale.chance(past.mean[0]))))
    if not spread > 0:
        return np.where(there, 0.0, np.nan)
    with np.errstate(invalid="ignore"):
        return np.asarray((y - past.center(season)[0]) * np.sqrt(size / spread))
