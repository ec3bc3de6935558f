"""One chunk of a file into facts, with the reasons for every row that was turned away."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.archive.schema import Column
from bihuan.collect.records.mapping import checks, cycles, tables
from bihuan.collect.records.mapping.clocks import Clocks, TwentyFourHours
from bihuan.collect.records.mapping.keys import KeyBook
from bihuan.collect.records.mapping.places import Locator, PlaceIndex
from bihuan.collect.records.mapping.problems import Problems, Reason
from bihuan.collect.records.mapping.spec import ColumnRule, MappingSpec
from bihuan.collect.records.mapping.values import clean, convert, mask_of
from bihuan.collect.records.reading import Chunk


@dataclass
class Outcome:
    """What became of one chunk.

    ``facts`` are in the archive's schema; ``row_of`` gives, fact by fact, the number of its row in the file.
    ``rejected`` is the rows turned away as they stood in the file, ``rejected_rows`` their numbers.
    """

    read: int
    facts: pa.Table
    row_of: np.ndarray
    accepted: int
    skipped: Counter[str]
    reasons: list[Reason]
    rejected: pa.Table
    rejected_rows: np.ndarray


@dataclass
class Transformer:
    """Works chunks of one file through one mapping; remembers the keys it has seen."""

    spec: MappingSpec
    columns: tuple[str, ...]
    places: PlaceIndex
    clocks: Clocks = field(default_factory=TwentyFourHours)
    now: dt.datetime | None = None

    def __post_init__(self) -> None:
        self.locator = Locator(self.spec.places, self.places)
        self.keys = KeyBook()
        self.wide = self.spec.wide_columns(self.columns)
        now = self.now or dt.datetime.now(dt.UTC)
        self.latest = self.spec.latest or (now + dt.timedelta(days=1)).date().isoformat()

    def apply(self, chunk: Chunk) -> Outcome:
        """Turn the rows of a chunk into facts."""
        skipped, kept = self._filter(chunk)
        table, rows = chunk.table.filter(pa.array(kept)), chunk.rows[kept]
        work = _Work(self, table, rows)
        facts, index = work.facts()
        problems = work.problems
        reasons = [Reason(r.row, "", "cells", {"got": r.cells, "want": r.wanted}) for r in chunk.ragged]
        bad = table.filter(pa.array(problems.bad))
        rejected = pa.concat_tables([bad, _ragged(chunk, table.schema)]) if chunk.ragged else bad
        rejected_rows = np.concatenate([rows[problems.bad], [r.row for r in chunk.ragged]]).astype(np.int64)
        return Outcome(
            read=len(chunk.rows) + len(chunk.ragged),
            facts=facts,
            row_of=rows[index],
            accepted=int((~problems.bad).sum()),
            skipped=skipped,
            reasons=sorted(reasons + problems.reasons, key=lambda r: r.row),
            rejected=rejected,
            rejected_rows=rejected_rows,
        )

    def preview(self, chunk: Chunk) -> tuple[pa.Table, np.ndarray, list[Reason]]:
        """The first rows as they would go in, bad ones too: facts, the row of each, and what is wrong."""
        work = _Work(self, chunk.table, chunk.rows)
        work.facts()
        return work.shown, chunk.rows[work.index], work.problems.reasons

    def _filter(self, chunk: Chunk) -> tuple[Counter[str], np.ndarray]:
        """Which rows go on; those the mapping leaves out are counted by the name of their rule."""
        kept = np.ones(len(chunk.rows), dtype=bool)
        skipped: Counter[str] = Counter()
        for rule in self.spec.rows:
            if rule.do == "reject":
                continue
            hit = checks.holds(rule.when, clean(chunk.table[rule.when["column"]], self.spec.empty))
            out = kept & (hit if rule.do == "skip" else ~hit)
            if out.any():
                skipped[rule.name] += int(out.sum())
            kept &= ~out
        return skipped, kept


def _ragged(chunk: Chunk, schema: pa.Schema) -> pa.Table:
    """Rows that could not be cut stand whole in their first column."""
    texts = pa.array([r.text for r in chunk.ragged], pa.string())
    empty = pa.nulls(len(texts), pa.string())
    return pa.table([texts, *[empty] * (len(schema) - 1)], schema=schema)


class _Work:
    """The rows of one chunk on their way to facts."""

    def __init__(self, transformer: Transformer, table: pa.Table, rows: np.ndarray) -> None:
        self.t, self.spec, self.table = transformer, transformer.spec, table
        self.problems = Problems(rows)
        self.count = len(rows)
        self._texts: dict[str, pa.Array] = {}
        self.done: dict[str, pa.Array] = {}
        self.heading: dict[str, str] = {}

    def text(self, column: str) -> pa.Array:
        """A column of the file, trimmed."""
        if column not in self._texts:
            self._texts[column] = clean(self.table[column], self.spec.empty)
        return self._texts[column]

    # -- the steps, in order

    def facts(self) -> tuple[pa.Table, np.ndarray]:
        """Facts in the archive's schema, and for each the place of its row in the chunk."""
        self._reject()
        key = self._key()
        for rule in self.spec.columns.values():
            if self._is_long(rule) or rule.minutes or rule.after:
                continue
            self.done[rule.target] = self._wide_column(rule)
        project, building = self._places()
        checks.minutes(self.done, self.heading, self.problems)  # derived ones are told by their two times
        self._derive()
        checks.order(self.spec.order, self.done, self.heading, self._as_written, self.problems)
        checks.dates(self.spec, self.done, self.heading, self._as_written, self.t.latest, self.problems)
        cycle = self._cycle()
        period = cycles.periods(self.done["occurred_at"], self.spec.zone)
        columns = {"key": key, "cycle": cycle, "period": period, "project": project, "building": building}
        if self.spec.unpivot:
            index, columns, long = self._unpivot(columns)
        else:
            index, long = np.arange(self.count), self.done
        self._required(long, index)
        self._once(key)
        good = ~self.problems.bad[index]
        table = self._assemble(columns, long)
        self.shown, self.index = table, index
        return table.filter(pa.array(good)), index[good]

    def _as_written(self, target: str, index: int) -> str:
        """The cell a target came from, as it stands in the file."""
        column = self.heading.get(target)
        if column is not None and column in self.table.column_names:
            return self.text(column)[index].as_py() or ""
        return checks.shown(self.done[target][index].as_py())

    def _reject(self) -> None:
        for rule in self.spec.rows:
            if rule.do == "reject":
                column = rule.when["column"]
                text = self.text(column)
                because = {"zh": rule.because.get("zh", rule.name), "en": rule.because.get("en", rule.name)}
                for i in np.flatnonzero(checks.holds(rule.when, text)):
                    value = text[int(i)].as_py() or ""
                    self.problems.one(int(i), column, "rule", {"value": value, **because})

    def _key(self) -> pa.Array:
        parts = [self.text(column) for column in self.spec.key]
        for column, part in zip(self.spec.key, parts, strict=True):
            self.problems.add(mask_of(pc.is_null(part)), column, "missing")
        return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "|")

    def _once(self, key: pa.Array) -> None:
        """The first good row of a key goes in; each later one is told where the first stands."""
        good = ~self.problems.bad
        first = self.t.keys.add(key.filter(pa.array(good)), self.problems.rows[good])
        where = np.flatnonzero(good)
        column = " + ".join(self.spec.key)
        for i in np.flatnonzero(first >= 0):
            at = int(where[i])
            self.problems.one(at, column, "twice", {"value": key[at].as_py(), "first": int(first[i])})

    def _is_long(self, rule: ColumnRule) -> bool:
        return rule.source in self.spec.made_up

    def _wide_column(self, rule: ColumnRule) -> pa.Array:
        column = self.spec.table.column(rule.target)
        if rule.constant is not None:
            return self._constant(rule, column)
        assert rule.source is not None
        self.heading[rule.target] = rule.source
        source = rule.source
        return convert(
            self.text(source),
            rule,
            column,
            self.spec.table.name,
            self.spec.zone,
            self.problems,
            lambda _: source,
        )

    def _constant(self, rule: ColumnRule, column: Column) -> pa.Array:
        self.heading[rule.target] = rule.target
        one = Problems(np.zeros(1, dtype=np.int64))
        cell = pa.array([rule.constant], pa.string())
        value = convert(cell, rule, column, self.spec.table.name, self.spec.zone, one, lambda _: rule.target)
        if one.bad[0]:
            reason = one.reasons[0]
            self.problems.add(
                np.ones(self.count, dtype=bool), rule.target, reason.code, lambda _: reason.params
            )
        return value.take(pa.array(np.zeros(self.count, dtype=np.int64)))

    def _places(self) -> tuple[pa.Array, pa.Array]:
        locator = self.t.locator
        cells = [self.text(column) for column in locator.columns]
        if not cells:
            found = [locator.find(())] * bool(self.count)
            indices = np.zeros(self.count, dtype=np.int64)
        else:
            indices, combinations = _combinations(cells)
            live = set(np.unique(indices[~self.problems.bad]).tolist())  # a bad row plans no new place
            found = [locator.find(c, create=i in live) for i, c in enumerate(combinations)]
        sources = {r.level: r.source for r in self.spec.places}
        wrong = np.array([f.wrong is not None for f in found] or [False])
        if self.count and wrong.any():
            self._say_where(wrong[indices], [f.wrong for f in found], indices, sources)
        take = pa.array(indices)
        project = pa.array([f.project for f in found] or [None], pa.string()).take(take)
        building = pa.array([f.building for f in found] or [None], pa.string()).take(take)
        return project, building

    def _say_where(self, mask: np.ndarray, wrong: list, indices: np.ndarray, sources: dict[str, Any]) -> None:
        for i in np.flatnonzero(mask):
            level, text, near = wrong[indices[i]]
            column = sources.get(level) or level
            if text:
                self.problems.one(int(i), column, f"place_{level}", {"value": text, "near": near})
            else:
                self.problems.one(int(i), column, "missing", {})

    def _derive(self) -> None:
        table = self.spec.table.name
        for rule in self.spec.columns.values():
            if rule.minutes:
                self._minutes(rule.target, rule.minutes["from"], rule.minutes["to"], rule.minutes)
            elif rule.after:
                self._after(rule.target, rule.after["start"], rule.after["minutes"], rule.after)
        for target, start, end in tables.MINUTES.get(table, ()):
            if target not in self.done and start in self.done and end in self.done:
                self._minutes(target, start, end, {"less": "paused_minutes"})
        for target, start, limit in tables.DUE.get(table, ()):
            if target not in self.done and start in self.done and limit in self.done:
                self._after(target, start, limit, {})

    def _calendars(self, rule: dict[str, Any]) -> pa.Array:
        named = rule.get("calendar")
        if named is None and "calendar" in self.done:
            return self.done["calendar"]
        return pa.array([named] * self.count, pa.string())

    def _minutes(self, target: str, start: str, end: str, rule: dict[str, Any]) -> None:
        value = self.t.clocks.minutes(self._calendars(rule), self.done[start], self.done[end])
        if (less := rule.get("less")) in self.done:
            paused = pc.fill_null(self.done[less], 0.0)
            value = pc.max_element_wise(pc.subtract(value, paused), 0.0, skip_nulls=False)
        self.heading[target] = self.heading.get(end, end)
        self.done[target] = value

    def _after(self, target: str, start: str, minutes: str | float, rule: dict[str, Any]) -> None:
        length = (
            self.done[minutes]
            if isinstance(minutes, str)
            else pa.array([float(minutes)] * self.count, pa.float64())
        )
        self.heading[target] = self.heading.get(start, start)
        self.done[target] = self.t.clocks.after(self._calendars(rule), self.done[start], length)

    def _cycle(self) -> pa.Array:
        rule = self.spec.cycle
        if rule["by"] == "constant":
            return pa.array([str(rule["value"])] * self.count, pa.string())
        if rule["by"] == "column":
            texts = self.text(rule["from"])
            self.problems.add(mask_of(pc.is_null(texts)), rule["from"], "missing")
            return cycles.by_column(texts, rule, self.problems)
        return cycles.by_time(self.done["occurred_at"], self.spec.zone, rule["by"])

    def _unpivot(
        self, columns: dict[str, pa.Array]
    ) -> tuple[np.ndarray, dict[str, pa.Array], dict[str, pa.Array]]:
        """Each wide row as many times as it has items; an item's heading stands for its column."""
        rule = self.spec.unpivot
        assert rule is not None
        wide = self.t.wide
        index = np.repeat(np.arange(self.count), len(wide))
        values = pa.chunked_array([self.text(c) for c in wide] or [pa.array([], pa.string())])
        order = np.arange(self.count * len(wide)).reshape(len(wide), self.count).T.ravel()
        cells = values.combine_chunks().take(pa.array(order))
        names = pa.array(wide, pa.string()).take(pa.array(np.tile(np.arange(len(wide)), self.count)))
        if rule.get("drop_empty"):
            keep = pc.is_valid(cells)
            index, cells, names = index[mask_of(keep)], cells.filter(keep), names.filter(keep)
        take = pa.array(index)
        long = {target: array.take(take) for target, array in self.done.items()}
        inner = Problems(self.problems.rows[index])
        sources = {rule["name"]: names, rule["value"]: cells}
        for column_rule in self.spec.columns.values():
            if self._is_long(column_rule):
                column = self.spec.table.column(column_rule.target)
                long[column_rule.target] = convert(
                    sources[column_rule.source],
                    column_rule,
                    column,
                    self.spec.table.name,
                    self.spec.zone,
                    inner,
                    lambda i: names[i].as_py(),
                )
                self.heading[column_rule.target] = rule["value"]
        self.problems.bad[index[inner.bad]] = True
        self.problems.reasons += inner.reasons
        out = {name: array.take(take) for name, array in columns.items()}
        out["key"] = pc.binary_join_element_wise(out["key"], names, ":")
        return index, out, long

    def _required(self, long: dict[str, pa.Array], index: np.ndarray) -> None:
        """Columns no fact may be without; what was already called wrong is not called missing too."""
        for column in self.spec.table.columns:
            if column.required and column.name in long:
                empty = mask_of(pc.is_null(long[column.name])) & ~self.problems.bad[index]
                rows = np.unique(index[empty])
                mask = np.zeros(self.count, dtype=bool)
                mask[rows] = True
                self.problems.add(mask, self.heading.get(column.name, column.name), "missing")

    def _assemble(self, columns: dict[str, pa.Array], long: dict[str, pa.Array]) -> pa.Table:
        count = len(columns["key"])
        own: dict[str, Callable[[], pa.Array]] = {
            "fact_id": lambda: pc.binary_join_element_wise(self.spec.source, columns["key"], ":"),
            "source": lambda: pa.array([self.spec.source] * count, pa.string()),
            "late": lambda: pa.array(np.zeros(count, dtype=bool)),
            "complete": lambda: self._complete(long, columns),
        }
        arrays = []
        for column in self.spec.table.columns:
            if column.name in own:
                arrays.append(own[column.name]())
            elif column.name in columns:
                arrays.append(columns[column.name])
            else:
                arrays.append(long.get(column.name, pa.nulls(count, column.type)))
        names = [c.name for c in self.spec.table.columns]
        return pa.table([_flat(a) for a in arrays], names=names)

    def _complete(self, long: dict[str, pa.Array], columns: dict[str, pa.Array]) -> pa.Array:
        full = np.ones(len(columns["key"]), dtype=bool)
        for name in self.spec.complete:
            array = long.get(name, columns.get(name))
            full &= mask_of(pc.is_valid(array)) if array is not None else False
        return pa.array(full)


def _flat(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _combinations(cells: list[pa.Array]) -> tuple[np.ndarray, list[tuple[str | None, ...]]]:
    """Each row's number in the list of different combinations, and that list."""
    codes = np.zeros(len(cells[0]), dtype=np.int64)
    dictionaries = []
    for cell in cells:
        coded = cell.dictionary_encode(null_encoding="encode")
        dictionaries.append(coded.dictionary.to_pylist())
        codes = codes * max(len(dictionaries[-1]), 1) + coded.indices.to_numpy(zero_copy_only=False)
    different, indices = np.unique(codes, return_inverse=True)
    combinations = []
    for code in different.tolist():
        picked: list[str | None] = []
        for words in reversed(dictionaries):
            code, at = divmod(code, max(len(words), 1))
            picked.append(words[at])
        combinations.append(tuple(reversed(picked)))
    return indices, combinations
