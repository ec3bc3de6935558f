"""Effects on places watched over several periods."""

from __future__ import annotations

from itertools import combinations
from math import ceil, comb

import numpy as np

from bihuan.stats.effect.rows import FEWEST_TREATED, NAN, Effect, student_limits
from bihuan.stats.types import ArrayLike, Bools, Floats, Ints, floats

FEWEST_PLACEBOS = 19


def _changes(panel: Floats, trigger: int, baseline: int, after: int, length: int) -> Floats:
    """Mean of the periods after less mean of the baseline, for each place."""
    before, later = panel[:, max(trigger - baseline, 0) : trigger], panel[:, after : after + length]
    return _means(later) - _means(before)


def _means(x: Floats) -> Floats:
    there = ~np.isnan(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(there, x, 0.0).sum(axis=1) / there.sum(axis=1))


def _contrast(change: Floats, chosen: Bools, weight: Floats) -> float:
    """Weighted mean of the chosen less that of the rest, among places that have a change."""
    there = np.isfinite(change)
    a, b = there & chosen, there & ~chosen
    if not a.any() or not b.any():
        return NAN
    return float(np.average(change[a], weights=weight[a]) - np.average(change[b], weights=weight[b]))


def panel_effect(
    panel: ArrayLike,
    treated: ArrayLike,
    trigger: int,
    *,
    baseline: int,
    after: int | None = None,
    length: int = 1,
    weight: ArrayLike | None = None,
    seed: int = 0,
    draws: int = 999,
    confidence: float = 0.95,
) -> Effect:
    """Effect of a plan on places watched over several periods.

    The change of a place is its mean over `length` periods from `after` on, less its mean over the
    `baseline` periods before the trigger; the trigger itself is in neither. The effect is the mean change
    of the treated less that of the others. With five places or more on each side its interval is Welch's.
    With fewer it is a placebo interval: the same contrast for comparison places taken as if treated, over
    the same window and all earlier ones, shows how far chance goes; fewer than 19 such placebos say nothing.

    Parameters
    ----------
    panel : array_like, shape (places, periods)
        NaN where there is no value.
    treated : array_like of bool, shape (places,)
    trigger : int
        Period whose result led to the plan.
    baseline : int
        Periods before the trigger to compare with.
    after : int, optional
        First period that counts as after the plan; the one behind the trigger without.
    length : int
        Periods after.
    weight : array_like, optional
        Of the places, such as households.
    seed, draws : int
        For choosing among sets of comparison places when more than one place is treated.
    confidence : float

    References
    ----------
    Abadie, Diamond & Hainmueller, JASA 105 (2010) 493-505; Conley & Taber, Review of Economics and
    Statistics 93 (2011) 113-125.
    """
    table = np.atleast_2d(np.asarray(panel, dtype=np.float64))
    chosen = np.asarray(treated, dtype=np.bool_)
    w = np.ones(len(table)) if weight is None else floats(weight)
    start = trigger + 1 if after is None else after
    if not 0 < trigger < start or start + length > table.shape[1]:
        raise ValueError("the trigger needs periods before it, and the periods after it must be in the panel")
    change = _changes(table, trigger, baseline, start, length)
    there = np.isfinite(change)
    value = _contrast(change, chosen, w)
    with_plan, without = int((there & chosen).sum()), int((there & ~chosen).sum())
    if np.isnan(value):
        return Effect(NAN, NAN, NAN, NAN, NAN, NAN, "too_few", with_plan, without)
    if min(with_plan, without) >= FEWEST_TREATED:
        return _welch(change, chosen & there, ~chosen & there, w, value, confidence)
    placebos = _placebos(
        table[~chosen], w[~chosen], trigger, baseline, start, length, max(with_plan, 1), seed, draws
    )
    return _from_placebos(value, placebos, confidence, with_plan, without)


def _welch(change: Floats, a: Bools, b: Bools, w: Floats, value: float, confidence: float) -> Effect:
    parts = []
    for group in (a, b):
        weights = w[group] / w[group].sum()
        gap = change[group] - weights @ change[group]
        n = len(gap)
        parts.append((float((weights**2 * gap**2).sum()) * n / (n - 1), n - 1))
    variance = parts[0][0] + parts[1][0]
    se = float(np.sqrt(variance))
    df = variance**2 / sum(v**2 / d for v, d in parts) if variance > 0 else NAN
    limits = student_limits(value, se, df, confidence)
    return Effect(value, se, df, *limits, "welch", int(a.sum()), int(b.sum()))


def _placebos(
    comparison: Floats,
    w: Floats,
    trigger: int,
    baseline: int,
    after: int,
    length: int,
    size: int,
    seed: int,
    draws: int,
) -> Floats:
    """Contrasts of sets of comparison places against the other ones, over this and earlier windows."""
    found = []
    rng = np.random.default_rng(seed)
    for shift in range(trigger - baseline + 1 if trigger >= baseline else 1):
        change = _changes(comparison, trigger - shift, baseline, after - shift, length)
        places = np.flatnonzero(np.isfinite(change))
        if len(places) <= size:
            continue
        found.append(_contrasts(change[places], w[places], _subsets(len(places), size, rng, draws)))
    return np.concatenate(found) if found else np.zeros(0)


