"""Kinds that are recomputed from rows at every level: quantiles, and medians of times with open jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from bihuan.measure.blocks import Block, Items, joined
from bihuan.measure.build import build, instant
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine import Query
from bihuan.measure.engine.fold import ROW, Take
from bihuan.measure.facts import counted, with_repeats
from bihuan.measure.folds import foldable
from bihuan.measure.places import Tree
from bihuan.measure.plan import BUILDING, WHOLE
from bihuan.measure.sums import Labels, month_of
from bihuan.stats import business_time, quantiles, survival
from bihuan.stats.types import Bools, Floats, Ints

KINDS = frozenset({"quantile", "median_time", "event_time"})
CLOCK = "24h"
DENSE = 1 << 26  # groups up to here are looked up in a table; above, they are sorted


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
) -> tuple[list[Block], pa.Table]:
    """The blocks of a time or quantile for projects and buildings, and its rows for the places above.

    ``late_after`` is the target of each place in the tree: rows of an `event_time` beyond it are counted
    as the numerator. The rows come in the order of their minutes, each under the lowest place above its
    project.
    """
    minutes, ended = minutes_of(calendars, answer)
    # Sorted once: every level and breakdown takes the rows in this order.
    order = np.argsort(minutes, kind="stable")
    answer, minutes, ended = _labels_only(answer).take(pa.array(order)), minutes[order], ended[order]
    place = _index_of(tree, Labels.of(answer["project"]))
    late = _late(minutes, np.append(late_after, np.nan)[place])
    counted = late if definition.kind == "event_time" else ended
    rows = _Rows(
        minutes,
        ended,
        counted,
        _period(answer, months),
        len(months) if definition.monthly else 0,
    )
    own = np.append(np.where(tree.is_above, -1, np.arange(len(tree))), -1)[place]
    found = []
    for way in (WHOLE, *definition.breakdowns):
        if way == BUILDING:
            places = tree.own_buildings(_index_of(tree, Labels.of(answer["by_building"])), place)
            item, names = _items(answer, WHOLE)
        else:
            places, (item, names) = own, _items(answer, way)
        found.append((way, [places], item, names))
    return _blocks(definition, number, rows, found, items), _raised(tree, definition, answer, rows, place)


def times_above(
    tree: Tree, number: int, definition: Definition, raised: pa.Table, months: list[str], items: Items
) -> list[Block]:
    """The blocks of the places above projects, from the rows of all shares."""
    minutes = raised["minutes"].to_numpy()
    order = np.argsort(minutes, kind="stable")  # merges runs that are sorted already
    names = ["minutes", "ended", "counted"]
    minutes, ended, counted = (raised[n].to_numpy(zero_copy_only=False)[order] for n in names)
    answer = raised.drop_columns(names).unify_dictionaries().take(pa.array(order))
    home = _index_of(tree, Labels.of(answer["project"]))
    rows = _Rows(
        minutes,
        ended,
        counted,
        _period(answer, months),
        len(months) if definition.monthly else 0,
    )
    # One level of the tree at a time: every row counts on every level, and rows are many.
    levels = [np.append(level, -1)[home] for level in tree.ancestors()]
    ways = [way for way in (WHOLE, *definition.breakdowns) if way != BUILDING]
    found = [(way, levels, *_items(answer, way)) for way in ways]
    return _blocks(definition, number, rows, found, items)


def _blocks(
    definition: Definition,
    number: int,
    rows: _Rows,
    asked: list[tuple[str, list[np.ndarray], np.ndarray, list[str]]],
    items: Items,
) -> list[Block]:
    """One block for each way of breaking down: its name, the places of the rows, their items and names."""
    found = []
    for way, places, item, names in asked:
        codes = items.codes(names)
        blocks = [
            _block(definition, number, way, rows, group, codes)
            for own in places
            for group in rows.groups(own, item, len(names), monthly=way == WHOLE)
        ]
        if blocks:
            found.append(joined(blocks))
    return found


def _raised(tree: Tree, definition: Definition, answer: pa.Table, rows: _Rows, place: np.ndarray) -> pa.Table:
    """What the places above projects need of the rows."""
    used, of_row = np.unique(np.append(tree.home, -1)[place], return_inverse=True)
    names = [tree.codes[k] for k in used if k >= 0]
    code = (of_row.reshape(-1) - (len(used) - len(names))).astype(np.int32)
    home = pa.DictionaryArray.from_arrays(pa.array(code, mask=code < 0), pa.array(names, pa.string()))
    columns = {"minutes": pa.array(rows.minutes), "ended": pa.array(rows.ended)}
    columns |= {"counted": pa.array(rows.counted.astype(np.bool_)), "project": home}
    kept = ["period", *(f"by_{way}" for way in definition.breakdowns if way != BUILDING)]
    return pa.table(columns | {name: answer[name] for name in dict.fromkeys(kept)})


def _index_of(tree: Tree, labels: Labels) -> np.ndarray:
    """The place in the tree of each text, -1 where it is not there."""
    index = np.array([*(tree.index.get(name, -1) for name in labels.names), -1], np.int32)
    return index[labels.codes]


def _items(answer: pa.Table, way: str) -> tuple[np.ndarray, list[str]]:
    """Item of each row, -1 where it has none, and their names."""
    if way == WHOLE:
        return np.zeros(answer.num_rows, np.int32), [""]
    labels = Labels.of(answer[f"by_{way}"])
    return labels.codes.astype(np.int32), labels.names


@dataclass(frozen=True)
class _Group:
    """Group of each row, and what each group is about."""

    of_row: np.ndarray
    place: Ints
    period: Ints
    item: Ints


@dataclass(frozen=True)
class _Rows:
    """Rows in the order of their minutes; the numerator is made of those that are ``counted``.

    ``months`` is 0 where months are not told apart.
    """

    minutes: Floats
    ended: Bools
    counted: np.ndarray
    period: np.ndarray
    months: int

    def groups(self, place: np.ndarray, item: np.ndarray, items: int, *, monthly: bool) -> Iterator[_Group]:
        """Rows by place and item, for the whole cycle, and then by month as well."""
        there = np.bincount(place[place >= 0], minlength=1) > 0
        number = np.append((np.cumsum(there) - 1).astype(np.int32), np.int32(-1))
        own = number[place]
        for months in (1, *((self.months,) if monthly and self.months else ())):
            month = self.period - 1 if months > 1 else np.zeros(1, np.int32)
            keep = (own >= 0) & (item >= 0) & (month >= 0)
            if not keep.any():
                continue
            kind = np.int32 if int(there.sum()) * months * items < DENSE else np.int64
            code = np.where(keep, (own.astype(kind) * months + month) * items + item, -1)
            found, of_row = _compact(code, kind is np.int32)
            where = np.flatnonzero(there)[found // items // months]
            when = found // items % months + 1 if months > 1 else np.zeros(len(found), np.int64)
            yield _Group(of_row, where, when, found % items)


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


def _period(answer: pa.Table, months: list[str]) -> np.ndarray:
    """Month of each row; rows are many, so the numbers are small."""
    return month_of(Labels.of(answer["period"]), months).astype(np.int32)


def _late(minutes: Floats, target: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return (minutes > target).astype(np.float64)


def _compact(code: np.ndarray, dense: bool) -> tuple[Ints, np.ndarray]:
    """The codes that occur from 0 up, and where each row's stands among them, -1 for -1."""
    if not dense:
        found, at = np.unique(code, return_inverse=True)
        empty = int(found[0] == -1)
        return found[empty:], (at.reshape(-1) - empty).astype(np.int32)
    there = np.bincount(code + 1)[1:] > 0
    number = np.append((np.cumsum(there) - 1).astype(np.int32), np.int32(-1))
    return np.flatnonzero(there), number[code]


def _block(definition: Definition, number: int, way: str, rows: _Rows, group: _Group, codes: Ints) -> Block:
    size = len(group.place)
    n = np.bincount(group.of_row[group.of_row >= 0], minlength=size).astype(np.float64)
    if definition.kind == "quantile":
        found = quantiles.quantile(
            rows.minutes, definition.settings["q"], group=group.of_row, n_groups=size, presorted=True
        )
        value, low, high = found.value, found.low, found.high
    else:
        median = survival.km_median(
            rows.minutes, rows.ended, group=group.of_row, n_groups=size, presorted=True
        )
        value, low, high = median.median, median.low, median.high
    nothing = np.full(size, np.nan)
    hits = np.bincount(group.of_row + 1, rows.counted, size + 1)[1:].astype(np.float64)
    return Block(
        number,
        "" if way == BUILDING else way,
        group.place,
        group.period,
        codes[group.item],
        n, n, hits, n, value, nothing, nothing, low, high, nothing,
    )  # fmt: skip
