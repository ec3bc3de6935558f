"""Which cells are sums of which others, over a tree of places and over one-way breakdowns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bihuan.stats.types import ArrayLike, Bools, Ints, codes


@dataclass(frozen=True)
class Sites:
    """Cells by site, which is one place in one group; sites come before the sites they are parts of.

    Cells stand in the order of the sites here, so that what is read together lies together.

    Attributes
    ----------
    start, cells : ndarray of int
        Cells of site s are ``cells[start[s]:start[s + 1]]``, the whole before its breakdowns. Only these
        are numbers of cells as they were given.
    above : ndarray of int
        Site of the place above, -1 where it has no cells.
    groups : ndarray of int
        Sites of group g are ``groups[g]`` to ``groups[g + 1] - 1``.
    breakdown : ndarray of int
        Of each cell; -1 for a cell that is not broken down.
    part_of : ndarray of int
        For each cell, the same cell of the place above, or -1.
    added : ndarray of bool
        Whether a cell is the sum of cells of places under it.
    """

    start: Ints
    cells: Ints
    above: Ints
    groups: Ints
    breakdown: Ints
    part_of: Ints
    added: Bools

    @property
    def arrays(self) -> tuple[Ints, Ints, Ints, Ints, Bools]:
        """What the loops need."""
        return self.start, self.above, self.breakdown, self.part_of, self.added

    def edges(self, g: int) -> slice:
        """Where the cells of a group are among `cells`."""
        return slice(int(self.start[self.groups[g]]), int(self.start[self.groups[g + 1]]))


@dataclass(frozen=True)
class Sums:
    """Sums that hold among cells: relation r says that ``whole[r]`` is the sum of its members.

    Attributes
    ----------
    whole : ndarray of int
        Cell that is the sum.
    start, members : ndarray of int
        Parts of relation r are ``members[start[r]:start[r + 1]]``.
    groups : ndarray of int
        Relations of group g are ``groups[g]`` to ``groups[g + 1] - 1``.
    sites : Sites
        The same cells by place.
    """

    whole: Ints
    start: Ints
    members: Ints
    groups: Ints
    sites: Sites


def sums_of(
    place: ArrayLike,
    parent: ArrayLike,
    *,
    breakdown: ArrayLike | None = None,
    item: ArrayLike | None = None,
    group: ArrayLike | None = None,
) -> Sums:
    """Find which cells are sums of which others.

    A place is the sum of the places right under it, within one breakdown and item; a whole place is the
    sum of the items of each breakdown.

    Parameters
    ----------
    place : array_like of int
        Place of each cell, from 0. A cell (group, breakdown, item, place) occurs once.
    parent : array_like of int
        Parent of each place; -1 for a root.
    breakdown, item : array_like of int, optional
        Codes of each cell; -1 for a cell that is not broken down.
    group : array_like, optional
        Cells of different groups (indicator, cycle) have nothing to do with each other.
    """
    p = np.atleast_1d(np.asarray(place, dtype=np.int64))
    up = np.atleast_1d(np.asarray(parent, dtype=np.int64))
    rows = len(p)
    b = np.full(rows, -1, np.int64) if breakdown is None else np.asarray(breakdown, dtype=np.int64)
    i = np.full(rows, -1, np.int64) if item is None else np.asarray(item, dtype=np.int64)
    i = np.where(b < 0, -1, i)
    b = np.maximum(b, -1)
    g, groups = codes(group, rows)
    rank = _lowest_first(up)
    kinds, items = int(b.max(initial=-1)) + 2, int(i.max(initial=-1)) + 2
    cell = (b + 1) * items + i + 1
    site = g * len(up) + rank[p]
    order = np.argsort(site * kinds * items + cell, kind="stable").astype(np.int64)
    site, cell, b, g, p = site[order], cell[order], b[order], g[order], p[order]
    own = site * kinds * items + cell
    if (own[1:] == own[:-1]).any():
        raise ValueError("a cell of one group, place, breakdown and item occurs twice")
    above = np.where(up[p] >= 0, g * len(up) + rank[up[p]], -1)
    to_parent = _find(own, np.where(above >= 0, above * kinds * items + cell, -1))
    to_whole = _find(own, np.where(b >= 0, site * kinds * items, -1))
    return Sums(
        *_relations(to_parent, to_whole, b, g, order, groups),
        _sites(site, above, to_parent, b, g, order, groups),
    )


def _lowest_first(parent: Ints) -> Ints:
    """Rank of each place when places stand before the places over them."""
    depth, at = np.zeros(len(parent), np.int64), np.arange(len(parent))
    for _ in range(len(parent)):
        at = np.where(at >= 0, parent[at], -1)
        if (at < 0).all():
            break
        depth += at >= 0
    else:
        if len(parent):
            raise ValueError("a place stands above itself")
    rank = np.empty(len(parent), np.int64)
    rank[np.argsort(-depth, kind="stable")] = np.arange(len(parent))
    return rank


def _find(own: Ints, wanted: Ints) -> Ints:
    """Where the keys are among `own`, which is in order; -1 where they are not."""
    if not len(own):
        return np.zeros(0, np.int64)
    at = np.minimum(np.searchsorted(own, wanted), len(own) - 1)
    return np.where((own[at] == wanted) & (wanted >= 0), at, -1).astype(np.int64)


def _relations(
    to_parent: Ints, to_whole: Ints, b: Ints, g: Ints, order: Ints, groups: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """Bring the parts of a sum together, the sums of a group after each other."""
    member = np.concatenate([np.flatnonzero(to_parent >= 0), np.flatnonzero(to_whole >= 0)])
    whole = np.concatenate([to_parent[to_parent >= 0], to_whole[to_whole >= 0]])
    kind = np.concatenate([np.zeros(int((to_parent >= 0).sum()), np.int64), b[to_whole >= 0] + 1])
    key = whole * (int(b.max(initial=-1)) + 2) + kind
    by = np.argsort(key, kind="stable")
    key, whole, member = key[by], whole[by], member[by]
    new = np.ones(len(key), np.bool_)
    new[1:] = key[1:] != key[:-1]
    start = np.concatenate([np.flatnonzero(new), [len(key)]]).astype(np.int64)
    edges = np.searchsorted(g[whole[new]], np.arange(groups + 1)).astype(np.int64)
    return order[whole[new]], start, order[member], edges


def _sites(site: Ints, above: Ints, to_parent: Ints, b: Ints, g: Ints, order: Ints, groups: int) -> Sites:
    new = np.ones(len(site), np.bool_)
    new[1:] = site[1:] != site[:-1]
    first = np.flatnonzero(new)
    added = np.zeros(len(order), np.bool_)
    added[to_parent[to_parent >= 0]] = True
    return Sites(
        np.concatenate([first, [len(site)]]).astype(np.int64),
        order,
        _find(site[first], above[first]),
        np.searchsorted(g[first], np.arange(groups + 1)).astype(np.int64),
        b,
        to_parent,
        added,
    )


def loops_of(sums: Sums, cells: int) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Return the sums as loops want them: start, whole and members; and the sums that each cell stands in.

    Those of cell c are ``used[used_start[c]:used_start[c + 1]]``.
    """
    relation = np.repeat(np.arange(len(sums.whole)), np.diff(sums.start))
    cell = np.concatenate([sums.members, sums.whole])
    relation = np.concatenate([relation, np.arange(len(sums.whole))])
    order = np.argsort(cell, kind="stable")
    used_start = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=cells))]).astype(np.int64)
    return sums.start, sums.whole, sums.members, used_start, relation[order].astype(np.int64)
