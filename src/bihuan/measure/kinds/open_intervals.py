"""The interval that is still open at as_of, for duties that must come at most so many days apart."""

from __future__ import annotations

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.measure import cycles
from bihuan.measure.build import build, holds, instant, minutes_between
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine import Query
from bihuan.measure.facts import as_at
from bihuan.measure.plan import ITEM, WHOLE, Step


def last_done(context: Context, definition: Definition) -> Query:
    """For each thing that was cared for by as_of, in whatever cycle: when last, and where it stands."""
    assert definition.interval is not None
    rows = as_at(context, definition.table)
    constants = context.constants(rows)
    done = build(definition.interval.done, rows, constants)
    rows = rows.mutate(done=done).filter(holds(definition.filter, rows, constants), done.notnull())
    labels = dict.fromkeys(["project", *definition.breakdowns])
    # Two at one instant are one, so that every engine finds the same place.
    once = rows.group_by(thing=rows[definition.interval.per], done=rows.done).agg(
        **{f"of_{name}": rows[name].max() for name in labels}
    )
    found = once.group_by("thing").agg(
        last=once.done.max(),
        **{f"of_{n}": once[f"of_{n}"].argmax(once.done, where=once[f"of_{n}"].notnull()) for n in labels},
    )
    days = minutes_between(found["last"], instant(context.as_of)) / 1440
    overdue = found.filter(found["last"] < instant(context.end), days > definition.interval.limit)
    every = {p.cycle for p in context.snapshot.partitions(definition.table)}
    files = context.files(definition.table, every)
    return Query(overdue, definition.table, files, {}, whole=True)


def retired(context: Context) -> Query:
    """Assets that the register says are no longer in use at the cycle's end."""
    rows = as_at(context, "assets")
    used = ibis.coalesce(rows.in_service, ibis.literal(True))
    once = rows.group_by("asset", "occurred_at").agg(used=used.cast("int64").max())
    last = once.group_by("asset").agg(used=once.used.argmax(once.occurred_at))
    return Query(last.filter(last.used == 0), "assets", context.files("assets"), {}, whole=True)


def with_open(step: Step, answer: pa.Table, overdue: pa.Table, gone: set[str], context: Context) -> pa.Table:
    """Add every overdue open interval to the answer of a step as a miss, in the cycle's last month."""
    keep = pc.invert(pc.is_in(overdue["thing"], value_set=pa.array(sorted(gone), pa.string())))
    overdue = overdue.filter(pc.and_(pc.is_valid(overdue["thing"]), keep)).sort_by("thing")
    if step.breakdown != WHOLE:
        overdue = overdue.filter(pc.is_valid(overdue[f"of_{step.breakdown}"]))
    rows = overdue.num_rows
    prefix = step.columns[0].prefix
    values = {
        "project": overdue["of_project"],
        "cycle": pa.array([context.cycle] * rows, pa.string()),
        "period": pa.array([cycles.months(context.cycle)[-1]] * rows, pa.string()),
        ITEM: overdue[f"of_{step.breakdown}"] if step.breakdown != WHOLE else None,
        f"{prefix}_n": pa.array(np.ones(rows, np.int64)),
        f"{prefix}_a": pa.array(np.zeros(rows)),
    }
    added = pa.table({name: values[name] for name in answer.column_names}).cast(answer.schema)
    return pa.concat_tables([answer, added])
