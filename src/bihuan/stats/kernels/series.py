"""Loops over many series at once; a row is a series, NaN is a missing point."""

from __future__ import annotations

import math

import numpy as np

from bihuan.stats.kernels.jit import compiled


@compiled
def nelson(z, out, first, last):  # type: ignore[no-untyped-def]
    """Nelson's rules 1 to 8 as bits 1 to 128; a missing point starts all counts anew."""
    points = z.shape[1]
    for i in range(first, last):
        since = side = run = up = down = alternating = inside = outside = 0
        for j in range(points):
            v = z[i, j]
            out[i, j] = 0
            if math.isnan(v):
                since = side = run = up = down = alternating = inside = outside = 0
                continue
            since += 1
            bits = 0
            if abs(v) > 3:
                bits |= 1
            s = 1 if v > 0 else (-1 if v < 0 else 0)
            run = run + 1 if (s == side and s != 0) else (1 if s != 0 else 0)
            side = s
            if run >= 9:
                bits |= 2
            if since > 1:
                d = v - z[i, j - 1]
                up = up + 1 if d > 0 else 0
                down = down + 1 if d < 0 else 0
                if up >= 5 or down >= 5:
                    bits |= 4
                if since > 2:
                    before = z[i, j - 1] - z[i, j - 2]
                    alternating = alternating + 1 if (d > 0 > before or d < 0 < before) else 0
                if alternating >= 12:
                    bits |= 8
            if since >= 3 and _beyond(z, i, j, 3, 2.0) >= 2:
                bits |= 16
            if since >= 5 and _beyond(z, i, j, 5, 1.0) >= 4:
                bits |= 32
            inside = inside + 1 if abs(v) < 1 else 0
            if inside >= 15:
                bits |= 64
            outside = outside + 1 if abs(v) > 1 else 0
            if outside >= 8:
                bits |= 128
            out[i, j] = bits


@compiled
def _beyond(z, i, j, window, limit):  # type: ignore[no-untyped-def]
    """Most points of the window that lie beyond the limit on one side."""
    above = 0
    below = 0
    for k in range(j - window + 1, j + 1):
        if z[i, k] > limit:
            above += 1
        elif z[i, k] < -limit:
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
            if since >= 3 and _beyond(z, i, j, 3, 2.0) >= 2:
                bits |= 2
            if since >= 5 and _beyond(z, i, j, 5, 1.0) >= 4:
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
def _select(a, low, high, k):  # type: ignore[no-untyped-def]
    """Put the k-th smallest of ``a[low:high + 1]`` at index k, smaller before it and larger behind.

    Values are moved whether they are smaller than the pivot or not: a branch would be guessed wrong for
    every other one.
    """
    while high - low > 12:
        step = (high - low) // 4
        pivot = _middle(a[low + step], a[low + 2 * step], a[low + 3 * step])
        i = low
        for j in range(low, high + 1):
            v = a[j]
            a[j] = a[i]
            a[i] = v
            i += v < pivot
        if k < i:
            high = i - 1
            continue
        low = i
        for j in range(low, high + 1):  # values equal to the pivot come next
            v = a[j]
            a[j] = a[i]
            a[i] = v
            i += v == pivot
        if k < i:
            return pivot
        low = i
    for j in range(low + 1, high + 1):
        v = a[j]
        i = j - 1
        while i >= low and a[i] > v:
            a[i + 1] = a[i]
            i -= 1
        a[i + 1] = v
    return a[k]


@compiled
def _middle(a, b, c):  # type: ignore[no-untyped-def]
    return max(min(a, b), min(max(a, b), c))


@compiled
def _ties(y, n):  # type: ignore[no-untyped-def]
    """Σt(t-1)(2t+5) and Σt(t-1)/2 over ties of the first n values, which are sorted here."""
    for a in range(1, n):  # series are short: insertion
        v = y[a]
        b = a - 1
        while b >= 0 and y[b] > v:
            y[b + 1] = y[b]
            b -= 1
        y[b + 1] = v
    big = 0.0
    pairs = 0.0
    run = 1
    for a in range(1, n + 1):
        if a < n and y[a] == y[a - 1]:
            run += 1
        else:
            big += run * (run - 1.0) * (2 * run + 5.0)
            pairs += run * (run - 1.0) / 2
            run = 1
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
        out[5, i], out[6, i], out[7, i] = _slope(slopes, pairs, z_level * math.sqrt(max(variance, 0.0)))
        out[8, i] = total


@compiled
def _slope(slopes, pairs, half):  # type: ignore[no-untyped-def]
    """Median of the slopes, and the slopes at the ranks of its limits."""
    if pairs == 0:
        return np.nan, np.nan, np.nan
    below = round((pairs - half) / 2) - 1
    above = round((pairs + half) / 2 + 1) - 1
    low = high = np.nan
    begin = 0
    end = pairs - 1
    if 0 <= below:  # what lies before this limit, and behind the other, need not be looked at again
        low = _select(slopes, begin, end, below)
        begin = below
    if above < pairs:
        high = _select(slopes, begin, end, above)
        end = above
    middle = pairs // 2
    upper = _select(slopes, begin, end, middle)
    if pairs % 2:
        return upper, low, high
    lower = slopes[begin]
    for k in range(begin + 1, middle):
        lower = max(lower, slopes[k])
    return (lower + upper) / 2, low, high


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
