"""Quantiles of groups, with intervals that assume nothing about the distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from bihuan.stats.types import ArrayLike, Bools, Floats, Ints, floats


@dataclass(frozen=True)
class Quantiles:
    """Quantiles of groups; every field is an array with one entry for each group.

    Attributes
    ----------
    value : ndarray
        NaN for an empty group.
    low, high : ndarray
        Order statistics; NaN where the group is too small to have such a one.
    n : ndarray of int
        Rows.
    """

    value: Floats
    low: Floats
    high: Floats
    n: Ints


def brought_together(y: Floats, flag: Bools, group: ArrayLike, n_groups: int) -> tuple[Ints, Floats, Bools]:
    """Where each group starts, and its values and flags; rows come in the order of y already."""
    from bihuan.stats.kernels import grouped as loops  # compiled code is loaded when first used

    g = np.asarray(group)
    count = np.zeros(n_groups, np.int64)
    loops.sizes(g, y, count)
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    values, flags = np.empty(int(start[-1])), np.empty(int(start[-1]) if len(flag) else 0, np.bool_)
    loops.bring_together(g, y, flag, start[:-1].copy(), values, flags)
    return start, values, flags


def grouped(y: Floats, group: ArrayLike | None, n_groups: int | None) -> tuple[Ints, Ints]:
    """Return the order by (group, y) of the rows that count, and where each group starts in it."""
    if group is None:
        keep = np.flatnonzero(~np.isnan(y))
        order = keep[np.argsort(y[keep], kind="stable")]
        return order.astype(np.int64), np.array([0, len(order)], np.int64)
    g = np.asarray(group, dtype=np.int64)
    if g.shape != y.shape:
        raise ValueError(f"{y.size} group codes are needed, one for each row, not {g.size}")
    keep = np.flatnonzero(~np.isnan(y) & (g >= 0))
    highest = int(g.max()) + 1 if g.size else 0
    counts = np.bincount(g[keep], minlength=max(n_groups or 0, highest))
    order = keep[np.lexsort((y[keep], g[keep]))]
    if n_groups is not None and len(counts) > n_groups:
        raise ValueError(f"group code {len(counts) - 1} is beyond the {n_groups} groups")
    return order.astype(np.int64), np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def ranks(n: ArrayLike, q: float, confidence: float = 0.95) -> tuple[Ints, Ints]:
    """Ranks (from 1) of the order statistics around the q-quantile of `n` values.

    The lower is 0 and the upper n + 1 where no order statistic is far enough out.

    References
    ----------
    David & Nagaraja, Order Statistics (2003), 7.1.
    """
    n = np.asarray(n, dtype=np.float64)
    tail = (1 - confidence) / 2
    return _binomial_quantile(tail, n, q), _binomial_quantile(1 - tail, n, q) + 1


def _binomial_quantile(level: float, n: Floats, p: float) -> Ints:
    """Smallest k with ``P(Bin(n, p) <= k) >= level``."""
    trials = np.maximum(n, 1.0)
    k = np.ceil(special.bdtrik(level, trials, p))
    k = np.where(np.isfinite(k), k, 0.0)
    before = np.maximum(k - 1, 0)
    k = np.where(special.bdtr(before, trials.astype(np.int64), p) >= level, before, k)
    return np.where(n > 0, k, 0).astype(np.int64)


def quantile(
    y: ArrayLike,
    q: float,
    *,
    group: ArrayLike | None = None,
    n_groups: int | None = None,
    confidence: float = 0.95,
    presorted: bool = False,
) -> Quantiles:
    """The q-quantile of each group (type 7, as Excel and R have it), between order statistics.

    Parameters
    ----------
    y : array_like
        Values; NaN are left out.
    q : float
        Between 0 and 1.
    group : array_like of int, optional
        Codes from 0; negative codes are left out.
    n_groups : int, optional
        Number of groups; groups without rows get NaN.
    confidence : float
        At least this much lies between the order statistics.

    References
    ----------
    Hyndman & Fan, American Statistician 50 (1996) 361-365.
    """
    if not 0 < q < 1:
        raise ValueError(f"a quantile lies between 0 and 1, not at {q}")
    from bihuan.stats.kernels import grouped as loops  # compiled code is loaded when first used
    from bihuan.stats.kernels.jit import in_threads

    y = floats(y)
    if presorted and group is not None and n_groups is not None:
        start, ordered, _ = brought_together(y, np.zeros(0, np.bool_), group, n_groups)
    else:
        order, start = grouped(y, group, n_groups)
        ordered = y[order]
    n = np.diff(start)
    low_rank, high_rank = ranks(n, q, confidence)
    value, low, high = np.empty(len(n)), np.empty(len(n)), np.empty(len(n))
    in_threads(
        lambda a, b: loops.quantiles(start, ordered, q, low_rank, high_rank, value, low, high, a, b), len(n)
    )
    return Quantiles(value, low, high, n)
