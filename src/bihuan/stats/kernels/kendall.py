"""Mann-Kendall tests and Sen slopes of many series at once; a row is a series, NaN is a missing point."""

from __future__ import annotations

import math

import numpy as np

from bihuan.stats.kernels.jit import compiled

SAMPLE = 9  # values that a pivot is chosen from
MANY = 400  # slopes from which on most are put aside first, by a sample of so many, so many ranks apart
WIDE = 47
MARGIN = 5
BUCKETS = 128


@compiled
def _select(a, low, high, k):  # type: ignore[no-untyped-def]
    """Put the k-th smallest of ``a[low:high + 1]`` at index k, smaller before it and larger behind.

    The pivot is the middle of three, or of many values that of a sample whose rank is a little beyond that
    of k, seen from the near end.
    Values are moved whether they are smaller than the pivot or not: a branch would be guessed wrong for
    every other one.
    """
    while high - low > 12:
        if high - low > 10 * SAMPLE:
            step = (high - low) // SAMPLE
            for t in range(SAMPLE):
                v = a[low + t * step]
                a[low + t * step] = a[low + t]
                a[low + t] = v
            _sort(a, low, low + SAMPLE - 1)
            rank = (k - low) * SAMPLE / (high - low)
            at = low + int(rank + 1.0 if rank < SAMPLE / 2 else rank - 1.0)
        else:
            at = _middle(a, low, (low + high) // 2, high)
        pivot = a[at]
        a[at] = a[high]
        i = low
        for j in range(low, high):
            v = a[j]
            a[j] = a[i]
            a[i] = v
            i += v < pivot
        a[high] = a[i]
        a[i] = pivot
        if k < i:
            high = i - 1
        elif k == i:
            return pivot
        elif i > low:
            low = i + 1
        else:  # the pivot is the smallest, and may stand here often
            for j in range(low, high + 1):
                v = a[j]
                a[j] = a[i]
                a[i] = v
                i += v == pivot
            if k < i:
                return pivot
            low = i
    _sort(a, low, high)
    return a[k]


@compiled
def _middle(a, i, j, k):  # type: ignore[no-untyped-def]
    """Which of three places holds the middle value."""
    if (a[i] < a[j]) == (a[j] < a[k]):
        return j
    return i if (a[j] < a[i]) == (a[i] < a[k]) else k


@compiled
def _sort(a, low, high):  # type: ignore[no-untyped-def]
    """Sort ``a[low:high + 1]`` by insertion."""
    for j in range(low + 1, high + 1):
        v = a[j]
        i = j - 1
        while i >= low and a[i] > v:
            a[i + 1] = a[i]
            i -= 1
        a[i + 1] = v


@compiled
def _ties(y, n):  # type: ignore[no-untyped-def]
    """Σt(t-1)(2t+5) and Σt(t-1)/2 over ties of the first n values; each value adds its part of its tie."""
    big = 0.0
    pairs = 0.0
    for a in range(n):
        t = 0
        for b in range(n):
            t += y[b] == y[a]
        big += (t - 1.0) * (2 * t + 5.0)
        pairs += (t - 1.0) / 2
    return big, pairs


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


@compiled
def _pairs(y, when, n, slopes, pairs):  # type: ignore[no-untyped-def]
    """Slopes between the n points of a season, kept from index `pairs` on; how many rise, and fall."""
    rises = 0
    falls = 0
    if when[n - 1] - when[0] == n - 1:  # no gap: one distance after the other, many pairs at a time
        for lag in range(1, n):
            years = float(lag)
            for a in range(n - lag):
                d = y[a + lag] - y[a]
                rises += d > 0
                falls += d < 0
                slopes[pairs + a] = d / years
            pairs += n - lag
        return rises, falls
    for a in range(n):
        for b in range(a + 1, n):
            d = y[b] - y[a]
            rises += d > 0
            falls += d < 0
            slopes[pairs] = d / (when[b] - when[a])
            pairs += 1
    return rises, falls


@compiled
def mann_kendall(x, period, serial, z_level, out, first, last):  # type: ignore[no-untyped-def]
    """S, Var, Z, p, tau, slope, low, high and n of each series, season by season."""
    points = x.shape[1]
    slopes = np.empty(points * (points - 1) // 2 + 1)
    near = np.empty(len(slopes))
    values = np.empty(points)
    when = np.empty(points)
    for i in range(first, last):
        score = 0
        variance = 0.0
        scale = 0.0
        pairs = 0
        total = 0
        for g in range(min(period, points)):
            n = 0
            for a in range(g, points, period):
                if not math.isnan(x[i, a]):
                    values[n] = x[i, a]
                    when[n] = a // period
                    n += 1
            if n == 0:
                continue
            rises, falls = _pairs(values, when, n, slopes, pairs)
            score += rises - falls
            pairs += n * (n - 1) // 2
            tied, tied_pairs = _ties(values, n)
            variance += (n * (n - 1.0) * (2 * n + 5.0) - tied) / 18
            every = n * (n - 1.0) / 2
            scale += math.sqrt(max(every - tied_pairs, 0.0) * every)
            total += n
        if serial:
            for g in range(min(period, points)):
                for h in range(g + 1, min(period, points)):
                    variance += 2 * _covariance(x, i, period, g, h)
        z = 0.0
        if variance > 0 and score != 0:
            z = (score - 1) / math.sqrt(variance) if score > 0 else (score + 1) / math.sqrt(variance)
        out[0, i] = score
        out[1, i] = variance
        out[2, i] = z if pairs > 0 else np.nan
        out[3, i] = math.erfc(abs(z) / math.sqrt(2.0)) if pairs > 0 else np.nan
        out[4, i] = score / scale if scale > 0 else np.nan
        half = z_level * math.sqrt(max(variance, 0.0))
        out[5, i], out[6, i], out[7, i] = _slope(slopes, near, pairs, half)
        out[8, i] = total


@compiled
def _slope(slopes, near, pairs, half):  # type: ignore[no-untyped-def]
    """Median of the slopes, and the slopes at the ranks of its limits; `near` is room for as many."""
    if pairs == 0:
        return np.nan, np.nan, np.nan
    below = round((pairs - half) / 2) - 1
    above = round((pairs + half) / 2 + 1) - 1
    middle = pairs // 2
    if pairs >= MANY and below >= 0 and above < pairs:
        before, kept, least, most = _between(slopes, pairs, near, below, above)
        if before <= below and above < before + kept and 1e-300 < most - least < np.inf:
            ranks = below - before, middle - before, above - before
            return _of_buckets(near, kept, least, most, ranks, pairs % 2)
    low = high = np.nan
    begin = 0
    end = pairs - 1
    if below >= 0:  # what lies before this limit, and behind the other, need not be looked at again
        low = _select(slopes, begin, end, below)
        begin = below
    if above < pairs:
        high = _select(slopes, begin, end, above)
        end = above
    upper = _select(slopes, begin, end, middle)
    if pairs % 2:
        return upper, low, high
    lower = slopes[begin]
    for k in range(begin + 1, middle):
        lower = max(lower, slopes[k])
    return (lower + upper) / 2, low, high


@compiled
def _between(slopes, pairs, near, below, above):  # type: ignore[no-untyped-def]
    """Keep the slopes that a sample says lie around the ranks.

    How many lie before, how many are kept, and between which ends.
    """
    step = pairs // WIDE
    for t in range(WIDE):
        near[t] = slopes[t * step]
    _sort(near, 0, WIDE - 1)
    least = near[max(below * WIDE // pairs - MARGIN, 0)]
    most = near[min(above * WIDE // pairs + MARGIN, WIDE - 1)]
    before = 0
    kept = 0
    for k in range(pairs):
        v = slopes[k]
        near[kept] = v
        before += v < least
        kept += (v >= least) & (v <= most)
    return before, kept, least, most


@compiled
def _of_buckets(near, kept, least, most, ranks, odd):  # type: ignore[no-untyped-def]
    """Median and limits of values that lie close together: each is looked for in its own bucket."""
    count = np.zeros(BUCKETS, np.int32)
    bucket = np.empty(kept, np.int16)
    room = np.empty(kept + 1)
    scale = BUCKETS / (most - least)
    for k in range(kept):
        b = min(int((near[k] - least) * scale), BUCKETS - 1)
        bucket[k] = b
        count[b] += 1
    below, middle, above = ranks
    upper = _at(near, kept, bucket, count, room, middle)
    lower = upper if odd else _at(near, kept, bucket, count, room, middle - 1)
    low = _at(near, kept, bucket, count, room, below)
    return (lower + upper) / 2, low, _at(near, kept, bucket, count, room, above)


@compiled
def _at(near, kept, bucket, count, room, rank):  # type: ignore[no-untyped-def]
    """The value of a rank."""
    b = 0
    while count[b] <= rank:
        rank -= count[b]
        b += 1
    own = 0
    for k in range(kept):
        room[own] = near[k]
        own += bucket[k] == b
    return _select(room, 0, own - 1, rank)
