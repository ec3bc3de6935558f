"""Rates: events over exposure, and what stands under them where nothing happened."""

from __future__ import annotations

import numpy as np

from bihuan.measure.blocks import Block, Domains
from bihuan.measure.build import build, holds
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine import Query
from bihuan.measure.expressions import TEXT, column_types
from bihuan.measure.facts import as_at
from bihuan.measure.kinds.additive import MEAN
from bihuan.measure.plan import BUILDING, ITEM, WHOLE, Column, Step
from bihuan.stats import intervals
from bihuan.stats.types import Floats, Ints

EXPOSURE = "exposure"


def exposure_steps(context: Context, number: int, definition: Definition) -> list[Step]:
    """The queries for the exposure of a rate, broken down wherever the table of exposure can be."""
    assert definition.exposure is not None
    if not context.files(EXPOSURE):
        return []
    types = column_types(as_at(context, EXPOSURE).schema().to_pyarrow())
    ways = [
        WHOLE,
        *(b for b in definition.breakdowns if types.get(b) == TEXT and b in (BUILDING, "asset_type")),
    ]
    return [_step(context, number, definition, way) for way in ways]


def _step(context: Context, number: int, definition: Definition, way: str) -> Step:
    assert definition.exposure is not None
    rows = as_at(context, EXPOSURE)
    constants = context.constants(rows)
    value = build(definition.exposure.value, rows, constants)
    rows = rows.mutate(held=value).filter(holds(definition.exposure.filter, rows, constants), value.notnull())
    keys = ["project"]
    if way == WHOLE:
        keys.append("period")
    else:
        rows = rows.mutate(**{ITEM: rows[way]})
        rows = rows.filter(rows[ITEM].notnull())
        keys.append(ITEM)
    table = rows.group_by(keys).agg(e_n=rows.count(), e_a=rows.held.sum(), e_aa=(rows.held * rows.held).sum())
    query = Query(table, EXPOSURE, context.files(EXPOSURE), {})
    return Step(query, EXPOSURE, way, tuple(keys), (Column(number, EXPOSURE, MEAN, "e"),))


def rate_block(
    definition: Definition,
    number: int,
    breakdown: str,
    exposed: tuple[Domains, Floats, Ints],
    events: tuple[Domains, Floats, Ints] | None,
) -> Block:
    """Events over exposure for every domain that was exposed.

    ``exposed`` and ``events`` are domains with their totals and the codes of their items. Where exposure
    is not broken down, that of the whole place stands under every item.
    """
    domains, held, items = exposed
    counts = np.zeros(len(domains))
    if events is not None:
        happened, total, names = events
        if breakdown not in (WHOLE, BUILDING) and not items.any():
            at = _match(_keys(happened, None), _keys(domains, None))
            keep = at >= 0
            place, period = happened.place[keep], happened.period[keep]
            counts, held, items = total[keep], held[at[keep]], names[keep]
            return _block(definition, number, breakdown, place, period, items, counts, held)
        at = _match(_keys(domains, items), _keys(happened, names))
        counts = np.where(at >= 0, total[np.maximum(at, 0)] if len(total) else 0.0, 0.0)
    elif breakdown not in (WHOLE, BUILDING) and not items.any():
        domains, held, items, counts = _nothing(domains), held[:0], items[:0], counts[:0]
    return _block(definition, number, breakdown, domains.place, domains.period, items, counts, held)


def _nothing(domains: Domains) -> Domains:
    none = domains.place[:0]
    return Domains(none, none, none, none, none)


def _keys(domains: Domains, items: Ints | None) -> Ints:
    own = np.zeros(len(domains), np.int64) if items is None else items
    return (own * 16 + domains.period) << 32 | domains.place


def _match(wanted: Ints, there: Ints) -> Ints:
    """Where each key stands among those there, -1 where it does not."""
    if not len(there):
        return np.full(len(wanted), -1, np.int64)
    order = np.argsort(there, kind="stable")
    at = order[np.minimum(np.searchsorted(there[order], wanted), len(there) - 1)]
    return np.where(there[at] == wanted, at, -1)


def _block(
    definition: Definition,
    number: int,
    breakdown: str,
    place: Ints,
    period: Ints,
    items: Ints,
    count: Floats,
    held: Floats,
) -> Block:
    per = definition.settings["per"]
    with np.errstate(divide="ignore", invalid="ignore"):
        value, se = per * count / held, per * np.sqrt(count) / held
    low, high = intervals.poisson_rate(count, held / per)
    nothing = np.full(len(place), np.nan)
    block = Block(
        number, "" if breakdown == BUILDING else breakdown, place, period, items, count, count, count, held,
        value, se, nothing, low, high, nothing,
    )  # fmt: skip
    return block.only(held > 0)
