"""From the tree of an expression to an Ibis expression on a table."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import reduce
from typing import Any, cast

import ibis
import ibis.expr.types as ir

from bihuan.measure.expressions import UNITS, Node

Constants = Callable[[str], ir.Value]
MICROSECONDS_A_MINUTE = 60_000_000.0

_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "and": operator.and_,
    "or": operator.or_,
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


def instant(moment: datetime) -> ir.TimestampScalar:
    """An instant as a constant."""
    return cast(ir.TimestampScalar, ibis.literal(moment.astimezone(UTC), type="timestamp('UTC', 6)"))


def build(node: Node, table: ir.Table, constants: Constants) -> Any:
    """The Ibis expression of a tree; durations become minutes."""

    def of(child: Node) -> Any:
        return build(child, table, constants)

    match node.op:
        case "column":
            return table[str(node.value)]
        case "constant":
            return constants(str(node.value))
        case "literal":
            return ibis.literal(node.value)
        case "duration":
            return ibis.literal(float(_amount(node) * UNITS[_unit(node)]))
        case "not":
            return ~of(node.args[0])
        case "negative":
            return -of(node.args[0])
        case "is null":
            return of(node.args[0]).isnull()
        case "in":
            return of(node.args[0]).isin([of(a) for a in node.args[1:]])
        case "/":
            return of(node.args[0]) / of(node.args[1]).nullif(0)
        case "later":
            return of(node.args[0]) + interval(node.args[1])
        case "earlier":
            return of(node.args[0]) - interval(node.args[1])
        case "between":
            return minutes_between(of(node.args[1]), of(node.args[0]))
        case "coalesce" | "least" | "greatest":
            # Of one alone, which Spark refuses.
            return getattr(ibis, node.op)(*map(of, node.args)) if len(node.args) > 1 else of(node.args[0])
        case "abs":
            return of(node.args[0]).abs()
        case "minutes" | "hours" | "days":
            return of(node.args[0]) / float(UNITS[node.op[:-1]])
        case "contains":
            return of(node.args[0]).contains(str(node.args[1].value))
        case _:
            return _OPERATORS[node.op](of(node.args[0]), of(node.args[1]))


def minutes_between(start: Any, end: Any) -> ir.FloatingValue:
    """Minutes from one instant to another, to the microsecond."""
    return cast(
        ir.FloatingValue, end.delta(start, unit="microsecond").cast("float64") / MICROSECONDS_A_MINUTE
    )


def holds(node: Node | None, table: ir.Table, constants: Constants) -> ir.BooleanValue:
    """A condition that is false where it cannot be told; true where there is none."""
    if node is None:
        return cast(ir.BooleanValue, ibis.literal(True))
    return cast(ir.BooleanValue, ibis.coalesce(build(node, table, constants), ibis.literal(False)))


def any_of(conditions: list[ir.BooleanValue]) -> ir.BooleanValue:
    """Whether at least one holds."""
    return reduce(operator.or_, conditions)


def _amount(node: Node) -> int:
    assert isinstance(node.value, tuple)
    return int(node.value[0])


def _unit(node: Node) -> str:
    assert isinstance(node.value, tuple)
    return str(node.value[1])


def interval(node: Node) -> ir.IntervalScalar:
    """The duration that a node of that kind writes."""
    return cast(ir.IntervalScalar, ibis.interval(_amount(node), unit=cast(Any, _CODES[_unit(node)])))


_CODES = {"minute": "m", "hour": "h", "day": "D", "week": "W", "month": "M", "year": "Y"}
