"""Kinds that are recomputed from rows at every level: quantiles, and medians of times with open jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from bihuan.measure.blocks import Block, Domains, Items, item_codes, joined
from bihuan.measure.build import build, instant
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine import Query
from bihuan.measure.engine.fold import ROW, Take
from bihuan.measure.facts import counted, with_repeats
from bihuan.measure.folds import foldable
from bihuan.measure.places import Tree
from bihuan.measure.plan import BUILDING, WHOLE
from bihuan.measure.sums import Labels
from bihuan.stats import business_time, quantiles, survival
from bihuan.stats.types import Bools, Floats, Ints

KINDS = frozenset({"quantile", "median_time", "event_time"})
CLOCK = "24h"


@dataclass(frozen=True)
class Calendars:
    """The working calendars of the snapshot; a calendar that is not there is the 24-hour clock."""

    calendars: business_time.Calendars

    @classmethod
    def of(cls, stretches: pa.Table) -> Calendars:
        """From the dimension ``calendars``."""
        labels = Labels.of(stretches["calendar"])
        opened, closed = (
            stretches[name].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
            for name in ("open_at", "close_at")
        )
        return cls(business_time.Calendars.from_stretches(labels.names, labels.codes, opened, closed))

    def minutes(self, calendar: Labels, start: Ints, end: Ints) -> Floats:
        """Working minutes between instants in microseconds."""
        known = np.append(self.calendars.index(["" if n == CLOCK else n for n in calendar.names]), -1)
        return business_time.minutes_between(self.calendars, known[calendar.codes], start, end)


def rows_query(
    context: Context,
    definition: Definition,
    repeats: str | None,
    *,
    rows: ir.Table,
    numbered: ir.Table | None = None,
    keep: tuple[str, ...] = (),
) -> Query:
    """The rows of a time or quantile: who, when, how long, whether it ended.

    Rows of a quantile that are open and not yet due are left out; a row is also left out where it
    started after as_of. ``rows`` are the rows to choose from, ``numbered`` the same with their place in the
    file, for an engine that brings labels along by itself; columns in ``keep`` come along.
    """
    beside = {}
    name = "repeats_0" if definition.repeats and repeats else ""
    if repeats and name:
        beside[name] = [repeats]
    named = {"project": "project", "period": "period", **{column: column for column in keep}}
    named |= {f"by_{column}": column for column in definition.breakdowns}
    table = _rows(context, definition, rows, named, name)
    if "calendar" in rows.columns and "value" not in definition.nodes:
        named = {**named, "calendar": "calendar"}
    fold = None
    if numbered is not None and foldable(definition.table, [*named.values()]):
        fold = Take(_rows(context, definition, numbered, {ROW: ROW}, name), named)
    return Query(table, definition.table, context.files(definition.table), beside, fold=fold)


def _rows(
    context: Context, definition: Definition, rows: ir.Table, named: Mapping[str, str], repeats: str
) -> ir.Table:
    """The rows that count, with these columns; when it began only where the time is not known."""
    if repeats:
        rows = with_repeats(context, definition, rows, repeats)
    constants = context.constants(rows)
    there = counted(context, definition, rows)
    wanted = {name: rows[column] for name, column in named.items()}
    if "value" in definition.nodes:
        value = build(definition.nodes["value"], rows, constants)
        return rows.filter(there, value.notnull()).select(**wanted, minutes=value.cast("float64"))
    event, start = (build(definition.nodes[key], rows, constants) for key in ("event", "start"))
    there = there & start.notnull() & (start <= instant(context.as_of))
    if "due" in definition.nodes:
        due = build(definition.nodes["due"], rows, constants)
        there = there & (event.notnull() | ibis.coalesce(due <= instant(context.as_of), ibis.literal(True)))
    given = (
        build(definition.nodes["time"], rows, constants).cast("float64")
        if "time" in definition.nodes
        else ibis.null("float64")
    )
    known = rows.columns
    return rows.filter(there).select(
        **wanted,
        minutes=ibis.ifelse(event.notnull(), given, ibis.null("float64")),
        ended=event.notnull(),
        start=start,
        until=ibis.coalesce(event, instant(context.as_of)),
        calendar=rows.calendar if "calendar" in known else ibis.literal(CLOCK),
        paused=ibis.coalesce(rows.paused_minutes, 0.0) if "paused_minutes" in known else ibis.literal(0.0),
    )


def time_blocks(
    tree: Tree,
    calendars: Calendars,
    number: int,
    definition: Definition,
    answer: pa.Table,
    months: list[str],
    late_after: Floats,
    items: Items,
) -> list[Block]:
    """The blocks of a time or quantile in every breakdown.

    ``late_after`` is the target of each place in the tree: rows of an `event_time` beyond it are counted
    as the numerator.
    """
    minutes, ended = minutes_of(calendars, answer)
    # Sorted once: every level and breakdown takes the rows in this order.
    order = np.argsort(minutes, kind="stable")
    answer, minutes, ended = _labels_only(answer).take(pa.array(order)), minutes[order], ended[order]
    project = Labels.of(answer["project"])
    index = np.array([*(tree.index.get(name, -1) for name in project.names), -1], np.int64)
    place = index[project.codes]
    period = _period(answer, months)
    late = _late(minutes, late_after[place])
    levels = tree.ancestors()
    found = []
    for way in (WHOLE, *definition.breakdowns):
        monthly = definition.monthly and way == WHOLE
        blocks = []
        # One level of the tree at a time: every row counts on every level, and rows are many.
        for lineage, item, names in _ways(tree, levels, answer, way, place):
            domains = Domains.of(lineage, period, item, monthly=monthly)
            if len(domains):
                blocks.append(
                    _block(
                        definition,
                        number,
                        way,
                        domains,
                        item_codes(domains, names, items),
                        minutes,
                        ended,
                        late,
                    )
                )
        if blocks:
            found.append(joined(blocks))
    return found


def _labels_only(answer: pa.Table) -> pa.Table:
    """The columns that rows are grouped by, as dictionaries."""
    names = [n for n in answer.column_names if n in ("project", "period") or n.startswith("by_")]
    coded = [answer[name] for name in names]
    coded = [c if pa.types.is_dictionary(c.type) else c.dictionary_encode() for c in coded]
    return pa.table(dict(zip(names, coded, strict=True))).unify_dictionaries()


def minutes_of(calendars: Calendars, answer: pa.Table) -> tuple[Floats, Bools]:
    """How long each row took, or has taken so far, and whether it ended."""
    minutes = np.array(answer["minutes"].to_numpy(), dtype=np.float64)
    if "ended" not in answer.column_names:
        return minutes, np.ones(len(minutes), np.bool_)
    ended = answer["ended"].to_numpy(zero_copy_only=False).astype(np.bool_)
    open_ = np.flatnonzero(np.isnan(minutes))
    if len(open_):
        some = answer.take(pa.array(open_))
        start, until = (some[name].cast(pa.int64()).to_numpy() for name in ("start", "until"))
        waited = calendars.minutes(Labels.of(some["calendar"]), start, until) - some["paused"].to_numpy()
        minutes[open_] = np.maximum(waited, 0.0)
    return minutes, ended


def _period(answer: pa.Table, months: list[str]) -> Ints:
    labels = Labels.of(answer["period"])
    known = {name: k for k, name in enumerate(months, 1)}
    return np.array([*(known.get(name, 0) for name in labels.names), 0], np.int64)[labels.codes]


def _late(minutes: Floats, target: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return (minutes > target).astype(np.float64)


def _ways(
    tree: Tree, levels: list[Ints], answer: pa.Table, way: str, place: Ints
) -> Iterator[tuple[tuple[Ints, Ints], Ints, list[str]]]:
    """Rows and places, items, and their names, level by level; rows without an item are left out."""
    nothing = np.zeros(len(place), np.int64)
    if way == BUILDING:
        labels = Labels.of(answer["by_building"])
        index = np.array([*(tree.index.get(name, -1) for name in labels.names), -1], np.int64)[labels.codes]
        there = np.flatnonzero(index >= 0)
        yield (there, index[there]), nothing, [""]
        return
    item, names, known = nothing, [""], place >= 0
    if way != WHOLE:
        labels = Labels.of(answer[f"by_{way}"])
        item, names, known = np.maximum(labels.codes, 0), labels.names, known & (labels.codes >= 0)
    for level in levels:
        above = np.where(known, level[place], -1)
        there = np.flatnonzero(above >= 0)
        yield (there, above[there]), item, names


def _block(
    definition: Definition,
    number: int,
    way: str,
    domains: Domains,
    items: Ints,
    minutes: Floats,
    ended: Bools,
    late: Floats,
) -> Block:
    time, event = minutes[domains.cell], ended[domains.cell]
    n = np.bincount(domains.domain, minlength=len(domains)).astype(np.float64)
    if definition.kind == "quantile":
        found = quantiles.quantile(
            time, definition.settings["q"], group=domains.domain, n_groups=len(domains), presorted=True
        )
        value, low, high = found.value, found.low, found.high
    else:
        median = survival.km_median(time, event, group=domains.domain, n_groups=len(domains), presorted=True)
        value, low, high = median.median, median.low, median.high
    nothing = np.full(len(domains), np.nan)
    hits = domains.total(late if definition.kind == "event_time" else ended.astype(np.float64))
    return Block(
        number,
        "" if way == BUILDING else way,
        domains.place,
        domains.period,
        items,
        n, n, hits, n, value, nothing, nothing, low, high, nothing,
    )  # fmt: skip
