"""From indicators to a score: weights, score maps, and how sure the score is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bihuan.stats.types import ArrayLike, Bools, Floats

# Saaty's mean consistency index of random matrices of order 1 to 10.
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
FLOOR_SCORE = 60.0


@dataclass(frozen=True)
class Hierarchy:
    """Weights from pairwise comparisons.

    Attributes
    ----------
    weights : ndarray
        Sum to 1.
    lambda_max : float
        Principal eigenvalue.
    consistency_index, consistency_ratio : float
        (λ - n)/(n - 1), and that over its mean for random matrices.
    consistent : bool
        Ratio under 0.10.
    """

    weights: Floats
    lambda_max: float
    consistency_index: float
    consistency_ratio: float
    consistent: bool


@dataclass(frozen=True)
class Composite:
    """Scores of places; every array has one entry for each place.

    Attributes
    ----------
    score, low, high : ndarray
        Weighted mean of the indicators' scores and its simulated interval; NaN where `sufficient` is false.
    weight_present : ndarray
        Share of the weight whose indicators have a value.
    sufficient : ndarray of bool
        Whether that share is large enough.
    """

    score: Floats
    low: Floats
    high: Floats
    weight_present: Floats
    sufficient: Bools


def score_map(
    value: ArrayLike, target: ArrayLike, floor: ArrayLike, direction: str | ArrayLike = "up"
) -> Floats:
    """Score 100 at the target, 60 at the floor, on a straight line between and beyond, within 0 to 100.

    Parameters
    ----------
    value, target, floor : array_like
        In the unit of the indicator; NaN gives NaN. Where target and floor are equal, reaching them
        scores 100 and anything else 0.
    direction : {"up", "down"} or array_like of these
        Whether more is better.

    Raises
    ------
    ValueError
        When a floor is better than its target.
    """
    value = np.asarray(value, dtype=np.float64)
    sign = np.where(np.asarray(direction) == "down", -1.0, 1.0)
    if not np.all(np.isin(np.asarray(direction), ["up", "down"])):
        raise ValueError(f"direction is 'up' or 'down', not {direction!r}")
    target = np.asarray(target, dtype=np.float64) * sign
    floor = np.asarray(floor, dtype=np.float64) * sign
    if np.any(floor > target):
        raise ValueError("a floor is better than its target: look at the direction")
    with np.errstate(divide="ignore", invalid="ignore"):
        line = FLOOR_SCORE + (100 - FLOOR_SCORE) * (value * sign - floor) / (target - floor)
    step = np.where(np.isnan(value), np.nan, np.where(value * sign >= target, 100.0, 0.0))
    return np.clip(np.where(target == floor, step, line), 0.0, 100.0)


def ahp(matrix: ArrayLike) -> Hierarchy:
    """Weights of an analytic hierarchy: the principal eigenvector of the comparisons.

    Parameters
    ----------
    matrix : array_like, shape (n, n)
        Entry (i, j) says how many times i matters more than j; positive and reciprocal; n from 1 to 10.

    References
    ----------
    Saaty, The Analytic Hierarchy Process (1980).
    """
    a = np.asarray(matrix, dtype=np.float64)
    n = len(a)
    if a.shape != (n, n) or not 1 <= n <= len(RANDOM_INDEX):
        raise ValueError(f"comparisons are a square of 1 to {len(RANDOM_INDEX)} rows, not {a.shape}")
    if not np.all(a > 0) or not np.allclose(a * a.T, 1.0, rtol=1e-6):
        raise ValueError("comparisons are positive, and (j, i) is one over (i, j)")
    values, vectors = np.linalg.eig(a)
    k = int(np.argmax(values.real))
    weights = np.abs(vectors[:, k].real)
    weights /= weights.sum()
    largest = float(values[k].real)
    index = max((largest - n) / (n - 1), 0.0) if n > 2 else 0.0
    ratio = index / RANDOM_INDEX[n - 1] if n > 2 else 0.0
    return Hierarchy(weights, largest, index, ratio, ratio < 0.10)


def min_max(x: ArrayLike) -> Floats:
    """Each column stretched to [1e-9, 1 + 1e-9]; a constant column becomes 1."""
    x = np.asarray(x, dtype=np.float64)
    low, high = x.min(axis=0), x.max(axis=0)
    width = np.where(high > low, high - low, 1.0)
    return np.where(high > low, (x - low) / width + 1e-9, 1.0)


def entropy_weights(x: ArrayLike, direction: ArrayLike | None = None) -> Floats:
    """Weights by how much indicators tell places apart.

    ``p = x/Σx``, ``e = -Σ p ln p/ln m``, ``w = (1 - e)/Σ(1 - e)`` over m places.

    Parameters
    ----------
    x : array_like, shape (places, indicators)
        Positive; use `min_max` first where it is not.
    direction : array_like of {"up", "down"}, optional
        Columns marked "down" are mirrored within their own range first.

    Returns
    -------
    ndarray
        Weights that sum to 1; equal ones when nothing tells the places apart.

    References
    ----------
    Shannon, Bell System Technical Journal 27 (1948) 379-423; Zeleny, Multiple Criteria Decision Making
    (1982), chapter 7.
    """
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 2 or len(x) < 2:
        raise ValueError("entropy weights need a table of at least two places")
    if direction is not None:
        down = np.asarray(direction) == "down"
        x = np.where(down, x.max(axis=0) + x.min(axis=0) - x, x)
    if not np.all(x > 0):
        raise ValueError("entropy weights need positive values: use min_max first")
    p = x / x.sum(axis=0)
    entropy = -np.sum(p * np.log(p), axis=0) / np.log(len(x))
    spread = np.maximum(1.0 - entropy, 0.0)
    total = spread.sum()
    if total <= 1e-12:
        return np.full(x.shape[1], 1.0 / x.shape[1])
    return spread / total


def combine(judged: ArrayLike, measured: ArrayLike, alpha: float = 0.7) -> Floats:
    """Weights between judgement and data, ``∝ judged^α · measured^(1-α)``."""
    judged = np.asarray(judged, dtype=np.float64)
    measured = np.asarray(measured, dtype=np.float64)
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha lies between 0 and 1, not at {alpha}")
    joint = judged**alpha * measured ** (1 - alpha)
    if not joint.sum() > 0:
        raise ValueError("no indicator has weight in both sets")
    return joint / joint.sum()


def weighted_score(scores: ArrayLike, weights: ArrayLike, minimum_present: float = 0.70) -> Composite:
    """Weighted mean over the last axis of what is there; NaN where too little of the weight is.

    Used for a place over its indicators (weights of the tree), and for a parent over its projects
    (weights: households).

    Parameters
    ----------
    scores : array_like, shape (..., k)
        NaN is not there.
    weights : array_like
        Broadcast against `scores`; NaN counts as 0.
    minimum_present : float
        Share of the weight that has to be there.
    """
    scores = np.asarray(scores, dtype=np.float64)
    w = np.broadcast_to(np.nan_to_num(np.asarray(weights, dtype=np.float64)), scores.shape)
    there = np.isfinite(scores)
    held = np.sum(np.where(there, w, 0.0), axis=-1)
    total = np.sum(w, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        present = np.where(total > 0, held / total, 0.0)
        mean = np.sum(np.where(there, w * scores, 0.0), axis=-1) / held
    enough = (present >= minimum_present - 1e-12) & (held > 0)
    nothing = np.full(mean.shape, np.nan)
    return Composite(np.where(enough, mean, np.nan), nothing, nothing, present, enough)


def simulate(
    value: ArrayLike,
    se: ArrayLike,
    weights: ArrayLike,
    target: ArrayLike,
    floor: ArrayLike,
    direction: str | ArrayLike = "up",
    *,
    correlation: ArrayLike | None = None,
    seed: int,
    draws: int = 2000,
    confidence: float = 0.95,
    minimum_present: float = 0.70,
) -> Composite:
    """Composite scores with intervals, by drawing the indicators from their sampling distribution.

    Indicators are drawn jointly normal, so that indicators answered by the same respondents move
    together; each draw is mapped to scores and weighted.

    Parameters
    ----------
    value, se : array_like, shape (places, indicators)
        NaN where an indicator has no value; an unknown standard error counts as 0.
    weights : array_like, shape (indicators,) or (places, indicators)
    target, floor, direction
        As in `score_map`, broadcast against `value`.
    correlation : array_like, shape (indicators, indicators) or (places, indicators, indicators), optional
        Of the estimates; independent without it.
    seed : int
        The same seed gives the same interval to the last digit.
    draws, confidence, minimum_present
        Number of draws, of the interval, and share of the weight that has to be there.
    """
    value = np.atleast_2d(np.asarray(value, dtype=np.float64))
    se = np.nan_to_num(np.broadcast_to(np.asarray(se, dtype=np.float64), value.shape))
    places, indicators = value.shape
    point = weighted_score(score_map(value, target, floor, direction), weights, minimum_present)
    weights = np.broadcast_to(np.asarray(weights, dtype=np.float64), value.shape)
    target, floor = (np.broadcast_to(np.asarray(x, dtype=np.float64), value.shape) for x in (target, floor))
    direction = np.broadcast_to(np.asarray(direction), value.shape)
    roots = _roots(correlation, places, indicators)
    low, high = np.full(places, np.nan), np.full(places, np.nan)
    tail = (1 - confidence) / 2
    for i, seeds in enumerate(np.random.SeedSequence(seed).spawn(places)):
        if not point.sufficient[i]:
            continue
        z = np.random.default_rng(seeds).standard_normal((draws, indicators)) @ roots[i].T
        scores = score_map(value[i] + se[i] * z, target[i], floor[i], direction[i])
        drawn = weighted_score(scores, weights[i], 0.0).score
        low[i], high[i] = np.quantile(drawn, [tail, 1 - tail])
    return Composite(point.score, low, high, point.weight_present, point.sufficient)


def _roots(correlation: ArrayLike | None, places: int, indicators: int) -> Floats:
    """Square roots of the correlation matrices; rounding may have left them not quite positive."""
    if correlation is None:
        return np.broadcast_to(np.eye(indicators), (places, indicators, indicators))
    r = np.nan_to_num(np.asarray(correlation, dtype=np.float64))
    values, vectors = np.linalg.eigh(r)
    root = vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    return np.broadcast_to(root, (places, indicators, indicators))
