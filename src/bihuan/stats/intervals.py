"""Intervals around an estimate; every function takes arrays and gives (low, high)."""

from __future__ import annotations

import numpy as np
from scipy import special

from bihuan.stats.types import ArrayLike, Floats

Interval = tuple[Floats, Floats]
MANY = 50_000  # rows from which on a shortcut pays


def normal_quantile(confidence: float) -> float:
    """Return z with ``P(|Z| <= z) = confidence``."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence lies between 0 and 1, not at {confidence}")
    return float(special.ndtri((1 + confidence) / 2))


def student_quantile(df: ArrayLike, confidence: float) -> Floats:
    """Return t with ``P(|T_df| <= t) = confidence``; an infinite `df` gives the normal quantile."""
    z = normal_quantile(confidence)
    df = np.asarray(df, dtype=np.float64)
    if df.size >= MANY:  # degrees of freedom are counts: few are distinct
        found, at = np.unique(df, return_inverse=True)
        if len(found) < MANY:
            return student_quantile(found, confidence)[at].reshape(df.shape)
    finite = np.where(np.isfinite(df), df, 1.0)
    return np.where(
        np.isinf(df), z, np.where(np.isnan(df), np.nan, special.stdtrit(finite, (1 + confidence) / 2))
    )


def student(value: ArrayLike, se: ArrayLike, df: ArrayLike, confidence: float = 0.95) -> Interval:
    """Value ± t·se."""
    value = np.asarray(value, dtype=np.float64)
    half = student_quantile(df, confidence) * np.asarray(se, dtype=np.float64)
    return value - half, value + half


def wilson(p: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Interval:
    """Score interval of a proportion; for a survey `n` is the effective number of answers.

    ``(p + z²/2n)/(1 + z²/n) ± z/(1 + z²/n)·√(p(1-p)/n + z²/4n²)``

    References
    ----------
    Wilson, JASA 22 (1927) 209-212.
    """
    p = np.asarray(p, dtype=np.float64)
    n = np.asarray(n, dtype=np.float64)
    z = normal_quantile(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        shrink = 1 + z * z / n
        centre = (p + z * z / (2 * n)) / shrink
        half = z / shrink * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low = np.where(p <= 0, 0.0 * half, np.maximum(centre - half, 0.0))
    high = np.where(p >= 1, 1.0 + 0.0 * half, np.minimum(centre + half, 1.0))
    return low, high


def effective_n(p: ArrayLike, se: ArrayLike, n: ArrayLike) -> Floats:
    """Number of independent answers with the same standard error, p(1-p)/se²; `n` where se is 0."""
    p = np.asarray(p, dtype=np.float64)
    n = np.asarray(n, dtype=np.float64)
    variance = np.asarray(se, dtype=np.float64) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(variance > 1e-12 * p * (1 - p), p * (1 - p) / variance, n)


def _design_n(
    p: Floats, se: ArrayLike, n: Floats, df: ArrayLike, confidence: float, most: ArrayLike | None
) -> Floats:
    """Effective number of answers, less what is paid for not knowing the standard error well."""
    variance = np.asarray(se, dtype=np.float64) ** 2
    share = student_quantile(np.maximum(n - 1, 1), confidence) / student_quantile(df, confidence)
    count = np.where(variance > 1e-12 * p * (1 - p), effective_n(p, se, n) * share**2, n)
    return count if most is None else np.minimum(count, np.asarray(most, dtype=np.float64))


def korn_graubard(
    p: ArrayLike,
    se: ArrayLike,
    n: ArrayLike,
    df: ArrayLike,
    confidence: float = 0.95,
    most: ArrayLike | None = None,
) -> Interval:
    """Exact binomial interval at the effective number of answers; wide rather than wrong.

    ``n* = p(1-p)/se²·(t_{n-1}/t_df)²``; where p is 0 or 1, ``n* = n``. Limits are those of Clopper and
    Pearson, ``Beta(n*p, n* - n*p + 1)`` and ``Beta(n*p + 1, n* - n*p)``.

    Parameters
    ----------
    p, se, n, df : array_like
        Share, its standard error, units (responses, not items), and degrees of freedom.
    confidence : float
    most : array_like, optional
        Bound for n*. Where a unit pools several items, give the number of items: a standard error that
        came out too small by chance cannot then make more of them than there are.

    References
    ----------
    Korn & Graubard, Survey Methodology 24 (1998) 193-201. Agrees with R ``svyciprop(method="beta")``.
    """
    p = np.asarray(p, dtype=np.float64)
    count = _design_n(p, se, np.asarray(n, dtype=np.float64), df, confidence, most)
    return exact_binomial(count * p, count, confidence)


def bounded(
    value: ArrayLike,
    se: ArrayLike,
    n: ArrayLike,
    df: ArrayLike,
    ends: tuple[float, float] = (0.0, 1.0),
    confidence: float = 0.95,
) -> Interval:
    """Interval of the mean of something that lies between two ends, such as a mark, an index or a share.

    Near an end few units differ from the rest, and Student's interval is far too short (of net promoter
    scores near 100 it covers half). Here the mean, moved to a scale of 0 to 1, gets the limits of
    `korn_graubard`. As the spread of few units is often found too small by chance, one unit of the
    greatest possible spread is added: ``se² ← (n·se² + m(1-m)/n)/(n + 1)``, and ``n* = n`` where nothing
    varies. For a share of single answers that changes nothing.

    Parameters
    ----------
    value, se, n, df : array_like
        Mean, its standard error, units, and degrees of freedom.
    ends : pair of float
        Least and greatest value a unit can have.
    confidence : float

    References
    ----------
    Korn & Graubard, Survey Methodology 24 (1998) 193-201, carried from shares to bounded means; the added
    unit was chosen by simulation (stratified samples of 15 to 100, up to three items a unit).
    """
    least, width = ends[0], ends[1] - ends[0]
    m = np.clip((np.asarray(value, dtype=np.float64) - least) / width, 0.0, 1.0)
    n = np.asarray(n, dtype=np.float64)
    spread = m * (1 - m)
    variance = (np.asarray(se, dtype=np.float64) / width) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        padded = np.sqrt((n * variance + spread / n) / (n + 1))
    low, high = korn_graubard(m, np.where(variance > 1e-12 * spread, padded, 0.0), n, df, confidence)
    unknown = np.isnan(variance)
    return np.where(unknown, np.nan, least + width * low), np.where(unknown, np.nan, least + width * high)


def exact_binomial(count: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Interval:
    """Clopper-Pearson limits; neither number has to be whole.

    References
    ----------
    Clopper & Pearson, Biometrika 26 (1934) 404-413.
    """
    x, n = np.broadcast_arrays(np.asarray(count, dtype=np.float64), np.asarray(n, dtype=np.float64))
    low, high = np.empty(x.shape), np.empty(x.shape)
    counts, sizes, lows, highs = x.reshape(-1), n.reshape(-1), low.reshape(-1), high.reshape(-1)

    def fill(a: int, b: int) -> None:
        _clopper_pearson(counts[a:b], sizes[a:b], lows[a:b], highs[a:b], confidence)

    if x.size < MANY:
        fill(0, x.size)
    else:
        from bihuan.stats.kernels.jit import in_threads  # only many rows are worth loading a compiler for

        in_threads(fill, x.size, cost=8)
    return low, high


def _clopper_pearson(x: Floats, n: Floats, low: Floats, high: Floats, confidence: float) -> None:
    """Fill `low` and `high`."""
    tail = (1 - confidence) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        low[:] = np.where(x <= 0, 0.0, special.betaincinv(np.maximum(x, 1e-300), n - x + 1, tail))
        high[:] = np.where(x >= n, 1.0, special.betaincinv(x + 1, np.maximum(n - x, 1e-300), 1 - tail))
    unknown = np.isnan(x) | np.isnan(n) | (n <= 0)
    low[unknown] = np.nan
    high[unknown] = np.nan


def logit(p: ArrayLike, se: ArrayLike, df: ArrayLike, confidence: float = 0.95) -> Interval:
    """``expit(logit p ± t·se/(p(1-p)))``; NaN where p is 0 or 1, where it has no width to speak of.

    References
    ----------
    R ``svyciprop(method="logit")``.
    """
    p = np.asarray(p, dtype=np.float64)
    inside = (p > 0) & (p < 1)
    safe = np.where(inside, p, 0.5)
    half = student_quantile(df, confidence) * np.asarray(se, dtype=np.float64) / (safe * (1 - safe))
    centre = special.logit(safe)
    return (
        np.where(inside, special.expit(centre - half), np.nan),
        np.where(inside, special.expit(centre + half), np.nan),
    )


def poisson_rate(count: ArrayLike, exposure: ArrayLike, confidence: float = 0.95) -> Interval:
    """Exact limits of a rate of events, in events per unit of exposure.

    ``low = Γ⁻¹(count; α/2)/exposure`` and ``high = Γ⁻¹(count + 1; 1 - α/2)/exposure``.

    References
    ----------
    Garwood, Biometrika 28 (1936) 437-442.
    """
    x = np.asarray(count, dtype=np.float64)
    exposure = np.asarray(exposure, dtype=np.float64)
    tail = (1 - confidence) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(x <= 0, 0.0 * x, special.gammaincinv(np.maximum(x, 1e-300), tail)) / exposure
        high = special.gammaincinv(x + 1, 1 - tail) / exposure
    bad = ~(exposure > 0)
    return np.where(bad, np.nan, low), np.where(bad, np.nan, high)


def wilson_design(
    p: ArrayLike,
    se: ArrayLike,
    n: ArrayLike,
    df: ArrayLike,
    confidence: float = 0.95,
    most: ArrayLike | None = None,
) -> Interval:
    """Wilson's interval at the effective number of answers, shrunk by ``(t_{n-1}/t_df)²`` for the design.

    Shorter than `korn_graubard`, and a little too short where the share is near 0 or 1. Parameters as
    there.
    """
    p = np.asarray(p, dtype=np.float64)
    return wilson(p, _design_n(p, se, np.asarray(n, dtype=np.float64), df, confidence, most), confidence)
