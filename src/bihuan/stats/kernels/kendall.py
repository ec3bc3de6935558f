"""Mann-Kendall tests and Sen slopes of many series at once; a row is a series, NaN is a missing point."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from bihuan.stats.kernels.jit import compiled

SAMPLE = 9  # values that a pivot is chosen from
MANY, MOST = 400, 1 << 22  # slopes of which those around the ranks are put aside; floats count exactly so far
WIDE = 48  # slopes that say roughly where the ranks lie
BEYOND = 7.5  # ranks among these by which the first look goes beyond the limits
CUTS = 6  # places at which slopes are counted at a time
ROUNDS = 4  # of counting at most: where many slopes are equal no more are left out
MARGIN = 0.7  # of a guess, in square roots of the slopes between the places that it is made from
FEW = 64  # slopes that are compared each with each
WORD = 64
DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)  # all its stretches of six bits differ, and so tell a bit's place
PLACE = np.zeros(WORD, np.int64)
PLACE[[(int(DE_BRUIJN) << bit & (1 << WORD) - 1) >> 58 for bit in range(WORD)]] = np.arange(WORD)


@compiled
def _select(a, k):  # type: ignore[no-untyped-def]
    """Put the k-th smallest at index k, smaller before it and larger behind.

    The pivot is the middle of three, or of many values that of a sample whose rank is a little beyond that
    of k, seen from the near end.
    Values are moved whether they are smaller than the pivot or not: a branch would be guessed wrong for
    every other one.
    """
    low = 0
    high = len(a) - 1
    while high - low > 12:
        if high - low > 10 * SAMPLE:
            step = (high - low) // SAMPLE
            for t in range(SAMPLE):
                v = a[low + t * step]
                a[low + t * step] = a[low + t]
                a[low + t] = v
            _sort(a[low : low + SAMPLE])
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
    _sort(a[low : high + 1])
    return a[k]


@compiled
def _middle(a, i, j, k):  # type: ignore[no-untyped-def]
    """Which of three places holds the middle value."""
    if (a[i] < a[j]) == (a[j] < a[k]):
        return j
    return i if (a[j] < a[i]) == (a[i] < a[k]) else k


@compiled
def _sort(a):  # type: ignore[no-untyped-def]
    """Sort by insertion."""
    for j in range(1, len(a)):
        v = a[j]
        i = j - 1
        while i >= 0 and a[i] > v:
            a[i + 1] = a[i]
            i -= 1
        a[i + 1] = v


@compiled
def _ties(y):  # type: ignore[no-untyped-def]
    """Σt(t-1)(2t+5) and Σt(t-1)/2 over ties; each value adds its part of its tie."""
    big = 0.0
    pairs = 0.0
    for a in range(len(y)):
        t = 0
        for b in range(len(y)):
            t += y[b] == y[a]
        big += (t - 1.0) * (2 * t + 5.0)
        pairs += (t - 1.0) / 2
    return big, pairs


@compiled
def _pairs(y, when, slopes):  # type: ignore[no-untyped-def]
    """Slopes between the points of a season, put at the head of `slopes`; how many rise, and fall.

    Each inner loop has arrays of its own, which begin at 0: so it is compiled to do many pairs at a time.
    """
    n = len(y)
    rises = 0
    falls = 0
    done = 0
    if when[n - 1] - when[0] == n - 1:  # no gap: one distance after the other
        for lag in range(1, n):
            years = float(lag)
            early, late, out = y[: n - lag], y[lag:], slopes[done : done + n - lag]
            for a in range(n - lag):
                d = late[a] - early[a]
                rises += d > 0
                falls += d < 0
                out[a] = d / years
            done += n - lag
        return rises, falls
    for a in range(n - 1):
        m = n - 1 - a
        late, then, out = y[a + 1 :], when[a + 1 :], slopes[done : done + m]
        for b in range(m):
            d = late[b] - y[a]
            rises += d > 0
            falls += d < 0
            out[b] = d / (then[b] - when[a])
        done += m
    return rises, falls


@compiled
def mann_kendall(x, period, serial, z_level, out, first, last):  # type: ignore[no-untyped-def]
    """S, Var, Z, p, tau, slope, low, high and n of each series, season by season.

    ``serial`` is what the covariance of the seasons adds to the variance of each series.
    """
    points = x.shape[1]
    slopes = np.empty(points * (points - 1) // 2 + 1)
    keys = np.empty(len(slopes) + WORD, np.float32)
    near = np.empty((3, min(len(slopes), MOST) + WIDE))
    values = np.empty(points)
    when = np.empty(points)
    for i in range(first, last):
        score = 0
        variance = serial[i]
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
            rises, falls = _pairs(values[:n], when[:n], slopes[pairs:])
            score += rises - falls
            pairs += n * (n - 1) // 2
            tied, tied_pairs = _ties(values[:n])
            variance += (n * (n - 1.0) * (2 * n + 5.0) - tied) / 18
            every = n * (n - 1.0) / 2
            scale += math.sqrt(max(every - tied_pairs, 0.0) * every)
            total += n
        z = 0.0
        if variance > 0 and score != 0:
            z = (score - 1) / math.sqrt(variance) if score > 0 else (score + 1) / math.sqrt(variance)
        out[0, i] = score
        out[1, i] = variance
        out[2, i] = z if pairs > 0 else np.nan
        out[3, i] = math.erfc(abs(z) / math.sqrt(2.0)) if pairs > 0 else np.nan
        out[4, i] = score / scale if scale > 0 else np.nan
        half = z_level * math.sqrt(max(variance, 0.0))
        out[5, i], out[6, i], out[7, i] = _slope(slopes[:pairs], keys, near, half)
        out[8, i] = total


@compiled
def _slope(slopes, keys, near, half):  # type: ignore[no-untyped-def]
    """Median of the slopes, and the slopes at the ranks of its limits; `near` is room for as many."""
    pairs = len(slopes)
    low = lower = upper = high = np.nan
    if pairs == 0:
        return upper, low, high
    ranks = (round((pairs - half) / 2) - 1, pairs // 2, round((pairs + half) / 2 + 1) - 1)
    before = (0, 0, 0)
    kept = (pairs, pairs, pairs)
    apart = MANY <= pairs < MOST and ranks[0] >= 0 and ranks[2] < pairs
    if apart:
        before, kept = _around(slopes, keys, ranks, near)
        for t in range(3):  # infinite slopes lie between no ends
            apart &= kept[t] > ranks[t] - before[t]
    begin = 0
    end = pairs
    for t in (0, 2, 1):
        if not 0 <= ranks[t] < pairs:
            continue
        if apart and kept[t] <= FEW:
            lower, upper = _compared(near[t], kept[t], ranks[t] - before[t])
        else:
            row = near[t, : kept[t]] if apart else slopes[begin:end]
            k = ranks[t] - (before[t] if apart else begin)
            upper = _select(row, k)
            lower = row[0]
            for j in range(1, k if t == 1 else 0):
                lower = max(lower, row[j])
        if t == 0:  # what lies before this limit, and behind the other, need not be looked at again
            low = upper
            begin = ranks[t]
        elif t == 2:
            high = upper
            end = ranks[t] + 1
    return (upper if pairs % 2 else (lower + upper) / 2), low, high


@compiled
def _around(slopes, keys, ranks, near):  # type: ignore[no-untyped-def]
    """Keep the slopes around three ranks, each in a row of `near`; how many lie below them, and are kept.

    `keys` are the slopes in half the bytes, so that twice as many are compared at a time; rounding keeps
    their order. Ends are guessed and then counted, so that a bad guess costs time and nothing else.
    """
    n = len(slopes)
    for k in range(n):
        keys[k] = slopes[k]
    keys[n : n + WORD] = np.nan
    cuts = np.empty(CUTS, np.float32)
    counts = np.empty(CUTS, np.int64)
    ends = np.empty(CUTS, np.float32)
    below = np.empty(CUTS, np.int64)
    for t in range(3):
        ends[2 * t] = -np.inf
        ends[2 * t + 1] = np.inf
        below[2 * t] = 0
        below[2 * t + 1] = n
    _sample(keys[:n], ranks, near, cuts)
    if cuts[1] == cuts[CUTS - 2]:  # hardly anything would be left out
        return (0, 0, 0), (0, 0, 0)
    before = n
    for tries in range(ROUNDS):
        _count(keys[:n], cuts, counts)
        most = 0
        for t in range(3):
            _tighten(cuts, counts, ranks[t], ends[2 * t :], below[2 * t :])
            most = max(most, below[2 * t + 1] - below[2 * t])
        if most <= FEW or most == before or tries == ROUNDS - 1:
            break
        before = most
        for t in range(3):
            _guess(ranks[t], ends[2 * t :], below[2 * t :], cuts[2 * t :])
    kept = _keep(slopes, keys, ends, near)
    return (below[0], below[2], below[4]), kept


@compiled
def _sample(keys, ranks, near, cuts):  # type: ignore[no-untyped-def]
    """Six slopes of a sample, from before the first rank to beyond the last, as cuts."""
    sample, place, order = near[0], near[1], near[2]
    n = len(keys)
    step = n // WIDE
    for t in range(WIDE):
        sample[t] = keys[t * step]
        order[t] = np.nan
    for i in range(WIDE):
        v = sample[i]
        smaller = 0
        for j in range(WIDE):
            smaller += sample[j] < v
        place[i] = smaller
    for i in range(WIDE):  # not in the loop above: what is written between cannot be compared many at a time
        order[int(place[i])] = sample[i]
    first = ranks[0] * WIDE / n - BEYOND
    step_by = (ranks[2] * WIDE / n + BEYOND - first) / (CUTS - 1)
    for t in range(CUTS):
        at = min(max(int(first + step_by * t), 0), WIDE - 1)
        while at > 0 and math.isnan(order[at]):  # the one before is as large, and stands here also
            at -= 1
        cuts[t] = order[at]


@partial(compiled, any_order=True)
def _count(keys, cuts, counts):  # type: ignore[no-untyped-def]
    """How many keys lie below each cut; counted in floats, which are as wide as the keys."""
    one, none = np.float32(1), np.float32(0)
    a, b, c, d, e, f = cuts[0], cuts[1], cuts[2], cuts[3], cuts[4], cuts[5]
    n_a = n_b = n_c = n_d = n_e = n_f = none
    for k in range(len(keys)):
        v = keys[k]
        n_a += one if v < a else none
        n_b += one if v < b else none
        n_c += one if v < c else none
        n_d += one if v < d else none
        n_e += one if v < e else none
        n_f += one if v < f else none
    counts[0], counts[1], counts[2] = n_a, n_b, n_c
    counts[3], counts[4], counts[5] = n_d, n_e, n_f


@compiled
def _tighten(cuts, counts, rank, ends, below):  # type: ignore[no-untyped-def]
    """Draw the ends in to the nearest cuts around a rank and the one before it."""
    for j in range(CUTS):
        if counts[j] < rank and cuts[j] > ends[0]:
            ends[0] = cuts[j]
            below[0] = counts[j]
        if counts[j] > rank and cuts[j] < ends[1]:
            ends[1] = cuts[j]
            below[1] = counts[j]


@compiled
def _guess(rank, ends, below, cuts):  # type: ignore[no-untyped-def]
    """Two cuts around the place where a straight line between the ends has the rank."""
    run = below[1] - below[0]
    wide = ends[1] - ends[0]
    margin = MARGIN * math.sqrt(run)
    cuts[0] = ends[0] + (rank - below[0] - margin) / run * wide
    cuts[1] = ends[0] + (rank - below[0] + margin) / run * wide


@compiled
def _keep(slopes, keys, ends, near):  # type: ignore[no-untyped-def]
    """Put the slopes between three pairs of ends into rows; one bit each says which they are."""
    a, b, c, d, e, f = ends[0], ends[1], ends[2], ends[3], ends[4], ends[5]
    n_a = n_c = n_e = 0
    for first in range(0, len(slopes), WORD):
        block = keys[first : first + WORD]
        word = np.uint64(0)
        for k in range(WORD):
            v = block[k]
            inside = ((v >= a) & (v < b)) | ((v >= c) & (v < d)) | ((v >= e) & (v < f))
            word |= np.uint64(inside) << np.uint64(k)
        while word:
            last = word & (~word + np.uint64(1))
            word ^= last
            at = first + PLACE[(last * DE_BRUIJN) >> np.uint64(58)]
            v = keys[at]
            near[0, n_a] = near[1, n_c] = near[2, n_e] = slopes[at]
            n_a += (v >= a) & (v < b)
            n_c += (v >= c) & (v < d)
            n_e += (v >= e) & (v < f)
    return n_a, n_c, n_e


@compiled
def _compared(a, n, k):  # type: ignore[no-untyped-def]
    """The values of ranks k - 1 and k of the first n, by comparing each with each."""
    m = (n + 15) // 16 * 16  # so many that none is left over
    a[n:m] = np.inf
    all_of = a[:m]
    lower = upper = -np.inf
    for i in range(n):
        v = all_of[i]
        smaller = 0
        for j in range(m):
            smaller += all_of[j] < v
        upper = v if (smaller <= k) & (v > upper) else upper
        lower = v if (smaller < k) & (v > lower) else lower
    return lower, upper
