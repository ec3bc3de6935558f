"""Kinds whose sums add up: what each row, response or inspection lends to the sums."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir

from bihuan.measure.build import build, holds, instant
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.facts import counted

ADDITIVE = frozenset(
    {
        "mean",
        "share",
        "top_box",
        "bottom_box",
        "nps",
        "ratio",
        "rate_per",
        "count",
        "on_time",
        "index",
        "points",
    }
)
SCALES = {"answers": ("scale_min", "scale_max")}
RATING = ("rating_min", "rating_max")
# How many sums tell everything: y in {0, 1}; any y with x = 1; any y and x.
BINARY, MEAN, FULL = "binary", "mean", "full"
ELIGIBLE = ("I", "P", "R", "NC", "O")
UNKNOWN = ("UH", "UO")


@dataclass(frozen=True)
class Term:
    """What one indicator takes from a row: whether it counts, y, and x where x is not 1."""

    counts: ir.BooleanValue
    y: ir.NumericValue
    x: ir.NumericValue | None = None
    shape: str = MEAN


def term(context: Context, definition: Definition, rows: ir.Table) -> Term:
    """The term of a definition that needs no second step."""
    there = counted(context, definition, rows)
    constants = context.constants(rows)

    def of(key: str) -> Any:
        return build(definition.nodes[key], rows, constants)

    match definition.kind:
        case "top_box" | "bottom_box":
            low, high = (rows[name] for name in SCALES.get(definition.table, RATING))
            value, edge = of("value") - low, definition.settings["box"] * (high - low)
            hit = value >= edge if definition.kind == "top_box" else value <= edge
            return Term(there & value.notnull() & edge.notnull(), flag(hit), shape=BINARY)
        case "nps":
            value = of("value")
            return Term(there & value.notnull(), flag(value >= 9) - flag(value <= 6))
        case "mean":
            return Term(there & of("value").notnull(), of("value"))
        case "ratio":
            numerator, denominator = of("numerator"), of("denominator")
            filled = there & numerator.notnull() & denominator.notnull()
            return Term(filled, numerator, denominator, FULL)
        case "on_time" if definition.interval:
            days, done = (
                build(n, rows, constants) for n in (definition.interval.days, definition.interval.done)
            )
            finished = there & days.notnull() & done.notnull()
            return Term(finished, flag(days <= definition.interval.limit), shape=BINARY)
        case "on_time":
            due, event = of("due"), of("event")
            return Term(there & judged(context, event, due), flag(event <= due), shape=BINARY)
        case _:
            success = definition.nodes.get("success")
            hit = there if success is None else holds(success, rows, constants)
            return Term(there, flag(hit), shape=BINARY)


def without_ripening(definition: Definition) -> Definition:
    """The same indicator without the time in which a repeat may still come."""
    return replace(definition, repeats=None)


def judged(context: Context, event: Any, due: Any) -> ir.BooleanValue:
    """Whether a job is a hit or a miss: it is finished, or its limit has passed.

    An open job past its limit is a miss; an open job before its limit is out, and so is one without a limit.
    """
    passed = ibis.coalesce(due <= instant(context.as_of), ibis.literal(False))
    return due.notnull() & (event.notnull() | passed)


def flag(condition: ir.BooleanValue) -> ir.NumericValue:
    """1 where it holds, 0 where it does not or cannot be told."""
    return ibis.coalesce(condition, ibis.literal(False)).cast("float64")


def response_rate_terms(context: Context, definition: Definition, rows: ir.Table) -> dict[str, Term]:
    """Counts of completes among known and unknown, and of eligible among those whose state is known.

    A member whose outcome is not final yet counts as one of unknown eligibility.
    """
    there = counted(context, definition, rows)
    code = rows.disposition
    known = there & code.isin([*ELIGIBLE, "NE"])
    unknown = there & (code.isnull() | code.isin(UNKNOWN))
    eligible = there & code.isin(ELIGIBLE)
    return {
        "": Term(eligible | unknown, flag(code == "I"), shape=BINARY),
        "eligible": Term(known, flag(code.isin(ELIGIBLE)), shape=BINARY),
    }
