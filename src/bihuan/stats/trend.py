"""Whether series rise or fall, how fast, and which of many findings to believe.

Functions take one series or a table of series, one a row; missing points are NaN. Results have one entry
for each series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bihuan.stats.intervals import normal_quantile
from bihuan.stats.types import ArrayLike, Floats, Ints


@dataclass(frozen=True)
class Trend:
    """Mann-Kendall tests and Sen slopes; every field is an array with one entry for each series.

    Attributes
    ----------
    s, variance, z, p : ndarray
        Kendall's statistic, its variance, the standard normal value and its two-sided probability.
    tau : ndarray
        Rank correlation with time, ties taken into account.
    slope, low, high : ndarray
        Sen's slope and its interval, per point, or per year for seasonal series; NaN where the series is
        too short to have a limit.
    n : ndarray
        Points.
    """

    s: Floats
    variance: Floats
    z: Floats
    p: Floats
    tau: Floats
    slope: Floats
    low: Floats
    high: Floats
    n: Floats


@dataclass(frozen=True)
class Step:
    """Single changes of level; every field is an array with one entry for each series.

    Attributes
    ----------
    at : ndarray of int
        Last point before the change.
    k, p : ndarray
        Pettitt's statistic and its approximate probability.
    shift : ndarray
        Mean after minus mean before.
    """

    at: Ints
    k: Floats
    p: Floats
    shift: Floats


def _table(x: ArrayLike) -> Floats:
    table = np.ascontiguousarray(np.atleast_2d(np.asarray(x, dtype=np.float64)))
    if table.ndim != 2:
        raise ValueError("series are the rows of a table")
    return table


def _kendall(x: ArrayLike, period: int, together: bool, confidence: float) -> Trend:
    from bihuan.stats.kernels import kendall, serial  # compiled code is loaded when first used
    from bihuan.stats.kernels.jit import in_threads

    table = _table(x)
    rows, points = table.shape
    out = np.empty((9, rows))
    level = normal_quantile(confidence)
    more = np.zeros(rows)
    if together:
        in_threads(lambda a, b: serial.covariances(table, period, more, a, b), rows, cost=points)
    in_threads(
        lambda a, b: kendall.mann_kendall(table, period, more, level, out, a, b),
        rows,
        cost=max(1, points * points // 64),
    )
    return Trend(*out)


def mann_kendall(x: ArrayLike, confidence: float = 0.95) -> Trend:
    """Mann-Kendall trend test with Sen's slope.

    ``S = Σ_{i<j} sign(x_j - x_i)``, ``Var = [n(n-1)(2n+5) - Σt(t-1)(2t+5)]/18``, ``Z = (S ∓ 1)/√Var``;
    the slope is the median of all pairwise slopes, its limits are those at ranks ``(N ∓ z√Var)/2``.

    Parameters
    ----------
    x : array_like, shape (points,) or (series, points)
    confidence : float
        Of the slope's interval.

    References
    ----------
    Mann, Econometrica 13 (1945) 245-259; Sen, JASA 63 (1968) 1379-1389. Agrees with R
    ``trend::mk.test`` and ``sens.slope``.
    """
    return _kendall(x, 1, False, confidence)


def seasonal_mann_kendall(
    x: ArrayLike, period: int, covariance: str = "none", confidence: float = 0.95
) -> Trend:
    """Mann-Kendall test within seasons: each quarter is compared with the same quarter of other years.

    ``S = ΣS_g`` and ``Var = ΣVar_g``, with one continuity correction.

    Parameters
    ----------
    x : array_like, shape (points,) or (series, points)
        In order of time; point k belongs to season ``k mod period``.
    period : int
        Seasons a year.
    covariance : {"none", "hirsch_slack"}
        Whether to add the covariances between seasons, for series whose points depend on the last; the
        approximation needs ten years.
    confidence : float
        Of the slope's interval.

    References
    ----------
    Hirsch, Slack & Smith, Water Resources Research 18 (1982) 107-121; Hirsch & Slack, ibid. 20 (1984)
    727-732.
    """
    if period < 1:
        raise ValueError(f"a year has seasons, not {period}")
    if covariance not in ("none", "hirsch_slack"):
        raise ValueError(f"covariance is 'none' or 'hirsch_slack', not {covariance!r}")
    return _kendall(x, period, covariance == "hirsch_slack", confidence)


def step_change(x: ArrayLike) -> Step:
    """Pettitt's test for one change of level.

    ``U_t = Σ_{i<=t} Σ_j sign(x_i - x_j)``, ``K = max|U_t|``, ``p ≈ 2·exp(-6K²/(n³ + n²))``.

    Parameters
    ----------
    x : array_like, shape (points,) or (series, points)

    References
    ----------
    Pettitt, Applied Statistics 28 (1979) 126-135.
    """
    from bihuan.stats.kernels import series  # compiled code is loaded when first used
    from bihuan.stats.kernels.jit import in_threads

    table = _table(x)
    rows, points = table.shape
    at, k, shift = np.empty(rows, np.int64), np.empty(rows), np.empty(rows)
    in_threads(
        lambda a, b: series.pettitt(table, at, k, shift, a, b), rows, cost=max(1, points * points // 64)
    )
    n = np.sum(~np.isnan(table), axis=1).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.minimum(2 * np.exp(-6 * k**2 / (n**3 + n**2)), 1.0)
    return Step(at, k, p, shift)


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Adjusted probabilities ``q_(i) = min_{j>=i} m·p_(j)/j``; NaN stays NaN and is not counted.

    Believing all with q at most 0.05 keeps the expected share of false findings at 5 %.

    References
    ----------
    Benjamini & Hochberg, JRSS B 57 (1995) 289-300.
    """
    p = np.asarray(p, dtype=np.float64)
    out = np.full(p.shape, np.nan)
    there = np.flatnonzero(~np.isnan(p))
    if not len(there):
        return out
    order = there[np.argsort(p.flat[there], kind="stable")]
    m = len(order)
    raised = p.flat[order] * m / np.arange(1, m + 1)
    out.flat[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return out


def simes(p: ArrayLike) -> Floats:
    """One probability for several tests of one series, ``min_i m·p_(i)/i``, over the last axis.

    NaN is a test that was not made.

    References
    ----------
    Simes, Biometrika 73 (1986) 751-754.
    """
    p = np.asarray(p, dtype=np.float64)
    ordered = np.sort(p, axis=-1)  # NaN last
    m = np.sum(~np.isnan(p), axis=-1, keepdims=True)
    raised = ordered * m / np.arange(1, p.shape[-1] + 1)
    lowest = np.min(np.where(np.isnan(raised), np.inf, raised), axis=-1)
    return np.where(np.isinf(lowest), np.nan, np.minimum(lowest, 1.0))
