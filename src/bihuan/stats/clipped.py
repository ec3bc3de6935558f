"""How sure a score is that follows a line as far as the ends of its scale: exact moments, no draws.

A score ``f(Z)`` of a standard normal error Z is ``line + below·Z`` under zero and ``line + over·Z`` above it,
within ``lowest`` to ``highest``. On each side of zero f moves between two points only and rests elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from bihuan.stats.types import ArrayLike, Floats, Ints

FAR = 40.0  # the normal density is nothing beyond
STEEP = 1000.0  # ranges of the scale in one standard error: a line that is steeper is a step
LEAST, MOST = 1e-4, 64  # when a series of powers of a correlation is long enough


class Side(NamedTuple):
    """One side of zero: ``f = f(0) + slope·(clip(t, start, end) - start)`` at the distance t from zero."""

    slope: Floats
    start: Floats
    end: Floats


def variance(
    line: ArrayLike, below: ArrayLike, over: ArrayLike, lowest: float = 0.0, highest: float = 100.0
) -> Floats:
    """Return the variance of a clipped line of a standard normal Z.

    Of ``g = f(Z) - f(0)``, with slope s from a to b on one side and Q the upper tail of the normal,

    ``E g = s ∫_a^b Q(t) dt = s [t Q - φ]_a^b``

    ``E g² = 2s² ∫_a^b (t - a) Q(t) dt = s² [(t² - 1) Q - t φ]_a^b - 2as² [t Q - φ]_a^b``

    Both sides add up, and ``Var f = E g² - (E g)²``.

    Parameters
    ----------
    line : array_like
        Score without error; may lie beyond the ends of the scale.
    below, over : array_like
        Change of the score for one standard error, of errors under and above zero.
    lowest, highest : float
        Ends of the scale.

    References
    ----------
    Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.2 (the normal integrals).
    """
    first, second = np.float64(0.0), np.float64(0.0)
    for slope, start, end in _sides(line, below, over, lowest, highest):
        tails, densities = [special.ndtr(-t) for t in (start, end)], [_density(t) for t in (start, end)]
        one, other = (t * q - p for t, q, p in zip((start, end), tails, densities, strict=True))
        square = (end * end - 1) * tails[1] - end * densities[1]
        square -= (start * start - 1) * tails[0] - start * densities[0]
        first = first + slope * (other - one)
        second = second + slope * slope * (square - 2 * start * (other - one))
    return np.maximum(second - first * first, 0.0)


def hermite(
    line: ArrayLike,
    below: ArrayLike,
    over: ArrayLike,
    terms: int,
    lowest: float = 0.0,
    highest: float = 100.0,
) -> Floats:
    """Return the Hermite coefficients ``E[f(Z) He_k(Z)] / √k!`` of a clipped line for k from 1 to `terms`.

    By parts ``E[f He_k] = E[f' He_(k-1)]``, and f' is s from a to b and 0 elsewhere, so that a side adds

    ``s ∫_a^b φ = s (Q(a) - Q(b))`` for k = 1 and ``s (He_(k-2)(a) φ(a) - He_(k-2)(b) φ(b))`` for k > 1

    since ``∫ He_k φ = -He_(k-1) φ``; the side under zero counts with ``(-1)^k``.

    Parameters
    ----------
    line, below, over, lowest, highest
        As in `variance`.
    terms : int
        Number of coefficients.

    Returns
    -------
    ndarray, shape (terms, ...)
        Their squares add up to the variance as `terms` grows.

    References
    ----------
    Abramowitz & Stegun (1964), 22.7.14 (``He_(k+1) = t He_k - k He_(k-1)``); Stein, Annals of Statistics 9
    (1981) 1135-1151 (by parts).
    """
    sides = _sides(line, below, over, lowest, highest)
    found = np.zeros((terms, *sides[0].slope.shape))
    for sign, (slope, start, end) in zip((-1.0, 1.0), sides, strict=True):
        found[:1] += sign * slope * (special.ndtr(-start) - special.ndtr(-end))
        for t, way in ((start, slope), (end, -slope)):
            before, now = np.zeros_like(t), way * _density(t)
            for k in range(2, terms + 1):  # now: slope · He_(k-2)(t) φ(t) / √(k-2)!
                part = now * (1.0 / np.sqrt(k * (k - 1)))
                found[k - 1] += part if sign > 0 or k % 2 == 0 else -part
                before, now = now, (t * now - np.sqrt(k - 2) * before) * (1.0 / np.sqrt(k - 1))
    return found


def covariance(coefficients: Floats, one: Ints, other: Ints, correlation: ArrayLike) -> Floats:
    """Return the covariances of pairs of functions of correlated standard normals.

    ``Cov(f(X), g(Y)) = Σ_k ρ^k E[f He_k] E[g He_k] / k!``, k from 1 to `needed`; a pair of a function with
    itself is its variance only as far as the series goes, see `variance`.

    Parameters
    ----------
    coefficients : ndarray, shape (terms, functions, ...)
        From `hermite`; at least as many as `needed` says of every correlation.
    one, other : ndarray of int
        Which functions are paired.
    correlation : array_like
        ρ of each pair.

    Returns
    -------
    ndarray, shape (pairs, ...)

    References
    ----------
    Mehler, Journal für die reine und angewandte Mathematik 66 (1866) 161-176; Price, IRE Transactions on
    Information Theory 4 (1958) 69-72.
    """
    rho = np.asarray(correlation, dtype=np.float64)
    counts = needed(rho)
    order = np.argsort(-counts, kind="stable")
    one, other, counts = one[order], other[order], counts[order]
    shape = (len(rho), *coefficients.shape[2:])
    powers = rho[order].reshape(-1, *(1,) * (len(shape) - 1))
    found = np.zeros(shape)
    for k in range(int(counts.max(initial=0)), 0, -1):  # from the last term to the first, as Horner has it
        last = int(np.searchsorted(-counts, -k, side="right"))
        term = coefficients[k - 1][one[:last]]
        term *= coefficients[k - 1][other[:last]]
        term += found[:last]
        np.multiply(term, powers[:last], out=found[:last])
    back = np.empty_like(found)
    back[order] = found
    return back


def needed(correlation: ArrayLike) -> Ints:
    """Return how many terms the series of `covariance` takes at each correlation; none at zero.

    After the term k a kink by a slope of s leaves at most ``0.045 s² |ρ|^(k+1) / k^1.5``, a step of h points
    ``0.12 h² |ρ|^(k+1) / k^0.5``. The series ends where ``|ρ|^(k+1) / k^1.5`` is under 1e-4, and after 64
    terms at any rate, which only a correlation beyond 0.95 needs: a kink then leaves under 9e-5 s².
    """
    rho = np.abs(np.asarray(correlation, dtype=np.float64))
    k = np.arange(1, MOST)
    left = rho[..., None] ** (k + 1) * k**-1.5
    return np.where(rho > 0, 1 + np.sum(left > LEAST, axis=-1), 0).astype(np.int64)


def _density(t: Floats) -> Floats:
    return np.exp(-0.5 * t * t) / np.sqrt(2 * np.pi)


def _sides(
    line: ArrayLike, below: ArrayLike, over: ArrayLike, lowest: float, highest: float
) -> tuple[Side, Side]:
    """The sides under and above zero; both slopes by the distance from zero."""
    line, below, over = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (line, below, over)))
    most = STEEP * (highest - lowest)
    return _side(line, -below, lowest, highest, most), _side(line, over, lowest, highest, most)


def _side(line: Floats, slope: Floats, lowest: float, highest: float, most: float) -> Side:
    slope = np.clip(slope, -most, most)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        up, down = (highest - line) / slope, (lowest - line) / slope
    moves = slope != 0
    start = np.where(moves, np.clip(np.minimum(up, down), 0.0, FAR), 0.0)
    end = np.where(moves, np.clip(np.maximum(up, down), 0.0, FAR), 0.0)
    return Side(slope, start, end)
