"""The tests of many series of one indicator at once; all one-sided, towards the bad side.

Arrays have shape (series, periods) on the scale of `Scale`, where higher is worse. A test that cannot be
made gives NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from bihuan.measure.signals.scales import RATE, SHARE, TIME, Scale
from bihuan.stats import counts, trend
from bihuan.stats.control import PHASE_ONE
from bihuan.stats.control.reference import Average, Reference, above, reference
from bihuan.stats.types import Bools, Floats, Ints

SEASONS = 4
REACH = 9  # points before the cycle that the moving average goes back, where enough are left for phase I
TREND_POINTS = 12
MANY = 5.0  # misses or events a point from which more than chance can be told
WIDE = 1.2  # times the standard error by chance: months differ by more than that
LEAST_OF_TIMES = 5  # records under a median or a quantile whose interval may stand for its error
Z95 = float(special.ndtri(0.975))


@dataclass(frozen=True)
class Level:
    """The newest points against the limits of the past, and their average.

    ``at`` is the column of the point that is furthest off.
    """

    point: Floats
    average: Floats
    at: Ints
    past: Past
    n: Ints


@dataclass(frozen=True)
class Past:
    """Phase I looked at in two ways, of which the wider counts.

    ``by_cases`` takes points to be as precise as their cases say, ``alike`` all points to be equally so:
    months may differ by chance, or by more. Where counts differ by more than chance the second looks at
    their logarithms, and ``typical`` is their centre; it is NaN elsewhere.
    """

    by_cases: Reference
    alike: Reference
    typical: Floats

    @classmethod
    def of(cls, scale: Scale, y: Floats, size: Floats, season: Ints, use: Bools) -> Past:
        """From the points in use."""
        by_cases = reference(y, size, season, use, SEASONS)
        typical = np.full(len(y), np.nan)
        if scale.counts:
            with np.errstate(divide="ignore", invalid="ignore"):
                hits = np.where(by_cases.weight > 0, by_cases.mean * by_cases.weight, 0.0).sum(axis=1)
                center = hits / by_cases.weight.sum(axis=1)
                many = np.abs(hits) >= MANY * np.maximum(by_cases.n, 1)
                many &= by_cases.spread > WIDE**2 * scale.chance(center)
            typical = np.where(many, center, np.nan)
        other = cls.seen(scale, y, typical[:, None])
        return cls(by_cases, reference(other, np.ones_like(y), season, use, SEASONS), typical)

    @staticmethod
    def seen(scale: Scale, y: Floats, typical: Floats) -> Floats:
        """Points as the second way sees them."""
        if np.isnan(typical).all():
            return y
        return np.where(np.isnan(typical), y, scale.multiplied(y, typical))


def level(scale: Scale, y: Floats, size: Floats, season: Ints, past: Bools, now: Bools) -> Level:
    """Test the points of the cycle; NaN where fewer than 20 stand before them."""
    before = Past.of(scale, y, size, season, past)
    n = before.by_cases.n
    columns = np.flatnonzero(now.any(axis=0))
    p = point_tests(scale, y[:, columns], size[:, columns], season[columns], before)
    p = np.where(now[:, columns] & (n >= PHASE_ONE)[:, None], p, np.nan)
    filled = np.where(np.isnan(p), np.inf, p)
    at = np.where(np.isinf(filled).all(axis=1), _last(now), columns[filled.argmin(axis=1)])
    return Level(trend.simes(p), average_test(scale, y, size, season, past, now, before), at, before, n)


def _last(mask: Bools) -> Ints:
    """The last column that is set."""
    return np.asarray(mask.shape[1] - 1 - mask[:, ::-1].argmax(axis=1), np.int64)


def point_tests(scale: Scale, y: Floats, size: Floats, season: Ints, past: Past) -> Floats:
    """The larger of the probabilities by both ways, and of the exact one of counts."""
    by_cases, alike = past.by_cases, past.alike
    other = Past.seen(scale, y, past.typical[:, None])
    p = np.maximum(
        above(by_cases.t(y, size, season), by_cases.df[:, None]),
        above(alike.t(other, np.ones_like(y), season), alike.df[:, None]),
    )
    if scale.counts:
        exact = scale.exact(y, size, by_cases.center(season), by_cases.weight[:, season])
        return np.maximum(p, exact)
    return np.where((by_cases.spread > 0)[:, None], p, np.nan)


def average_test(
    scale: Scale,
    y: Floats,
    size: Floats,
    season: Ints,
    past: Bools,
    now: Bools,
    whole: Past,
) -> Floats:
    """The moving average of the last points, as far back as 20 are left before them.

    Where the points of the cycle themselves lie on the good side there is no signal, whatever was before.
    """
    rank = past.cumsum(axis=1)
    kept = np.maximum(PHASE_ONE, rank[:, -1] - REACH)[:, None]
    base = past & (rank <= kept)
    new = (past & ~base) | now
    before = Past.of(scale, y, size, season, base)
    by_cases, alike = before.by_cases, before.alike
    average = by_cases.average(y, size, season, new)
    other = alike.average(Past.seen(scale, y, before.typical[:, None]), np.ones_like(y), season, new)
    p = np.maximum(above(average.t, by_cases.df), above(other.t, alike.df))
    if scale.counts:
        p = np.maximum(p, _by_chance(scale, y, size, season, new, by_cases, average))
    else:
        p = np.where(by_cases.spread > 0, p, np.nan)
    gap = np.where(now, size * (y - whole.by_cases.center(season)), 0.0)
    p = np.where(np.nansum(gap, axis=1) > 0, p, 1.0)
    enough = (rank[:, -1] >= PHASE_ONE) & now.any(axis=1)
    return np.where(enough, p, np.nan)


def _by_chance(
    scale: Scale, y: Floats, size: Floats, season: Ints, new: Bools, base: Reference, average: Average
) -> Floats:
    """The average of counts that scatter by chance alone, its skewness taken into account."""
    held = np.where(new, size, 0.0)
    of = (season[:, None] == np.arange(SEASONS)).astype(np.float64)
    weight = base.weight + held @ of
    hits = np.where(base.weight > 0, base.mean * base.weight, 0.0) + (held * np.where(new, y, 0.0)) @ of
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(weight > 0, hits / weight, 0.0)  # as it would be if nothing had changed
        variance = scale.chance(mean)
        third = variance * (1 - 2 * mean) if scale.kind == SHARE else mean
        pulled = np.where(average.pulled > 0, average.pulled / base.weight, 0.0)
        second = (average.weights**2 * variance[:, season]).sum(axis=1)
        second += (pulled**2 * base.weight * variance).sum(axis=1)
        by_case = np.where(average.root > 0, average.weights**3 / average.root, 0.0)
        skew = (by_case * third[:, season]).sum(axis=1) - (pulled**3 * base.weight * third).sum(axis=1)
        z = average.value / np.sqrt(second)
        p = counts.skewed_tail(z, skew / second**1.5)
    return np.where(second > 0, p, np.where(average.value > 0, np.nan, 1.0))


@dataclass(frozen=True)
class Cycle:
    """One whole cycle of each series: its point, and how sure it is; arrays of shape (series,)."""

    y: Floats
    size: Floats
    n_eff: Floats
    value: Floats
    se: Floats
    df: Floats
    low: Floats
    high: Floats


def change(scale: Scale, now: Cycle, before: Cycle, past: Past, enough: Bools, months: int) -> Floats:
    """One cycle against another, by values and their errors; the exact test of counts as well.

    Where enough months stand before the cycle, their spread counts too: what differs from month to month by
    more than chance differs from cycle to cycle as well.
    """
    if scale.kind == TIME:
        p = _times(scale, now, before)
    else:
        p = _welch(scale, now, before)
        if scale.counts:
            n = [np.minimum(np.where(c.n_eff > 0, c.n_eff, c.size), c.size) for c in (now, before)]
            if scale.kind == RATE:
                n = [now.size, before.size]
            exact = scale.exact(now.y, n[0], before.y, n[1])
            p = np.where(np.isnan(p), exact, np.maximum(p, exact))
    by_cases, alike = past.by_cases, past.alike
    other = [Past.seen(scale, c.y, past.typical) for c in (now, before)]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (now.y - before.y) / np.sqrt(by_cases.spread * (1 / now.size + 1 / before.size))
        beside = (other[0] - other[1]) / np.sqrt(alike.spread * 2 / months)
    wide = np.where(enough, np.maximum(above(t, by_cases.df), above(beside, alike.df)), np.nan)
    return np.where(np.isnan(wide) | np.isnan(p), p, np.maximum(p, wide))


def _welch(scale: Scale, now: Cycle, before: Cycle) -> Floats:
    """Welch's test of the difference of two estimates; NaN where neither has an error."""
    sign = -1.0 if scale.good else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        per = [
            c.size if scale.counted else np.ones_like(c.size) for c in (now, before)
        ]  # a number of events is compared by exposure
        squares = [(c.se / unit) ** 2 for c, unit in zip((now, before), per, strict=True)]
        gap = sign * (now.value / per[0] - before.value / per[1])
        total = squares[0] + squares[1]
        parts = sum(
            s**2 / np.where(c.df > 0, c.df, np.inf) for s, c in zip(squares, (now, before), strict=True)
        )
        df = np.where(parts > 0, total**2 / parts, 1e9)
        return above(np.where(total > 0, gap / np.sqrt(total), np.nan), df)


