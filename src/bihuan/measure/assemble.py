"""The tables that a run stores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from bihuan.measure import cycles
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.frame import STATISTICS, Coded, Frame
from bihuan.measure.history import Change
from bihuan.measure.judge import FINAL, INSUFFICIENT, PROVISIONAL, STATUSES, Judged
from bihuan.measure.places import Tree
from bihuan.measure.results import MEASUREMENTS, SCORES, SUMS
from bihuan.measure.scoring import Scores
from bihuan.measure.standing import CLASSES
from bihuan.measure.sums import NAMES, Cells
from bihuan.stats.types import Ints


def measurement_table(
    frame: Frame,
    judged: Judged,
    change: Change,
    keys: Mapping[str, Coded],
    *,
    context: Context,
) -> pa.Table:
    """One row per measurement, in the order of the frame; the run is not told."""
    rows = len(frame)
    columns: dict[str, object] = {
        "cycle": same(context.cycle, rows),
        "period": Coded(frame.period, ["", *cycles.months(context.cycle)]),
        "level": _levels(frame.tree, frame.place),
        **keys,
        **{name: frame[name] for name in STATISTICS},
        "target": judged.target,
        "floor": judged.floor,
        "score": judged.score,
        "score_low": judged.score_low,
        "score_high": judged.score_high,
        "status": Coded(judged.status, STATUSES),
        "standing": Coded(judged.standing, CLASSES),
        "previous": change.previous,
        "change": change.change,
        "change_low": change.low,
        "change_high": change.high,
        "comparable": change.comparable,
        "red_line": judged.red_line,
    }
    return _table(columns, MEASUREMENTS)


def score_table(scores: Scores, tree: Tree, *, context: Context) -> pa.Table:
    """One row per place and node; the run is not told."""
    rows = len(scores.place)
    provisional = PROVISIONAL if context.as_of < context.end else FINAL
    columns: dict[str, object] = {
        "cycle": same(context.cycle, rows),
        "level": _levels(tree, scores.place),
        "place": Coded(scores.place, tree.codes),
        "node": scores.node,
        "score": scores.score,
        "low": scores.low,
        "high": scores.high,
        "weight_present": scores.weight_present,
        "grade": scores.grade,
        "red_line": scores.red_line,
        "status": Coded(np.where(scores.enough, provisional, INSUFFICIENT), STATUSES),
    }
    return _table(columns, SCORES)


def sums_tables(cells: Sequence[Cells], definitions: Sequence[Definition]) -> Iterator[pa.Table]:
    """The sums before anything is hidden, one row per cell and indicator; a table for each indicator."""
    for cell in cells:
        for column, six in cell.sums.items():
            keep = np.flatnonzero(six[0] > 0)
            rows, definition = len(keep), definitions[column.definition]
            columns: dict[str, object] = {
                "table": same(cell.step.table, rows),
                "indicator": same(definition.code, rows),
                "version": same(definition.version, rows),
                "part": same(column.part, rows),
                "breakdown": same(cell.step.breakdown, rows),
                **{name: getattr(cell, name).arrow(keep) for name in LABELS},
                **{name: six[k][keep] for k, name in enumerate(NAMES)},
            }
            yield _table(columns, SUMS)


def same(text: str, rows: int) -> Coded:
    """The same text in every row."""
    return Coded(np.zeros(rows, np.int32), [text])


def _levels(tree: Tree, place: Ints) -> Coded:
    names = sorted(set(tree.levels))
    of_place = np.array([names.index(level) for level in tree.levels], np.int32)
    return Coded(of_place[place] if len(place) else place, names)


LABELS = ("cycle", "period", "project", "stratum", "weight_cell", "item")


def _table(columns: Mapping[str, object], schema: pa.Schema) -> pa.Table:
    """Arrays to Arrow; NaN becomes null, texts become dictionaries."""
    return pa.table({f.name: _column(columns[f.name], f) for f in schema if f.name in columns})


def _column(given: object, field: pa.Field) -> pa.Array:
    if isinstance(given, Coded):
        return given.arrow
    if isinstance(given, pa.Array):
        return given
    if pa.types.is_string(field.type):
        return pa.array(given, pa.string()).dictionary_encode()
    return pa.array(given, field.type, from_pandas=pa.types.is_floating(field.type))
