"""Loops over rows that are sorted by group."""

from __future__ import annotations

import math

import numpy as np

from bihuan.stats.kernels.jit import compiled


@compiled
def bring_together(group, value, flag, place, values, flags):  # type: ignore[no-untyped-def]
    """Bring the rows of each group together, in the order in which they come; ``place`` is used up.

    Rows without a group, or without a value, are left out; ``flag`` may be empty.
    """
    flagged = len(flag) > 0
    for r in range(len(group)):
        g = group[r]
        if g < 0 or value[r] != value[r]:
            continue
        p = place[g]
        values[p] = value[r]
        if flagged:
            flags[p] = flag[r]
        place[g] = p + 1


@compiled
def sizes(group, value, count):  # type: ignore[no-untyped-def]
    """Count the rows of each group that have a value."""
    for r in range(len(group)):
        g = group[r]
        if g >= 0 and value[r] == value[r]:
            count[g] += 1


@compiled
def km_medians(start, time, event, z, median, low, high, events, first, last):  # type: ignore[no-untyped-def]
    """Kaplan-Meier medians with log-log limits; rows sorted by (group, time)."""
    half = math.log(-math.log(0.5))
    for g in range(first, last):
        i = start[g]
        end = start[g + 1]
        at_risk = end - i
        survival = 1.0
        greenwood = 0.0
        median[g] = np.nan
        low[g] = np.nan
        high[g] = np.nan
        flat = np.nan  # since when the curve has run at exactly one half
        count = 0
        while i < end:
            t = time[i]
            died = 0
            left = 0
            while i < end and time[i] == t:
                if event[i]:
                    died += 1
                else:
                    left += 1
                i += 1
            if died:
                count += died
                survival *= 1.0 - died / at_risk
                lost = 1.0 - survival
                if at_risk > died:
                    greenwood += died / (at_risk * (at_risk - died))
                if survival > 0.75 and z * z * greenwood < 0.4 * lost * lost:
                    # log(-log S) <= log(lost/S) < -1.09, z·se of it < 0.64: all of the band lies above 1/2
                    lower_below = False
                    upper_below = False
                elif at_risk > died:
                    log_s = math.log(survival)
                    centre = math.log(-log_s)
                    width = z * math.sqrt(greenwood) / -log_s
                    # the band of S: a larger log(-log S) is a smaller S
                    lower_below = centre + width >= half
                    upper_below = centre - width >= half
                else:
                    survival = 0.0
                    lower_below = True
                    upper_below = True
                if lower_below and math.isnan(low[g]):
                    low[g] = t
                if math.isnan(median[g]):
                    if not math.isnan(flat):
                        median[g] = (flat + t) / 2
                    elif abs(survival - 0.5) <= 1e-12:
                        flat = t
                    elif survival < 0.5:
                        median[g] = t
                if upper_below and math.isnan(high[g]):
                    high[g] = t
                    if not math.isnan(median[g]) and not math.isnan(low[g]):
                        for k in range(i, end):
                            count += event[k]
                        break
            at_risk -= died + left
        if math.isnan(median[g]):
            median[g] = flat
        events[g] = count


@compiled
def quantiles(start, y, q, low_rank, high_rank, value, low, high, first, last):  # type: ignore[no-untyped-def]
    """Type-7 quantiles and order statistics; rows sorted by (group, y)."""
    for g in range(first, last):
        i = start[g]
        n = start[g + 1] - i
        value[g] = np.nan
        low[g] = np.nan
        high[g] = np.nan
        if n == 0:
            continue
        position = (n - 1) * q
        k = math.floor(position)
        value[g] = y[i + k]
        if k + 1 < n:
            value[g] += (position - k) * (y[i + k + 1] - y[i + k])
        if 1 <= low_rank[g] <= n:
            low[g] = y[i + low_rank[g] - 1]
        if 1 <= high_rank[g] <= n:
            high[g] = y[i + high_rank[g] - 1]
