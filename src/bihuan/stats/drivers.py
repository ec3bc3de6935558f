"""Which parts of a service go with overall satisfaction.

These are correlations: they say where to look, not what would happen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bihuan.stats.types import ArrayLike, Floats, floats

MOST_FOR_LMG = 14


@dataclass(frozen=True)
class Importance:
    """Importance of drivers; arrays have one entry for each driver.

    Attributes
    ----------
    value : ndarray
        Part of R² that is the driver's; they sum to R².
    share : ndarray
        ``value / R²``.
    low, high : ndarray
        Bootstrap interval of `value`; NaN without one.
    r_squared : float
    n : int
        Complete rows.
    enough : bool
        Ten rows for each driver, or more.
    """

    value: Floats
    share: Floats
    low: Floats
    high: Floats
    r_squared: float
    n: int
    enough: bool


def _complete(x: ArrayLike, y: ArrayLike, weight: ArrayLike | None) -> tuple[Floats, Floats]:
    """Drivers and outcome in one table without incomplete rows, and the weights."""
    table = np.column_stack([np.asarray(x, dtype=np.float64), floats(y)])
    w = np.ones(len(table)) if weight is None else floats(weight)
    keep = np.isfinite(table).all(axis=1) & (w > 0)
    if keep.sum() < table.shape[1] + 1:
        raise ValueError(f"{int(keep.sum())} complete rows are too few for {table.shape[1] - 1} drivers")
    return table[keep], w[keep]


def _correlations(table: Floats, w: Floats) -> Floats:
    """Weighted correlation matrix; refuses columns without spread."""
    centred = table - (w @ table) / w.sum()
    moments = (centred * w[:, None]).T @ centred
    sd = np.sqrt(np.diag(moments))
    if np.any(sd <= 1e-12 * np.maximum(np.abs(table).max(axis=0), 1e-300) * np.sqrt(w.sum())):
        raise ValueError("a driver or the outcome is the same in every row")
    return np.asarray(moments / np.outer(sd, sd))


def _johnson(r: Floats) -> Floats:
    """Relative weights from the correlations, the outcome being the last."""
    values, vectors = np.linalg.eigh(r[:-1, :-1])
    if values[0] < 1e-10:
        raise ValueError("two drivers say the same: leave one of them out")
    half = (vectors * np.sqrt(values)) @ vectors.T
    beta = (vectors / np.sqrt(values)) @ vectors.T @ r[:-1, -1]
    return np.asarray((half**2) @ (beta**2))


def _lmg(r: Floats) -> Floats:
    """Shapley values of R² from the correlations, the outcome being the last."""
    k = len(r) - 1
    explained = np.zeros(1 << k)
    for size in range(1, k + 1):
        sets = np.array(list(combinations(range(k), size)))
        inner = r[sets[:, :, None], sets[:, None, :]]
        outer = r[sets, k]
        beta = np.linalg.solve(inner, outer[:, :, None])[:, :, 0]
        explained[(1 << sets).sum(axis=1)] = (outer * beta).sum(axis=1)
    mask = np.arange(1 << k)
    members = ((mask[:, None] >> np.arange(k)) & 1).astype(np.int64)
    size_of = members.sum(axis=1)
    chance = np.array([1 / (k * comb(k - 1, s)) if s < k else 0.0 for s in range(k + 1)])
    out = np.empty(k)
    for j in range(k):
        without = mask[members[:, j] == 0]
        out[j] = np.sum(chance[size_of[without]] * (explained[without | (1 << j)] - explained[without]))
    return out


def _importance(split: Callable[[Floats], Floats], table: Floats, w: Floats) -> Importance:
    value = split(_correlations(table, w))
    nothing = np.full(len(value), np.nan)
    r_squared = float(value.sum())
    share = value / r_squared if r_squared > 0 else nothing
    return Importance(value, share, nothing, nothing, r_squared, len(table), len(table) >= 10 * len(value))


def relative_weights(x: ArrayLike, y: ArrayLike, weight: ArrayLike | None = None) -> Importance:
    """Johnson's relative weights: R² shared among correlated drivers.

    ``R = VΛV'``, ``Λ* = VΛ^{1/2}V'``, ``β* = Λ*⁻¹r``, ``ε = Λ*²·β*²`` (squares of the elements).

    Parameters
    ----------
    x : array_like, shape (rows, drivers)
    y : array_like, shape (rows,)
        Rows with anything missing are left out.
    weight : array_like, optional

    References
    ----------
    Johnson, Multivariate Behavioral Research 35 (2000) 1-19. Agrees with R ``rwa``.
    """
    return _importance(_johnson, *_complete(x, y, weight))


def lmg(x: ArrayLike, y: ArrayLike, weight: ArrayLike | None = None) -> Importance:
    """Shapley values of R² (LMG): what a driver adds, averaged over all orders of entry.

    Parameters
    ----------
    x, y, weight
        As in `relative_weights`; at most 14 drivers, for there are 2^k sets of them.

    References
    ----------
    Lindeman, Merenda & Gold (1980); Grömping, Journal of Statistical Software 17 (2006) 1. Agrees with R
    ``relaimpo``.
    """
    table, w = _complete(x, y, weight)
    if table.shape[1] - 1 > MOST_FOR_LMG:
        raise ValueError(f"at most {MOST_FOR_LMG} drivers: use relative_weights for more")
    return _importance(_lmg, table, w)


def bootstrap(
    measure: Callable[..., Importance],
    x: ArrayLike,
    y: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    seed: int,
    draws: int = 1000,
    confidence: float = 0.95,
) -> Importance:
    """Importance with percentile intervals, by drawing the rows again.

    Parameters
    ----------
    measure : callable
        `relative_weights` or `lmg`.
    x, y, weight
        As there.
    seed : int
        The same seed gives the same interval.
    draws, confidence
        Number of draws, and of the interval. A draw in which a driver has no spread is left out.
    """
    point = measure(x, y, weight)
    split = _johnson if measure is relative_weights else _lmg
    table, w = _complete(x, y, weight)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        times = rng.multinomial(len(table), np.full(len(table), 1 / len(table))) * w
        try:
            found.append(split(_correlations(table[times > 0], times[times > 0])))
        except (ValueError, np.linalg.LinAlgError):
            continue
    if len(found) < draws / 2:
        raise ValueError("the rows are too few or too alike for intervals")
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.array(found), [tail, 1 - tail], axis=0)
    return replace(point, low=low, high=high)


@dataclass(frozen=True)
class Quadrants:
    """Importance against performance.

    Attributes
    ----------
    quadrant : ndarray of str
        "improve" (important, performs low), "keep" (important, performs well), "secondary" (less
        important, low), "excess" (less important, well).
    importance_cut, performance_cut : float
        Where the lines run.
    """

    quadrant: NDArray[Any]
    importance_cut: float
    performance_cut: float


def quadrants(importance: ArrayLike, performance: ArrayLike, weight: ArrayLike | None = None) -> Quadrants:
    """Sort parts of a service by importance and performance; the lines run at the weighted means.

    Parameters
    ----------
    importance, performance : array_like
        Of each part; on a line counts as above it.
    weight : array_like, optional

    References
    ----------
    Martilla & James, Journal of Marketing 41 (1977) 77-79.
    """
    i, p = floats(importance), floats(performance)
    w = np.ones(len(i)) if weight is None else floats(weight)
    there = np.isfinite(i) & np.isfinite(p)
    cut_i, cut_p = (float((w[there] * v[there]).sum() / w[there].sum()) for v in (i, p))
    # equal values may miss their own mean by the last digit
    high_i, high_p = i >= cut_i - 1e-12 * abs(cut_i), p >= cut_p - 1e-12 * abs(cut_p)
    names = np.where(high_i, np.where(high_p, "keep", "improve"), np.where(high_p, "excess", "secondary"))
    return Quadrants(np.where(there, names, ""), cut_i, cut_p)
