"""Nelson's rules of many series at once; a row is a series, NaN is a missing point.

A series is turned into words with one bit for each of 64 points, such as "above the middle" or "higher than
the one before". A rule is then a few operations on words, for all points at once. A longer series is taken
in stretches that overlap by more points than any rule looks back.
"""

from __future__ import annotations

import math

import numpy as np

from bihuan.stats.kernels.jit import compiled

WORD = 64
BACK = 16  # the rules look back 14 points
STEP = 16  # so many points are taken at a time, whether they are there or not
# Bits in a row that make rules 2, 3, 4, 7 and 8, and points that rules 5 and 6 must have seen. As an
# array: numba compiles a function anew for each whole number that stands in a call.
IN_A_ROW = np.array([9, 5, 12, 15, 8, 3, 5])


@compiled
def nelson(z, out, first, last):  # type: ignore[no-untyped-def]
    """Nelson's rules 1 to 8 as bits 1 to 128; a missing point starts all counts anew."""
    points = z.shape[1]
    row = np.empty(WORD + 1)
    for i in range(first, last):
        for begin in range(0, max(points - BACK, 1), WORD - BACK):
            given = z[i, begin : begin + WORD]
            for k in range(len(given)):
                row[1 + k] = given[k]
            _stretch(row, len(given), begin, out[i])


@compiled
def nelson_of_values(x, center, sigma, out, first, last):  # type: ignore[no-untyped-def]
    """`nelson` of values that are standardised on the way."""
    points = x.shape[1]
    row = np.empty(WORD + 1)
    z = row[1:]
    for i in range(first, last):
        c, s = center[i], sigma[i]
        for begin in range(0, max(points - BACK, 1), WORD - BACK):
            given = x[i, begin : begin + WORD]
            if s > 0:
                for k in range(len(given)):
                    z[k] = (given[k] - c) / s
            else:
                for k in range(len(given)):
                    z[k] = np.nan if math.isnan(given[k]) else 0.0
            _stretch(row, len(given), begin, out[i])


@compiled
def _stretch(row, n, begin, out):  # type: ignore[no-untyped-def]
    """Rules of the n points behind the first place of `row`, where the point before them would be."""
    wide = (n + STEP - 1) // STEP * STEP
    row[0] = np.nan
    row[1 + n : 1 + wide] = np.nan
    r1, r2, r3, r4, r5, r6, r7, r8 = _rules(row[1 : 1 + wide], row[:wide])
    one = np.uint64(1)
    known = BACK if begin > 0 else 0  # these points were done before
    done = out[begin + known : begin + n]
    for k in range(n - known):
        j = np.uint64(k + known)
        bits = (r1 >> j & one) | (r2 >> j & one) << one
        bits |= (r3 >> j & one) << np.uint64(2) | (r4 >> j & one) << np.uint64(3)
        bits |= (r5 >> j & one) << np.uint64(4) | (r6 >> j & one) << np.uint64(5)
        bits |= (r7 >> j & one) << np.uint64(6) | (r8 >> j & one) << np.uint64(7)
        done[k] = bits


@compiled
def _rules(z, before):  # type: ignore[no-untyped-def]
    """Points at which each rule is met, as words; `before` has for each point the one before it."""
    there = above = below = up = down = np.uint64(0)
    inside = beyond1 = beyond2 = beyond3 = np.uint64(0)
    for k in range(len(z)):
        v = z[k]
        size = abs(v)
        bit = np.uint64(k)
        there |= np.uint64(size >= 0) << bit
        above |= np.uint64(v > 0) << bit
        below |= np.uint64(v < 0) << bit
        up |= np.uint64(v > before[k]) << bit
        down |= np.uint64(v < before[k]) << bit
        inside |= np.uint64(size < 1) << bit
        beyond1 |= np.uint64(size > 1) << bit
        beyond2 |= np.uint64(size > 2) << bit
        beyond3 |= np.uint64(size > 3) << bit
    turns = up & down << np.uint64(1) | down & up << np.uint64(1)
    side, steps, swings, near, far, three, five = IN_A_ROW
    there3, there5 = _row(there, three), _row(there, five)
    return (
        beyond3,
        _row(above, side) | _row(below, side),
        _row(up, steps) | _row(down, steps),
        _row(turns, swings),
        (_two_of_three(beyond2 & above) | _two_of_three(beyond2 & below)) & there3,
        (_four_of_five(beyond1 & above) | _four_of_five(beyond1 & below)) & there5,
        _row(inside, near),
        _row(beyond1, far),
    )


@compiled
def _row(word, n):  # type: ignore[no-untyped-def]
    """Where the last n bits are all set."""
    long = 1
    while 2 * long <= n:
        word &= word << np.uint64(long)
        long *= 2
    return word & word << np.uint64(n - long)


@compiled
def _two_of_three(word):  # type: ignore[no-untyped-def]
    """Where at least two of the last three bits are set."""
    a, b = word << np.uint64(1), word << np.uint64(2)
    return word & (a | b) | a & b


@compiled
def _four_of_five(word):  # type: ignore[no-untyped-def]
    """Where at least four of the last five bits are set."""
    a, b = word << np.uint64(1), word << np.uint64(2)
    c, d = word << np.uint64(3), word << np.uint64(4)
    return word & a & b & c | d & (word & a & (b | c) | b & c & (word | a))