def _times(scale: Scale, now: Cycle, before: Cycle) -> Floats:
    """Times by the logarithms of their intervals: the near end of each stands for its error."""
    ends = (now.high, before.low) if scale.good else (now.low, before.high)
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = [np.log(c.value / end) / Z95 for c, end in zip((now, before), ends, strict=True)]
        t = (now.y - before.y) / np.hypot(*errors)
    records = np.minimum(now.size, before.size)
    usable = (records >= LEAST_OF_TIMES) & (errors[0] != 0) & (errors[1] != 0)
    return np.where(usable, above(t, now.size + before.size - 2), np.nan)


def rising(y: Floats, season: Ints) -> Floats:
    """Seasonal Mann-Kendall towards the bad side, within the quarters of the year; NaN under 12 points.

    The three months of a quarter are one season, as they are for the limits: with twelve seasons two years
    of months would leave one pair in each.
    """
    missing = np.full((len(y), 1), np.nan)
    found = trend.seasonal_mann_kendall(np.hstack([y, missing])[:, _interleaved(season)], SEASONS)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(found.variance > 0, (found.s - 1) / np.sqrt(found.variance), np.nan)
    return np.where(found.n >= TREND_POINTS, special.ndtr(-z), np.nan)


def _interleaved(season: Ints) -> Ints:
    """Columns in an order in which every fourth is of one season, those of a season in order of time.

    Where a season has fewer columns than another, a column of -1 stands for a missing one.
    """
    own = [np.flatnonzero(season == s) for s in range(SEASONS)]
    order = np.full((max(len(columns) for columns in own), SEASONS), -1, np.int64)
    for s, columns in enumerate(own):
        order[: len(columns), s] = columns
    return order.ravel()
