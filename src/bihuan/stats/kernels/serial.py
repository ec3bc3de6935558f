"""What seasons that go together add to the variance of a seasonal Mann-Kendall statistic."""

from __future__ import annotations

import math

import numpy as np

from bihuan.stats.kernels.jit import compiled


@compiled
def covariances(x, period, out, first, last):  # type: ignore[no-untyped-def]
    """Twice the covariances of all pairs of seasons, of each series."""
    seasons = min(period, x.shape[1])
    for i in range(first, last):
        total = 0.0
        for g in range(seasons):
            for h in range(g + 1, seasons):
                total += 2 * _covariance(x, i, period, g, h)
        out[i] = total


@compiled
def _covariance(x, i, period, g, h):  # type: ignore[no-untyped-def]
    """Hirsch and Slack's covariance of the statistics of seasons g and h."""
    points = x.shape[1]
    years = (points + period - 1) // period
    cross = 0.0
    n_g = 0
    n_h = 0
    both = 0
    for a in range(years):
        ga = a * period + g
        ha = a * period + h
        there_g = ga < points and not math.isnan(x[i, ga])
        there_h = ha < points and not math.isnan(x[i, ha])
        n_g += there_g
        n_h += there_h
        both += there_g or there_h
        if not (there_g and there_h):
            continue
        for b in range(a + 1, years):
            gb = b * period + g
            hb = b * period + h
            if gb < points and hb < points and not math.isnan(x[i, gb]) and not math.isnan(x[i, hb]):
                cross += np.sign((x[i, gb] - x[i, ga]) * (x[i, hb] - x[i, ha]))
    ranks = 0.0
    for a in range(years):
        r_g = _mid_rank(x, i, period, g, a, n_g)
        r_h = _mid_rank(x, i, period, h, a, n_h)
        ranks += r_g * r_h
    return (cross + 4 * ranks - years * (n_g + 1.0) * (n_h + 1.0)) / 3


@compiled
def _mid_rank(x, i, period, g, a, n):  # type: ignore[no-untyped-def]
    """Rank of year `a` in its season; the middle rank where it is missing."""
    points = x.shape[1]
    at = a * period + g
    if at >= points or math.isnan(x[i, at]):
        return (n + 1.0) / 2
    total = 0.0
    for k in range(g, points, period):
        if k != at and not math.isnan(x[i, k]):
            total += np.sign(x[i, at] - x[i, k])
    return (n + 1.0 + total) / 2
