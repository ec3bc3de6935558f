"""Control charts and the rules that read them.

Functions take one series or a table of series, time along the last axis; missing points are NaN. Centre
and spread come from the first `baseline` points (phase I; all points without it), and the limits run on
over the later ones (phase II). A chart with fewer than 20 points in phase I is provisional: draw it, and
raise no signal from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from bihuan.stats.types import ArrayLike, Bools, Floats, Ints

PHASE_ONE = 20
D2_OF_TWO = 1.128  # rounded, as the tables have it
D4_OF_TWO = 3.267


@dataclass(frozen=True)
class Chart:
    """A control chart.

    Attributes
    ----------
    value, center, lower, upper : ndarray, shape (..., points)
        What is plotted, its centre line and its limits.
    sigma : ndarray, shape (..., points)
        Standard error of each point.
    z : ndarray, shape (..., points)
        (value - center)/sigma, for the rules; for skew charts the normal score of the point.
    n : ndarray of int, shape (...)
        Points in phase I.
    provisional : ndarray of bool, shape (...)
        Fewer than 20 of them.
    """

    value: Floats
    center: Floats
    lower: Floats
    upper: Floats
    sigma: Floats
    z: Floats
    n: Ints
    provisional: Bools


@dataclass(frozen=True)
class Pair:
    """A chart of the level and a chart of the spread around it."""

    location: Chart
    spread: Chart


def _phase_one(shape: tuple[int, ...], baseline: ArrayLike | None) -> Bools:
    """Which points are in phase I."""
    if baseline is None:
        return np.ones(shape, np.bool_)
    return np.asarray(
        np.broadcast_to(np.arange(shape[-1]) < np.asarray(baseline)[..., None], shape), np.bool_
    )


def _average(x: Floats, use: Bools) -> Floats:
    """Mean over the last axis of the points in use, kept as a last axis of one."""
    there = use & ~np.isnan(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(
            np.where(there, x, 0.0).sum(axis=-1, keepdims=True) / there.sum(axis=-1, keepdims=True)
        )


def _moving_range(x: Floats) -> Floats:
    """Distance of each point from the one before; NaN at the first."""
    return np.concatenate([np.full((*x.shape[:-1], 1), np.nan), np.abs(np.diff(x, axis=-1))], axis=-1)


def _chart(
    value: Floats,
    center: Floats,
    sigma: Floats,
    use: Bools,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    width: float = 3.0,
) -> Chart:
    """Chart with limits at three standard errors, within the bounds of the scale."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(sigma > 0, (value - center) / sigma, np.where(np.isnan(value), np.nan, 0.0))
    n = np.sum(use & ~np.isnan(value), axis=-1)
    shape = value.shape
    # one limit for a whole series is kept once and only seen at every point
    return Chart(
        value,
        np.broadcast_to(center, shape),
        np.broadcast_to(np.maximum(center - width * sigma, low), shape),
        np.broadcast_to(np.minimum(center + width * sigma, high), shape),
        np.broadcast_to(sigma, shape),
        z,
        n,
        n < PHASE_ONE,
    )


def constant_c4(n: ArrayLike) -> Floats:
    """E(s)/σ of n normal values, ``√(2/(n-1))·Γ(n/2)/Γ((n-1)/2)``."""
    n = np.asarray(n, dtype=np.float64)
    return np.asarray(np.sqrt(2 / (n - 1)) * np.exp(special.gammaln(n / 2) - special.gammaln((n - 1) / 2)))


def constant_d2(n: int) -> float:
    """E(range)/σ of n normal values, ``∫ 1 - Φ(x)ⁿ - (1 - Φ(x))ⁿ dx``."""
    return _range_moments(n)[0]


def constant_d3(n: int) -> float:
    """SD(range)/σ of n normal values."""
    return _range_moments(n)[1]


@lru_cache(maxsize=64)
def _range_moments(n: int) -> tuple[float, float]:
    """Mean and standard deviation of the range, by Gauss-Legendre quadrature over ±9 standard deviations.

    ``E(R²) = 2∫∫_{x<y} 1 - Φ(y)ⁿ - (1 - Φ(x))ⁿ + (Φ(y) - Φ(x))ⁿ dx dy``.
    """
    if n < 2:
        raise ValueError(f"a range needs two values, not {n}")
    nodes, weights = np.polynomial.legendre.leggauss(120)
    x, w = 9 * nodes, 9 * weights
    mean = float(np.sum(w * (1 - special.ndtr(x) ** n - special.ndtr(-x) ** n)))
    upper = (9 - x[:, None]) / 2 * (nodes[None, :] + 1) + x[:, None]  # from x to the end
    inner = (
        1
        - special.ndtr(upper) ** n
        - special.ndtr(-x[:, None]) ** n
        + (special.ndtr(upper) - special.ndtr(x[:, None])) ** n
    )
    square = 2 * float(np.sum(w * ((9 - x) / 2) * (inner @ weights)))
    return mean, float(np.sqrt(square - mean**2))


