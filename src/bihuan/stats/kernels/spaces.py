"""Which hidden cells have a determined value: exact linear algebra up and down a tree of places.

Every solution of the equations with 0 on their other side is a vector of changes to the hidden cells that
no shown sum can tell. What a place and all under it can change, seen from above, is a linear space of no
more dimensions than the place has hidden cells: the sum of the spaces of the places right under it, cut
with the equations of its own breakdowns and with 0 where it is shown itself. So the spaces are worked out
from the lowest places to the highest, and a random solution is drawn on the way and mended on the way
back. Numbers are taken modulo a prime, so nothing is rounded: a determined cell has exactly 0, any other
cell has 0 with a chance of one in two thousand million, and is then hidden with one more beside it.
"""

from __future__ import annotations

import numpy as np

from bihuan.stats.kernels.jit import compiled

PRIME = 2**31 - 1


# Arrays travel in plain tuples, as the names of classes would be kept with the machine code on disk:
# tree   start, above, breakdown, part_of, added: as in bihuan.stats.addition.Sites
# work   one entry for each cell, in the order of the sites: its value in the solution; the sum of the values
#        inside it, of its parts in the places below; its column in the vectors of its site, -1 where nothing
#        can change; whether it is touched by a part that can change; and a random number by chance
# bases  for each site: columns, those of them that are sums of cells that can change, and vectors in the base
#        of what its parts together can change; where its lines (one for each column) and its squares (one for
#        each pair) begin.
#        In squares: the base as it is held, reduced, and how each vector was made of changes of parts.
#        In lines: the pivot column of a vector; the row that a column is the pivot of; the source of those
#        changes, that is, which part and which vector of its space. At last room for the space of one site
#        (rows), an equation, a vector and its factors.


@compiled
def _inverse(a):  # type: ignore[no-untyped-def]
    """1 / a by Fermat's little theorem."""
    if a in (1, PRIME - 1):
        return a
    out = 1
    power = PRIME - 2
    while power > 0:
        if power & 1:
            out = out * a % PRIME
        a = a * a % PRIME
        power >>= 1
    return out


@compiled
def _cut(rows, size, width, equation, terms):  # type: ignore[no-untyped-def]
    """Keep of the span of ``rows[:size]`` what has 0 in an equation; the new number of rows.

    An equation has a number of terms, each of which is a column and 1 or -1.
    """
    chosen = -1
    inverse = 0
    for r in range(size):
        value = 0
        for q in range(terms):
            value += rows[r, equation[q, 0]] * equation[q, 1]
        value %= PRIME
        if value == 0:
            continue
        if chosen < 0:
            chosen = r
            inverse = _inverse(value)
            continue
        factor = PRIME - value * inverse % PRIME
        for k in range(width):
            if rows[chosen, k] != 0:
                rows[r, k] = (rows[r, k] + factor * rows[chosen, k]) % PRIME
    if chosen < 0:
        return size
    for k in range(width):
        rows[chosen, k] = rows[size - 1, k]
    return size - 1


@compiled
def _open(s, tree, hidden, work):  # type: ignore[no-untyped-def]
    """Give each cell of a site that can change, or whose parts can, a column; their number.

    Returns also how many of them, the first, are sums of cells that can change.
    """
    start, _, _, _, added = tree
    _, _, column, touched, _ = work
    width = 0
    for c in range(start[s], start[s + 1]):
        column[c] = -1
        if touched[c]:
            column[c] = width
            width += 1
    below = width
    for c in range(start[s], start[s + 1]):
        if hidden[c] and not added[c]:
            column[c] = width
            width += 1
    return width, below


@compiled
def _space(n, s, tree, hidden, column, bases):  # type: ignore[no-untyped-def]
    """Put a base of what site `s`, the n-th, can change into ``bases.rows``; its size.

    What the parts can change is cut with 0 where the site is shown, and with each of its breakdowns.
    """
    start, _, breakdown, _, _ = tree
    widths, belows, ranks, _, squares, held, _, _, _, _, rows, equation, _, _ = bases
    width, below, rank = widths[n], belows[n], ranks[n]
    first = squares[n]
    size = rank + width - below
    rows[:size, :width] = 0
    for r in range(rank):
        for k in range(below):
            rows[r, k] = held[first + r * below + k]
    for k in range(width - below):
        rows[rank + k, below + k] = 1
    a = start[s]
    b = start[s + 1]
    equation[0, 1] = 1
    for j in range(a, b):
        equation[0, 0] = column[j]
        if equation[0, 0] >= 0 and not hidden[j]:
            size = _cut(rows, size, width, equation, 1)
    total = a
    if breakdown[total] >= 0:  # the whole has no cell, and its breakdowns no sum
        return size
    j = a + 1
    while j < b:
        kind = breakdown[j]
        terms = 0
        while j < b and breakdown[j] == kind:
            terms = _term(j, 1, hidden, column, equation, terms)
            j += 1
        terms = _term(total, -1, hidden, column, equation, terms)
        size = _cut(rows, size, width, equation, terms)
    return size


