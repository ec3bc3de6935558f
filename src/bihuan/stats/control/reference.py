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

from collections.abc import Callable
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
        from bihuan.stats.kernels import seasons  # compiled code is loaded when first used

        table, held, code, there = _prepared(x, size, season, use)
        rows = len(table)
        weights, root = np.empty(table.shape), np.empty(table.shape)
        pulled, moved, variance = np.empty(self.mean.shape), np.empty(rows), np.empty(rows)
        _shared(
            lambda a, b: seasons.average(
                table, held, code, there, WEIGHT, self.mean, self.weight, weights, root, pulled, moved,
                variance, a, b,
            ),
            table,
        )  # fmt: skip
        t = _over(moved, np.sqrt(self.spread * variance))
        t = np.where((variance > 0) & np.isfinite(self.spread), t, np.nan)
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
    from bihuan.stats.kernels import seasons as loops  # compiled code is loaded when first used

    table, held, code, there = _prepared(x, size, season, use)
    rows = len(table)
    mean, weight = np.empty((rows, seasons)), np.empty((rows, seasons))
    spread, df, n = np.empty(rows), np.empty(rows), np.empty(rows, np.int64)
    _shared(lambda a, b: loops.reference(table, held, code, there, mean, weight, spread, df, n, a, b), table)
    return Reference(mean, weight, spread, df, n)


def _prepared(
    x: ArrayLike, size: ArrayLike, season: ArrayLike, use: ArrayLike
) -> tuple[Floats, Floats, Ints, Bools]:
    """Tables of one shape, as compiled loops need them."""
    table: Floats = np.ascontiguousarray(x, np.float64)
    held: Floats = np.ascontiguousarray(np.broadcast_to(np.asarray(size, np.float64), table.shape))
    there: Bools = np.ascontiguousarray(np.broadcast_to(np.asarray(use, np.bool_), table.shape))
    return table, held, np.ascontiguousarray(season, np.int64), there


def _shared(loop: Callable[[int, int], None], table: Floats) -> None:
    """Run a loop over all series, shared among the cores."""
    from bihuan.stats.kernels.jit import in_threads  # compiled code is loaded when first used

    in_threads(loop, len(table), cost=max(1, table.shape[1] // 16))


def above(t: ArrayLike, df: ArrayLike) -> Floats:
    """P(T_df >= t), NaN without a degree of freedom."""
    t, df = np.asarray(t, np.float64), np.asarray(df, np.float64)
    tail = special.stdtr(np.where(df > 0, df, 1.0), -np.where(np.isinf(t), 0.0, t))
    tail = np.where(np.isposinf(t), 0.0, np.where(np.isneginf(t), 1.0, tail))
    return np.where((df > 0) & ~np.isnan(t), tail, np.nan)
