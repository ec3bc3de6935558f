"""Cells of many shares brought together at the places above projects."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from bihuan.measure.engine.labels import together
from bihuan.measure.places import Tree
from bihuan.measure.plan import BUILDING, Column, Step
from bihuan.measure.sums import NAMES, Cells, Labels
from bihuan.stats.types import Floats

LABELS = ("project", "cycle", "period", "item", "stratum", "weight_cell")
LAYOUT = b"layout"


def raised(cells: Cells, tree: Tree, codes: Sequence[str]) -> pa.Table:
    """The cells by the lowest place above their projects; no name where nothing stands above them.

    Those of buildings are brought together in one item, also where the tree does not know the building: who
    lives there is part of the sample. ``codes`` are those of all indicators.
    """
    place = tree.places_of(cells.project.names)
    used, of_project = np.unique(np.where(place >= 0, tree.home[place], -1), return_inverse=True)
    names = [tree.codes[k] for k in used if k >= 0]
    where = Labels((of_project.reshape(-1) - (len(used) - len(names)))[cells.project.codes], names)
    if cells.step.breakdown == BUILDING:
        cells = replace(cells, item=Labels.same("", len(cells)))
    return _table(_gathered(replace(cells, project=where)), codes)


def merged(tables: Sequence[pa.Table], numbers: Mapping[str, int]) -> Cells:
    """The cells of several shares as one; ``numbers`` are those of the indicators by code."""
    layout = json.loads(tables[0].schema.metadata[LAYOUT])
    columns = tuple(Column(numbers[c.pop("code")], **c) for c in layout["columns"])
    pairs = tuple((int(i), int(j)) for i, j in layout["pairs"])
    table = pa.concat_tables([t.replace_schema_metadata() for t in tables]).unify_dictionaries()
    six = np.stack([table[str(k)].to_numpy() for k in range(len(columns) * len(NAMES))])
    step = Step(None, layout["table"], layout["breakdown"], (), columns, pairs)
    pair_sums = {pair: np.zeros(4) for pair in pairs}
    for one in tables:
        own = json.loads(one.schema.metadata[LAYOUT])
        for pair, four in zip(pairs, own["pair_sums"], strict=True):
            pair_sums[pair] += np.array(four)
    labels: dict[str, Any] = {name: Labels.of(table[name]) for name in LABELS}
    cells = Cells(
        step,
        **labels,
        latest=table["latest"].to_numpy(zero_copy_only=False),
        sums={c: six[6 * k : 6 * k + 6] for k, c in enumerate(columns)},
        pair_sums=pair_sums,
    )
    return _gathered(cells)


def digest_of(cells: Cells) -> str:
    """One name for the content of cells."""
    mark = hashlib.sha256()
    for name in LABELS:
        label = getattr(cells, name)
        mark.update(json.dumps(label.names).encode())
        mark.update(label.codes.tobytes())
    for six in cells.sums.values():
        mark.update(six.tobytes())
    return mark.hexdigest()


def _gathered(cells: Cells) -> Cells:
    """Cells of the same labels as one, in the order of their labels."""
    labels = [getattr(cells, name) for name in LABELS]
    codes = [label.codes + 1 for label in labels] + [cells.latest.astype(np.int64)]
    sizes = [len(label.names) + 1 for label in labels] + [2]
    code, _ = together(codes, sizes, len(cells))
    _, first, at = np.unique(code, return_index=True, return_inverse=True)
    at = at.reshape(-1)

    def total(values: Floats) -> Floats:
        return np.bincount(at, values, len(first)).astype(np.float64)

    taken: dict[str, Any] = {
        name: Labels(label.codes[first], label.names) for name, label in zip(LABELS, labels, strict=True)
    }
    return replace(
        cells,
        **taken,
        latest=cells.latest[first],
        sums={c: np.stack([total(row) for row in six]) for c, six in cells.sums.items()},
    )


def _table(cells: Cells, codes: Sequence[str]) -> pa.Table:
    every = np.arange(len(cells))
    columns: dict[str, object] = {name: getattr(cells, name).arrow(every) for name in LABELS}
    columns["latest"] = pa.array(cells.latest)
    for k, six in enumerate(cells.sums.values()):
        columns |= {str(6 * k + j): pa.array(row) for j, row in enumerate(six)}
    layout = {
        "table": cells.step.table,
        "breakdown": cells.step.breakdown,
        "columns": [
            {"code": codes[c.definition], "part": c.part, "shape": c.shape, "prefix": c.prefix}
            for c in cells.sums
        ],
        "pairs": cells.step.pairs,
        "pair_sums": [cells.pair_sums[pair].tolist() for pair in cells.step.pairs],
    }
    return pa.table(columns).replace_schema_metadata({LAYOUT: json.dumps(layout)})
