"""Charts that see small lasting shifts, and the test of one new point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from bihuan.stats.control.charts import PHASE_ONE, i_mr
from bihuan.stats.types import ArrayLike, Bools, Floats, Ints

THREE_SIGMA = 0.0026997960632601866  # P(|Z| > 3)


@dataclass(frozen=True)
class Average:
    """Exponentially weighted moving averages; arrays of shape (..., points).

    Attributes
    ----------
    value, center, lower, upper : ndarray
        The average, what it starts from, and its limits.
    out : ndarray of bool
        Beyond the limits.
    p : ndarray
        Two-sided probability of the average since phase I, the uncertainty of phase I taken into
        account; NaN within phase I.
    """

    value: Floats
    center: Floats
    lower: Floats
    upper: Floats
    out: Bools
    p: Floats


@dataclass(frozen=True)
class Cusum:
    """Cumulative sums in standard deviations; arrays of shape (..., points).

    Attributes
    ----------
    up, down : ndarray
        Sums of what exceeds the centre by more than k, and of what falls short of it.
    limit : float
        h.
    out : ndarray of bool
        One of them is above h.
    """

    up: Floats
    down: Floats
    limit: float
    out: Bools


@dataclass(frozen=True)
class Prediction:
    """Each point against those before it; arrays of shape (..., points).

    Attributes
    ----------
    center, lower, upper : ndarray
        Mean of the points before, and the limits for the next one; NaN with fewer than two of them.
    p : ndarray
        Two-sided probability of a point so far out.
    n : ndarray of int
        Points before.
    provisional : ndarray of bool
        Fewer than 20 points before.
    """

    center: Floats
    lower: Floats
    upper: Floats
    p: Floats
    n: Ints
    provisional: Bools


def _flat(x: ArrayLike) -> tuple[Floats, tuple[int, ...]]:
    given = np.asarray(x, dtype=np.float64)
    return np.ascontiguousarray(given.reshape(-1, given.shape[-1])), given.shape


def _threads(loop: Any, rows: int, points: int) -> None:
    from bihuan.stats.kernels.jit import in_threads  # compiled code is loaded when first used

    in_threads(loop, rows, cost=max(1, points // 8))


def _moments(
    table: Floats, lead: tuple[int, ...], center: ArrayLike | None, sigma: ArrayLike | None, first: Ints
) -> tuple[Floats, Floats]:
    """Given centre and sigma of each series, or those of its individuals chart in phase I."""
    rows = len(table)
    if center is None or sigma is None:
        chart = i_mr(table, first).location
        start, spread = chart.center[:, 0], chart.sigma[:, 0]
    if center is not None:
        start = np.broadcast_to(np.asarray(center, dtype=np.float64), lead).reshape(rows)
    if sigma is not None:
        spread = np.broadcast_to(np.asarray(sigma, dtype=np.float64), lead).reshape(rows)
    return np.ascontiguousarray(start), np.ascontiguousarray(spread)


def _baseline(baseline: ArrayLike | None, lead: tuple[int, ...], points: int) -> Ints:
    given = points if baseline is None else baseline
    return np.array(np.broadcast_to(np.asarray(given, dtype=np.int64), lead), np.int64).reshape(-1)


def ewma(
    x: ArrayLike,
    *,
    weight: float = 0.2,
    width: float = 3.0,
    center: ArrayLike | None = None,
    sigma: ArrayLike | None = None,
    baseline: ArrayLike | None = None,
) -> Average:
    """Exponentially weighted moving average.

    ``E_i = λx_i + (1-λ)E_{i-1}``, limits ``μ ± Lσ√(λ/(2-λ)·(1-(1-λ)^{2i}))``. For the probability the
    average is begun anew after phase I of m points: over its deviation from the mean of these,
    ``s·√(Σw² + (Σw)²/m)`` with m - 1 degrees of freedom.

    Parameters
    ----------
    x : array_like, shape (..., points)
    weight, width : float
        λ and L.
    center, sigma : array_like, optional
        Of each series; those of the individuals chart of phase I without.
    baseline : int or array_like of int, optional
        Points of phase I.

    References
    ----------
    Roberts, Technometrics 1 (1959) 239-250.
    """
    if not 0 < weight <= 1:
        raise ValueError(f"the weight of a moving average lies above 0 and up to 1, not at {weight}")
    from bihuan.stats.kernels import series  # compiled code is loaded when first used

    table, shape = _flat(x)
    rows, points = table.shape
    first = _baseline(baseline, shape[:-1], points)
    start, spread = _moments(table, shape[:-1], center, sigma, first)
    value, square, since = np.empty((rows, points)), np.empty((rows, points)), np.empty((rows, points, 2))
    _threads(lambda a, b: series.ewma(table, start, weight, first, value, square, since, a, b), rows, points)
    half = width * spread[:, None] * np.sqrt(square)
    low, high = start[:, None] - half, start[:, None] + half
    out = (value < low) | (value > high)
    # measured from the mean of phase I, whatever centre the chart was given
    phase = np.arange(points) < first[:, None]
    there = phase & ~np.isnan(table)
    m = there.sum(axis=1).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(there, table, 0.0).sum(axis=1) / m
        s = np.sqrt(np.where(there, (table - mean[:, None]) ** 2, 0.0).sum(axis=1) / (m - 1))
        held = 1 - since[:, :, 1]
        moved = since[:, :, 0] + (start - mean)[:, None] * held
        squares = weight / (2 - weight) * (1 - since[:, :, 1] ** 2)
        t = moved / (s[:, None] * np.sqrt(squares + held**2 / m[:, None]))
        p = 2 * special.stdtr(np.maximum(m - 1, 1)[:, None], -np.abs(t))
    p = np.where((m >= 2)[:, None] & (held > 0), p, np.nan)
    wide = [np.asarray(a).reshape(shape) for a in (value, low, high, out, p)]
    center_line = np.broadcast_to(start[:, None], table.shape).reshape(shape)
    return Average(wide[0], center_line, wide[1], wide[2], wide[3], wide[4])


def cusum(
    x: ArrayLike,
    *,
    k: float = 0.5,
    h: float = 5.0,
    center: ArrayLike | None = None,
    sigma: ArrayLike | None = None,
    baseline: ArrayLike | None = None,
) -> Cusum:
    """Cumulative sums ``max(0, S + z - k)`` upwards and ``max(0, S - z - k)`` downwards, limit h.

    Parameters
    ----------
    x : array_like, shape (..., points)
    k, h : float
        Slack and limit, in standard deviations.
    center, sigma, baseline
        As in `ewma`.

    References
    ----------
    Page, Biometrika 41 (1954) 100-115.
    """
    from bihuan.stats.kernels import series  # compiled code is loaded when first used

    table, shape = _flat(x)
    rows, points = table.shape
    first = _baseline(baseline, shape[:-1], points)
    start, spread = _moments(table, shape[:-1], center, sigma, first)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(spread[:, None] > 0, (table - start[:, None]) / spread[:, None], np.nan)
    up, down = np.empty(table.shape), np.empty(table.shape)
    _threads(lambda a, b: series.cusum(z, k, up, down, a, b), rows, points)
    return Cusum(up.reshape(shape), down.reshape(shape), h, ((up > h) | (down > h)).reshape(shape))


def prediction(x: ArrayLike, alpha: float = THREE_SIGMA) -> Prediction:
    """Limits for each point from those before it, ``x̄ ± t_{m-1}·s·√(1 + 1/m)``.

    Three-sigma limits from few points give far more false alarms than 0.27 % (from 11 points 2.1 %);
    these keep their level from the second point on, when the series is normal and undisturbed.

    Parameters
    ----------
    x : array_like, shape (..., points)
        Give it from the last change of base on.
    alpha : float
        Share of false alarms; that of three sigma.

    References
    ----------
    Hahn & Meeker, Statistical Intervals (1991), 4.7.
    """
    from bihuan.stats.kernels import series  # compiled code is loaded when first used

    table, shape = _flat(x)
    rows, points = table.shape
    mean, sd, n = np.empty(table.shape), np.empty(table.shape), np.empty(table.shape, np.int64)
    _threads(lambda a, b: series.running_moments(table, mean, sd, n, a, b), rows, points)
    m = np.maximum(n, 2).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(n >= 2, sd * np.sqrt(1 + 1 / m), np.nan)
        half = special.stdtrit(np.arange(1.0, points + 1), 1 - alpha / 2)[np.maximum(n, 2) - 2] * error
        gap = table - mean
        t = np.where(error > 0, gap / error, np.where(gap == 0, 0.0, np.copysign(np.inf, gap)))
        p = np.where(np.isnan(error) | np.isnan(gap), np.nan, 2 * special.stdtr(m - 1, -np.abs(t)))
    low, high = mean - half, mean + half
    return Prediction(
        mean.reshape(shape),
        np.asarray(low).reshape(shape),
        np.asarray(high).reshape(shape),
        p.reshape(shape),
        n.reshape(shape),
        (n < PHASE_ONE).reshape(shape),
    )
