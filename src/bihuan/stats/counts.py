"""Whether counts of one time are more than those of another: exact one-sided probabilities, by entry.

All functions take arrays of one shape. They condition on what happened altogether, so that they keep their
level however few the counts are, at 0 and at all of them too.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from bihuan.stats.types import ArrayLike, Floats

TINY = 1e-9  # counts come as sums of floating-point numbers


def more_of(hits: ArrayLike, cases: ArrayLike, hits_before: ArrayLike, cases_before: ArrayLike) -> Floats:
    """P of so many hits or more if the share has not risen (Fisher's exact test, one-sided).

    Parts of a case, as weighted answers have them, are dropped now and counted full before.

    References
    ----------
    Fisher, The Design of Experiments (1935); agrees with R ``fisher.test(alternative = "greater")``.
    """
    from bihuan.stats.kernels import tails  # compiled code is loaded when first used
    from bihuan.stats.kernels.jit import in_threads

    given = np.broadcast_arrays(
        *(np.asarray(a, np.float64) for a in (hits, cases, hits_before, cases_before))
    )
    k, n, b, m = (np.ascontiguousarray(a).ravel() for a in given)
    n, m = np.round(n), np.round(m)
    k, b = np.minimum(np.floor(k + TINY), n), np.minimum(np.ceil(b - TINY), m)
    there = np.isfinite(k) & np.isfinite(n) & np.isfinite(b) & np.isfinite(m) & (n > 0) & (m > 0)
    out = np.full(k.shape, np.nan)
    found = np.empty(int(there.sum()))
    k, n, b, m = k[there], n[there], b[there], m[there]
    in_threads(
        lambda first, last: tails.hypergeometric_tail(k, n, b + k, n + m, found, first, last),
        len(found),
        cost=50,
    )
    out[there] = found
    return out.reshape(given[0].shape)


def more_events(
    events: ArrayLike, exposure: ArrayLike, events_before: ArrayLike, exposure_before: ArrayLike
) -> Floats:
    """P of so many events or more if the rate has not risen: a share of all events, by exposure.

    For rare events it is the test of the gaps between them: they are geometric, and so many events in a
    span mean a sum of gaps that is as short.

    References
    ----------
    Przyborowski & Wilenski, Biometrika 31 (1940) 313-323; agrees with R ``poisson.test``.
    """
    k, e, b, before = (np.asarray(a, np.float64) for a in (events, exposure, events_before, exposure_before))
    k, b = np.floor(k + TINY), np.ceil(b - TINY)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = e / (e + before)
        tail = special.betainc(np.maximum(k, 1), b + 1, np.clip(share, 0, 1))
    there = np.isfinite(k) & np.isfinite(b) & (e > 0) & (before > 0)
    return np.where(there, np.where(k <= 0, 1.0, tail), np.nan)


def skewed_tail(z: ArrayLike, skewness: ArrayLike) -> Floats:
    """P(Z >= z) of a standardised sum with this skewness, by the gamma distribution that has it.

    References
    ----------
    Pearson's type III; Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), 17.
    """
    z, g = np.broadcast_arrays(np.asarray(z, np.float64), np.asarray(skewness, np.float64))
    flat = np.abs(g) < 1e-3
    k = 4 / np.where(flat, 1.0, g) ** 2
    with np.errstate(invalid="ignore", over="ignore"):
        right = special.gammaincc(k, np.maximum(k + z * np.sqrt(k), 0.0))
        left = special.gammainc(k, np.maximum(k - z * np.sqrt(k), 0.0))
    found = np.where(flat, special.ndtr(-z), np.where(g > 0, right, left))
    return np.where(np.isnan(z) | np.isnan(g), np.nan, found)
