"""Places side by side: funnel limits, and whether groups differ at all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from bihuan.stats.intervals import student_quantile
from bihuan.stats.types import ArrayLike, Floats, Ints, codes, floats

WARNING, ALARM = 0.95, 0.998


@dataclass(frozen=True)
class Funnel:
    """Limits around a benchmark; every array has one entry for each place.

    Attributes
    ----------
    benchmark : float
    z : ndarray
        Distance from the benchmark in standard errors, overdispersion taken into account.
    low_warning, high_warning, low_alarm, high_alarm : ndarray
        95 % and 99.8 % limits.
    dispersion : float
        Mean squared z of the middle places; 1 where chance alone is at work.
    tau : float
        Standard deviation between places beyond chance, in the unit of z's denominator.
    outside : ndarray of int
        -2, -1, 0, 1 or 2: beyond the low alarm, the low warning, none, the high warning, the high alarm.
    """

    benchmark: float
    z: Floats
    low_warning: Floats
    high_warning: Floats
    low_alarm: Floats
    high_alarm: Floats
    dispersion: float
    tau: float
    outside: Ints


def funnel_share(count: ArrayLike, n: ArrayLike, benchmark: float | None = None) -> Funnel:
    """Exact binomial funnel of shares, each place with its own n.

    Limits are interpolated between whole counts, so that they run smoothly.

    Parameters
    ----------
    count, n : array_like
        Successes and cases of each place.
    benchmark : float, optional
        The pooled share without it.

    References
    ----------
    Spiegelhalter, Statistics in Medicine 24 (2005) 1185-1202, appendix A.1.1.
    """
    x, n = floats(count), floats(n)
    theta = float(x.sum() / n.sum()) if benchmark is None else float(benchmark)
    if not 0 <= theta <= 1:
        raise ValueError(f"a share lies between 0 and 1, not at {theta}")
    limits = [_binomial_limit(level, n, theta) for level in _levels()]
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (x / n - theta) / np.sqrt(theta * (1 - theta) / n)
    return _funnel(theta, x / n, z, limits)


def funnel_rate(count: ArrayLike, exposure: ArrayLike, benchmark: float | None = None) -> Funnel:
    """Exact Poisson funnel of rates, each place with its own exposure. As `funnel_share` otherwise."""
    x, size = floats(count), floats(exposure)
    theta = float(x.sum() / size.sum()) if benchmark is None else float(benchmark)
    limits = [_poisson_limit(level, size * theta) / size for level in _levels()]
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (x / size - theta) / np.sqrt(theta / size)
    return _funnel(theta, x / size, z, limits)


def funnel_overdispersed(
    value: ArrayLike, se: ArrayLike, benchmark: float | None = None, winsorise: float = 0.10
) -> Funnel:
    """Funnel that allows places to differ beyond chance (additive random effects).

    ``φ = mean z²`` of z pulled in at its outer tenths; where φ exceeds 1, ``τ² = (Iφ - (I - 1))/(Σw -
    Σw²/Σw)`` with w = 1/se², and limits are at ``benchmark ± z√(se² + τ²)``.

    Parameters
    ----------
    value, se : array_like
        Estimate of each place and its standard error, above 0, under the benchmark where it is known.
    benchmark : float, optional
        Mean weighted by 1/se² without it.
    winsorise : float
        Share pulled in at each end.

    References
    ----------
    Spiegelhalter, Quality and Safety in Health Care 14 (2005) 347-351; DerSimonian & Laird (1986).
    """
    y, s = floats(value), floats(se)
    if np.any(s <= 0):
        raise ValueError("standard errors in a funnel are above 0")
    w = 1 / s**2
    theta = float((w * y).sum() / w.sum()) if benchmark is None else float(benchmark)
    z = (y - theta) / s
    places = len(y)
    inner = np.clip(z, *np.quantile(z, [winsorise, 1 - winsorise])) if places > 1 else z
    dispersion = float((inner**2).mean())
    room = float(w.sum() - (w**2).sum() / w.sum())
    tau2 = max(places * dispersion - (places - 1), 0.0) / room if room > 0 else 0.0
    wide = np.sqrt(s**2 + tau2)
    limits = [theta + float(special.ndtri(level)) * wide for level in _levels()]
    funnel = _funnel(theta, y, (y - theta) / wide, limits)
    return replace(funnel, dispersion=dispersion, tau=float(np.sqrt(tau2)))


def _levels() -> tuple[float, float, float, float]:
    return (1 - WARNING) / 2, (1 + WARNING) / 2, (1 - ALARM) / 2, (1 + ALARM) / 2


def _funnel(theta: float, value: Floats, z: Floats, limits: list[Floats]) -> Funnel:
    low, high, low_alarm, high_alarm = limits
    outside = (value > high).astype(np.int64) + (value > high_alarm) - (value < low) - (value < low_alarm)
    finite = z[np.isfinite(z)]
    dispersion = float("nan")
    if len(finite):
        dispersion = float((np.clip(finite, *np.quantile(finite, [0.1, 0.9])) ** 2).mean())
    return Funnel(theta, z, low, high, low_alarm, high_alarm, dispersion, 0.0, outside)


def _binomial_limit(level: float, n: Floats, theta: float) -> Floats:
    """Quantile of a binomial share, interpolated between counts."""
    if theta in (0.0, 1.0):
        return np.full(len(n), theta)
    whole = np.maximum(n, 1).astype(np.int64)
    k = np.ceil(special.bdtrik(level, whole.astype(np.float64), theta))
    k = np.where(np.isfinite(k), np.maximum(k, 0), 0)
    k = np.where((k > 0) & (special.bdtr(np.maximum(k - 1, 0), whole, theta) >= level), k - 1, k)
    upto = special.bdtr(k, whole, theta)
    before = np.where(k > 0, special.bdtr(np.maximum(k - 1, 0), whole, theta), 0.0)
    part = (upto - level) / np.maximum(upto - before, 1e-300)
    return np.asarray(np.clip((k - part) / whole, 0.0, 1.0))


def _poisson_limit(level: float, mean: Floats) -> Floats:
    """Quantile of a Poisson count, interpolated between counts."""
    k = np.maximum(np.ceil(special.pdtrik(level, np.maximum(mean, 1e-300))), 0)
    k = np.where((k > 0) & (special.pdtr(np.maximum(k - 1, 0), mean) >= level), k - 1, k)
    upto = special.pdtr(k, mean)
    before = np.where(k > 0, special.pdtr(np.maximum(k - 1, 0), mean), 0.0)
    return np.asarray(np.maximum(k - (upto - level) / np.maximum(upto - before, 1e-300), 0.0))


@dataclass(frozen=True)
class Difference:
    """Two estimates compared.

    Attributes
    ----------
    value, se, df, low, high : ndarray
        Second minus first, standard error, degrees of freedom and interval.
    p : ndarray
        Two-sided probability of a larger difference by chance.
    """

    value: Floats
    se: Floats
    df: Floats
    low: Floats
    high: Floats
    p: Floats


def difference(
    value0: ArrayLike,
    se0: ArrayLike,
    df0: ArrayLike,
    value1: ArrayLike,
    se1: ArrayLike,
    df1: ArrayLike,
    *,
    covariance: ArrayLike = 0.0,
    confidence: float = 0.95,
) -> Difference:
    """Change from one estimate to another, ``V = V1 + V0 - 2·cov``, with Welch's degrees of freedom.

    Parameters
    ----------
    value0, se0, df0, value1, se1, df1 : array_like
        Both estimates.
    covariance : array_like
        Of both, where the same people answered twice.
    confidence : float

    References
    ----------
    Welch, Biometrika 34 (1947) 28-35.
    """
    v0, v1 = (np.asarray(x, dtype=np.float64) ** 2 for x in (se0, se1))
    d0, d1 = (np.asarray(x, dtype=np.float64) for x in (df0, df1))
    change = np.asarray(value1, dtype=np.float64) - np.asarray(value0, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.sqrt(np.maximum(v0 + v1 - 2 * np.asarray(covariance, dtype=np.float64), 0.0))
        df = (v0 + v1) ** 2 / (v0**2 / d0 + v1**2 / d1)
        df = np.where(np.isnan(df) & (v0 + v1 == 0), np.minimum(d0, d1), df)
        t = change / se
        p = np.where(se > 0, 2 * special.stdtr(np.where(np.isfinite(df), df, 1e9), -np.abs(t)), np.nan)
    half = student_quantile(df, confidence) * se
    return Difference(change, se, df, change - half, change + half, p)


@dataclass(frozen=True)
class Variance:
    """One-way analysis of variance.

    Attributes
    ----------
    f, df_between, df_within, p : float
        Test that all groups have one mean.
    ms_between, ms_within : float
        Mean squares.
    r_squared : float
        Share of the sum of squares between groups.
    """

    f: float
    df_between: float
    df_within: float
    p: float
    ms_between: float
    ms_within: float
    r_squared: float


def one_way(y: ArrayLike, group: ArrayLike) -> Variance:
    """One-way analysis of variance.

    Parameters
    ----------
    y : array_like
    group : array_like
        Label of each value.

    References
    ----------
    Fisher, Statistical Methods for Research Workers (1925), chapter 7.
    """
    y = floats(y)
    code, groups = codes(group, len(y))
    n = np.bincount(code, minlength=groups).astype(np.float64)
    # values far from 0 lose their last digits when squared: measure from one of them
    shifted = y - y[0]
    shifted -= shifted.mean()
    mean = np.bincount(code, shifted, groups) / n
    between = float((n * (mean - shifted.mean()) ** 2).sum())
    within = float(((shifted - mean[code]) ** 2).sum())
    df0, df1 = float(groups - 1), float(len(y) - groups)
    if df0 < 1 or df1 < 1:
        raise ValueError("an analysis of variance needs two groups, and more values than groups")
    f = (between / df0) / (within / df1) if within > 0 else float("inf")
    p = float(special.fdtrc(df0, df1, f)) if np.isfinite(f) else 0.0
    return Variance(f, df0, df1, p, between / df0, within / df1, between / (between + within))