@compiled
def _term(c, sign, hidden, column, equation, terms):  # type: ignore[no-untyped-def]
    """Add a cell to an equation, if it can change; the number of terms then."""
    if not hidden[c] or column[c] < 0:
        return terms
    equation[terms, 0] = column[c]
    equation[terms, 1] = sign
    return terms + 1


@compiled
def _grow(vector, width, held, made, row_of, pivot, rank, factor):  # type: ignore[no-untyped-def]
    """Add a vector to a reduced base; True where it was not in its span.

    ``held`` is the base, ``made`` says of each of its rows what sum of the vectors taken so far it is.
    """
    factor[:rank] = 0
    for k in range(width):
        if vector[k] != 0 and row_of[k] >= 0:
            factor[row_of[k]] = PRIME - vector[k]
            vector[k] = 0
    at = -1
    for k in range(width):
        if row_of[k] >= 0:
            continue
        for r in range(rank):
            if factor[r] != 0 and held[r * width + k] != 0:
                vector[k] = (vector[k] + factor[r] * held[r * width + k]) % PRIME
        if at < 0 and vector[k] != 0:
            at = k
    if at < 0:
        return False
    new = rank * width
    inverse = _inverse(vector[at])
    for k in range(width):
        held[new + k] = vector[k] * inverse % PRIME
        made[new + k] = 0
    made[new + rank] = inverse
    for r in range(rank):
        if factor[r] != 0:
            _add(made, new, factor[r] * inverse % PRIME, made, r * width, rank)
    for r in range(rank):
        value = np.int64(held[r * width + at])
        if value != 0:
            _add(held, r * width, PRIME - value, held, new, width)
            _add(made, r * width, PRIME - value, made, new, rank + 1)
    pivot[rank] = at
    row_of[at] = rank
    return True


@compiled
def _add(into, i, factor, other, j, width):  # type: ignore[no-untyped-def]
    """Add a multiple of one row to another."""
    for k in range(width):
        if other[j + k] != 0:
            into[i + k] = (into[i + k] + factor * other[j + k]) % PRIME


@compiled
def _mark(first, last, tree, hidden, work):  # type: ignore[no-untyped-def]
    """Say which cells are sums of cells that can change."""
    start, _, _, part_of, _ = tree
    _, inside, _, touched, _ = work
    for s in range(first, last):
        for c in range(start[s], start[s + 1]):
            touched[c] = False
            inside[c] = 0
    for s in range(first, last):
        for c in range(start[s], start[s + 1]):
            if hidden[c] and part_of[c] >= 0:
                touched[part_of[c]] = True


