"""Loops over cells that add up."""

from __future__ import annotations

import numpy as np

from bihuan.stats.kernels.jit import compiled


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
def protect(start, whole, members, used_start, used, count, hidden, minimum, queue):  # type: ignore[no-untyped-def]
    """Hide cells until no sum shows a hidden one, nor hidden ones of fewer than `minimum` together.

    `queue` holds every relation once; relations come back when a cell of theirs is hidden.
    """
    relations = len(whole)
    waiting = np.ones(relations, np.bool_)
    head = 0
    held = relations
    size = len(queue)
    while held > 0:
        r = queue[head]
        head = (head + 1) % size
        held -= 1
        waiting[r] = False
        a = start[r]
        b = start[r + 1]
        changed = -1
        parts = 0
        units = 0.0
        for k in range(a, b):
            c = members[k]
            if hidden[c] and count[c] > 0:
                parts += 1
                units += count[c]
        w = whole[r]
        if hidden[w]:
            if parts == 0 and count[w] > 0:
                changed = _smallest_open(members, a, b, count, hidden)
        elif parts > 0 and (parts == 1 or units < minimum):
            changed = _smallest_open(members, a, b, count, hidden)
            if changed < 0:
                changed = w
        if changed >= 0:
            hidden[changed] = True
            for k in range(used_start[changed], used_start[changed + 1]):
                s = used[k]
                if not waiting[s]:
                    waiting[s] = True
                    queue[(head + held) % size] = s
                    held += 1


@compiled
def _without(total, endless, own):  # type: ignore[no-untyped-def]
    """A sum of upper bounds, less one of them; ``endless`` of them have no end and are not in ``total``."""
    if np.isinf(own):
        return total if endless == 1 else np.inf
    return total - own if endless == 0 else np.inf


@compiled
def narrow(start, whole, members, count, hidden, low, high, sweeps):  # type: ignore[no-untyped-def]
    """Tighten what can be known of hidden cells, sum by sum, until nothing changes."""
    for _ in range(sweeps):
        changed = False
        for r in range(len(whole)):
            w = whole[r]
            shown = 0.0
            least = 0.0
            most = 0.0
            unknown = 0
            endless = 0
            for k in range(start[r], start[r + 1]):
                c = members[k]
                if hidden[c]:
                    unknown += 1
                    least += low[c]
                    if np.isinf(high[c]):
                        endless += 1
                    else:
                        most += high[c]
                else:
                    shown += count[c]
            if hidden[w]:
                top = np.inf if endless > 0 else shown + most
                if low[w] < shown + least or high[w] > top:
                    low[w] = max(low[w], shown + least)
                    high[w] = min(high[w], top)
                    changed = True
            elif unknown == 0:
                continue
            floor = (low[w] if hidden[w] else count[w]) - shown
            ceiling = (high[w] if hidden[w] else count[w]) - shown
            for k in range(start[r], start[r + 1]):
                c = members[k]
                if hidden[c]:
                    below = floor - _without(most, endless, high[c])
                    above = ceiling - (least - low[c])
                    if low[c] < below or high[c] > above:
                        low[c] = max(low[c], below)
                        high[c] = min(high[c], above)
                        changed = True
        if not changed:
            break
