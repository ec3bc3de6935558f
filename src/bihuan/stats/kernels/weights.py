"""Loops over rows that belong to cells of weighting margins."""

from __future__ import annotations

from bihuan.stats.kernels.jit import compiled


@compiled
def add_margin(key, code, size):  # type: ignore[no-untyped-def]
    """Make `key` the number of a cell that has one margin more; False where a code has no target."""
    for i in range(len(key)):
        if code[i] < 0 or code[i] >= size:
            return False
        key[i] = key[i] * size + code[i]
    return True


@compiled
def add_up(key, weight, held, rows):  # type: ignore[no-untyped-def]
    """Weight and rows of each possible cell."""
    for i in range(len(key)):
        held[key[i]] += weight[i]
        rows[key[i]] += 1


@compiled
def spread(key, place, weight, factor, cell, out, first, last):  # type: ignore[no-untyped-def]
    """Cell of each row among those that occur, and its weight times the factor of that cell."""
    for i in range(first, last):
        c = place[key[i]]
        cell[i] = c
        out[i] = weight[i] * factor[c]
