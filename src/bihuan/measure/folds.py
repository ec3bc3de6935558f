"""The sums of a plan said as folds, for an engine that groups rows by itself.

All indicators of a table share their rows: one look at a file serves every way of breaking them down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from bihuan.measure.build import any_of
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine.fold import ROW, Dimensions, Fold, Measure
from bihuan.measure.facts import AFTER, CLUSTER, VERSIONED
from bihuan.measure.kinds.additive import Term
from bihuan.measure.kinds.clusters import Dimensions as Known
from bihuan.measure.kinds.clusters import points_rows

ITEM = "broken_down_to"


@dataclass(frozen=True)
class Shared:
    """The rows that several folds are made of, and which columns each indicator has there."""

    rows: ir.Table
    columns: dict[tuple[int, str], tuple[str, str]]  # by number and part: y, and x or nothing
    indices: frozenset[int]
    area: str = ""


def foldable(table: str, keys: Sequence[str]) -> bool:
    """Whether rows can be grouped by columns as they stand in the file."""
    changed = {name for event, known in AFTER.get(table, {}).items() for name in (event, *known)}
    return "latest" not in keys and not changed & set(keys)


def shared(rows: ir.Table, terms: dict[tuple[int, str], Term], marks: dict[int, Any], table: str) -> Shared:
    """One column for each term and mark, null where a row does not count for it."""
    nothing = ibis.null("float64")
    chosen: dict[str, Any] = {}
    columns: dict[tuple[int, str], tuple[str, str]] = {}
    for k, (key, term) in enumerate(terms.items()):
        chosen[f"y{k}"] = ibis.ifelse(term.counts, term.y.cast("float64"), nothing)
        if term.x is not None:
            chosen[f"x{k}"] = ibis.ifelse(term.counts, term.x.cast("float64"), nothing)
        columns[key] = f"y{k}", f"x{k}" if term.x is not None else ""
    for number, marked in marks.items():
        chosen[f"i{number}"] = marked
        columns[number, ""] = f"i{number}", ""
    more = {"w": rows.weight} if table == "answers" else {}
    taken = rows.select(rows[ROW], **chosen, **more)
    return Shared(taken.filter(any_of([taken[name].notnull() for name in chosen])), columns, frozenset(marks))


def fold(
    given: Shared,
    table: str,
    way: str,
    keys: Sequence[str],
    columns: Sequence[Any],
    pairs: tuple[tuple[int, int], ...],
    known: Known,
) -> Fold:
    """The fold of one way of breaking down."""
    measures = []
    for column in columns:
        y, x = given.columns[column.definition, column.part]
        measures.append(Measure(column.prefix, column.shape, y, x, column.definition in given.indices))
    return Fold(
        given.rows,
        tuple(key for key in keys if key != ITEM),
        item=way,
        item_as=ITEM if way else "",
        unit=CLUSTER.get(table, ""),
        measures=tuple(measures),
        weighted=table == "answers",
        mean=table == "answers",
        pairs=pairs,
        dimensions=_dimensions(known, table) if any(m.index for m in measures) else None,
        area=given.area,
    )


def shared_points(
    context: Context, number: int, definition: Definition, rows: ir.Table, schemes: Sequence[str]
) -> Shared:
    """The rows that scores of inspections are made of."""
    items = points_rows(context, definition, rows, schemes)
    vetoed = items.vetoed.cast("float64")
    taken = items.select(items[ROW], earned=items.earned, most=items.most, vetoed=vetoed)
    return Shared(taken, {(number, ""): ("earned", "")}, frozenset(), area="service_area")


def _dimensions(known: Known, table: str) -> Dimensions:
    weights = {v: tuple(known.weights.get((v, name), 1.0) for name in known.names) for v in known.versions}
    every = list(weights.values())
    usual = tuple(
        every[0][k] if every and len({w[k] for w in every}) == 1 else 1.0 for k in range(len(known.names))
    )
    return Dimensions("dimension", VERSIONED[table][0], known.names, weights, usual)
