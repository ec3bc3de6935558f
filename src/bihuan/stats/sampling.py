"""How many to ask, how to share them among strata, and whom."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bihuan.stats.intervals import normal_quantile
from bihuan.stats.types import ArrayLike, Floats, Ints, floats


@dataclass(frozen=True)
class SampleSize:
    """How many answers are needed.

    Attributes
    ----------
    n0 : float
        For an endless population.
    n : float
        With the finite population correction.
    answers : int
        Answers to get: n times the design effect, rounded up, at most the population.
    issue : int
        Members to approach for that many answers, at most the population.
    """

    n0: float
    n: float
    answers: int
    issue: int


def _ceil(x: float) -> int:
    """Round up, forgiving the noise of the last digits."""
    return math.ceil(x - 1e-9 * max(x, 1.0))


def sample_size(
    *,
    margin: float,
    p: float | None = None,
    sd: float | None = None,
    population: int | None = None,
    confidence: float = 0.95,
    deff: float = 1.0,
    response_rate: float = 1.0,
    eligibility: float = 1.0,
) -> SampleSize:
    """Answers needed for an estimate within ± margin.

    ``n0 = z²p(1-p)/e²`` for a share, ``(z·S/e)²`` for a mean; ``n = n0/(1 + (n0 - 1)/N)``;
    ``issue = n·deff/(response rate·eligibility)``.

    Parameters
    ----------
    margin : float
        Half the width of the interval, in the unit of what is measured (0.05 for 5 percentage points).
    p, sd : float
        The share expected (0.5 is the worst case), or the standard deviation of the values: one of both.
    population : int, optional
        N.
    confidence : float
    deff : float
        Design effect expected of weighting and clustering.
    response_rate, eligibility : float
        Shares of those approached.

    References
    ----------
    Cochran, Sampling Techniques (1977), 4.4-4.7.
    """
    if (p is None) == (sd is None):
        raise ValueError("give either the expected share p or the standard deviation sd")
    if not margin > 0:
        raise ValueError(f"a margin is above 0, not {margin}")
    if not (0 < response_rate <= 1 and 0 < eligibility <= 1 and deff > 0):
        raise ValueError("response rate and eligibility lie above 0 and up to 1, and deff above 0")
    z = normal_quantile(confidence)
    if p is not None:
        if not 0 <= p <= 1:
            raise ValueError(f"a share lies between 0 and 1, not at {p}")
        n0 = z * z * p * (1 - p) / margin**2
    else:
        n0 = (z * float(sd or 0.0) / margin) ** 2
    n = n0
    if population is not None:
        if population < 1:
            raise ValueError(f"a population has members, not {population}")
        n = n0 / (1 + (n0 - 1) / population)
    most = math.inf if population is None else population
    answers = int(min(max(_ceil(n * deff), 1), most))
    issue = int(min(max(_ceil(n * deff / (response_rate * eligibility)), 1), most))
    return SampleSize(n0, n, answers, issue)


def allocate(
    total: int,
    sizes: ArrayLike,
    sds: ArrayLike | None = None,
    method: str = "proportional",
    minimum: int = 2,
    costs: ArrayLike | None = None,
) -> Ints:
    """Share a sample among strata.

    Parameters
    ----------
    total : int
        Answers altogether.
    sizes : array_like
        N_h.
    sds : array_like, optional
        S_h, for "neyman" and "optimal".
    method : {"proportional", "neyman", "optimal"}
        n_h in proportion to N_h, to N_h·S_h, or to N_h·S_h/√c_h.
    minimum : int
        Fewest in a stratum (or all of it); 2 are needed for a variance.
    costs : array_like, optional
        c_h of one answer, for "optimal".

    Returns
    -------
    ndarray of int
        n_h, which sum to `total`; rounded by largest remainders.

    References
    ----------
    Neyman, JRSS 97 (1934) 558-625; Cochran, Sampling Techniques (1977), 5.5-5.9.
    """
    size = floats(sizes)
    low, high = np.minimum(float(minimum), size), size
    if not low.sum() <= total <= high.sum():
        raise ValueError(f"{total} cannot be shared: between {int(low.sum())} and {int(high.sum())} fit")
    share = _shares(size, sds, method, costs)
    fixed = np.full(len(size), np.nan)
    while True:  # strata beyond their bounds are fixed there and the rest is shared anew
        open_ = np.isnan(fixed)
        rest = total - float(np.nansum(fixed))
        weight = share[open_].sum()
        wanted = fixed.copy()
        wanted[open_] = share[open_] * rest / weight if weight > 0 else rest / max(int(open_.sum()), 1)
        under, over = open_ & (wanted < low), open_ & (wanted > high)
        if not (under.any() or over.any()):
            return _largest_remainders(wanted, total, high)
        # the side that is further out is fixed first, so that the other can still come back
        if (low - wanted)[under].sum() >= (wanted - high)[over].sum():
            fixed[under] = low[under]
        else:
            fixed[over] = high[over]


def _shares(size: Floats, sds: ArrayLike | None, method: str, costs: ArrayLike | None) -> Floats:
    """What n_h is proportional to."""
    if method == "proportional":
        return size
    if method not in ("neyman", "optimal"):
        raise ValueError(f"method is 'proportional', 'neyman' or 'optimal', not {method!r}")
    if sds is None:
        raise ValueError(f"method {method!r} needs the standard deviations of the strata")
    share = size * floats(sds)
    if method == "optimal":
        if costs is None:
            raise ValueError("method 'optimal' needs the costs of the strata")
        share = share / np.sqrt(floats(costs))
    return share


def _largest_remainders(wanted: Floats, total: int, high: Floats) -> Ints:
    """Whole numbers near the wanted ones that sum to the total."""
    whole = np.floor(wanted + 1e-9)
    left = int(total - whole.sum())
    rest = np.where(whole < high, wanted - whole, -1.0)
    whole[np.argsort(-rest, kind="stable")[:left]] += 1
    return whole.astype(np.int64)


def draw(frame: ArrayLike, strata: ArrayLike, n: ArrayLike, seed: int) -> Ints:
    """Draw a simple random sample without replacement from each stratum.

    Parameters
    ----------
    frame : array_like
        Identifier of each member, no two alike.
    strata : array_like
        Stratum of each member.
    n : array_like of int
        How many from each stratum, in the sorted order of their labels.
    seed : int
        The same seed, members and strata give the same sample, in whatever order the frame is.

    Returns
    -------
    ndarray of int
        Rows of the frame that are drawn, by stratum and then in the order of drawing, so that the first
        k of a stratum are a sample of k.
    """
    ids = np.asarray(frame)
    labels, code = np.unique(np.asarray(strata), return_inverse=True)
    wanted = np.atleast_1d(np.asarray(n, dtype=np.int64))
    if code.shape != ids.shape:
        raise ValueError("each member of the frame needs a stratum")
    if len(np.unique(ids)) != len(ids):
        raise ValueError("an identifier occurs twice in the frame")
    if len(wanted) != len(labels):
        raise ValueError(f"{len(labels)} strata need as many sizes, not {len(wanted)}")
    order = np.lexsort((ids, code))
    edges = np.searchsorted(code[order], np.arange(len(labels) + 1))
    drawn = []
    for h, seeds in enumerate(np.random.SeedSequence(seed).spawn(len(labels))):
        members = order[edges[h] : edges[h + 1]]
        if not 0 <= wanted[h] <= len(members):
            raise ValueError(f"stratum {labels[h]} has {len(members)} members, not {wanted[h]}")
        drawn.append(np.random.default_rng(seeds).permutation(members)[: wanted[h]])
    return np.concatenate(drawn).astype(np.int64) if drawn else np.zeros(0, np.int64)


# Homes from which on a margin applies, and the margin.
MARGINS = ((0, 0.05), (2_500, 0.04), (10_000, 0.03), (25_000, 0.02))


def required_margin(stock: ArrayLike) -> Floats:
    """Margin that the English regulator asks of a landlord's perception survey, by homes.

    ±5 % under 2,500 homes, ±4 % under 10,000, ±3 % under 25,000, then ±2 %, at 95 % confidence. The
    first three were found in landlords' returns; the last is general knowledge, not yet confirmed by
    the original text.

    References
    ----------
    Regulator of Social Housing, Tenant Satisfaction Measures: tenant survey requirements (2022).
    """
    homes = np.asarray(stock, dtype=np.float64)
    if np.any(homes < 0):
        raise ValueError("a number of homes is not negative")
    at = np.searchsorted([m[0] for m in MARGINS], homes, side="right") - 1
    return np.asarray(np.array([m[1] for m in MARGINS])[at])
