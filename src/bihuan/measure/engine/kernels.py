"""Loops of a fold: rows that are sorted by unit become units, and units the sums of cells.

A slot is a cell and an item of it; rows that belong to none have -1. Sums are added in the order of the rows,
so they come out with the same digits whatever runs beside.
"""

from __future__ import annotations

import numpy as np

from bihuan.stats.kernels.jit import compiled

SUMS = 6  # n, a, b, aa, bb, ab


@compiled
def plain(slot, values, y, x, out):  # type: ignore[no-untyped-def]
    """Every row is a unit: ``out[slot, measure]`` gets the six sums.

    ``y`` and ``x`` say which row of ``values`` each measure is; x is 1 where that is -1.
    """
    rows = len(slot)
    for m in range(len(y)):
        given = x[m] >= 0
        for r in range(rows):
            v = values[y[m], r]
            if np.isnan(v):
                continue
            s = slot[r]
            if s < 0:
                continue
            u = 1.0
            if given:
                u = values[x[m], r]
            o = out[s, m]
            o[0] += 1.0
            o[1] += v
            o[2] += u
            o[3] += v * v
            o[4] += u * u
            o[5] += u * v


@compiled
def units(start, slot, item, items, values, y, marks, x, w, mean, pairs, out, both):  # type: ignore[no-untyped-def]
    """Rows ``start[u]:start[u + 1]`` come together; those of one item among them are a unit.

    ``marks`` are the rows of what y was made of, where it is not y itself: they count for the weight, too.
    ``w`` is empty where nothing is weighted; a unit weighs what its heaviest row does. ``both[slot, pair]``
    gets Σw², Σw²y, Σw²z and Σw²yz of pairs of measures.
    """
    measures = len(y)
    s = np.zeros((items, measures))
    c = np.zeros((items, measures))
    xs = np.zeros((items, measures))
    heaviest = np.full(items, np.nan)
    seen = np.zeros(items, np.bool_)
    touched = np.zeros(items, np.int64)
    at = np.zeros(items, np.int64)
    value = np.zeros(measures)
    weighted = len(w) > 0
    for u in range(len(start) - 1):
        count = 0
        for r in range(start[u], start[u + 1]):
            k = item[r]
            if k < 0:
                continue
            there = False
            for m in range(measures):
                v = values[y[m], r]
                if v == v:
                    there = True
                    s[k, m] += v
                    c[k, m] += 1.0
                    if x[m] >= 0:
                        xs[k, m] += values[x[m], r]
                elif values[marks[m], r] == values[marks[m], r]:
                    there = True
            if there:
                if weighted and not (w[r] <= heaviest[k]) and w[r] == w[r]:
                    heaviest[k] = w[r]
                if not seen[k]:
                    seen[k] = True
                    at[k] = slot[r]
                    touched[count] = k
                    count += 1
        for t in range(count):
            k = touched[t]
            weight = 1.0
            if weighted and heaviest[k] == heaviest[k]:
                weight = heaviest[k]
            o = out[at[k]]
            for m in range(measures):
                n = c[k, m]
                if n == 0.0:
                    continue
                v = s[k, m]
                d = n
                if x[m] >= 0:
                    d = xs[k, m]
                elif mean:
                    v = v / n
                    d = 1.0
                value[m] = v
                wy = weight * v
                wx = weight * d
                o[m, 0] += 1.0
                o[m, 1] += wy
                o[m, 2] += wx
                o[m, 3] += wy * wy
                o[m, 4] += wx * wx
                o[m, 5] += wx * wy
            for p in range(pairs.shape[0]):
                i = pairs[p, 0]
                j = pairs[p, 1]
                if c[k, i] > 0.0 and c[k, j] > 0.0:
                    square = weight * weight
                    q = both[at[k], p]
                    q[0] += square
                    q[1] += square * value[i]
                    q[2] += square * value[j]
                    q[3] += square * value[i] * value[j]
            for m in range(measures):
                s[k, m] = 0.0
                c[k, m] = 0.0
                xs[k, m] = 0.0
            heaviest[k] = np.nan
            seen[k] = False


@compiled
def indices(start, item, mark, dimension, version, weights, items, out):  # type: ignore[no-untyped-def]
    """The index of each unit, written to the last of its rows that has a mark.

    A dimension counts with its mean; ``weights[version, dimension]`` says how much, and one without an answer
    is left out. The version of a unit is the highest that stands in its rows.
    """
    of = weights.shape[1]
    s = np.zeros((items, of))
    c = np.zeros((items, of))
    latest = np.full(items, -1, np.int64)
    last = np.full(items, -1, np.int64)
    touched = np.zeros(items, np.int64)
    for u in range(len(start) - 1):
        count = 0
        for r in range(start[u], start[u + 1]):
            k = item[r]
            if k < 0 or mark[r] != mark[r]:
                continue
            if last[k] < 0:
                touched[count] = k
                count += 1
            last[k] = r
            s[k, dimension[r]] += mark[r]
            c[k, dimension[r]] += 1.0
            latest[k] = max(latest[k], version[r])
        for t in range(count):
            k = touched[t]
            total = 0.0
            weight = 0.0
            for d in range(of):
                if c[k, d] > 0.0:
                    total += weights[latest[k], d] * s[k, d] / c[k, d]
                    weight += weights[latest[k], d]
                s[k, d] = 0.0
                c[k, d] = 0.0
            if weight > 0.0:
                out[last[k]] = total / weight
            last[k] = -1
            latest[k] = -1


@compiled
def scores(start, slot, item, items, area, areas, earned, most, vetoed, out):  # type: ignore[no-untyped-def]
    """The score of each unit and item: its areas first, each at least 0, then points over possible points."""
    got = np.zeros((items, areas))
    possible = np.zeros((items, areas))
    lost = np.zeros((items, areas), np.bool_)
    seen = np.zeros(items, np.bool_)
    touched = np.zeros(items, np.int64)
    at = np.zeros(items, np.int64)
    for u in range(len(start) - 1):
        count = 0
        for r in range(start[u], start[u + 1]):
            k = item[r]
            if k < 0:
                continue
            if not seen[k]:
                seen[k] = True
                at[k] = slot[r]
                touched[count] = k
                count += 1
            got[k, area[r]] += earned[r]
            possible[k, area[r]] += most[r]
            lost[k, area[r]] |= vetoed[r] > 0.0
        for t in range(count):
            k = touched[t]
            above = 0.0
            below = 0.0
            for a in range(areas):
                if not lost[k, a]:
                    above += max(got[k, a], 0.0)
                below += possible[k, a]
                got[k, a] = 0.0
                possible[k, a] = 0.0
                lost[k, a] = False
            seen[k] = False
            if below != 0.0:
                v = above / below
                o = out[at[k], 0]
                o[0] += 1.0
                o[1] += v
                o[2] += 1.0
                o[3] += v * v
                o[4] += 1.0
                o[5] += v


@compiled
def numbered(cell, item, items, values, y, table, slot, first):  # type: ignore[no-untyped-def]
    """Number the pairs of cell and item in the order in which a measure first has a row there.

    ``table`` has -1 for every pair; ``slot`` gets the number of each row, -1 where no measure has anything;
    ``first`` gets the first row of each number. Returns how many there are.
    """
    found = 0
    for r in range(len(cell)):
        slot[r] = -1
        k = item[r]
        if k < 0:
            continue
        there = False
        for m in y:
            if values[m, r] == values[m, r]:
                there = True
                break
        if not there:
            continue
        at = cell[r] * items + k
        if table[at] < 0:
            table[at] = found
            first[found] = r
            found += 1
        slot[r] = table[at]
    return found
