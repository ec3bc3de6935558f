"""One share: from the facts of some projects to their estimates, and to the files that are stored of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from bihuan.measure.added import added_up
from bihuan.measure.assemble import measurement_table, sums_tables
from bihuan.measure.blocks import Block
from bihuan.measure.engine.cache import FILES, PRIVATE, SHOWN
from bihuan.measure.frame import Coded, Frame
from bihuan.measure.history import baselines, changes
from bihuan.measure.judge import Judged, judge
from bihuan.measure.kinds.times import time_blocks
from bihuan.measure.memo import key_of
from bihuan.measure.plan import BUILDING
from bihuan.measure.raised import raised
from bihuan.measure.results import SCHEMAS, encoded
from bihuan.measure.rollup import Rollup
from bihuan.measure.shares import Share
from bihuan.measure.signals.run import series_of
from bihuan.measure.signals.tables import points_table
from bihuan.measure.sums import Cells
from bihuan.measure.suppress import asked, counts_of, few_in
from bihuan.measure.work import Work
from bihuan.stats.types import Bools

MEASUREMENTS, POINTS, SUMS = FILES
WHOLE_NUMBERS = ("value", "low", "high")
OF_JUDGED = ("target", "floor", "score", "score_low", "score_high")


@dataclass(frozen=True)
class Measured:
    """What a share came to before anything is hidden: a name, who stands under few answers, red lines."""

    share: Share
    key: str
    few: tuple[str, ...]
    red: pa.Table


@dataclass(frozen=True)
class Finished:
    """What is stored of a share: a name of its files, its whole rows, and its tested series."""

    key: str
    leaves: pa.Table
    series: pa.Table

    @property
    def told(self) -> dict[str, Any]:
        """What the record of the run says of it (`told_of`)."""
        found: dict[str, Any] = json.loads(self.leaves.schema.metadata[b"told"])
        return found


class Leaf:
    """The shares of an evaluation, one at a time."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.frames: dict[str, Frame] = {}

    def raise_only(self, share: Share, key: str) -> list[pa.Table]:
        """The cells of a share at the places above it, before anything is estimated."""

        def made() -> list[pa.Table]:
            return self._raised(self.work.asked[share.group].answers(share).cells)

        return self.work.memo.of(f"{key}-sample", made)

    def measured(self, share: Share, key: str, sample: Mapping[str, Cells]) -> Measured:
        """Estimate everything about the projects of a share, unless that is kept."""
        memo = self.work.memo
        kept = memo.tables(f"{key}-first")
        if kept is None:
            kept = [self._measure(share, key, sample)]
        red = kept[0]
        return Measured(share, key, tuple(json.loads(red.schema.metadata[b"few"])), red)

    def tables(self, measured: Measured, name: str, sample: Mapping[str, Cells]) -> list[pa.Table]:
        """What was kept when a share was measured; where that is gone or damaged, it is measured again."""
        key = measured.key
        found = self.work.memo.tables(f"{key}-{name}")
        if found is None:
            self._measure(measured.share, key, sample)
            found = self.work.memo.expect(f"{key}-{name}")
        return found

    def _measure(self, share: Share, key: str, sample: Mapping[str, Cells]) -> pa.Table:
        work, memo = self.work, self.work.memo
        answers = work.asked[share.group].answers(share)
        memo.put(f"{key}-raised", self._raised(answers.cells))
        frame = self._frame(share, key, answers.cells, answers.timed, sample)
        self.frames[key] = frame
        counts = counts_of(frame)
        memo.put(f"{key}-counts", [counts])
        data = encoded(sums_tables(answers.cells, work.definitions), SCHEMAS["private/sums"])
        digest = memo.put_file(key, SUMS, data, PRIVATE)
        count = str(sum(len(c) for c in answers.cells))
        about = {"few": json.dumps(few_in(counts)), "sums": digest, "cells": count}
        first = answers.red.replace_schema_metadata(about)
        memo.put(f"{key}-first", [first])
        return first

    def _frame(
        self,
        share: Share,
        key: str,
        cells: Sequence[Cells],
        timed: Mapping[int, pa.Table],
        sample: Mapping[str, Cells],
    ) -> Frame:
        work = self.work
        rollup = Rollup(work.context, work.tree, work.register, sample=sample)
        blocks: list[Block] = []
        for number, rows in timed.items():
            definition = work.definitions[number]
            late = work.goals.of_places(definition.target)
            found, above = time_blocks(
                work.tree, work.calendars, number, definition, rows, work.months, late, rollup.values
            )
            blocks += found
            work.memo.put(f"{key}-{rows_of(number)}", [above])
        blocks += added_up(work.of(share.group), cells, rollup)
        return Frame.of(work.definitions, work.tree, [b for b in blocks if len(b)], rollup.values)

    def _raised(self, cells: Sequence[Cells]) -> list[pa.Table]:
        """Cells of buildings are only there to say how large the sample is."""
        wanted = [c for c in cells if c.step.breakdown != BUILDING or c.step.table == "answers"]
        return [raised(cell, self.work.tree, self.work.codes) for cell in wanted]

    def finished(
        self, measured: Measured, secret: Bools, red: Bools, sample: Mapping[str, Cells]
    ) -> Finished:
        """Judge and keep what a share came to; ``secret`` marks rows of its counts that must not be shown."""
        work, memo = self.work, self.work.memo
        mark = np.packbits(secret).tobytes().hex() if secret.any() else ""
        key = key_of(measured.key, mark, *work.past)
        kept = memo.tables(f"{key}-last")
        if kept is not None and self._complete(measured, key, kept[0]):
            memo.count(made=False)
            return Finished(key, *kept)
        memo.count(made=True)
        return Finished(key, *self._finish(measured, key, secret, red, sample))

    def _complete(self, measured: Measured, key: str, leaves: pa.Table) -> bool:
        """Whether the finished files are there as they were made."""
        memo, told = self.work.memo, leaves.schema.metadata
        mine = all(memo.has_file(key, name, told[name.encode()].decode()) for name in (MEASUREMENTS, POINTS))
        sums = measured.red.schema.metadata[b"sums"].decode()
        return mine and memo.has_file(measured.key, SUMS, sums)

    def _finish(
        self, measured: Measured, key: str, secret: Bools, red: Bools, sample: Mapping[str, Cells]
    ) -> tuple[pa.Table, pa.Table]:
        work, memo, share = self.work, self.work.memo, measured.share
        cells = int(measured.red.schema.metadata[b"cells"])
        if measured.key not in self.frames:
            self._measure(share, measured.key, sample)
        frame = self.frames.pop(measured.key)
        hide = np.zeros(len(frame), np.bool_)
        hide[asked(frame)] = secret if secret.any() else False
        own = (share.index, share.count, share.group.tables)
        past = baselines(frame, work.results, work.runs, own)
        judged = judge(frame, work.context, hide, work.goals.of(frame, past), red)
        keys = work.keys(frame)
        change = changes(frame, work.results, work.runs, keys, own)
        table = measurement_table(frame, judged, change, keys, context=work.context)
        points = points_table(table)
        told = {
            MEASUREMENTS: memo.put_file(key, MEASUREMENTS, encoded([table], SCHEMAS["measurements"]), SHOWN),
            POINTS: memo.put_file(key, POINTS, encoded([points], SCHEMAS["points"]), SHOWN),
        }
        about = {"told": json.dumps(told_of(table) | {"cells": cells})}
        leaves = leaves_of(frame, judged).replace_schema_metadata(told | about)
        series = series_of(
            [work.definitions[n] for n in share.group.numbers],
            points,
            work.results,
            work.runs,
            cycle=work.context.cycle,
            share=own,
        )
        memo.put(f"{key}-last", [leaves, series])
        return leaves, series


