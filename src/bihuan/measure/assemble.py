"""The tables that a run stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from bihuan.measure import cycles
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.frame import STATISTICS, Frame
from bihuan.measure.history import Change
from bihuan.measure.judge import FINAL, INSUFFICIENT, PROVISIONAL, Judged
from bihuan.measure.places import Tree
from bihuan.measure.results import MEASUREMENTS, SCORES
from bihuan.measure.sums import NAMES, Cells


def measurement_table(
    frame: Frame,
    judged: Judged,
    change: Change,
    keys: Mapping[str, np.ndarray],
    *,
    run: str,
    context: Context,
) -> pa.Table:
    """One row per measurement, in the order of the frame."""
    rows = len(frame)
    periods = np.array(["", *cycles.months(context.cycle)], dtype=object)
    levels = np.array([*frame.tree.levels, ""], dtype=object)
    columns: dict[str, object] = {
        "run": np.full(rows, run, object),
        "cycle": np.full(rows, context.cycle, object),
        "period": periods[frame.period],
        "level": levels[frame.place],
        **keys,
        **{name: frame[name] for name in STATISTICS},
        "target": judged.target,
        "floor": judged.floor,
        "score": judged.score,
        "score_low": judged.score_low,
        "score_high": judged.score_high,
        "status": judged.status,
        "standing": judged.standing,
        "previous": change.previous,
        "change": change.change,
        "change_low": change.low,
        "change_high": change.high,
        "comparable": change.comparable,
        "red_line": judged.red_line,
    }
    return _table(columns, MEASUREMENTS)


def score_table(judged: Judged, tree: Tree, *, run: str, context: Context) -> pa.Table:
    """One row per place and node."""
    scores = judged.scores
    rows = len(scores.place)
    provisional = PROVISIONAL if context.as_of < context.end else FINAL
    columns: dict[str, object] = {
        "run": np.full(rows, run, object),
        "cycle": np.full(rows, context.cycle, object),
        "level": np.array([*tree.levels, ""], object)[scores.place],
        "place": np.array([*tree.codes, ""], object)[scores.place],
        "node": scores.node,
        "score": scores.score,
        "low": scores.low,
        "high": scores.high,
        "weight_present": scores.weight_present,
        "grade": scores.grade,
        "red_line": scores.red_line,
        "status": np.where(scores.enough, provisional, INSUFFICIENT).astype(object),
    }
    return _table(columns, SCORES)


def sums_table(cells: Sequence[Cells], definitions: Sequence[Definition]) -> pa.Table:
    """The sums before anything is hidden, one row per cell and indicator."""
    tables = []
    for cell in cells:
        for column, six in cell.sums.items():
            keep = np.flatnonzero(six[0] > 0)
            definition = definitions[column.definition]
            labels = {
                name: np.array([*found.names, None], dtype=object)[found.codes[keep]]
                for name, found in (
                    ("cycle", cell.cycle), ("period", cell.period), ("project", cell.project),
                    ("stratum", cell.stratum), ("weight_cell", cell.weight_cell), ("item", cell.item),
                )
            }  # fmt: skip
            columns = {
                "table": np.full(len(keep), cell.step.table, object),
                "indicator": np.full(len(keep), definition.code, object),
                "version": np.full(len(keep), definition.version, object),
                "part": np.full(len(keep), column.part, object),
                "breakdown": np.full(len(keep), cell.step.breakdown, object),
                **labels,
                **{name: six[k][keep] for k, name in enumerate(NAMES)},
            }
            tables.append(_table(columns, SUMS))
    return pa.concat_tables(tables) if tables else SUMS.empty_table()


SUMS = pa.schema(
    [
        (name, pa.string())
        for name in ("table", "indicator", "version", "part", "breakdown", "cycle", "period", "project",
                     "stratum", "weight_cell", "item")
    ]
    + [(name, pa.float64()) for name in NAMES]
)  # fmt: skip


def _table(columns: Mapping[str, object], schema: pa.Schema) -> pa.Table:
    """Arrays to Arrow; NaN becomes null."""
    arrays = [
        pa.array(columns[field.name], field.type, from_pandas=pa.types.is_floating(field.type))
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
