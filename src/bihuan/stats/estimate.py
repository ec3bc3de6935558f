"""Estimates from the rows of a sample, for the whole of it or for each of its domains.

A domain keeps the full design: rows outside of it stay in as zeros, so that strata and clusters keep the
sizes with which they were drawn. A row with a missing value lies outside every domain. All results have
one entry for each domain, in the sorted order of their labels; one entry without domains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bihuan.stats import intervals
from bihuan.stats.design import Design
from bihuan.stats.types import ArrayLike, Floats, Ints, distinct, floats, parts, totals


@dataclass(frozen=True)
class Estimate:
    """Estimates of domains; every field is an array with one entry for each.

    Attributes
    ----------
    domain : ndarray
        Labels.
    value, se, df : ndarray
        Estimate, its standard error, and the degrees of freedom of that.
    low, high : ndarray
        Interval.
    n : ndarray
        Rows in the domain.
    deff : ndarray
        Variance over that of a simple random sample of as many rows (with its finite population
        correction, where frame sizes were given). NaN for ratios and quantiles.
    """

    domain: NDArray[Any]
    value: Floats
    se: Floats
    df: Floats
    low: Floats
    high: Floats
    n: Floats
    deff: Floats


@dataclass(frozen=True)
class _Rows:
    """Rows that lie in a domain: ``at`` lists them, ``code`` says which domain each is in."""

    labels: NDArray[Any]
    at: Ints
    code: Ints
    n: Floats

    @property
    def members(self) -> list[Ints]:
        """Rows of each domain."""
        return [self.at[part] for part in parts(self.code, len(self.labels))]


def _rows(domain: ArrayLike | None, there: NDArray[np.bool_]) -> _Rows:
    if domain is None:
        labels, code = np.array(["all"]), np.zeros(int(there.sum()), np.int64)
    else:
        given = np.asarray(domain)
        if given.shape != there.shape:
            raise ValueError(f"{there.size} domain labels are needed, one for each row, not {given.size}")
        labels, found = distinct(given)
        code = found[there]
    return _Rows(labels, np.flatnonzero(there).astype(np.int64), code, totals(code, None, len(labels)))


def _result(
    rows: _Rows, value: Floats, se: Floats, df: Floats, deff: Floats, interval: intervals.Interval
) -> Estimate:
    return Estimate(rows.labels, value, se, df, interval[0], interval[1], rows.n, deff)


def _linear(
    y: Floats, x: Floats, design: Design, rows: _Rows, *, as_total: bool = False
) -> tuple[Floats, Floats, Floats, Floats]:
    """Value, standard error, df and deff of Σwy/Σwx, or of Σwy, in every domain."""
    k, d, count = len(rows.labels), rows.code, rows.n
    m = rows.at
    w, y, x = design.weight[m], y[m], x[m]
    size = totals(d, w * x, k)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = totals(d, w * y, k) / size
        r += totals(d, w * (y - r[d] * x), k) / size  # to the last digits, however near values lie
        z = w * y if as_total else w * (y - r[d] * x) / size[d]
        variance, df = design.variances(m, z, d, k)
        spread = totals(d, w * (y - r[d]) ** 2, k) / size * count / (count - 1) / count
        if design.finite:
            spread = np.where(size > count, spread * (1 - count / size), spread)
        spread = spread * size**2 if as_total else spread
        deff = np.where(spread > 0, variance / spread, np.nan)
    value = totals(d, w * y, k) if as_total else r
    some, enough = size != 0, (size != 0) & (count >= 2)
    return (
        np.where(some, value, np.nan),
        np.where(enough, np.sqrt(variance), np.nan),
        np.where(enough, df, np.nan),
        np.where(enough, deff, np.nan),
    )


def mean(
    y: ArrayLike,
    weight: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    *,
    margins: Sequence[ArrayLike] = (),
    lonely: str = "error",
    confidence: float = 0.95,
) -> Estimate:
    """Mean, Σwy/Σw, with Student interval.

    Parameters
    ----------
    y : array_like
        NaN is missing.
    weight, stratum, fpc, cluster, margins, lonely
        The design, as in `Design.of`.
    domain : array_like, optional
        Label of each row.
    confidence : float
        Of the interval.

    References
    ----------
    Lumley, Complex Surveys (2010), chapter 2; agrees with R ``survey::svymean`` and ``svyby``.
    """
    y = floats(y)
    design = Design.of(len(y), weight, stratum, fpc, cluster, margins, lonely)
    rows = _rows(domain, np.isfinite(y))
    value, se, df, deff = _linear(y, np.ones(len(y)), design, rows)
    return _result(rows, value, se, df, deff, intervals.student(value, se, df, confidence))


def total(
    y: ArrayLike,
    weight: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    *,
    margins: Sequence[ArrayLike] = (),
    lonely: str = "error",
    confidence: float = 0.95,
) -> Estimate:
    """Total, Σwy, with Student interval. Parameters as in `mean`.

    References
    ----------
    Agrees with R ``survey::svytotal``.
    """
    y = floats(y)
    design = Design.of(len(y), weight, stratum, fpc, cluster, margins, lonely)
    rows = _rows(domain, np.isfinite(y))
    value, se, df, deff = _linear(y, np.ones(len(y)), design, rows, as_total=True)
    return _result(rows, value, se, df, deff, intervals.student(value, se, df, confidence))


def ratio(
    y: ArrayLike,
    x: ArrayLike,
    weight: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    *,
    margins: Sequence[ArrayLike] = (),
    lonely: str = "error",
    confidence: float = 0.95,
) -> Estimate:
    """Ratio of totals, Σwy/Σwx, with Student interval. Other parameters as in `mean`.

    References
    ----------
    Agrees with R ``survey::svyratio``.
    """
    y, x = floats(y), floats(x)
    design = Design.of(len(y), weight, stratum, fpc, cluster, margins, lonely)
    rows = _rows(domain, np.isfinite(y) & np.isfinite(x))
    value, se, df, deff = _linear(y, x, design, rows)
    limits = intervals.student(value, se, df, confidence)
    return _result(rows, value, se, df, np.full_like(deff, np.nan), limits)


def proportion(
    success: ArrayLike,
    weight: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    *,
    margins: Sequence[ArrayLike] = (),
    lonely: str = "error",
    confidence: float = 0.95,
    method: str = "korn_graubard",
) -> Estimate:
    """Share of rows with a success.

    Parameters
    ----------
    success : array_like
        1, 0 or NaN.
    method : {"korn_graubard", "wilson", "logit"}
        Interval: exact at the effective number of answers; score interval at that number, shrunk to the
        degrees of freedom; or Student on the log-odds (none where the share is 0 or 1).
    weight, stratum, fpc, cluster, domain, margins, lonely, confidence
        As in `mean`.

    References
    ----------
    Agrees with R ``survey::svyciprop`` methods "beta" and "logit".
    """
    y = floats(success)
    if np.any(np.isfinite(y) & (y != 0) & (y != 1)):
        raise ValueError("a success is 1, anything else 0, and what is missing NaN")
    m = mean(y, weight, stratum, fpc, cluster, domain, margins=margins, lonely=lonely, confidence=confidence)
    if method == "korn_graubard":
        limits = intervals.korn_graubard(m.value, m.se, m.n, m.df, confidence)
    elif method == "wilson":
        limits = intervals.wilson_design(m.value, m.se, m.n, m.df, confidence)
    elif method == "logit":
        limits = intervals.logit(m.value, m.se, m.df, confidence)
    else:
        raise ValueError(f"method is 'korn_graubard', 'wilson' or 'logit', not {method!r}")
    return Estimate(m.domain, m.value, m.se, m.df, limits[0], limits[1], m.n, m.deff)


def _within(m: Estimate, ends: tuple[float, float], confidence: float) -> Estimate:
    """The estimate with the interval of a mean that lies between two ends."""
    low, high = intervals.bounded(m.value, m.se, m.n, m.df, ends, confidence)
    return replace(m, low=low, high=high)


def nps(
    rating: ArrayLike,
    weight: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    *,
    margins: Sequence[ArrayLike] = (),
    lonely: str = "error",
    confidence: float = 0.95,
) -> Estimate:
    """Net promoter score, -100 to 100: the mean of 100 (9, 10), 0 (7, 8) and -100 (0 to 6).

    The interval is that of `intervals.bounded`.

    Parameters
    ----------
    rating : array_like
        0 to 10; NaN is missing.
    weight, stratum, fpc, cluster, domain, margins, lonely, confidence
        As in `mean`.
    """
    r = floats(rating)
    if np.any((r < 0) | (r > 10)):
        raise ValueError("ratings for a net promoter score run from 0 to 10")
    y = np.where(np.isnan(r), np.nan, np.where(r >= 9, 100.0, np.where(r >= 7, 0.0, -100.0)))
    m = mean(y, weight, stratum, fpc, cluster, domain, margins=margins, lonely=lonely, confidence=confidence)
    return _within(m, (-100.0, 100.0), confidence)


def nps_from_counts(
    promoters: ArrayLike, passives: ArrayLike, detractors: ArrayLike
) -> tuple[Floats, Floats]:
    """Net promoter score and its standard error from counts of equally weighted answers.

    ``100(p - d)`` and ``100·√((p + d - (p - d)²)/n)``.
    """
    p, o, d = (np.asarray(x, dtype=np.float64) for x in (promoters, passives, detractors))
    n = p + o + d
    with np.errstate(divide="ignore", invalid="ignore"):
        p, d = p / n, d / n
        return 100 * (p - d), 100 * np.sqrt((p + d - (p - d) ** 2) / n)


def index_of_responses(
    items: ArrayLike, importance: ArrayLike | None, scale_min: ArrayLike, scale_max: ArrayLike
) -> Floats:
    """Index of each response, 0 to 100: ``100·Σλ(x - min)/(max - min)/Σλ`` over the items it answered.

    Parameters
    ----------
    items : array_like, shape (responses, items)
        NaN where an item was not answered.
    importance : array_like, shape (items,), optional
        λ; equal without.
    scale_min, scale_max : array_like
        Ends of the scales, one pair or one for each item.
    """
    x = np.asarray(items, dtype=np.float64)
    if x.ndim != 2:
        raise ValueError("items are a table, one row for each response")
    weights = np.ones(x.shape[1]) if importance is None else floats(importance)
    low, high = np.asarray(scale_min, dtype=np.float64), np.asarray(scale_max, dtype=np.float64)
    held = np.where(np.isnan(x), 0.0, weights)
    scaled = np.where(np.isnan(x), 0.0, (x - low) / (high - low))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(100 * (held * scaled).sum(axis=1) / held.sum(axis=1))


def index(
    items: ArrayLike,
    weight: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    *,
    importance: ArrayLike | None = None,
    scale_min: ArrayLike = 1.0,
    scale_max: ArrayLike = 10.0,
    margins: Sequence[ArrayLike] = (),
    lonely: str = "error",
    confidence: float = 0.95,
) -> Estimate:
    """Satisfaction index, 0 to 100: the mean of the responses' own indices.

    The response is the unit: its items belong together, and taking them for independent answers would
    make the standard error too small. The interval is that of `intervals.bounded`. Parameters as in
    `index_of_responses` and `mean`.

    References
    ----------
    GB/T 19038-2009, with given weights in place of those of a structural model.
    """
    y = index_of_responses(items, importance, scale_min, scale_max)
    m = mean(y, weight, stratum, fpc, cluster, domain, margins=margins, lonely=lonely, confidence=confidence)
    return _within(m, (0.0, 100.0), confidence)


def quantile(
    y: ArrayLike,
    q: float,
    weight: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    *,
    margins: Sequence[ArrayLike] = (),
    lonely: str = "error",
    confidence: float = 0.95,
) -> Estimate:
    """Smallest value with at least the share `q` of the weight at or below it, with Woodruff's interval.

    The interval of the distribution function at that value, q ± t·se, is read back through the function;
    the standard error is its length over 2t. Parameters as in `mean`.

    References
    ----------
    Woodruff, JASA 47 (1952) 635-646.
    """
    if not 0 < q < 1:
        raise ValueError(f"a quantile lies between 0 and 1, not at {q}")
    y = floats(y)
    design = Design.of(len(y), weight, stratum, fpc, cluster, margins, lonely)
    rows = _rows(domain, np.isfinite(y))
    out = np.full((5, len(rows.labels)), np.nan)
    for d, m in enumerate(rows.members):
        w = design.weight[m]
        if not w.sum() > 0:
            continue
        order = np.argsort(y[m], kind="stable")
        sorted_y, share = y[m][order], np.cumsum(w[order]) / w.sum()
        value = _read(sorted_y, share, q)
        out[0, d] = value
        if len(m) < 2:
            continue
        df = design.degrees(m)
        t = float(intervals.student_quantile(df, confidence))
        half = t * np.sqrt(design.variance(m, w * ((y[m] <= value) - q) / w.sum()))
        low, high = _read(sorted_y, share, q - half), _read(sorted_y, share, q + half)
        out[1:, d] = (high - low) / (2 * t), df, low, high
    return _result(rows, out[0], out[1], out[2], np.full(len(rows.labels), np.nan), (out[3], out[4]))


def _read(y: Floats, share: Floats, q: float) -> float:
    """Smallest value whose share reaches `q`; the ends beyond."""
    at = int(np.searchsorted(share, q - 1e-12))
    return float(y[min(at, len(y) - 1)])