def told_of(table: pa.Table) -> dict[str, Any]:
    """What the record of a run says of some measurements."""
    statuses = table["status"].value_counts().to_pylist()
    return {
        "rows": table.num_rows,
        "indicators": sorted(table["indicator"].unique().to_pylist()),
        "by_status": {s["values"]: s["counts"] for s in statuses},
    }


def rows_of(number: int) -> str:
    """The name of the rows that places above need of an indicator of times."""
    return f"rows{number}"


def leaves_of(frame: Frame, judged: Judged) -> pa.Table:
    """What the scores of places above are made of: the rows of projects that are not broken down."""
    building = frame.tree.is_building[frame.place] if len(frame) else np.zeros(0, np.bool_)
    rows = np.flatnonzero(frame.whole() & ~building)
    columns: dict[str, object] = {
        "indicator": Coded(frame.definition[rows], [d.code for d in frame.definitions]).arrow,
        "place": Coded(frame.place[rows], frame.tree.codes).compact.arrow,
        "period": pa.array(frame.period[rows]),
        **{name: pa.array(frame[name][rows]) for name in WHOLE_NUMBERS},
        **{name: pa.array(getattr(judged, name)[rows]) for name in OF_JUDGED},
        "status": pa.array(judged.status[rows]),
    }
    return pa.table(columns)
