"""Centres of seasons, the spread around them, and averages of what comes after; a row is a series."""

from __future__ import annotations

import math

import numpy as np

from bihuan.stats.kernels.jit import compiled


@compiled
def reference(x, size, season, use, mean, weight, spread, df, n, first, last):  # type: ignore[no-untyped-def]
    """Weighted mean of each season, and the pooled variance of a point of size 1 around them."""
    points = x.shape[1]
    seasons = mean.shape[1]
    for i in range(first, last):
        for s in range(seasons):
            mean[i, s] = 0.0
            weight[i, s] = 0.0
        count = 0
        scale = 0.0
        for j in range(points):
            v, w = x[i, j], size[i, j]
            if use[i, j] and math.isfinite(v) and w > 0:
                count += 1
                weight[i, season[j]] += w
                mean[i, season[j]] += w * (v - mean[i, season[j]]) / weight[i, season[j]]
                scale += w * v * v
        there = 0
        for s in range(seasons):
            if weight[i, s] > 0:
                there += 1
            else:
                mean[i, s] = np.nan
        squares = 0.0
        for j in range(points):
            v, w = x[i, j], size[i, j]
            if use[i, j] and math.isfinite(v) and w > 0:
                gap = v - mean[i, season[j]]
                squares += w * gap * gap
        n[i] = count
        df[i] = count - there
        if squares <= 1e-24 * scale:  # what is left of equal numbers by rounding is no spread
            squares = 0.0
        spread[i] = squares / (count - there) if count > there else np.nan


@compiled
def average(x, size, season, use, share, mean, weight, weights, root, pulled, moved, variance, first, last):  # type: ignore[no-untyped-def]
    """Moving average of standardised distances from the centres, begun at the first point in use."""
    points = x.shape[1]
    seasons = mean.shape[1]
    for i in range(first, last):
        for s in range(seasons):
            pulled[i, s] = 0.0
        total = 0.0
        squares = 0.0
        factor = share
        for j in range(points - 1, -1, -1):
            weights[i, j] = 0.0
            root[i, j] = 0.0
            gap = x[i, j] - mean[i, season[j]]
            if use[i, j] and math.isfinite(gap) and size[i, j] > 0:
                r = math.sqrt(size[i, j])
                weights[i, j] = factor
                root[i, j] = r
                total += factor * r * gap
                squares += factor * factor
                pulled[i, season[j]] += factor * r
                factor *= 1 - share
        for s in range(seasons):
            if pulled[i, s] > 0:
                squares += pulled[i, s] * pulled[i, s] / weight[i, s]
        moved[i] = total
        variance[i] = squares
