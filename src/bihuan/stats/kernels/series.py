"""Loops over many series at once; a row is a series, NaN is a missing point."""

from __future__ import annotations

import math

import numpy as np

from bihuan.stats.kernels.jit import compiled


@compiled
def individuals(x, baseline, center, mean_range, first, last):  # type: ignore[no-untyped-def]
    """Mean and mean moving range of the points of phase I; NaN where there is none."""
    for i in range(first, last):
        total = spread = 0.0
        n = pairs = 0
        for j in range(min(baseline[i], x.shape[1])):
            v = x[i, j]
            if math.isnan(v):
                continue
            total += v
            n += 1
            if j > 0 and not math.isnan(x[i, j - 1]):
                spread += abs(v - x[i, j - 1])
                pairs += 1
        center[i] = total / n if n else np.nan
        mean_range[i] = spread / pairs if pairs else np.nan


@compiled
def _beyond(z, j, window, limit):  # type: ignore[no-untyped-def]
    """Most points of the window that lie beyond the limit on one side."""
    above = 0
    below = 0
    for k in range(j - window + 1, j + 1):
        if z[k] > limit:
            above += 1
        elif z[k] < -limit:
            below += 1
    return max(above, below)


@compiled
def western_electric(z, out, first, last):  # type: ignore[no-untyped-def]
    """The four zone rules of the Western Electric handbook as bits 1, 2, 4 and 8."""
    points = z.shape[1]
    for i in range(first, last):
        since = side = run = 0
        for j in range(points):
            v = z[i, j]
            out[i, j] = 0
            if math.isnan(v):
                since = side = run = 0
                continue
            since += 1
            s = 1 if v > 0 else (-1 if v < 0 else 0)
            run = run + 1 if (s == side and s != 0) else (1 if s != 0 else 0)
            side = s
            bits = 1 if abs(v) > 3 else 0
            if since >= 3 and _beyond(z[i], j, 3, 2.0) >= 2:
                bits |= 2
            if since >= 5 and _beyond(z[i], j, 5, 1.0) >= 4:
                bits |= 4
            if run >= 8:
                bits |= 8
            out[i, j] = bits


@compiled
def ewma(x, center, weight, baseline, value, square, p_df, first, last):  # type: ignore[no-untyped-def]
    """Moving average, the sum of squares of its weights, and that average's test past the baseline.

    `p_df` gets (statistic/sigma numerator, variance factor) of the average begun after the baseline.
    """
    points = x.shape[1]
    for i in range(first, last):
        level = center[i]
        fade = 1.0
        tested = 0.0
        tested_fade = 1.0
        for j in range(points):
            if not math.isnan(x[i, j]):
                level = weight * x[i, j] + (1 - weight) * level
                fade *= (1 - weight) * (1 - weight)
                if j >= baseline[i]:
                    tested = weight * (x[i, j] - center[i]) + (1 - weight) * tested
                    tested_fade *= 1 - weight
            value[i, j] = level
            square[i, j] = weight / (2 - weight) * (1 - fade)
            p_df[i, j, 0] = tested if j >= baseline[i] else np.nan
            p_df[i, j, 1] = tested_fade


@compiled
def cusum(z, k, up, down, first, last):  # type: ignore[no-untyped-def]
    """Upper and lower cumulative sums of standardised values."""
    for i in range(first, last):
        high = 0.0
        low = 0.0
        for j in range(z.shape[1]):
            if not math.isnan(z[i, j]):
                high = max(0.0, high + z[i, j] - k)
                low = max(0.0, low - z[i, j] - k)
            up[i, j] = high
            down[i, j] = low


@compiled
def running_moments(x, mean, sd, n, first, last):  # type: ignore[no-untyped-def]
    """Mean, standard deviation and number of the points before each point."""
    for i in range(first, last):
        m = 0.0
        s = 0.0
        count = 0
        for j in range(x.shape[1]):
            mean[i, j] = m if count > 0 else np.nan
            sd[i, j] = math.sqrt(s / (count - 1)) if count > 1 else np.nan
            n[i, j] = count
            if not math.isnan(x[i, j]):
                count += 1
                d = x[i, j] - m
                m += d / count
                s += d * (x[i, j] - m)


@compiled
def pettitt(x, at, k, shift, first, last):  # type: ignore[no-untyped-def]
    """Largest |U_t|, the last point before the change, and the difference of the means around it."""
    points = x.shape[1]
    for i in range(first, last):
        u = 0.0
        best = -1.0
        at[i] = -1
        for j in range(points):
            if math.isnan(x[i, j]):
                continue
            for m in range(points):
                if not math.isnan(x[i, m]):
                    u += (x[i, j] > x[i, m]) * 1.0 - (x[i, j] < x[i, m]) * 1.0
            if abs(u) > best:
                best = abs(u)
                at[i] = j
        k[i] = max(best, 0.0)
        before = after = 0.0
        n_before = n_after = 0
        for j in range(points):
            if math.isnan(x[i, j]):
                continue
            if j <= at[i]:
                before += x[i, j]
                n_before += 1
            else:
                after += x[i, j]
                n_after += 1
        shift[i] = after / n_after - before / n_before if n_before and n_after else np.nan
