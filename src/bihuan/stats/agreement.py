"""How far two raters agree beyond chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bihuan.stats.intervals import normal_quantile
from bihuan.stats.types import ArrayLike, Floats


@dataclass(frozen=True)
class Kappa:
    """Agreement of two raters.

    Attributes
    ----------
    value, se, low, high : float
        Kappa, its standard error and interval; NaN where both raters always gave one and the same mark.
    observed, expected : float
        Agreement, and that by chance.
    n : float
        Things rated.
    """

    value: float
    se: float
    low: float
    high: float
    observed: float
    expected: float
    n: float


def crossing(first: ArrayLike, second: ArrayLike) -> Floats:
    """Count how often each pair of marks was given; rows are the first rater's, in sorted order."""
    a, b = np.asarray(first), np.asarray(second)
    if a.shape != b.shape:
        raise ValueError("both raters must have rated the same things")
    labels, code = np.unique(np.concatenate([a, b]), return_inverse=True)
    k = len(labels)
    pair = code[: len(a)] * k + code[len(a) :]
    return np.bincount(pair, minlength=k * k).reshape(k, k).astype(np.float64)


def kappa(table: ArrayLike, weights: str = "none", confidence: float = 0.95) -> Kappa:
    """Cohen's kappa of a square table of counts, plain or weighted.

    Parameters
    ----------
    table : array_like, shape (k, k)
        First rater's marks down, second's across, in order.
    weights : {"none", "linear", "quadratic"}
        Credit for near misses: none, ``1 - |i-j|/(k-1)`` or ``1 - (i-j)²/(k-1)²``.
    confidence : float

    References
    ----------
    Cohen, Educational and Psychological Measurement 20 (1960) 37-46; Fleiss, Cohen & Everitt,
    Psychological Bulletin 72 (1969) 323-327 for the standard error.
    """
    counts = np.asarray(table, dtype=np.float64)
    k = len(counts)
    if counts.shape != (k, k) or k < 2:
        raise ValueError("a table of agreement is a square of two marks at least")
    n = float(counts.sum())
    p = counts / n
    distance = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / (k - 1)
    credit = {"none": (distance == 0) * 1.0, "linear": 1 - distance, "quadratic": 1 - distance**2}
    if weights not in credit:
        raise ValueError(f"weights are 'none', 'linear' or 'quadratic', not {weights!r}")
    w = credit[weights]
    row, column = p.sum(axis=1), p.sum(axis=0)
    observed = float((w * p).sum())
    expected = float(row @ w @ column)
    if expected >= 1 - 1e-15:
        nan = float("nan")
        return Kappa(nan, nan, nan, nan, observed, expected, n)
    value = (observed - expected) / (1 - expected)
    mean_row, mean_column = w @ column, row @ w
    inner = w * (1 - expected) - np.add.outer(mean_row, mean_column) * (1 - observed)
    spread = float((p * inner**2).sum()) - (observed * expected - 2 * expected + observed) ** 2
    se = float(np.sqrt(max(spread, 0.0) / n) / (1 - expected) ** 2)
    half = normal_quantile(confidence) * se
    return Kappa(value, se, max(value - half, -1.0), min(value + half, 1.0), observed, expected, n)
