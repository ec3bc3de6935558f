"""Asks the facts of a group of indicators, share by share."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bihuan.archive.merge import split_of
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine import Engine, Query
from bihuan.measure.facts import as_at, repeats_of
from bihuan.measure.kinds import open_intervals, rates, times
from bihuan.measure.plan import Known, Step, steps
from bihuan.measure.shares import INSPECTED, Group, Share
from bihuan.measure.sums import Cells, Labels, cells
from bihuan.measure.versions import Seen

RED = ("project", "building", "period")
TOGETHER = ""  # in place of a file: all files at once


@dataclass(frozen=True)
class Answers:
    """What the facts of a share gave: cells by step, rows by indicator of times, and red lines crossed."""

    cells: list[Cells]
    timed: dict[int, pa.Table]
    red: pa.Table


class Asked:
    """Everything that is asked for a group; ``files`` says which shares each file has facts of."""

    def __init__(
        self,
        context: Context,
        definitions: Mapping[int, Definition],
        group: Group,
        engine: Engine,
        seen: Seen,
        files: Mapping[str, frozenset[int]],
        scratch: Path,
    ) -> None:
        self.context, self.definitions, self.group = context, definitions, group
        self.engine, self.seen, self.files, self.scratch = engine, seen, files, scratch
        self._one_at_a_time = threading.RLock()
        self._locks: dict[str, threading.Lock] = {}
        self._split: dict[str, dict[int, list[tuple[int, pa.Table]]]] = {}

    def answers(self, share: Share) -> Answers:
        """What the facts of the share say."""
        timed = self.timed
        tables = self._of(share, self._queries)
        red = tables.pop().select(list(RED)) if INSPECTED in self.group.tables else _nobody()
        rows = {number: tables.pop() for number in reversed(timed)}
        cycle = self.context.pooled[0] if self.context.pooled else ""
        found = []
        for k, step in enumerate(self._steps):
            found.append(cells(step, self._completed(step, tables[k], share), cycle))
            tables[k] = _nobody()  # an answer may go once its cells are read
        return Answers(found, rows, red)

    @property
    def repeats(self) -> Mapping[int, str]:
        """Files that say when each fact was first repeated, in any cycle, by indicator."""
        with self._one_at_a_time:
            return self._repeats

    @cached_property
    def timed(self) -> list[int]:
        """The indicators of times whose table has facts."""
        return [
            n for n, d in self.definitions.items() if d.kind in times.KINDS and self.context.files(d.table)
        ]

    @cached_property
    def _repeats(self) -> dict[int, str]:
        asked = {n: d for n, d in self.definitions.items() if d.repeats and self.context.files(d.table)}
        queries = []
        for definition in asked.values():
            every = {p.cycle for p in self.context.snapshot.partitions(definition.table)}
            files = self.context.files(definition.table, every)
            queries.append(Query(repeats_of(self.context, definition), definition.table, files, {}))
        found = {}
        for number, answer in zip(asked, self.engine.run(queries), strict=True):
            path = self.scratch / f"repeats-{number}.parquet"
            first = answer.group_by("repeated_id").aggregate([("repeated_at", "min")])
            first = first.rename_columns(["repeated_id", "repeated_at"]).sort_by("repeated_id")
            pq.write_table(first, path)
            found[number] = str(path)
        return found

    @property
    def _steps(self) -> list[Step]:
        with self._one_at_a_time:
            return self._planned[0]

    @property
    def _queries(self) -> list[Query]:
        """Of the steps, of the rows of times, and of the red lines."""
        with self._one_at_a_time:
            return self._planned[1]

    @cached_property
    def _planned(self) -> tuple[list[Step], list[Query]]:
        known = Known(self.seen.dropped, self.seen.dimensions, self.seen.deducting, self.repeats)
        asked = steps(self.context, self.definitions, known)
        for number, definition in self.definitions.items():
            if definition.kind == "rate_per":
                asked += rates.exposure_steps(self.context, number, definition)
        queries = [step.query for step in asked if step.query is not None]
        for n in self.timed:
            d = self.definitions[n]
            facts, numbered = (
                as_at(self.context, d.table, self.seen.dropped, numbered=with_rows)
                for with_rows in (False, True)
            )
            rows = times.rows_query(self.context, d, self.repeats.get(n), rows=facts, numbered=numbered)
            queries.append(rows)
        return asked, [*queries, *([self._red_query()] if INSPECTED in self.group.tables else [])]

    def _red_query(self) -> Query:
        """Where a red-line item failed; an empty answer where nothing was inspected."""
        rows = as_at(self.context, INSPECTED, self.seen.dropped)
        failed = (rows.result == "non_conforming") & rows.veto
        rows = rows.filter(failed.fill_null(False))
        found = rows.group_by(list(RED)).agg(rows=rows.count())
        return Query(found, INSPECTED, self.context.files(INSPECTED), {})

    def _of(self, share: Share, queries: Sequence[Query]) -> list[pa.Table]:
        """The answers of the files that are the share's alone, and its part of the others'."""
        if share.count == 1:
            return self.engine.run(queries)
        own = [replace(q, files=[] if q.whole else [f for f in q.files if f in share.files]) for q in queries]
        parts = [[answer] for answer in self.engine.run(own)]
        wide = [f for f, found in self.files.items() if share.index in found and len(found) > 1]
        for file in [TOGETHER, *wide]:
            for number, table in self._part_of(file, share):
                parts[number].append(table)
        return [pa.concat_tables(_with_rows(tables)) for tables in parts]

    def _part_of(self, file: str, share: Share) -> list[tuple[int, pa.Table]]:
        """What a file with facts of several shares says of one, by number of the query; it is told once."""
        with self._one_at_a_time:
            lock = self._locks.setdefault(file, threading.Lock())
        with lock:
            if share.index not in self._split.get(file, {}):
                self._split[file] = self._by_share(file, share.count)
            return self._split[file].pop(share.index)

    def _by_share(self, file: str, count: int) -> dict[int, list[tuple[int, pa.Table]]]:
        """What a file says, by share; `TOGETHER` stands for what is asked of all files at once."""
        together = file == TOGETHER
        asked = {
            n: q if together else replace(q, files=[file])
            for n, q in enumerate(self._queries)
            if q.whole == together and (together or file in q.files)
        }
        found: dict[int, list[tuple[int, pa.Table]]] = {k: [] for k in range(count)}
        for number, answer in zip(asked, self.engine.run(list(asked.values())), strict=True):
            for k, part in _by_share(answer, "project", count).items():
                found[k].append((number, part))
        return found

    def _completed(self, step: Step, answer: pa.Table, share: Share) -> pa.Table:
        """Add the intervals that are still open, where the indicator is one of intervals."""
        definition = self.definitions[step.columns[0].definition]
        if not definition.interval or step.table != definition.table:
            return answer
        overdue, names = self._open_intervals(step.columns[0].definition)
        if share.count > 1:
            overdue = _by_share(overdue, "of_project", share.count).get(share.index, overdue.slice(0, 0))
        return open_intervals.with_open(step, answer, overdue, names, self.context)

    def _open_intervals(self, number: int) -> tuple[pa.Table, set[str]]:
        queries = [open_intervals.last_done(self.context, self.definitions[number])]
        if self.context.files("assets"):
            queries.append(open_intervals.retired(self.context))
        overdue, *gone = self.engine.run(queries)
        return overdue, {name for table in gone for name in table["asset"].to_pylist()}


def _nobody() -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in RED})


def _with_rows(tables: list[pa.Table]) -> list[pa.Table]:
    """The tables that have rows, or the first: one without may have texts where others have dictionaries."""
    return [table for table in tables if table.num_rows] or tables[:1]


def _by_share(answer: pa.Table, column: str, count: int) -> dict[int, pa.Table]:
    """The rows of a table by the share of their project."""
    project = Labels.of(answer[column])
    share = np.array([*(split_of(name, count) for name in project.names), -1], np.int32)[project.codes]
    order = np.argsort(share, kind="stable")
    edges = np.searchsorted(share[order], np.arange(count + 1))
    ordered = answer.take(pa.array(order))
    sizes = np.diff(edges)
    return {k: ordered.slice(edges[k], sizes[k]) for k in np.flatnonzero(sizes).tolist()}
