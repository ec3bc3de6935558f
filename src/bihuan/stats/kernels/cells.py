"""Loops over cells that add up."""

from __future__ import annotations

import numpy as np

from bihuan.stats.kernels.jit import compiled


@compiled
def tally(sums, first, last, count, hidden, parts, units):  # type: ignore[no-untyped-def]
    """Hidden parts of each sum, and the respondents under them."""
    start, _, members, _, _ = sums
    for r in range(first, last):
        parts[r] = 0
        units[r] = 0.0
        for k in range(start[r], start[r + 1]):
            c = members[k]
            if hidden[c] and count[c] > 0:
                parts[r] += 1
                units[r] += count[c]


@compiled
def _smallest_open(members, a, b, count, hidden):  # type: ignore[no-untyped-def]
    """Published part with the fewest units, or -1."""
    best = -1
    for k in range(a, b):
        c = members[k]
        if not hidden[c] and count[c] > 0 and (best < 0 or count[c] < count[best]):
            best = c
    return best


@compiled
def _hide(cell, sums, count, hidden, parts, units):  # type: ignore[no-untyped-def]
    """Hide a cell, and say so to the sums it is a part of."""
    _, whole, _, used_start, used = sums
    hidden[cell] = True
    for k in range(used_start[cell], used_start[cell + 1]):
        r = used[k]
        if whole[r] != cell:
            parts[r] += 1
            units[r] += count[cell]


@compiled
def protect(sums, count, hidden, parts, units, minimum, first, last, queue, waiting):  # type: ignore[no-untyped-def]
    """Hide cells until no sum shows a hidden one, nor hidden ones of fewer than `minimum` together.

    The sums ``first <= r < last`` are looked at that are `waiting`; they come back when a cell of theirs
    is hidden.
    """
    start, whole, members, used_start, used = sums
    size = last - first
    head = held = 0
    for r in range(first, last):
        if waiting[r]:
            queue[first + held] = r
            held += 1
    while held > 0:
        r = queue[first + head]
        head = (head + 1) % size
        held -= 1
        waiting[r] = False
        changed = -1
        w = whole[r]
        if hidden[w]:
            if parts[r] == 0 and count[w] > 0:
                changed = _smallest_open(members, start[r], start[r + 1], count, hidden)
        elif parts[r] > 0 and (parts[r] == 1 or units[r] < minimum):
            changed = _smallest_open(members, start[r], start[r + 1], count, hidden)
            if changed < 0:
                changed = w
        if changed >= 0:
            _hide(changed, sums, count, hidden, parts, units)
            for k in range(used_start[changed], used_start[changed + 1]):
                s = used[k]
                if not waiting[s]:
                    waiting[s] = True
                    queue[first + (head + held) % size] = s
                    held += 1


@compiled
def _beside(cell, sums, count, hidden, met, seen, mark, reached):  # type: ignore[no-untyped-def]
    """Smallest shown cell in a sum with `cell`, or else in one with a cell hidden beside it; -1 if none.

    ``met`` of cells and ``seen`` of sums hold the `mark` of the search that came by; ``reached`` is room
    for the cells that are come by.
    """
    start, whole, members, used_start, used = sums
    met[cell] = mark
    reached[0] = cell
    begin = 0
    end = 1
    while begin < end:
        best = -1
        further = end
        for q in range(begin, end):
            for u in range(used_start[reached[q]], used_start[reached[q] + 1]):
                r = used[u]
                if seen[r] == mark:
                    continue
                seen[r] = mark
                for k in range(start[r], start[r + 1] + 1):
                    c = members[k] if k < start[r + 1] else whole[r]
                    if met[c] == mark or count[c] == 0:
                        continue
                    met[c] = mark
                    reached[further] = c
                    further += 1
                    if not hidden[c] and (
                        best < 0 or count[c] < count[best] or (count[c] == count[best] and c < best)
                    ):
                        best = c
        if best >= 0:
            return best
        begin = end
        end = further
    return -1


@compiled
def help_all(weak, sums, count, hidden, parts, units, waiting, met, seen, reached, mark):  # type: ignore[no-untyped-def]
    """Hide one more cell beside each of some; how many were hidden."""
    _, _, _, used_start, used = sums
    done = 0
    for c in weak:
        mark += 1
        best = _beside(c, sums, count, hidden, met, seen, mark, reached)
        if best < 0:
            continue
        _hide(best, sums, count, hidden, parts, units)
        done += 1
        for k in range(used_start[best], used_start[best + 1]):
            waiting[used[k]] = True
    return done


@compiled
def _without(total, endless, own):  # type: ignore[no-untyped-def]
    """A sum of upper bounds, less one of them; ``endless`` of them have no end and are not in ``total``."""
    if np.isinf(own):
        return total if endless == 1 else np.inf
    return total - own if endless == 0 else np.inf


@compiled
def _told(r, sums, count, hidden, low, high):  # type: ignore[no-untyped-def]
    """What a sum says of its hidden parts together.

    Returns how many there are, what is shown of the parts, the least and the most that the hidden ones are
    together, how many of them have no upper bound, and by how much all parts are more than the sum.
    """
    start, whole, members, _, _ = sums
    unknown = endless = 0
    shown = least = most = 0.0
    over = -count[whole[r]]
    for k in range(start[r], start[r + 1]):
        c = members[k]
        over += count[c]
        if not hidden[c]:
            shown += count[c]
            continue
        unknown += 1
        least += low[c]
        if np.isinf(high[c]):
            endless += 1
        else:
            most += high[c]
    return unknown, shown, least, most, endless, over


@compiled
def _squeeze(c, below, above, low, high):  # type: ignore[no-untyped-def]
    """Take bounds of a cell where they are better; True if they are."""
    if low[c] >= below and high[c] <= above:
        return False
    low[c] = max(low[c], below)
    high[c] = min(high[c], above)
    return True


@compiled
def narrow(sums, first, last, count, hidden, low, high, sweeps):  # type: ignore[no-untyped-def]
    """Tighten what can be known of hidden cells, sum by sum, until nothing changes.

    Where a sum does not hold, as one respondent stands under several items, whoever looks is taken to know
    by how much, and that no item has more than the whole. So the true counts lie within the bounds, whatever
    the sums.
    """
    start, whole, members, _, _ = sums
    for _ in range(sweeps):
        changed = False
        for r in range(first, last):
            w = whole[r]
            unknown, shown, least, most, endless, over = _told(r, sums, count, hidden, low, high)
            if unknown == 0 and not hidden[w]:
                continue
            shown -= over
            if hidden[w]:
                changed |= _squeeze(w, shown + least, np.inf if endless else shown + most, low, high)
            floor = low[w] if hidden[w] else count[w]
            ceiling = high[w] if hidden[w] else count[w]
            for k in range(start[r], start[r + 1]):
                c = members[k]
                if hidden[c]:
                    above = ceiling - shown - (least - low[c])
                    if over > 0 and count[c] <= count[w]:
                        above = min(above, ceiling)
                    below = floor - shown - _without(most, endless, high[c])
                    changed |= _squeeze(c, below, above, low, high)
        if not changed:
            break
