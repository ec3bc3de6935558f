"""A fold says the same as its expression: rows grouped in loops, and rows grouped by the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bihuan.measure.engine import Query, folding
from bihuan.measure.engine.duck import DuckDB
from bihuan.measure.engine.fold import Fold, Take, Tally
from bihuan.measure.engine.labels import together
from tests.measure.company import random_company
from tests.measure.world import World, indicator

WAYS = ["service_area", "building"]
DEFINITIONS = [
    indicator("top_box", "answers", code="S01", filter="role = 'overall'", breakdowns=["mode"]),
    indicator("nps", "answers", code="S03", filter="role = 'nps'", sampled="any"),
    indicator("index", "answers", code="S02", filter="role = 'item'", breakdowns=["dimension", "question"]),
    indicator("mean", "answers", code="S09", value="value", filter="role = 'item'", breakdowns=WAYS[:1]),
    indicator("on_time", code="R03", event="resolved_at", due="due_at", period="month", breakdowns=WAYS),
    indicator("ratio", code="R20", numerator="minutes_to_resolve", denominator="limit_resolve"),
    indicator("share", code="R05", filter="resolved_at is not null", success="not repeated",
              repeats={"from": "resolved_at", "within": "30 days", "at": "reported_at"},
              breakdowns=["category"]),
    indicator("median_time", code="R04", event="resolved_at", breakdowns=["category"]),
    indicator("quantile", code="R90", q=0.9, value="minutes_to_resolve"),
    indicator("points", "inspection_items", code="C01", breakdowns=WAYS, period="month"),
    indicator("share", "inspection_items", code="C02", success="result = 'conforming'", breakdowns=WAYS),
    indicator("count", "inspection_items", code="C03", success="result = 'non_conforming'"),
]  # fmt: skip


class Both(DuckDB):
    """Runs every query both ways and keeps the answers."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[Query, pa.Table, pa.Table]] = []

    def run(self, queries: Sequence[Query]) -> list[pa.Table]:
        folded = super().run(queries)
        plain = super().run([replace(query, fold=None) for query in queries])
        for query, one, other in zip(queries, folded, plain, strict=True):
            if query.fold is not None and query.files:
                self.pairs.append((query, one.cast(other.schema), other))
        return folded


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Query, pa.Table, pa.Table]]:
    world = World(tmp_path_factory.mktemp("folds"))
    random_company(world)
    for k, row in enumerate(world.rows["answers"]):
        row["weight"] = None if k % 11 == 0 else 1 + (k % 7) / 3
        row["stratum"] = (None, "h1", "h2")[k % 97 % 3]
        row["role"] = (row.get("role"), "nps")[k % 13 == 0]
    both = Both()
    world.engine = both
    world.run(*DEFINITIONS)
    return both.pairs


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows in the order of their texts; no text is an empty one."""
    texts = [n for n in table.column_names if pa.types.is_string(table.schema.field(n).type)]
    for name in texts:
        table = table.set_column(table.column_names.index(name), name, pc.fill_null(table[name], ""))
    ordered = table.sort_by([(name, "ascending") for name in [*texts, *table.column_names]])
    return ordered.to_pylist()


def test_every_fold_gives_what_its_expression_gives(pairs: list[tuple[Query, pa.Table, pa.Table]]) -> None:
    assert {type(query.fold) for query, _, _ in pairs} == {Fold, Take, Tally}
    assert len(pairs) > 15
    for query, one, other in pairs:
        said = query.fold.said if query.fold else ""
        mine, theirs = _rows(one), _rows(other)
        assert len(mine) == len(theirs), said
        for a, b in zip(mine, theirs, strict=True):
            for name, value in a.items():
                if isinstance(value, float) or isinstance(b[name], float):
                    assert (value or 0.0) == pytest.approx(b[name] or 0.0, rel=1e-11, abs=1e-11), (name, said)
                else:
                    assert value == b[name], (name, said)


def test_rows_of_a_unit_that_are_apart_are_brought_together() -> None:
    unit, cell = np.array([0, 1, 0, 2, 1]), np.array([0, 0, 0, 1, 0])
    start, order = folding._adjacent(unit, cell)
    assert order is not None
    assert unit[order].tolist() == [0, 0, 1, 1, 2]
    assert start.tolist() == [0, 2, 4, 5]


def test_units_in_any_order_are_left_where_they_stand_together() -> None:
    start, order = folding._adjacent(np.array([5, 5, 2, 2, 9]), np.array([0, 0, 0, 1, 1]))
    assert order is None
    assert start.tolist() == [0, 2, 3, 4, 5]


def test_many_keys_are_numbered_by_those_that_occur() -> None:
    random = np.random.default_rng(1)
    columns = [random.integers(0, 5_000, 1_000) for _ in range(3)]
    code, size = together(columns, [5_000] * 3, 1_000)
    assert code.max() < size
    same = {tuple(row) for row in np.stack(columns, 1).tolist()}
    assert len(np.unique(code)) == len(same)
