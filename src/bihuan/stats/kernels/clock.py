"""Loops over instants on working calendars."""

from __future__ import annotations

import numpy as np

from bihuan.stats.kernels.jit import compiled

DAY = 86_400_000_000


@compiled
def open_before(c, t, first, base, days, origin, opened, closed, before):  # type: ignore[no-untyped-def]
    """Microseconds of calendar `c` that were open before the instant `t`."""
    end = first[c + 1]
    k = first[c]
    if k == end or t <= opened[k]:
        return 0
    day = (t - origin[c]) // DAY
    last = base[c + 1] - base[c] - 1
    k = days[base[c] + (day if day < last else last)]
    while k < end and closed[k] <= t:
        k += 1
    if k == end:
        return before[end - 1] + closed[end - 1] - opened[end - 1]
    return before[k] + (t - opened[k] if t > opened[k] else 0)


@compiled
def minutes_between(index, start, end, nothing, first, base, days, origin, opened, closed, before, out, a, b):  # type: ignore[no-untyped-def]
    """Minutes from start to end on the calendar of each row."""
    for i in range(a, b):
        if start[i] == nothing or end[i] == nothing:
            out[i] = np.nan
        elif index[i] < 0:
            out[i] = (end[i] - start[i]) / 60e6
        else:
            c = index[i]
            out[i] = (
                open_before(c, end[i], first, base, days, origin, opened, closed, before)
                - open_before(c, start[i], first, base, days, origin, opened, closed, before)
            ) / 60e6


@compiled
def add_minutes(index, start, minutes, nothing, first, base, days, origin, opened, closed, before, out, a, b):  # type: ignore[no-untyped-def]
    """First instant at which so many minutes have passed on the calendar of each row."""
    for i in range(a, b):
        if start[i] == nothing or np.isnan(minutes[i]):
            out[i] = nothing
            continue
        wanted = np.int64(round(minutes[i] * 60e6))
        if index[i] < 0 or wanted == 0:
            out[i] = start[i] + wanted
            continue
        c = index[i]
        target = wanted + open_before(c, start[i], first, base, days, origin, opened, closed, before)
        low = first[c]
        high = first[c + 1]
        end = high
        while low < high:  # the first stretch at whose end the target is reached
            middle = (low + high) // 2
            if before[middle] + closed[middle] - opened[middle] >= target:
                high = middle
            else:
                low = middle + 1
        out[i] = opened[low] + target - before[low] if low < end else nothing
