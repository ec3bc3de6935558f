"""The course of one evaluation: shares side by side, then the places above them, then everything at once."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import scipy

from bihuan.measure.above import Above, Correlations, Raising, everybody, group_above, judged_above, red_lines
from bihuan.measure.assemble import score_table
from bihuan.measure.blocks import Items
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine import Engine
from bihuan.measure.frame import Frame
from bihuan.measure.gather import Asked
from bihuan.measure.leaf import MEASUREMENTS, POINTS, SUMS, Finished, Leaf, Measured, told_of
from bihuan.measure.memo import Memo, key_of
from bihuan.measure.places import Tree
from bihuan.measure.raised import digest_of
from bihuan.measure.results import ABOVE, Results
from bihuan.measure.sample import Register
from bihuan.measure.shares import INSPECTED, Group, Share, groups, shares, tables_of
from bihuan.measure.signals.run import believed, told
from bihuan.measure.standing import Goals
from bihuan.measure.sums import Cells
from bihuan.measure.suppress import asked, counts_of, few_in, hidden
from bihuan.measure.versions import look
from bihuan.measure.weights import Weights
from bihuan.measure.work import Work, samples
from bihuan.stats.disclosure import SEED
from bihuan.stats.types import Bools

Progress = Callable[[str, int, int], None]
STAGES = ("versions", "sums", "estimates", "scores", "results")
FOLDERS = {MEASUREMENTS: "measurements", POINTS: "points", SUMS: "private/sums"}


@dataclass(frozen=True)
class Found:
    """What a run stores last: scores, signals, and its record."""

    scores: pa.Table
    signals: pa.Table
    record: dict[str, Any]


@dataclass(frozen=True)
class Course:
    """One evaluation: what is asked, by what it is weighed, and where its results go."""

    name: str
    definitions: Sequence[Definition]
    weights: Weights
    results: Results
    runs: Sequence[str]
    tell: Progress
    threads: int

    def go(self, context: Context, engine: Engine, memo: Memo, scratch: Path) -> Found:
        """Evaluate, and store all that lies in folders."""
        work = self._work(context, engine, memo)
        parts = _parts(work, scratch)
        every = [share for group in parts for share in parts[group]]
        self.tell(STAGES[1], 1, len(STAGES))
        self.results.begin(self.name)
        leaf = Leaf(work)
        with ThreadPoolExecutor(self.threads) as pool:
            keys = {group: work.group_key(group) for group in parts}
            sample = _samples(work, parts, keys, leaf, pool)
            measured = list(pool.map(lambda s: leaf.measured(s, *_named(work, keys, sample, s)), every))
            self.tell(STAGES[2], 2, len(STAGES))
            frame, known = _above(leaf, parts, measured, sample, pool)
            red = red_lines(work.tree, work.months, [m.red for m in measured])
            secrets, secret = _secrets(leaf, measured, sample, frame)
            self.tell(STAGES[3], 3, len(STAGES))
            finished = list(
                pool.map(
                    lambda m, hide: leaf.finished(m, hide, red, sample.get(m.share.group, {})),
                    measured,
                    secrets,
                )
            )
        above = judged_above(work, frame, secret, _leaves(finished), red, self.weights, known)
        self.tell(STAGES[4], 4, len(STAGES))
        return self._stored(work, measured, finished, above)

    def _work(self, context: Context, engine: Engine, memo: Memo) -> Work:
        tables = sorted({INSPECTED} | {table for d in self.definitions for table in tables_of(d)})
        seen = look(context, engine, tables, sampled=True)
        projects = {name for found in seen.projects.values() for name in found if name}
        tree = Tree.build(context.snapshot.dimension("places"), context.last_day, projects)
        drawn = engine.run([samples(context)])[0]
        register = Register.of(context.snapshot.dimension("strata"), drawn)
        goals = Goals(tree, self.definitions)
        return Work(
            context, self.definitions, engine, seen, tree, register, memo, self.results, self.runs, goals
        )

    def _stored(
        self, work: Work, measured: Sequence[Measured], finished: Sequence[Finished], above: Above
    ) -> Found:
        """Put the files of all shares in their places, and say what was done."""
        for one, done in zip(measured, finished, strict=True):
            for ending, folder in FOLDERS.items():
                key = one.key if ending == SUMS else done.key
                self.results.adopt(self.name, folder, one.share.name, work.memo.path(key, ending))
        self.results.put(self.name, "measurements", ABOVE, [above.table])
        signals = believed([done.series for done in finished], cycle=work.context.cycle)
        scores = score_table(above.scores, work.tree, context=work.context)
        record = record_of(self, work, finished, above.table, scores, signals)
        return Found(scores, signals, record)


def _parts(work: Work, scratch: Path) -> dict[Group, list[Share]]:
    """The shares of every group that has indicators or red lines; opens what asks for them."""
    parts = {}
    for group in groups(work.definitions):
        found, files = shares(work.context, group, work.seen.projects, together=work.engine.remote)
        asked = Asked(work.context, work.of(group), group, work.engine, work.seen, files, scratch)
        work.asked[group] = asked
        parts[group] = found
    return parts


def _samples(
    work: Work,
    parts: Mapping[Group, list[Share]],
    keys: Mapping[Group, str],
    leaf: Leaf,
    pool: ThreadPoolExecutor,
) -> dict[Group, dict[str, Cells]]:
    """The cells of everybody, where a share needs more of the sample than its own answers to be estimated.

    That is so where weights were raked, and where the register does not know how many were drawn.
    """
    known = all(work.register.knows(stratum) for stratum in work.seen.strata)
    if known and len(work.seen.weight_cells) <= 1:
        return {}
    found = {}
    for group, own in parts.items():
        if "answers" in group.tables and len(own) > 1:
            named = [(share, work.share_key(share, keys[group])) for share in own]
            found[group] = everybody(work, list(pool.map(lambda pair: leaf.raise_only(*pair), named)))
    return found


def _named(
    work: Work, keys: Mapping[Group, str], sample: Mapping[Group, Mapping[str, Cells]], share: Share
) -> tuple[str, Mapping[str, Cells]]:
    """The name of a share, and the sample it is a part of."""
    own = sample.get(share.group, {})
    key = work.share_key(share, keys[share.group])
    return (key_of(key, *(digest_of(cells) for cells in own.values())) if own else key), own


def _above(
    leaf: Leaf,
    parts: Mapping[Group, list[Share]],
    measured: Sequence[Measured],
    sample: Mapping[Group, Mapping[str, Cells]],
    pool: ThreadPoolExecutor,
) -> tuple[Frame, Correlations]:
    """The rows of the places above projects, of all groups."""
    work, items = leaf.work, Items()
    raising = [
        Raising(group, [m for m in measured if m.share.group == group], sample.get(group, {}))
        for group in parts
    ]
    blocks, known = group_above(leaf, raising, pool.map, items)
    return Frame.of(work.definitions, work.tree, blocks, items), known


def _secrets(
    leaf: Leaf, measured: Sequence[Measured], sample: Mapping[Group, Mapping[str, Cells]], frame: Frame
) -> tuple[list[Bools], Bools]:
    """Which rows of the counts of each share must not be shown, and which rows above."""
    work = leaf.work
    above = counts_of(frame)
    few = sorted({*few_in(above), *(code for m in measured for code in m.few)})
    secret = np.zeros(len(frame), np.bool_)
    tables = []
    for m in measured:
        has = bool(few) and any(work.numbers[code] in m.share.group.numbers for code in few)
        tables.append(leaf.tables(m, "counts", sample.get(m.share.group, {}))[0] if has else None)
    *secrets, secret[asked(frame)] = hidden(
        [t if t is not None else above.slice(0, 0) for t in [*tables, above]], work.tree, few
    )
    return secrets, secret


def _leaves(finished: Sequence[Finished]) -> pa.Table:
    tables = [done.leaves.replace_schema_metadata() for done in finished]
    return pa.concat_tables(tables).unify_dictionaries()


def record_of(
    course: Course,
    work: Work,
    finished: Sequence[Finished],
    above: pa.Table,
    scores: pa.Table,
    signals: pa.Table,
) -> dict[str, Any]:
    """What a run says about itself."""
    context, definitions, machine = work.context, course.definitions, work.engine
    partitions = [p for p in context.snapshot.partitions() if p.cycle in context.pooled]
    counted = [told_of(above), *(done.told for done in finished)]
    there = {code for one in counted for code in one["indicators"]}
    statuses: Counter[str] = Counter()
    for one in counted:
        statuses.update(one["by_status"])
    return {
        "run": course.name,
        "cycle": context.cycle,
        "pooled": list(context.pooled),
        "start": context.start.isoformat(),
        "end": context.end.isoformat(),
        "as_of": context.as_of.isoformat(),
        "zone": context.zone,
        "snapshot": context.snapshot.number,
        "partitions": [
            {"table": p.table, "source": p.source, "cycle": p.cycle, "rows": p.rows, "sha256": p.sha256}
            for p in partitions
        ],
        "engine": machine.version,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "pyarrow": pa.__version__,
        },
        "definitions": {d.code: {"version": d.version, "sha256": d.fingerprint} for d in definitions},
        "weights": course.weights.fingerprint,
        "seed": SEED,
        "history": list(course.runs),
        "not_measured": sorted({d.code for d in definitions} - there),
        "left_out": {table: len(keys) for table, keys in work.seen.dropped.items() if keys},
        "unplaced": sorted(work.tree.unplaced),
        "counts": {
            "facts": sum(p.rows for p in partitions),
            "places": len(work.tree),
            "cells": sum(one.get("cells", 0) for one in counted),
            "measurements": sum(one["rows"] for one in counted),
            "scores": scores.num_rows,
            "by_status": dict(sorted(statuses.items())),
        },
        "signals": told(signals, definitions),
        "pieces": machine.pieces,
        "shares": {"computed": work.memo.made, "kept": work.memo.found},
    }