def _subsets(places: int, size: int, rng: np.random.Generator, draws: int) -> Ints:
    """All sets of that size, or so many drawn at random where there are more; one a row."""
    if comb(places, size) <= draws:
        return np.array(list(combinations(range(places), size)), np.int64).reshape(-1, size)
    return np.array([rng.choice(places, size, replace=False) for _ in range(draws)], np.int64)


def _contrasts(change: Floats, w: Floats, sets: Ints) -> Floats:
    """Weighted mean of each set less that of the rest."""
    weighted = w * change
    inside, held = weighted[sets].sum(axis=1), w[sets].sum(axis=1)
    return np.asarray(inside / held - (weighted.sum() - inside) / (w.sum() - held))


def _from_placebos(value: float, placebos: Floats, confidence: float, with_plan: int, without: int) -> Effect:
    """Interval of half width |placebo|_(k), ``k = ⌈confidence·(N + 1)⌉``."""
    far = np.sort(np.abs(placebos))
    n = len(far)
    rank = ceil(confidence * (n + 1) - 1e-9)
    if n < FEWEST_PLACEBOS or rank > n:
        return Effect(value, NAN, NAN, NAN, NAN, NAN, "too_few", with_plan, without, n)
    half = float(far[rank - 1])
    p = float((1 + np.sum(far >= abs(value) * (1 - 1e-9))) / (n + 1))
    return Effect(value, NAN, NAN, value - half, value + half, p, "placebo", with_plan, without, n)


def randomisation(
    change: ArrayLike,
    treated: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    seed: int = 0,
    draws: int = 9999,
) -> Effect:
    """Effect as the difference of mean changes, its probability by dealing out the treatment anew.

    All ways of dealing are tried where there are at most `draws`.

    Parameters
    ----------
    change : array_like
        Of each place; NaN is left out.
    treated : array_like of bool
    weight : array_like, optional
    seed, draws : int

    References
    ----------
    Fisher, The Design of Experiments (1935), chapter 2; Phipson & Smyth, Statistical Applications in
    Genetics and Molecular Biology 9 (2010) 39.
    """
    c, t = floats(change), np.asarray(treated, dtype=np.bool_)
    w = np.ones(len(c)) if weight is None else floats(weight)
    there = np.isfinite(c)
    c, t, w = c[there], t[there], w[there]
    value, size = _contrast(c, t, w), int(t.sum())
    if np.isnan(value):
        return Effect(NAN, NAN, NAN, NAN, NAN, NAN, "too_few", size, len(c) - size)
    every = comb(len(c), size) <= draws
    sets = _subsets(len(c), size, np.random.default_rng(seed), draws)
    far = int(np.sum(np.abs(_contrasts(c, w, sets)) >= abs(value) * (1 - 1e-9)))
    p = far / len(sets) if every else (far + 1) / (len(sets) + 1)
    return Effect(value, NAN, NAN, NAN, NAN, p, "randomisation", size, len(c) - size)


def pre_trend(
    panel: ArrayLike, treated: ArrayLike, trigger: int, *, weight: ArrayLike | None = None
) -> Effect:
    """Whether the treated places were already moving differently before the trigger.

    Each place's least-squares slope over the periods before the trigger, treated against others; a small
    probability speaks against the comparison. Fewer than three periods say nothing.

    Parameters
    ----------
    panel, treated, trigger, weight
        As in `panel_effect`.
    """
    table = np.atleast_2d(np.asarray(panel, dtype=np.float64))[:, :trigger]
    chosen = np.asarray(treated, dtype=np.bool_)
    there = ~np.isnan(table)
    periods = np.where(there, np.arange(table.shape[1], dtype=np.float64), np.nan)
    gap = periods - _means(periods)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.nansum(gap * table, axis=1) / np.nansum(gap**2, axis=1)
    slope = np.where(there.sum(axis=1) >= 3, slope, np.nan)
    known = np.isfinite(slope)
    a, b = known & chosen, known & ~chosen
    if min(a.sum(), b.sum()) < FEWEST_TREATED:
        return randomisation(slope, chosen, weight=weight)
    w = np.ones(len(slope)) if weight is None else floats(weight)
    return _welch(slope, a, b, w, _contrast(slope, chosen, w), 0.95)


def placebo_check(
    panel: ArrayLike,
    treated: ArrayLike,
    trigger: int,
    *,
    baseline: int,
    gap: int = 1,
    length: int = 1,
    weight: ArrayLike | None = None,
    seed: int = 0,
) -> Effect:
    """The same contrast over a window that ends before the trigger, where there can be no effect.

    A small probability speaks against the comparison. Parameters as in `panel_effect`; `gap` is the
    number of periods from the trigger to the first one after the plan.
    """
    table = np.atleast_2d(np.asarray(panel, dtype=np.float64))
    moved = trigger - gap - length
    if moved < 1:
        return Effect(NAN, NAN, NAN, NAN, NAN, NAN, "too_few", 0, 0)
    return panel_effect(
        table[:, :trigger],
        treated,
        moved,
        baseline=baseline,
        after=moved + gap,
        length=length,
        weight=weight,
        seed=seed,
    )
