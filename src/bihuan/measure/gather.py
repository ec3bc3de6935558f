"""Runs every query of an evaluation and turns the answers into blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bihuan.measure import cycles
from bihuan.measure.blocks import Block, Domains, Items
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine import Engine, Query
from bihuan.measure.facts import as_at, repeats_of
from bihuan.measure.kinds import open_intervals, rates, times
from bihuan.measure.kinds.combined import composite_block, response_rate_block
from bihuan.measure.places import Tree
from bihuan.measure.plan import BUILDING, WHOLE, Known, Step, steps
from bihuan.measure.rollup import Register, Rollup
from bihuan.measure.standing import goal_of_places
from bihuan.measure.sums import Cells, cells
from bihuan.measure.versions import Seen
from bihuan.stats.types import Bools, Floats, Ints

_NOTHING = pa.table({})
# By indicator and breakdown: domains, a total in each of them, and the codes of their items.
Totals = dict[tuple[int, str], tuple[Domains, Floats, Ints]]


@dataclass(frozen=True)
class Gathered:
    """Everything the facts gave: the tree they stand on, cells, blocks, and where red lines were crossed.

    ``red[k]`` marks places for the whole cycle (0) and for each month (k).
    """

    tree: Tree
    cells: list[Cells]
    blocks: list[Block]
    items: Items
    red: Bools


class Gatherer:
    """One evaluation's way from facts to blocks."""

    def __init__(
        self, context: Context, definitions: Sequence[Definition], engine: Engine, seen: Seen, scratch: Path
    ) -> None:
        self.context, self.definitions, self.engine = context, definitions, engine
        self.seen, self.scratch = seen, scratch
        self.months = cycles.months(context.cycle)

    def gather(self) -> Gathered:
        """Ask for all sums and rows at once, then roll up."""
        repeats = self._repeats()
        known = Known(self.seen.dropped, self.seen.dimensions, self.seen.deducting, repeats)
        asked = steps(self.context, self.definitions, known)
        for number, definition in enumerate(self.definitions):
            if definition.kind == "rate_per":
                asked += rates.exposure_steps(self.context, number, definition)
        timed = [(n, d) for n, d in enumerate(self.definitions) if d.kind in times.KINDS]
        timed = [(n, d) for n, d in timed if self.context.files(d.table)]
        queries = [step.query for step in asked]
        for n, d in timed:
            facts, numbered = (
                as_at(self.context, d.table, self.seen.dropped, numbered=with_rows)
                for with_rows in (False, True)
            )
            queries.append(times.rows_query(self.context, d, repeats.get(n), rows=facts, numbered=numbered))
        queries += [self._red_query(), self._samples_query()]
        answers = self.engine.run(queries)
        samples, red = answers.pop(), answers.pop()
        for k, step in enumerate(asked):
            answers[k] = self._completed(step, answers[k])
        tree = self._tree(answers)
        register = Register.of(self.context.snapshot.dimension("strata"), samples)
        rollup = Rollup(self.context, tree, register)
        blocks: list[Block] = []
        calendars = times.Calendars.of(self.context.snapshot.dimension("calendars"))
        for number, definition in reversed(timed):  # the many rows first, so that they are gone the sooner
            late = goal_of_places(definition.target, tree)
            blocks += times.time_blocks(
                tree, calendars, number, definition, answers.pop(), self.months, late, rollup.values
            )
        cycle = self.context.pooled[0] if self.context.pooled else ""
        found = []
        for k, step in enumerate(asked):  # an answer may go once its cells are read
            found.append(cells(step, answers[k], cycle))
            answers[k] = _NOTHING
        blocks += self._added_up(found, rollup)
        return Gathered(tree, found, [b for b in blocks if len(b)], rollup.values, self._red(tree, red))

    def _repeats(self) -> dict[int, str]:
        """Files that say when each fact was first repeated, in any cycle."""
        asked = [(n, d) for n, d in enumerate(self.definitions) if d.repeats and self.context.files(d.table)]
        queries = []
        for _, definition in asked:
            every = {p.cycle for p in self.context.snapshot.partitions(definition.table)}
            queries.append(
                Query(
                    repeats_of(self.context, definition),
                    definition.table,
                    self.context.files(definition.table, every),
                    {},
                )
            )
        found = {}
        for (number, _), answer in zip(asked, self.engine.run(queries), strict=True):
            path = self.scratch / f"repeats-{number}.parquet"
            first = answer.group_by("repeated_id").aggregate([("repeated_at", "min")])
            pq.write_table(first.rename_columns(["repeated_id", "repeated_at"]), path)
            found[number] = str(path)
        return found

    def _completed(self, step: Step, answer: pa.Table) -> pa.Table:
        """Add the intervals that are still open, where the indicator is one of intervals."""
        definition = self.definitions[step.columns[0].definition]
        if not definition.interval or step.table != definition.table:
            return answer
        queries = [open_intervals.last_done(self.context, definition)]
        if self.context.files("assets"):
            queries.append(open_intervals.retired(self.context))
        overdue, *gone = self.engine.run(queries)
        names = {name for table in gone for name in table["asset"].to_pylist()}
        return open_intervals.with_open(step, answer, overdue, names, self.context)

    def _red_query(self) -> Query:
        """Where a red-line item failed; an empty answer where nothing was inspected."""
        rows = as_at(self.context, "inspection_items", self.seen.dropped)
        failed = (rows.result == "non_conforming") & rows.veto
        rows = rows.filter(failed.fill_null(False))
        found = rows.group_by(["project", "building", "period"]).agg(rows=rows.count())
        return Query(found, "inspection_items", self.context.files("inspection_items"), {})

    def _samples_query(self) -> Query:
        """Sizes of the strata as the register of sample members has them."""
        rows = as_at(self.context, "samples")
        found = rows.group_by(["cycle", "stratum"]).agg(
            frame_size=rows.frame_size.max(), sample_size=rows.sample_size.max()
        )
        return Query(found, "samples", self.context.files("samples"), {}, whole=True)

    def _tree(self, answers: Sequence[pa.Table]) -> Tree:
        projects: set[str] = set()
        for answer in answers:
            if "project" in answer.column_names:
                projects |= set(answer["project"].unique().to_pylist()) - {None, ""}
        return Tree.build(self.context.snapshot.dimension("places"), self.context.last_day, projects)

    def _red(self, tree: Tree, answer: pa.Table) -> Bools:
        marks = np.zeros((1 + len(self.months), len(tree)), np.bool_)
        for row in answer.to_pylist():
            month = self.months.index(row["period"]) + 1 if row["period"] in self.months else 0
            place = tree.index.get(row["project"], -1)
            building = tree.index.get(row["building"] or "", -1)
            for at in (0, month):
                marks[at, building] |= building >= 0
                above = place
                while above >= 0:
                    marks[at, above] = True
                    above = int(tree.parent[above])
        return marks

    def _added_up(self, found: Sequence[Cells], rollup: Rollup) -> list[Block]:
        """Blocks of everything that adds up."""
        blocks: list[Block] = []
        by_part: dict[tuple[int, str], dict[str, Block]] = {}
        exposed = self._exposed(found, rollup)
        happened: Totals = {}
        for cell in found:
            columns = {(c.definition, c.part): c for c in cell.step.columns}
            for (number, part), column in columns.items():
                definition = self.definitions[number]
                way = cell.step.breakdown
                if part in (rates.EXPOSURE, "eligible"):
                    continue
                if definition.kind == "rate_per":
                    domains = rollup.domains(cell, definition)
                    happened[number, way] = (
                        domains,
                        domains.total(cell.sums[column][1]),
                        rollup.items(cell, domains),
                    )
                elif definition.response_rate:
                    domains = rollup.domains(cell, definition)
                    other = cell.sums[columns[number, "eligible"]]
                    name = "" if way == BUILDING else way
                    items = rollup.items(cell, domains)
                    blocks.append(response_rate_block(number, name, domains, items, cell.sums[column], other))
                elif definition.parts:
                    by_part.setdefault((number, way), {})[part] = rollup.block(cell, column, definition)
                else:
                    blocks.append(rollup.block(cell, column, definition))
            rollup.forget()
        for (number, way), parts in by_part.items():
            name = "" if way == BUILDING else way
            blocks.append(composite_block(self.definitions[number], number, name, parts))
        return blocks + self._rates(exposed, happened)

    def _exposed(self, found: Sequence[Cells], rollup: Rollup) -> Totals:
        exposed: Totals = {}
        for cell in found:
            for column in cell.step.columns:
                if column.part == rates.EXPOSURE:
                    domains = rollup.domains(cell, self.definitions[column.definition])
                    total = domains.total(cell.sums[column][1])
                    exposed[column.definition, cell.step.breakdown] = (
                        domains,
                        total,
                        rollup.items(cell, domains),
                    )
        return exposed

    def _rates(self, exposed: Totals, happened: Totals) -> list[Block]:
        blocks: list[Block] = []
        for number, definition in enumerate(self.definitions):
            if definition.kind != "rate_per" or (number, WHOLE) not in exposed:
                continue
            for way in (WHOLE, *definition.breakdowns):
                base = exposed.get((number, way))
                if base is None and way == BUILDING:
                    continue
                blocks.append(
                    rates.rate_block(
                        definition, number, way, base or exposed[number, WHOLE], happened.get((number, way))
                    )
                )
        return blocks


def correlations(found: Sequence[Cells]) -> dict[tuple[int, int], float]:
    """How indicators answered by the same people go together, over everybody of the run.

    Rounded: the last digits depend on the engine, and the root of a singular matrix would magnify them.
    """
    known: dict[tuple[int, int], float] = {}
    for cell in found:
        columns = cell.step.columns
        for (i, j), (w, y, z, yz) in cell.pair_sums.items():
            one, other = (_spread(cell.sums[columns[k]]) for k in (i, j))
            if w > 0 and one > 0 and other > 0:
                r = (yz / w - (y / w) * (z / w)) / (one * other)
                pair = sorted((columns[i].definition, columns[j].definition))
                known[pair[0], pair[1]] = round(float(np.clip(r, -1.0, 1.0)), 9)
    return known


def _spread(six: Floats) -> float:
    """Standard deviation of y under the squared weights."""
    _, _, _, aa, bb, ab = (float(row.sum()) for row in six)
    return float(np.sqrt(max(aa / bb - (ab / bb) ** 2, 0.0))) if bb > 0 else 0.0
