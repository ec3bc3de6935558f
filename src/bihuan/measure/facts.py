"""The facts of a table as they stood at as_of: what happened later has not happened yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from bihuan.archive.schema import FACTS
from bihuan.measure.build import build, holds, instant, interval
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine.fold import ROW

# What is only known once something has happened, by the instant at which it happens.
AFTER: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "work_orders": {
        "responded_at": ("minutes_to_respond",),
        "arrived_at": ("minutes_to_arrive",),
        "resolved_at": ("minutes_to_resolve", "rating"),
        "closed_at": (),
        "revisited_at": (),
    },
    "feedback": {
        "first_response_at": (),
        "answered_at": (),
        "closed_at": ("rating",),
        "revisited_at": (),
    },
    "tasks": {"done_at": ("interval_days", "result")},
    "assets": {"last_test_at": ()},
}
# The column that says under which version of a standard a fact was collected, and its kind in `versions`.
VERSIONED: Mapping[str, tuple[str, str]] = {
    "answers": ("questionnaire_version", "questionnaire"),
    "inspection_items": ("checklist_version", "checklist"),
}
CLUSTER = {"answers": "response", "inspection_items": "inspection"}


def unbound(table: str, *, numbered: bool = False) -> ir.Table:
    """The table as a name that an engine fills with files; ``numbered`` adds each row's place in its file."""
    schema = FACTS[table].arrow
    if numbered:
        schema = schema.append(pa.field(ROW, pa.int64()))
    return ibis.table(ibis.Schema.from_pyarrow(schema), name=table)


def as_at(
    context: Context,
    table: str,
    dropped: Mapping[str, list[str]] | None = None,
    *,
    numbered: bool = False,
) -> ir.Table:
    """Rows that had occurred by as_of, with later events blanked out.

    ``dropped`` names, for a table with versions, the (cycle, project, version) keys that lose where two
    versions met in one project and cycle.
    """
    moment = instant(context.as_of)
    rows = unbound(table, numbered=numbered)
    rows = rows.filter(rows.occurred_at <= moment)
    changed: dict[str, Any] = {}
    for event, known_then in AFTER.get(table, {}).items():
        later = rows[event] > moment
        for column in (event, *known_then):
            changed[column] = ibis.ifelse(later, ibis.null(rows[column].type()), rows[column])
    if changed:
        rows = rows.mutate(**changed)
    if dropped and dropped.get(table):
        key = version_key(rows, VERSIONED[table][0])
        rows = rows.filter(~key.isin(dropped[table]))
    return rows


def version_key(rows: ir.Table, column: str) -> ir.StringValue:
    """Cycle, project and version in one text."""
    return rows.cycle + "\x1f" + rows.project + "\x1f" + rows[column]


def counted(context: Context, definition: Definition, rows: ir.Table) -> ir.BooleanValue:
    """Whether a row counts for an indicator: its filter, its sample, and its maturity."""
    constants = context.constants(rows)
    found = rows.fact_id.notnull()  # a column, where there is no filter
    if definition.filter is not None:
        found = holds(definition.filter, rows, constants)
    if definition.sampled is not None:
        found = found & (rows.sampled == definition.sampled)
    if definition.repeats:
        start = build(definition.repeats.start, rows, constants)
        ripe = start + _span(definition) <= instant(context.as_of)
        found = found & ibis.coalesce(ripe, ibis.literal(False))
    return found


def _span(definition: Definition) -> ir.IntervalScalar:
    assert definition.repeats is not None
    return interval(definition.repeats.within)


def repeats_of(context: Context, definition: Definition) -> ir.Table:
    """For every fact that was repeated, when that happened first."""
    assert definition.repeats is not None
    others = unbound(definition.table)
    at = build(definition.repeats.at, others, context.constants(others))
    others = others.filter(others.repeat_of.notnull(), at <= instant(context.as_of))
    return others.group_by(repeated_id=others.repeat_of).agg(repeated_at=at.min())


REPEATS = ibis.Schema({"repeated_id": "string", "repeated_at": "timestamp('UTC', 6)"})


def with_repeats(context: Context, definition: Definition, rows: ir.Table, name: str) -> ir.Table:
    """Add the flag ``repeated``: a later row names this one and came within the time.

    ``name`` is the table that holds what `repeats_of` found, in every cycle of the snapshot, since repeats
    often fall in the next one.
    """
    assert definition.repeats is not None
    others = ibis.table(REPEATS, name=name)
    rows = rows.left_join(others, rows.fact_id == others.repeated_id).drop("repeated_id")
    start = build(definition.repeats.start, rows, context.constants(rows))
    within = rows.repeated_at <= start + _span(definition)
    return rows.mutate(repeated=ibis.coalesce(within, ibis.literal(False))).drop("repeated_at")
