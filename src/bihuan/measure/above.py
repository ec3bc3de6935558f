"""The places above projects: made of all shares of a group, then judged together with the projects' rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from bihuan.measure.added import added_up
from bihuan.measure.assemble import measurement_table
from bihuan.measure.blocks import ARRAYS, Block, Items
from bihuan.measure.frame import Coded, Frame
from bihuan.measure.gather import RED
from bihuan.measure.history import baselines, changes
from bihuan.measure.judge import PROVISIONAL, judge
from bihuan.measure.kinds.times import times_above
from bihuan.measure.leaf import OF_JUDGED, WHOLE_NUMBERS, Leaf, Measured, rows_of
from bihuan.measure.memo import key_of
from bihuan.measure.places import Tree
from bihuan.measure.raised import merged
from bihuan.measure.results import ABOVE
from bihuan.measure.rollup import Rollup
from bihuan.measure.scoring import Scores, composite_scores, parent_scores
from bihuan.measure.shares import Group
from bihuan.measure.sums import Cells, Labels, month_of
from bihuan.measure.weights import Weights
from bihuan.measure.work import Work
from bihuan.stats.types import Bools, Floats

Correlations = dict[tuple[int, int], float]
Each = Callable[..., Iterable[tuple[pa.Table, pa.Table]]]


def everybody(work: Work, tables: Sequence[Sequence[pa.Table]]) -> dict[str, Cells]:
    """The cells of a whole sample by breakdown, from those of each share at the places above it."""
    found = [merged(parts, work.numbers) for parts in zip(*tables, strict=True)]
    return {cells.step.breakdown: cells for cells in found if cells.step.table == "answers"}


@dataclass(frozen=True)
class Raising:
    """A group on its way up: its shares by name, and the sample they are of."""

    group: Group
    shares: Sequence[Measured]
    sample: Mapping[str, Cells]

    @property
    def key(self) -> str:
        """The name of what it comes to."""
        return key_of("above", *(share.key for share in self.shares))

    def parts(self, work: Work) -> list[int | None]:
        """What can be worked out side by side: the indicators of times, and all that adds up."""
        return [*work.asked[self.group].timed, None]


def group_above(
    leaf: Leaf, raising: Sequence[Raising], each: Each, items: Items
) -> tuple[list[Block], Correlations]:
    """The blocks of the places above projects, and how indicators go together.

    ``each`` does something with every one of a list, perhaps side by side.
    """
    work = leaf.work
    open_ = [r for r in raising if work.memo.tables(r.key) is None]
    tasks = [(r, part) for r in open_ for part in r.parts(work)]
    done = list(each(lambda task: _part_above(leaf, *task), tasks))
    for r in open_:
        own = [tables for (other, _), tables in zip(tasks, done, strict=True) if other is r]
        blocks = pa.concat_tables([blocks for blocks, _ in own]).unify_dictionaries()
        work.memo.put(r.key, [blocks, own[-1][1]])
    found: list[Block] = []
    known: Correlations = {}
    for r in raising:
        blocks, pairs = work.memo.expect(r.key)
        found += _read(work, blocks, items)
        columns = (pairs[name].to_pylist() for name in pairs.column_names)
        known |= {(work.numbers[a], work.numbers[b]): c for a, b, c in zip(*columns, strict=True)}
    return found, known


def _part_above(leaf: Leaf, raising: Raising, number: int | None) -> tuple[pa.Table, pa.Table]:
    """The blocks of one indicator of times; or of all that adds up, with how indicators go together."""
    work, sample = leaf.work, raising.sample
    definitions = work.of(raising.group)
    rollup = Rollup(work.context, work.tree, work.register, above=True, sample=sample)
    blocks: list[Block] = []
    known: Correlations = {}
    if number is None:
        raised = [leaf.tables(m, "raised", sample) for m in raising.shares]
        cells = [merged(parts, work.numbers) for parts in zip(*raised, strict=True)]
        blocks = added_up(definitions, cells, rollup)
        known = correlations(cells)
    else:
        rows = pa.concat_tables([leaf.tables(m, rows_of(number), sample)[0] for m in raising.shares])
        if rows.num_rows:
            blocks = times_above(work.tree, number, definitions[number], rows, work.months, rollup.values)
    pairs = {
        "one": pa.array([work.codes[i] for i, _ in known], pa.string()),
        "other": pa.array([work.codes[j] for _, j in known], pa.string()),
        "r": pa.array(list(known.values()), pa.float64()),
    }
    return _written(work, [b for b in blocks if len(b)], rollup.values), pa.table(pairs)


def correlations(found: Sequence[Cells]) -> Correlations:
    """How indicators answered by the same people go together, over everybody of the run.

    Rounded, for the last digits depend on the engine.
    """
    known: Correlations = {}
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


def _written(work: Work, blocks: Sequence[Block], items: Items) -> pa.Table:
    """Blocks as one table, with texts for codes."""
    names = list(items.index)

    def joined(name: str) -> np.ndarray:
        kind = np.int64 if name in ("place", "period", "item") else np.float64
        return np.concatenate([np.zeros(0, kind), *(getattr(b, name) for b in blocks)]).astype(kind)

    sizes = [len(b) for b in blocks]
    ways = sorted({b.breakdown for b in blocks})
    of_block = np.array([ways.index(b.breakdown) for b in blocks], np.int64)
    columns = {
        "indicator": Coded(np.repeat(np.array([b.definition for b in blocks], np.int64), sizes), work.codes),
        "breakdown": Coded(np.repeat(of_block, sizes), ways),
        "place": Coded(joined("place"), work.tree.codes).compact,
        "item": Coded(joined("item"), names).compact,
    }
    arrays = {name: pa.array(joined(name)) for name in ARRAYS if name not in ("place", "item")}
    return pa.table({**{name: c.arrow for name, c in columns.items()}, **arrays})


def _read(work: Work, table: pa.Table, items: Items) -> list[Block]:
    """The blocks that `_written` wrote."""
    if not table.num_rows:
        return []
    labels = {name: Labels.of(table[name]) for name in ("indicator", "breakdown", "place", "item")}
    place = work.tree.places_of(labels["place"].names)[labels["place"].codes]
    item = items.codes(labels["item"].names)[labels["item"].codes]
    arrays = {name: table[name].to_numpy() for name in ARRAYS if name not in ("place", "item")}
    key = labels["indicator"].codes * len(labels["breakdown"].names) + labels["breakdown"].codes
    found = []
    for one in np.unique(key):
        rows = np.flatnonzero(key == one)
        indicator, breakdown = divmod(int(one), len(labels["breakdown"].names))
        found.append(
            Block(
                definition=work.numbers[labels["indicator"].names[indicator]],
                breakdown=labels["breakdown"].names[breakdown],
                place=place[rows],
                item=item[rows],
                **{name: array[rows] for name, array in arrays.items()},
            )
        )
    return found


def red_lines(tree: Tree, months: Sequence[str], tables: Sequence[pa.Table]) -> Bools:
    """Where red lines were crossed: row 0 for the whole cycle, row k for its k-th month.

    A project's count for all places above it.
    """
    marks = np.zeros((1 + len(months), len(tree)), np.bool_)
    texts = pa.schema([(name, pa.string()) for name in RED])
    table = pa.concat_tables([t.replace_schema_metadata().cast(texts) for t in tables])
    if not table.num_rows:
        return marks
    project, building, period = (Labels.of(table[name]) for name in RED)
    month = month_of(period, months)
    of = tree.places_of(project.names)[project.codes]
    position, above = tree.lineage(of)
    own = tree.own_buildings(tree.places_of(building.names)[building.codes], of)
    there = np.flatnonzero(own >= 0)
    for rows, place in ((position, above), (there, own[there])):
        marks[0, place] = True
        marks[month[rows], place] = True
    return marks


@dataclass(frozen=True)
class Above:
    """The rows of the places above projects as they are stored, and the scores of all places."""

    table: pa.Table
    scores: Scores


def judged_above(
    work: Work,
    frame: Frame,
    secret: Bools,
    leaves: pa.Table,
    red: Bools,
    weights: Weights,
    known: Correlations,
) -> Above:
    """Judge the places above projects; their scores are made of those of the projects' rows (``leaves``)."""
    mine = len(frame)
    frame.hide(secret)
    both = _with(frame, work, leaves)
    past = baselines(frame, work.results, work.runs, ABOVE)
    given = [leaves[name].to_numpy() for name in OF_JUDGED]
    target, floor = work.goals.of(both, past)
    target[mine:], floor[mine:] = given[:2]
    judged = judge(frame, work.context, secret, (target[:mine], floor[:mine]), red)
    own = (judged.score, judged.score_low, judged.score_high)
    scores = [np.concatenate(pair) for pair in zip(own, given[2:], strict=True)]
    score, low, high = parent_scores(both, scores[0], scores[1], scores[2], weights.min_present)
    judged = replace(judged, score=score[:mine], score_low=low[:mine], score_high=high[:mine])
    usable = np.concatenate([judged.usable, leaves["status"].to_numpy() <= PROVISIONAL])
    scored = composite_scores(both, weights, target, floor, usable, red[0], known)
    keys = work.keys(frame)
    change = changes(frame, work.results, work.runs, keys, ABOVE)
    return Above(measurement_table(frame, judged, change, keys, context=work.context), scored)


def _with(frame: Frame, work: Work, leaves: pa.Table) -> Frame:
    """The rows of a frame, and after them the whole rows of the projects."""
    indicator, place = Labels.of(leaves["indicator"]), Labels.of(leaves["place"])
    number = np.array([work.numbers[name] for name in indicator.names], np.int16)
    none = np.zeros(leaves.num_rows, np.int32)
    return Frame(
        frame.definitions,
        frame.tree,
        np.concatenate([frame.definition, number[indicator.codes]]).astype(np.int16),
        np.concatenate([frame.breakdown, none]),
        frame.breakdowns,
        np.concatenate([frame.place, work.tree.places_of(place.names)[place.codes]]).astype(np.int32),
        np.concatenate([frame.period, leaves["period"].to_numpy()]).astype(np.int8),
        np.concatenate([frame.item, none]),
        frame.items,
        {name: np.concatenate([frame[name], leaves[name].to_numpy()]) for name in WHOLE_NUMBERS},
    )
