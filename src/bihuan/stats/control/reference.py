"""New points against a past of unequal precision that has seasons: Student's limits, and an average.

The first points of a series, phase I, give each season its own centre and all of them one spread; a point
stands for ``size`` cases, so that its variance is spread/size. A new point then has Student's
distribution, whatever the sizes and the seasons, as long as the series is normal and undisturbed. With one
season and equal sizes this is `prediction`, and the average is that of `ewma`.

References
----------
Hahn & Meeker, Statistical Intervals (1991), 4.7; Draper & Smith, Applied Regression Analysis (1998), 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from bihuan.stats.types import ArrayLike, Bools, Floats, Ints

WEIGHT = 0.2  # of the newest point in the average


@dataclass(frozen=True)
class Reference:
    """What phase I says of each series.

    Attributes
    ----------
    mean, weight : ndarray, shape (series, seasons)
        Centre of each season and the cases under it; NaN and 0 for a season that phase I does not have.
    spread : ndarray, shape (series,)
        Variance of a point of one case.
    df, n : ndarray, shape (series,)
        Degrees of freedom of the spread, and points of phase I.
    """

    mean: Floats
    weight: Floats
    spread: Floats
    df: Floats
    n: Ints

    def center(self, season: ArrayLike) -> Floats:
        """Centre at each point, shape (series, points); `season` has one number for each point."""
        return self.mean[:, np.asarray(season, np.int64)]

    def error(self, size: ArrayLike, season: ArrayLike) -> Floats:
        """Standard error of a new point around its centre, ``√(s²·(1/size + 1/Σsize))``."""
        held = self.weight[:, np.asarray(season, np.int64)]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.sqrt(self.spread[:, None] * (1 / np.asarray(size) + 1 / held)))

    def t(self, x: ArrayLike, size: ArrayLike, season: ArrayLike) -> Floats:
        """Student's t of new points; infinite beside a past that never varied, NaN where there is none."""
        gap = np.asarray(x) - self.center(season)
        return _over(gap, self.error(size, season))

    def average(self, x: ArrayLike, size: ArrayLike, season: ArrayLike, use: ArrayLike) -> Average:
        """Exponentially weighted average of the new points' standardised distances, begun at 0.

        Parameters
        ----------
        x, size : array_like, shape (series, points)
        season : array_like of int, shape (points,)
        use : array_like of bool, shape (series, points)
            The new points.
        """
        code = np.asarray(season, np.int64)
        gap = np.asarray(x) - self.center(code)
        there = np.asarray(use) & np.isfinite(gap)
        after = there[:, ::-1].cumsum(axis=1)[:, ::-1] - there  # points that are newer still
        weights = np.where(there, WEIGHT * (1 - WEIGHT) ** after, 0.0)
        root = np.sqrt(np.where(there, size, 0.0))
        moved = (weights * root * np.where(there, gap, 0.0)).sum(axis=1)
        pulled = np.stack(
            [(weights * root * (code == s)).sum(axis=1) for s in range(self.mean.shape[1])], axis=1
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            shared = np.where(pulled > 0, pulled**2 / self.weight, 0.0).sum(axis=1)
        variance = (weights**2).sum(axis=1) + shared
        t = _over(moved, np.sqrt(self.spread * variance))
        t = np.where(there.any(axis=1) & np.isfinite(self.spread), t, np.nan)
        return Average(moved, t, weights, root, pulled)


@dataclass(frozen=True)
class Average:
    """An average of standardised distances.

    Attributes
    ----------
    value, t : ndarray, shape (series,)
        The average and its Student's t, with the degrees of freedom of the reference.
    weights, root : ndarray, shape (series, points)
        Weight of each point, and the root of its size.
    pulled : ndarray, shape (series, seasons)
        Σ weight·root in each season: how far an error of the season's centre moves the average.
    """

    value: Floats
    t: Floats
    weights: Floats
    root: Floats
    pulled: Floats


def _over(gap: Floats, error: Floats) -> Floats:
    """Distance over error, with the sign of the distance where the error is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        beside = np.where(gap == 0, 0.0, np.copysign(np.inf, gap))
        return np.where(error > 0, gap / error, np.where(np.isnan(error) | np.isnan(gap), np.nan, beside))


def reference(
    x: ArrayLike, size: ArrayLike, season: ArrayLike, use: ArrayLike, seasons: int = 1
) -> Reference:
    """Centres and spread of phase I.

    ``x̄_s = Σ size·x / Σ size`` in each season, ``s² = Σ size·(x - x̄_s)² / (m - seasons)``.

    Parameters
    ----------
    x, size : array_like, shape (series, points)
        Values, and the cases under each; all 1 where points are equally precise. Missing points are NaN.
    season : array_like of int, shape (points,)
        Season of each point, from 0.
    use : array_like of bool, shape (series, points)
        Phase I.
    seasons : int
        How many there are.

    Examples
    --------
    >>> past = reference([[9.0, 10.0, 11.0, 14.0]], [[1.0] * 4], [0] * 4, [[True, True, True, False]])
    >>> past.t([[14.0]], 1.0, [0]).round(3)
    array([[3.464]])
    """
    x, size = np.asarray(x, np.float64), np.asarray(size, np.float64)
    code = np.asarray(season, np.int64)
    there: Bools = np.asarray(use, np.bool_) & np.isfinite(x) & (size > 0)
    held, filled = np.where(there, size, 0.0), np.where(there, x, 0.0)
    of = (code[:, None] == np.arange(seasons)).astype(np.float64)
    weight = held @ of
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(weight > 0, (held * filled) @ of / weight, np.nan)
        gap = np.where(there, filled - mean[:, code], 0.0)
        n = there.sum(axis=1)
        df = (n - (weight > 0).sum(axis=1)).astype(np.float64)
        spread = np.where(df > 0, (held * gap**2).sum(axis=1) / df, np.nan)
    scale = (held * filled**2).sum(axis=1)  # what is left of equal numbers by rounding is no spread
    spread = np.where(spread * np.maximum(df, 1) <= 1e-24 * scale, 0.0, spread)
    return Reference(mean, weight, spread, df, n)


def above(t: ArrayLike, df: ArrayLike) -> Floats:
    """P(T_df >= t), NaN without a degree of freedom."""
    t, df = np.asarray(t, np.float64), np.asarray(df, np.float64)
    tail = special.stdtr(np.where(df > 0, df, 1.0), -np.where(np.isinf(t), 0.0, t))
    tail = np.where(np.isposinf(t), 0.0, np.where(np.isneginf(t), 1.0, tail))
    return np.where((df > 0) & ~np.isnan(t), tail, np.nan)
