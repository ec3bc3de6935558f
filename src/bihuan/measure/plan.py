"""Which sums to ask for: all indicators of a table in one expression, for each way of breaking it down."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir

from bihuan.archive.schema import FACTS
from bihuan.measure import folds
from bihuan.measure.build import any_of
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine import Query
from bihuan.measure.engine.fold import Fold
from bihuan.measure.facts import CLUSTER, VERSIONED, as_at, with_repeats
from bihuan.measure.folds import ITEM
from bihuan.measure.kinds import additive
from bihuan.measure.kinds.additive import FULL, MEAN, Term
from bihuan.measure.kinds.clusters import Dimensions, dimension_sums, index_of, mark, points_units

WHOLE, BUILDING = "", "building"  # breakdowns that are none: the place itself, and its buildings
NOT_COUNTED = ("w", "of_dimension", "version")  # columns that do not make a row count


@dataclass(frozen=True)
class Column:
    """Where the sums of one indicator stand in the answer of a query.

    ``part`` tells apart several sums of one indicator; ``shape`` says which sums there are.
    """

    definition: int
    part: str
    shape: str
    prefix: str


@dataclass(frozen=True)
class Step:
    """One query and how to read its answer; ``pairs`` are columns whose products were summed, too.

    There is no query where the answer is made of others'.
    """

    query: Query | None
    table: str
    breakdown: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    pairs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Known:
    """What has been found out about the snapshot before the sums are asked for."""

    dropped: Mapping[str, list[str]]
    dimensions: Dimensions
    deducting: tuple[str, ...]
    repeats: Mapping[int, str]


@dataclass(frozen=True)
class Wanted:
    """One indicator, or one part of a composite, on one table."""

    number: int
    definition: Definition
    part: str = ""


def steps(context: Context, definitions: Mapping[int, Definition], known: Known) -> list[Step]:
    """The queries for everything that adds up; indicators by their number."""
    found: list[Step] = []
    groups: dict[tuple[str, str], list[Wanted]] = {}
    for wanted in _wanted(definitions):
        d = wanted.definition
        apart = d.kind == "points" or d.repeats or d.interval
        groups.setdefault((wanted.definition.table, str(wanted.number) if apart else ""), []).append(wanted)
    for (table, _), members in sorted(groups.items()):
        if not context.files(table) and not members[0].definition.interval:
            continue  # an interval may have stayed open since an earlier cycle
        given = _Builder(context, table, WHOLE, members, known, numbered=True).shared()
        ways = dict.fromkeys([WHOLE, *(b for w in members for b in w.definition.breakdowns)])
        for way in ways:
            asked = [w for w in members if way == WHOLE or way in w.definition.breakdowns]
            found.append(_Builder(context, table, way, asked, known).step(given))
    return found


def _wanted(definitions: Mapping[int, Definition]) -> list[Wanted]:
    found = []
    for number, definition in definitions.items():
        if definition.kind in additive.ADDITIVE:
            if definition.parts:
                found += [Wanted(number, share_of(definition, p.table), p.table) for p in definition.parts]
            else:
                found.append(Wanted(number, definition))
    return found


def share_of(definition: Definition, table: str) -> Definition:
    """The share of a composite on one table as an indicator of its own; any other indicator as it is.

    It is broken down as far as its table can be.
    """
    for part in definition.parts:
        if part.table == table:
            there = FACTS[table].arrow.names
            return replace(
                definition,
                table=table,
                filter=part.filter,
                nodes={"success": part.success},
                parts=(),
                breakdowns=tuple(b for b in definition.breakdowns if b in there),
            )
    return definition


class _Builder:
    """Builds the one expression of a table and breakdown."""

    def __init__(
        self,
        context: Context,
        table: str,
        way: str,
        asked: list[Wanted],
        known: Known,
        *,
        numbered: bool = False,
    ) -> None:
        self.context, self.table, self.way, self.asked, self.known = context, table, way, asked, known
        self.rows = as_at(context, table, known.dropped, numbered=numbered)
        self.beside: dict[str, list[str]] = {}
        self.columns: list[Column] = []
        self.pairs: tuple[tuple[int, int], ...] = ()
        definition = asked[0].definition
        if definition.repeats:
            name = f"repeats_{asked[0].number}"
            self.rows = with_repeats(context, definition, self.rows, name)
            self.beside[name] = [known.repeats[asked[0].number]]

    def shared(self) -> folds.Shared:
        """The rows that the folds of all ways are made of."""
        first = self.asked[0]
        if first.definition.kind == "points":
            return folds.shared_points(
                self.context, first.number, first.definition, self.rows, self.known.deducting
            )
        terms = self._terms()
        by_part = {(c.definition, c.part): terms[c.prefix] for c in self.columns}
        marks = {
            w.number: mark(self.context, w.definition, self.rows)
            for w in self.asked
            if w.definition.kind == "index"
        }
        return folds.shared(self.rows, by_part, marks, self.table)

    def step(self, given: folds.Shared) -> Step:
        """The query, and how to read its answer; ``given`` are the rows of all ways of the table."""
        definition = self.asked[0].definition
        self._add_keys()
        if definition.kind == "points":
            table = self._points()
        elif self.table in CLUSTER:
            table = self._clustered()
        else:
            table = self._plain()
        query = Query(
            table,
            self.table,
            self.context.files(self.table),
            self.beside,
            whole=self.table == "assets",
            fold=self._fold(given),
        )
        return Step(query, self.table, self.way, tuple(self.keys), tuple(self.columns), self.pairs)

    def _fold(self, given: folds.Shared) -> Fold | None:
        """The same as a fold, where the columns that rows are grouped by stand in the files as they are."""
        if not folds.foldable(self.table, [*self.keys, self.way]):
            return None
        return folds.fold(
            given, self.table, self.way, self.keys, self.columns, self.pairs, self.known.dimensions
        )

    def _add_keys(self) -> None:
        """Bring in the columns that cells are made of."""
        self.keys = ["project"]
        if len(self.context.pooled) > 1:
            self.keys.append("cycle")
        if self.way == WHOLE and any(w.definition.monthly for w in self.asked):
            self.keys.append("period")
        if self.way != WHOLE:
            self.keys.append(ITEM)
            self.rows = self.rows.mutate(**{ITEM: self.rows[self.way]})
            self.rows = self.rows.filter(self.rows[ITEM].notnull())
        if self.table == "answers":
            self.keys += ["stratum", "weight_cell"]
        if self.table == "assets":
            self.keys.append("latest")
            last = self.rows.period.max().over(ibis.window(group_by=self.rows.project))
            self.rows = self.rows.mutate(latest=self.rows.period == last)

    def _terms(self) -> dict[str, Term]:
        """The terms of all indicators but the index, by the prefix of their sums; notes the columns."""
        found: dict[str, Term] = {}
        for place, wanted in enumerate(self.asked):
            definition = wanted.definition
            if definition.kind == "index":
                continue
            parts = {"": additive.term(self.context, definition, self.rows)}
            if definition.response_rate:
                parts = additive.response_rate_terms(self.context, definition, self.rows)
            for letter, (part, term) in zip("tu", parts.items(), strict=False):
                prefix = f"{letter}{place}"
                found[prefix] = term
                shape = FULL if self.table in CLUSTER else term.shape
                self.columns.append(Column(wanted.number, wanted.part or part, shape, prefix))
        return found

    def _only_terms(self, terms: Mapping[str, Term], *more: str, **columns: Any) -> ir.Table:
        """The keys, and for each term its y (and x) where the row counts, nothing elsewhere."""
        chosen = dict(columns)
        for prefix, term in terms.items():
            nothing = ibis.null("float64")
            chosen[prefix] = ibis.ifelse(term.counts, term.y.cast("float64"), nothing)
            if term.x is not None:
                chosen[f"{prefix}_x"] = ibis.ifelse(term.counts, term.x.cast("float64"), nothing)
        rows = self.rows.select(*dict.fromkeys([*more, *self.keys]), **chosen)
        return rows.filter(any_of([rows[name].notnull() for name in chosen if name not in NOT_COUNTED]))

    def _plain(self) -> ir.Table:
        """Every row is a unit of its own."""
        terms = self._terms()
        rows = self._only_terms(terms)
        sums: dict[str, Any] = {}
        for prefix, term in terms.items():
            y = rows[prefix]
            sums[f"{prefix}_n"] = y.count()
            sums[f"{prefix}_a"] = y.sum()
            if term.shape in (MEAN, FULL):
                sums[f"{prefix}_aa"] = (y * y).sum()
            if term.x is not None:
                x = rows[f"{prefix}_x"]
                sums[f"{prefix}_b"] = x.sum()
                sums[f"{prefix}_bb"] = (x * x).sum()
                sums[f"{prefix}_ab"] = (x * y).sum()
        return rows.group_by(self.keys).agg(**sums)

    def _clustered(self) -> ir.Table:
        """Rows first become responses or inspections, so that what one person said is one unit."""
        terms = self._terms()
        indices = [w for w in self.asked if w.definition.kind == "index"]
        columns: dict[str, Any] = {}
        if self.table == "answers":
            columns["w"] = self.rows.weight
        for wanted in indices:
            prefix = f"i{wanted.number}"
            columns[prefix] = mark(self.context, wanted.definition, self.rows)
            columns["of_dimension"] = ibis.coalesce(self.rows.dimension, "")
            columns["version"] = self.rows[VERSIONED[self.table][0]]
            self.columns.append(Column(wanted.number, "", FULL, prefix))
        rows = self._only_terms(terms, CLUSTER[self.table], **columns)
        first: dict[str, Any] = {}
        for prefix, term in terms.items():
            first[f"{prefix}_s"] = rows[prefix].sum()
            first[f"{prefix}_c"] = rows[prefix].count()
            if term.x is not None:
                first[f"{prefix}_x"] = rows[f"{prefix}_x"].sum()
        for wanted in indices:
            first |= dimension_sums(rows, self.known.dimensions, f"i{wanted.number}")
        if self.table == "answers":
            first["w"] = ibis.coalesce(rows.w.max(), 1.0)
            if indices:
                marked = any_of([rows[f"i{w.number}"].notnull() for w in indices])
                first["version"] = rows.version.max(where=marked)
        units = rows.group_by([CLUSTER[self.table], *self.keys]).agg(**first)
        return self._cells(units, {w.number for w in indices})

    def _cells(self, units: ir.Table, indices: set[int]) -> ir.Table:
        """The six sums of every indicator over units."""
        weight = units.w if self.table == "answers" else ibis.literal(1.0)
        sums: dict[str, Any] = {}
        marks: list[tuple[Any, Any]] = []
        for column in self.columns:
            prefix = column.prefix
            if column.definition in indices:
                there, y = index_of(units, self.known.dimensions, prefix)
                x: Any = ibis.literal(1.0)
            else:
                there, y = units[f"{prefix}_c"] > 0, units[f"{prefix}_s"]
                x = units[f"{prefix}_x"] if f"{prefix}_x" in units.columns else units[f"{prefix}_c"]
                if self.table == "answers" and f"{prefix}_x" not in units.columns:
                    y, x = y / x.nullif(0), ibis.literal(1.0)
            marks.append((there, y))
            wy, wx = weight * y, weight * x
            sums |= {
                f"{prefix}_n": there.cast("int64").sum(),
                f"{prefix}_a": wy.sum(where=there),
                f"{prefix}_b": wx.sum(where=there),
                f"{prefix}_aa": (wy * wy).sum(where=there),
                f"{prefix}_bb": (wx * wx).sum(where=there),
                f"{prefix}_ab": (wx * wy).sum(where=there),
            }
        if self.table == "answers" and self.way == WHOLE:
            self.pairs = tuple(itertools.combinations(range(len(marks)), 2))
            for i, j in self.pairs:
                (one, y), (other, z) = marks[i], marks[j]
                both, square = one & other, weight * weight
                sums |= {
                    f"p{i}_{j}_w": square.sum(where=both),
                    f"p{i}_{j}_y": (square * y).sum(where=both),
                    f"p{i}_{j}_z": (square * z).sum(where=both),
                    f"p{i}_{j}_yz": (square * y * z).sum(where=both),
                }
        return units.group_by(self.keys).agg(**sums)

    def _points(self) -> ir.Table:
        """Every inspection has one score."""
        wanted = self.asked[0]
        units = points_units(self.context, wanted.definition, self.rows, self.keys, self.known.deducting)
        self.columns.append(Column(wanted.number, "", MEAN, "t0"))
        return units.group_by(self.keys).agg(
            t0_n=units.count(), t0_a=units.y.sum(), t0_aa=(units.y * units.y).sum()
        )
