"""A block: the values of one indicator in one way of breaking it down, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from bihuan.stats.types import Bools, Floats, Ints


@dataclass(frozen=True)
class Block:
    """Every array has one entry for each (place, period, item).

    Attributes
    ----------
    definition : int
        Which indicator.
    breakdown : str
        Column it is broken down by; empty for the place itself.
    place : ndarray of int
        Index in the tree.
    period : ndarray of int
        0 for the whole cycle, k for its k-th month.
    item : ndarray of int
        Code of the breakdown's value in `Items`, 0 without one.
    """

    definition: int
    breakdown: str
    place: Ints
    period: Ints
    item: Ints
    n: Floats
    n_eff: Floats
    numerator: Floats
    denominator: Floats
    value: Floats
    se: Floats
    df: Floats
    low: Floats
    high: Floats
    deff: Floats

    def __len__(self) -> int:
        return len(self.place)

    def only(self, keep: Bools | Ints) -> Block:
        """The entries that are marked, or listed."""
        return replace(self, **{name: getattr(self, name)[keep] for name in ARRAYS})


def joined(blocks: Sequence[Block]) -> Block:
    """Blocks of one indicator and breakdown, one after the other."""
    first, rest = blocks[0], blocks[1:]
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(first, name), *(getattr(b, name) for b in rest)]) for name in ARRAYS
    }
    return replace(first, **arrays)


ARRAYS = tuple(f.name for f in fields(Block) if f.name not in ("definition", "breakdown"))


class Items:
    """The values of all breakdowns of a run as codes; 0 is none."""

    def __init__(self) -> None:
        self.index: dict[str, int] = {"": 0}

    def codes(self, names: Sequence[str]) -> Ints:
        """The code of each text; new ones get the next."""
        return np.array([self.index.setdefault(name, len(self.index)) for name in names], np.int64)

    @property
    def ranks(self) -> tuple[Ints, list[str]]:
        """Where each code stands in the order of the texts, and the texts in that order."""
        names = sorted(self.index)
        rank = np.empty(len(names), np.int64)
        rank[[self.index[name] for name in names]] = np.arange(len(names))
        return rank, names


@dataclass(frozen=True)
class Domains:
    """Places by periods by items that have cells, and for each cell the domains it is part of.

    ``cell`` and ``domain`` are pairs: cell i counts in domain d. A cell counts for its place and all places
    above, for its month and for the whole cycle.
    """

    cell: Ints
    domain: Ints
    place: Ints
    period: Ints
    item: Ints

    def __len__(self) -> int:
        return len(self.place)

    @classmethod
    def of(
        cls,
        lineage: tuple[Ints, Ints],
        period: Ints,
        item: Ints,
        *,
        monthly: bool,
        whole: Bools | None = None,
    ) -> Domains:
        """Lay out the domains.

        Parameters
        ----------
        lineage : pair of ndarray
            Cell and place, for every place a cell belongs to.
        period, item : ndarray of int
            Of each cell: its month from 1, its item from 0.
        monthly : bool
            Whether months have domains of their own.
        whole : ndarray of bool, optional
            Cells that count for the whole cycle; the others count for their month only.
        """
        cell, place = lineage
        keep = slice(None) if whole is None or whole.all() else whole[cell]
        cells, places = [cell[keep]], [place[keep]]
        periods = [np.zeros(len(cells[0]), np.int64)]
        if monthly:
            known = period[cell] > 0
            cells.append(cell[known])
            places.append(place[known])
            periods.append(period[cell[known]])
        cell, place, when = np.concatenate(cells), np.concatenate(places), np.concatenate(periods)
        there, local = compressed(place)
        items = int(item.max(initial=0)) + 1
        found, domain = compressed((local * 16 + when) * items + item[cell])
        return cls(cell, domain, there[found // items // 16], found // items % 16, found % items)

    def total(self, values: Floats) -> Floats:
        """Sum of cell values in each domain."""
        return np.bincount(self.domain, values[self.cell], len(self)).astype(np.float64)


def compressed(key: Ints) -> tuple[Ints, Ints]:
    """The distinct keys in order, and where each stands among them; no sort where keys are dense."""
    top = int(key.max(initial=-1)) + 1
    if top > 200_000 + 16 * len(key):
        found, at = np.unique(key, return_inverse=True)
        return found, at.reshape(-1).astype(np.int64)
    there = np.zeros(top, np.bool_)
    there[key] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[key]


def item_codes(domains: Domains, names: Sequence[str], items: Items) -> Ints:
    """The item of each domain."""
    return items.codes([*names, ""])[domains.item] if len(names) else np.zeros(len(domains), np.int64)
