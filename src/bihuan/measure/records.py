"""The records under a number: what each of them was, hit, miss or out.

A hit counts in the numerator, a miss in the denominator alone, and what is out in neither: not yet due, not
yet ripe, not answered. Where the number is no share, a record is a hit when it reaches the target itself.
Survey numbers end at ten respondents, and show neither time nor building.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bihuan.archive.snapshot import Snapshot
from bihuan.archive.store import Archive
from bihuan.measure.build import build
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine import Engine, Query, open_engine
from bihuan.measure.facts import as_at, repeats_of, with_repeats
from bihuan.measure.kinds import additive, times
from bihuan.measure.kinds.clusters import mark
from bihuan.measure.places import Tree
from bihuan.measure.plan import share_of
from bihuan.measure.standing import goal_of_places
from bihuan.measure.sums import Labels
from bihuan.measure.versions import look
from bihuan.stats.disclosure import MINIMUM

HIT, MISS, OUT = "hit", "miss", "out"
OUTCOMES = (HIT, MISS, OUT)
EVENTS = frozenset({"count", "rate_per"})  # only what happened stands under them
ANSWER_COLUMNS = ("question", "role", "dimension", "service_area", "value", "scale_min", "scale_max", "mode")
GOALS = ibis.Schema({"goal_project": "string", "goal": "float64"})
TIMED = ibis.Schema({"timed_id": "string", "outcome": "string", "minutes": "float64"})
FEW = "few_respondents"


class RecordsError(ValueError):
    """The records cannot be listed as asked; the message says why."""


@dataclass(frozen=True)
class RecordPage:
    """One page of records.

    ``outcomes`` counts all records of the number, ``total`` those of the outcome asked for; ``closed`` says
    why nothing may be shown (`FEW`), or is empty.
    """

    total: int
    outcomes: Mapping[str, int]
    rows: list[dict[str, Any]] = field(default_factory=list)
    closed: str = ""


def records(
    archive: Archive,
    snapshot: Snapshot | int | None,
    definition: Definition,
    *,
    cycle: str,
    as_of: datetime,
    places: Collection[str] | None,
    outcome: str | None = None,
    breakdown: tuple[str, str] | None = None,
    period: str = "",
    order: str | None = None,
    offset: int = 0,
    limit: int = 50,
    start: datetime | None = None,
    end: datetime | None = None,
    zone: str = "Asia/Shanghai",
) -> RecordPage:
    """List the records under a number. A number that is suppressed is not to be opened either.

    Parameters
    ----------
    places : collection of str or None
        Places whose records count, with everything under them; None for everything.
    outcome : {"hit", "miss", "out"}, optional
    breakdown : pair of str, optional
        Column and item.
    period : str
        A month, or empty for the whole cycle.
    order : str, optional
        A column, with ``-`` in front for the largest first; the latest first where nothing is said.
    """
    held = snapshot if isinstance(snapshot, Snapshot) else archive.at(snapshot)
    context = Context.of(held, cycle, as_of=as_of, start=start, end=end, zone=zone)
    if outcome is not None and outcome not in OUTCOMES:
        raise RecordsError(f"{outcome!r} is no outcome; choose one of {', '.join(OUTCOMES)}.")
    if not context.files(definition.table):
        return RecordPage(0, dict.fromkeys(OUTCOMES, 0))
    with tempfile.TemporaryDirectory(prefix="bihuan-records-") as scratch:
        asked = _Asked(context, definition, open_engine("duckdb"), Path(scratch))
        rows = asked.rows(places, breakdown, period)
        return asked.page(rows, outcome, order, offset, limit)


class _Asked:
    """One look under one number."""

    def __init__(self, context: Context, definition: Definition, engine: Engine, scratch: Path) -> None:
        self.context, self.engine, self.scratch = context, engine, scratch
        self.definition = share_of(definition, definition.table)
        self.beside: dict[str, list[str]] = {}
        self.tree = Tree.build(context.snapshot.dimension("places"), context.last_day, ())

    def rows(
        self, places: Collection[str] | None, breakdown: tuple[str, str] | None, period: str
    ) -> ir.Table:
        """The records under the number with their outcome."""
        table = self.definition.table
        dropped = look(self.context, self.engine, [table]).dropped
        rows = as_at(self.context, table, dropped)
        if places is not None:
            codes = sorted(set().union(*(self.tree.below(code) for code in places)))
            buildings = rows.building.isin(codes) & rows.project.isin(self._projects_of(codes))
            rows = rows.filter(rows.project.isin(codes) | ibis.coalesce(buildings, ibis.literal(False)))
        if period:
            rows = rows.filter(rows.period == period)
        if breakdown is not None:
            column, item = breakdown
            if column not in self.definition.breakdowns:
                raise RecordsError(f"{self.definition.code} is not broken down by {column!r}.")
            rows = rows.filter(rows[column] == item)
        if table == "assets" and not period:
            rows = rows.filter(rows.period == rows.period.max().over(ibis.window(group_by=rows.project)))
        if self.definition.repeats:
            rows = with_repeats(self.context, self.definition, rows, self._repeats())
        if self.definition.kind in times.KINDS and "event" in self.definition.nodes:
            return self._timed(rows)
        return self._judged(rows)

    def _projects_of(self, codes: Collection[str]) -> list[str]:
        """The projects that places belong to."""
        known = [self.tree.index[code] for code in codes if code in self.tree.index]
        return sorted({self.tree.codes[k] for k in self.tree.project_of[known].tolist() if k >= 0})

    def page(
        self, rows: ir.Table, outcome: str | None, order: str | None, offset: int, limit: int
    ) -> RecordPage:
        """Counts of all, and one page of those asked for."""
        counts, respondents = self._counts(rows)
        if self.definition.about_answers and respondents < MINIMUM:
            return RecordPage(0, dict.fromkeys(OUTCOMES, 0), closed=FEW)
        total = sum(counts.values()) if outcome is None else counts[outcome]
        if outcome is not None:
            rows = rows.filter(rows.outcome == outcome)
        rows = rows.order_by(self._order(rows, order)).limit(limit, offset=offset)
        if self.definition.about_answers:
            rows = rows.select(*ANSWER_COLUMNS, "outcome")
        listed = self._run(rows).to_pylist()
        return RecordPage(total, counts, listed)

    def _counts(self, rows: ir.Table) -> tuple[dict[str, int], int]:
        sums: dict[str, Any] = {"rows": rows.count()}
        if self.definition.about_answers:
            sums["people"] = rows.response.nunique()
        found = {row["outcome"]: row for row in self._run(rows.group_by("outcome").agg(**sums)).to_pylist()}
        counts = {name: int(found[name]["rows"]) if name in found else 0 for name in OUTCOMES}
        if not self.definition.about_answers:
            return counts, 0
        people = self._run(rows.filter(rows.outcome != OUT).agg(people=rows.response.nunique()))
        return counts, int(people["people"][0].as_py())

    def _order(self, rows: ir.Table, order: str | None) -> list[Any]:
        answers = self.definition.about_answers
        usual = ["question", "value"] if answers else ["-occurred_at"]
        last = [] if answers or (order or "").removeprefix("-") == "fact_id" else [rows.fact_id]
        found = []
        for name in [order] if order else usual:
            column = name.removeprefix("-")
            if column not in (ANSWER_COLUMNS if answers else rows.columns):
                raise RecordsError(f"{column!r} is no column to order by.")
            key = rows[column]
            found.append(key.desc(nulls_first=False) if name.startswith("-") else key.asc(nulls_first=False))
        return [*found, *last]

    def _run(self, rows: ir.Table) -> pa.Table:
        files = self.context.files(self.definition.table)
        return self.engine.run([Query(rows, self.definition.table, files, self.beside, whole=True)])[0]

    def _judged(self, rows: ir.Table) -> ir.Table:
        """Outcomes that can be told row by row."""
        definition = self.definition
        unripe = rows.mutate(under=self._filter(rows))
        rows = unripe.filter(unripe.under).drop("under")
        if definition.response_rate:
            terms = additive.response_rate_terms(self.context, definition, rows)
            hit = rows.disposition == "I"
            counts = terms["eligible"].counts & rows.disposition.isin(additive.ELIGIBLE)
        elif definition.kind == "points":
            hit = rows.result == "conforming"
            counts = rows.result.isin(["conforming", "non_conforming"])
        elif definition.kind in ("mean", "ratio", "index", "quantile"):
            rows, value = self._measured(rows)
            hit = value <= rows.goal if definition.direction == "down" else value >= rows.goal
            counts = value.notnull() & rows.goal.notnull()
        elif definition.kind == "nps":
            value = build(definition.nodes["value"], rows, self.context.constants(rows))
            hit, counts = value >= 9, (value >= 9) | (value <= 6)
        else:
            term = additive.term(self.context, definition, rows)
            hit, counts = term.y > 0, term.counts
        counts, hit = (ibis.coalesce(test, ibis.literal(False)) for test in (counts, hit))
        rows = rows.mutate(outcome=ibis.cases((~counts, OUT), (hit, HIT), else_=MISS))
        return rows.filter(rows.outcome == HIT) if definition.kind in EVENTS else rows

    def _filter(self, rows: ir.Table) -> ir.BooleanValue:
        """The filter alone: what is not ripe yet is under the number, but out."""
        bare = additive.without_ripening(self.definition)
        return additive.counted(self.context, bare, rows)

    def _measured(self, rows: ir.Table) -> tuple[ir.Table, Any]:
        """The value of each row on the indicator's scale, beside its project's target."""
        definition = self.definition
        goals = goal_of_places(definition.target, self.tree)
        path = self.scratch / "goals.parquet"
        projects = [self.tree.codes[i] for i in self.tree.projects]
        pq.write_table(
            pa.table({"goal_project": pa.array(projects, pa.string()), "goal": goals[self.tree.projects]}),
            path,
        )
        self.beside["goals"] = [str(path)]
        goal = ibis.table(GOALS, name="goals")
        rows = rows.left_join(goal, rows.project == goal.goal_project).drop("goal_project")
        rows = rows.mutate(goal=ibis.ifelse(rows.goal.isnan(), ibis.null("float64"), rows.goal))
        constants = self.context.constants(rows)
        if definition.kind == "index":
            return rows, mark(self.context, definition, rows) * definition.scale
        if definition.kind == "ratio":
            above, below = (build(definition.nodes[k], rows, constants) for k in ("numerator", "denominator"))
            return rows, above / below.nullif(0) * definition.scale
        return rows, build(definition.nodes["value"], rows, constants)

    def _timed(self, rows: ir.Table) -> ir.Table:
        """Outcomes of times: what is still open is a miss once it has waited beyond the target."""
        query = times.rows_query(self.context, self.definition, None, rows=rows, keep=("fact_id",))
        answer = self._run(query.expression)
        calendars = times.Calendars.of(self.context.snapshot.dimension("calendars"))
        minutes, ended = times.minutes_of(calendars, answer)
        goals = goal_of_places(self.definition.target, self.tree)
        project = Labels.of(answer["project"])
        target = np.array(
            [*(goals[self.tree.index[n]] if n in self.tree.index else np.nan for n in project.names), np.nan]
        )[project.codes]
        with np.errstate(invalid="ignore"):
            outcome = np.where(minutes > target, MISS, np.where(ended & (minutes <= target), HIT, OUT))
        path = self.scratch / "timed.parquet"
        pq.write_table(
            pa.table(
                {
                    "timed_id": answer["fact_id"],
                    "outcome": pa.array(outcome.tolist(), pa.string()),
                    "minutes": minutes,
                }
            ),
            path,
        )
        self.beside["timed"] = [str(path)]
        timed = ibis.table(TIMED, name="timed")
        return rows.inner_join(timed, rows.fact_id == timed.timed_id).drop("timed_id")

    def _repeats(self) -> str:
        every = {p.cycle for p in self.context.snapshot.partitions(self.definition.table)}
        files = self.context.files(self.definition.table, every)
        query = Query(repeats_of(self.context, self.definition), self.definition.table, files, {}, whole=True)
        path = self.scratch / "repeats.parquet"
        pq.write_table(self.engine.run([query])[0], path)
        self.beside["repeats_0"] = [str(path)]
        return "repeats_0"