@compiled
def _room(first, last, tree, hidden, work):  # type: ignore[no-untyped-def]
    """Columns of all cells, and room for the bases of all sites."""
    count = last - first
    width = np.zeros(count, np.int64)
    below = np.zeros(count, np.int64)
    line = np.zeros(count + 1, np.int64)
    square = np.zeros(count + 1, np.int64)
    for n in range(count):
        width[n], below[n] = _open(first + n, tree, hidden, work)
        line[n + 1] = line[n] + below[n]
        square[n + 1] = square[n] + below[n] ** 2
    most = max(1, width.max())
    return (
        width,
        below,
        np.zeros(count, np.int64),
        line,
        square,
        np.empty(square[count], np.int32),
        np.empty(square[count], np.int32),
        np.empty(line[count], np.int32),
        np.full(line[count], -1, np.int32),
        np.empty((line[count], 2), np.int32),
        np.empty((most, most), np.int64),
        np.empty((most, 2), np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
    )


@compiled
def solution(tree, first, last, hidden, work):  # type: ignore[no-untyped-def]
    """Put a random solution over the sites ``first <= s < last`` into ``work.value``; 0 where determined.

    Sites come before those they are parts of, and all of a group are there.
    """
    if first == last:
        return
    _mark(first, last, tree, hidden, work)
    bases = _room(first, last, tree, hidden, work)
    for s in range(first, last):
        _up(s - first, s, tree, hidden, work, bases)
    for s in range(last - 1, first - 1, -1):
        _down(s - first, s, tree, hidden, work, bases)


@compiled
def _up(n, s, tree, hidden, work, bases):  # type: ignore[no-untyped-def]
    """Draw a random member of the space of a site, and add that space to the one of the site above."""
    _, above, _, _, _ = tree
    _, _, column, _, _ = work
    widths, belows, ranks, lines, squares, held, made, pivot, row_of, source, rows, _, vector, factor = bases
    if widths[n] == 0:
        return
    size = _space(n, s, tree, hidden, column, bases)
    _draw(s, tree, hidden, rows, size, work)
    if above[s] < 0:
        return
    m = n + above[s] - s
    width, line, square = belows[m], lines[m], squares[m]
    base, steps, rows_of, pivots = held[square:], made[square:], row_of[line:], pivot[line:]
    for r in range(size):
        rank = ranks[m]
        if rank == width:
            return
        _seen_above(s, tree, hidden, column, rows[r], vector, width)
        if _grow(vector, width, base, steps, rows_of, pivots, rank, factor):
            source[line + rank, 0] = n
            source[line + rank, 1] = r
            ranks[m] += 1


@compiled
def _down(n, s, tree, hidden, work, bases):  # type: ignore[no-untyped-def]
    """Change what was drawn for the parts of a site so that they add up to what was drawn for itself."""
    value, _, column, _, _ = work
    _, belows, ranks, lines, squares, _, made, pivot, _, source, rows, _, vector, factor = bases
    rank, line = ranks[n], lines[n]
    if rank == 0:
        return
    _missing(s, tree, hidden, belows[n], work, vector)
    factor[:rank] = 0
    for r in range(rank):
        wanted = vector[pivot[line + r]]
        if wanted != 0:
            _add(factor, 0, wanted, made, squares[n] + r * belows[n], rank)
    known = -1
    for q in range(rank):
        m = source[line + q, 0]
        if m != known:
            _space(m, s + m - n, tree, hidden, column, bases)
            known = m
        row = rows[source[line + q, 1]]
        _change(s + m - n, tree, hidden, column, row, factor[q], value)


@compiled
def _seen_above(s, tree, hidden, column, row, out, width):  # type: ignore[no-untyped-def]
    """What a change of a place's cells adds to the cells of the place above."""
    start, _, _, part_of, _ = tree
    out[:width] = 0
    for c in range(start[s], start[s + 1]):
        if hidden[c] and column[c] >= 0 and part_of[c] >= 0:
            out[column[part_of[c]]] = row[column[c]]


@compiled
def _draw(s, tree, hidden, rows, size, work):  # type: ignore[no-untyped-def]
    """A random member of a space, added to what the cells above hold inside."""
    start, _, _, part_of, _ = tree
    value, inside, column, _, chance = work
    for c in range(start[s], start[s + 1]):
        value[c] = 0
        if not hidden[c] or column[c] < 0:
            continue
        for r in range(size):
            value[c] = (value[c] + rows[r, column[c]] * chance[start[s] + r]) % PRIME
        up = part_of[c]
        if up >= 0:
            inside[up] = (inside[up] + value[c]) % PRIME


@compiled
def _missing(s, tree, hidden, below, work, out):  # type: ignore[no-untyped-def]
    """What the parts of a place's cells lack."""
    start, _, _, _, _ = tree
    value, inside, column, _, _ = work
    for c in range(start[s], start[s + 1]):
        if 0 <= column[c] < below:
            wanted = value[c] if hidden[c] else 0
            out[column[c]] = (wanted - inside[c]) % PRIME


@compiled
def _change(s, tree, hidden, column, row, factor, value):  # type: ignore[no-untyped-def]
    """Add a multiple of a member of a place's space to its cells."""
    start, _, _, _, _ = tree
    if factor == 0:
        return
    for c in range(start[s], start[s + 1]):
        if hidden[c] and column[c] >= 0:
            value[c] = (value[c] + factor * row[column[c]]) % PRIME
