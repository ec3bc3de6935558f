"""Values made of several sums: response rates, and the mean of shares over several tables."""

from __future__ import annotations

import numpy as np

from bihuan.measure.blocks import Block, Domains
from bihuan.measure.definition import Definition
from bihuan.stats import intervals
from bihuan.stats.types import Floats, Ints


def response_rate_block(
    number: int, breakdown: str, domains: Domains, items: Ints, main: Floats, eligible: Floats
) -> Block:
    """AAPOR response rate 3: completes over eligible members and the eligible part of unknown ones.

    That part is estimated by the eligible among the members whose state is known, in the same domain.
    """
    completes, reached = domains.total(main[1]), domains.total(main[2])
    known_eligible, known = domains.total(eligible[1]), domains.total(eligible[2])
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(known > 0, known_eligible / known, 1.0)
        base = known_eligible + part * (reached - known_eligible)
        rate = completes / base
        se = np.sqrt(rate * (1 - rate) / base)
    low, high = intervals.wilson(np.clip(rate, 0, 1), base)
    block = Block(
        number, breakdown, domains.place, domains.period, items, reached, base, completes, base,
        100 * rate, 100 * se, np.maximum(base - 1, 1), 100 * low, 100 * high, np.ones(len(domains)),
    )  # fmt: skip
    return block.only(base > 0)


def composite_block(definition: Definition, number: int, breakdown: str, parts: dict[str, Block]) -> Block:
    """Weighted mean of the shares that are there; the others' weight stands for those that are not."""
    own = {table: _key(block) for table, block in parts.items()}
    keys = np.unique(np.concatenate(list(own.values())))
    weight, mean, variance, n, hits, of = (np.zeros(len(keys)) for _ in range(6))
    for part in definition.parts:
        block = parts.get(part.table)
        if block is None:
            continue
        rows = np.searchsorted(keys, own[part.table])
        weight[rows] += part.weight
        mean[rows] += part.weight * block.value / 100
        variance[rows] += (part.weight * np.nan_to_num(block.se) / 100) ** 2
        n[rows] += block.n
        hits[rows] += block.numerator
        of[rows] += block.denominator
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, variance = mean / weight, variance / weight**2
        n_eff = np.where(variance > 0, mean * (1 - mean) / variance, n)
        deff = n / n_eff
    low, high = intervals.wilson(np.clip(mean, 0, 1), n_eff)
    place, period, item = keys >> 36, keys >> 32 & 15, keys & 0xFFFFFFFF
    return Block(
        number, breakdown, place, period, item, n, n_eff, hits, of,
        100 * mean, 100 * np.sqrt(variance), np.maximum(n - 1, 1), 100 * low, 100 * high, deff,
    )  # fmt: skip


def _key(block: Block) -> Ints:
    """One number for each place, period and item, in their order."""
    return (block.place * 16 + block.period) << 32 | block.item
