"""What all shares of one evaluation have in common, and the names of what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from bihuan.archive.schema import DIMENSIONS
from bihuan.measure import cycles
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine import Engine, Query
from bihuan.measure.facts import VERSIONED, as_at
from bihuan.measure.frame import Coded, Frame
from bihuan.measure.gather import Asked
from bihuan.measure.kinds import times
from bihuan.measure.memo import Memo, code, key_of
from bihuan.measure.places import Tree
from bihuan.measure.results import Results
from bihuan.measure.sample import Register
from bihuan.measure.shares import Group, Share
from bihuan.measure.standing import Goals
from bihuan.measure.versions import Seen

NOT_KEYED = ("strata",)  # the register says what of it counts


@dataclass(frozen=True)
class Work:
    """One evaluation on its way."""

    context: Context
    definitions: Sequence[Definition]
    engine: Engine
    seen: Seen
    tree: Tree
    register: Register
    memo: Memo
    results: Results
    runs: Sequence[str]
    goals: Goals
    asked: dict[Group, Asked] = field(default_factory=dict)

    @cached_property
    def codes(self) -> list[str]:
        """The codes of all indicators."""
        return [d.code for d in self.definitions]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each indicator by its code."""
        return {code: n for n, code in enumerate(self.codes)}

    @cached_property
    def digests(self) -> dict[str, str]:
        """SHA-256 of the files of the snapshot."""
        return self.context.snapshot.digests()

    @cached_property
    def past(self) -> tuple[str, ...]:
        """The names of what the earlier runs found."""
        return tuple(self.results.record_sha256(run) for run in self.runs)

    @cached_property
    def months(self) -> list[str]:
        """The months of the cycle."""
        return cycles.months(self.context.cycle)

    @cached_property
    def calendars(self) -> times.Calendars:
        """The working calendars of the snapshot."""
        return times.Calendars.of(self.context.snapshot.dimension("calendars"))

    def of(self, group: Group) -> dict[int, Definition]:
        """The indicators of a group by their number."""
        return {n: self.definitions[n] for n in group.numbers}

    @cached_property
    def common(self) -> str:
        """The name of what every share depends on."""
        c, snapshot = self.context, self.context.snapshot
        spans = (c.cycle, c.pooled, c.start, c.end, c.as_of, c.zone)
        dimensions = [snapshot.dimension_sha256(name) for name in DIMENSIONS if name not in NOT_KEYED]
        asked = (sorted(self.seen.dimensions.weights.items()), self.seen.dimensions.names)
        return key_of(code(), self.engine.version, spans, dimensions, asked, sorted(self.tree.unplaced))

    def group_key(self, group: Group) -> str:
        """The name of what every share of a group depends on."""
        own = self.of(group)
        told = [f"{number} {d.fingerprint}" for number, d in own.items()]  # what is kept goes by number
        told += [key for table in group.tables for key in self.seen.dropped.get(table, ())]
        told += [self.memo.cache.digest(path) for path in self.asked[group].repeats.values()]
        if any(d.interval for d in own.values()):  # what is still open began in any cycle, on any asset
            told += sorted(self.digests.values())
        if "answers" in group.tables:
            told += sorted(f"{key}{self.register.sizes.get(key)}" for key in self.seen.strata)
        return key_of(self.common, group.name, *told)

    def share_key(self, share: Share, group_key: str) -> str:
        """The name of what the facts of a share come to."""
        files = self.asked[share.group].files
        own = [self.digests.get(file, file) for file, found in files.items() if share.index in found]
        return key_of(group_key, share.index, share.count, *sorted(own))

    @cached_property
    def instruments(self) -> tuple[dict[int, np.ndarray], list[str]]:
        """For every place a code of the versions under it, by indicator, and the texts; 0 is none."""
        names = {"": 0}
        of_table = {}
        for table in VERSIONED:
            texts = self.seen.instruments(table, self.tree)
            of_table[table] = np.array([names.setdefault(text, len(names)) for text in texts], np.int32)
        found = {n: of_table[d.table] for n, d in enumerate(self.definitions) if d.table in VERSIONED}
        return found, list(names)

    def keys(self, frame: Frame) -> dict[str, Coded]:
        """The texts that name each row of a frame."""
        versions = sorted({d.version for d in self.definitions})
        of_definition = np.array([versions.index(d.version) for d in self.definitions], np.int32)
        found, names = self.instruments
        instrument = np.zeros(len(frame), np.int32)
        for number in np.unique(frame.definition).tolist():
            if number in found:
                rows = frame.definition == number
                instrument[rows] = found[number][frame.place[rows]]
        return {
            "indicator": Coded(frame.definition, self.codes),
            "version": Coded(of_definition[frame.definition], versions),
            "instrument": Coded(instrument, names).compact,
            "place": Coded(frame.place, self.tree.codes).compact,
            "breakdown": Coded(frame.breakdown, frame.breakdowns),
            "item": Coded(frame.item, frame.items),
        }


def samples(context: Context) -> Query:
    """Sizes of the strata as the register of sample members has them."""
    rows = as_at(context, "samples")
    found = rows.group_by(["cycle", "stratum"]).agg(
        frame_size=rows.frame_size.max(), sample_size=rows.sample_size.max()
    )
    return Query(found, "samples", context.files("samples"), {}, whole=True)