def individuals(x: Floats, baseline: ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Mean and mean moving range of phase I, kept as a last axis of one. Parameters as in `i_mr`."""
    from bihuan.stats.kernels import series  # compiled code is loaded when first used
    from bihuan.stats.kernels.jit import in_threads

    table = np.ascontiguousarray(x.reshape(-1, x.shape[-1]))
    most = np.asarray(x.shape[-1] if baseline is None else baseline, dtype=np.int64)
    use = np.ascontiguousarray(np.broadcast_to(most, x.shape[:-1])).reshape(-1)
    center, mean_range = np.empty(len(table)), np.empty(len(table))
    in_threads(
        lambda a, b: series.individuals(table, use, center, mean_range, a, b),
        len(table),
        cost=max(1, x.shape[-1] // 8),
    )
    shape = (*x.shape[:-1], 1)
    return center.reshape(shape), mean_range.reshape(shape)


def i_mr(x: ArrayLike, baseline: ArrayLike | None = None) -> Pair:
    """Individual values and moving ranges: ``x̄ ± 3·MR̄/1.128`` and ``3.267·MR̄``.

    Parameters
    ----------
    x : array_like, shape (..., points)
    baseline : int or array_like of int, optional
        Points of phase I.

    References
    ----------
    Montgomery, Introduction to Statistical Quality Control, chapter 6.
    """
    x = np.asarray(x, dtype=np.float64)
    use = _phase_one(x.shape, baseline)
    ranges = _moving_range(x)
    center, mean_range = individuals(x, baseline)
    location = _chart(x, center, mean_range / D2_OF_TWO, use)
    spread = _chart(ranges, mean_range, mean_range * (D4_OF_TWO - 1) / 3, use, low=0.0)
    return Pair(location, spread)


def xbar_r(x: ArrayLike, baseline: ArrayLike | None = None) -> Pair:
    """Subgroup means and ranges: ``x̄̄ ± 3·(R̄/d2)/√n`` and ``R̄ ± 3·d3·R̄/d2``.

    Parameters
    ----------
    x : array_like, shape (..., points, n)
        Subgroups of one size.
    baseline : int or array_like of int, optional
        Points of phase I.
    """
    x = np.asarray(x, dtype=np.float64)
    n = x.shape[-1]
    mean, spread = x.mean(axis=-1), x.max(axis=-1) - x.min(axis=-1)
    use = _phase_one(mean.shape, baseline)
    average = _average(spread, use)
    # constants with three decimals, as the tables have them, so that charts agree with other software
    sigma = average / round(constant_d2(n), 3)
    return Pair(
        _chart(mean, _average(mean, use), sigma / np.sqrt(n), use),
        _chart(spread, average, round(constant_d3(n), 3) * sigma, use, low=0.0),
    )


def xbar_s(x: ArrayLike, baseline: ArrayLike | None = None) -> Pair:
    """Subgroup means and standard deviations: ``x̄̄ ± 3·(s̄/c4)/√n`` and ``s̄ ± 3·(s̄/c4)·√(1 - c4²)``.

    Parameters
    ----------
    x : array_like, shape (..., points, n)
        Subgroups; NaN where one is smaller than others.
    baseline : int or array_like of int, optional
        Points of phase I.
    """
    x = np.asarray(x, dtype=np.float64)
    n = np.sum(~np.isnan(x), axis=-1).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.nansum(x, axis=-1) / np.where(n > 0, n, np.nan)
        spread = np.sqrt(np.nansum((x - mean[..., None]) ** 2, axis=-1) / np.where(n > 1, n - 1, np.nan))
        c4 = constant_c4(np.maximum(n, 2))
        use = _phase_one(mean.shape, baseline)
        sigma = _average(spread / c4, use)
        held = np.where(use & ~np.isnan(mean), n, 0.0)
        center = np.nansum(held * np.nan_to_num(mean), axis=-1, keepdims=True) / held.sum(-1, keepdims=True)
        error = sigma / np.sqrt(np.where(n > 0, n, np.nan))
    return Pair(
        _chart(mean, center, error, use),
        _chart(spread, c4 * sigma, sigma * np.sqrt(1 - c4**2), use, low=0.0),
    )


def _pooled(count: Floats, size: Floats, use: Bools) -> Floats:
    """Σcount/Σsize over phase I."""
    there = use & ~np.isnan(count) & ~np.isnan(size)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(
            np.where(there, count, 0.0).sum(axis=-1, keepdims=True)
            / np.where(there, size, 0.0).sum(axis=-1, keepdims=True)
        )


def _counts(
    count: ArrayLike,
    size: ArrayLike,
    baseline: ArrayLike | None,
    *,
    binomial: bool,
    laney: bool,
    least: float = 0.0,
) -> Chart:
    """p, p', u and u' charts."""
    x = np.asarray(count, dtype=np.float64)
    n = np.broadcast_to(np.asarray(size, dtype=np.float64), x.shape)
    n = np.where(n > 0, n, np.nan)
    use = _phase_one(x.shape, baseline)
    value, center = x / n, _pooled(x, n, use)
    error = np.sqrt(center * (1 - center) / n) if binomial else np.sqrt(center / n)
    if laney:
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(error > 0, (value - center) / error, np.nan)
        error = error * np.maximum(_average(_moving_range(z), use) / D2_OF_TWO, least)
    return _chart(value, center, error, use, low=0.0, high=1.0 if binomial else np.inf)


def p(count: ArrayLike, size: ArrayLike, baseline: ArrayLike | None = None) -> Chart:
    """Shares: ``p̄ ± 3√(p̄(1-p̄)/n_i)``.

    Parameters
    ----------
    count, size : array_like, shape (..., points)
        Cases that have it, and cases.
    baseline : int or array_like of int, optional
        Points of phase I.
    """
    return _counts(count, size, baseline, binomial=True, laney=False)


def laney_p(
    count: ArrayLike, size: ArrayLike, baseline: ArrayLike | None = None, least: float = 0.0
) -> Chart:
    """Shares that differ more (or less) than chance alone would have it: p limits times σz.

    ``σz = MR̄(z)/1.128`` with ``z_i = (p_i - p̄)/√(p̄(1-p̄)/n_i)``. Use it where σz is outside 0.8 to 1.2,
    or with more than about 1,000 cases a point.

    Parameters
    ----------
    count, size, baseline
        As in `p`.
    least : float
        Smallest σz; 1 keeps limits from being narrower than those of `p`.

    References
    ----------
    Laney, Quality Engineering 14 (2002) 531-537.
    """
    return _counts(count, size, baseline, binomial=True, laney=True, least=least)


def u(count: ArrayLike, size: ArrayLike, baseline: ArrayLike | None = None) -> Chart:
    """Events per unit: ``ū ± 3√(ū/n_i)``. Parameters as in `p`."""
    return _counts(count, size, baseline, binomial=False, laney=False)


def laney_u(
    count: ArrayLike, size: ArrayLike, baseline: ArrayLike | None = None, least: float = 0.0
) -> Chart:
    """Events per unit with σz, as `laney_p` is for shares."""
    return _counts(count, size, baseline, binomial=False, laney=True, least=least)


def c(count: ArrayLike, baseline: ArrayLike | None = None) -> Chart:
    """Events: ``c̄ ± 3√c̄``."""
    x = np.asarray(count, dtype=np.float64)
    return _counts(x, np.ones(x.shape), baseline, binomial=False, laney=False)


def g(gaps: ArrayLike, baseline: ArrayLike | None = None) -> Chart:
    """Days (or cases) between rare events, with the limits of a geometric distribution.

    The limits cut off 0.135 % at each end; z is the normal score of the point.

    Parameters
    ----------
    gaps : array_like, shape (..., points)
        Days between one event and the next, 0 or more.
    baseline : int or array_like of int, optional
        Points of phase I.

    References
    ----------
    Benneyan, Health Care Management Science 4 (2001) 305-318.
    """
    x = np.asarray(gaps, dtype=np.float64)
    use = _phase_one(x.shape, baseline)
    center = _average(x, use)
    tail = float(special.ndtr(-3.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        stay = np.log(center / (1 + center))  # log P(no event in one more day)
        lower = np.maximum(np.ceil(np.log1p(-tail) / stay) - 1, 0.0)
        upper = np.ceil(np.log(tail) / stay) - 1
        at_least = np.exp(x * stay)
        middle = np.clip((at_least + np.exp((x + 1) * stay)) / 2, 1e-300, 1.0)
        z = np.where(np.isnan(x), np.nan, -special.ndtri(middle))
    sigma = np.sqrt(center * (1 + center))
    n = np.sum(use & ~np.isnan(x), axis=-1)
    shape = x.shape
    return Chart(
        x,
        np.broadcast_to(center, shape),
        np.broadcast_to(lower, shape),
        np.broadcast_to(upper, shape),
        np.broadcast_to(sigma, shape),
        z,
        n,
        n < PHASE_ONE,
    )
