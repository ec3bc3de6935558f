"""Rows for the archive, small and readable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from bihuan.archive.schema import DIMENSIONS, FACTS

JULY = datetime(2026, 7, 1, 1, tzinfo=UTC)
COMMON = {"period": "2026-07", "project": "P1", "occurred_at": JULY, "complete": True}
NEEDED: dict[str, dict[str, Any]] = {
    "work_orders": {"reported_at": JULY},
    "answers": {"response": "R1", "questionnaire_version": "Q1", "question": "overall", "sampled": True},
    "samples": {"stratum": "S1", "frame_size": 100.0, "sample_size": 10.0},
    "exposure": {"households": 100.0},
}


def facts(table: str, rows: Iterable[Mapping[str, Any]], **same: Any) -> pa.Table:
    """Rows of ``table`` with what every row needs filled in; only the columns in use are there."""
    full = [{**COMMON, **NEEDED[table], **same, **row} for row in rows]
    names = dict.fromkeys(name for row in full for name in row)
    schema = pa.schema([FACTS[table].arrow.field(name).with_nullable(True) for name in names])
    return pa.Table.from_pylist(full, schema=schema)


def orders(*ids: str, **same: Any) -> pa.Table:
    """Work orders with the given numbers."""
    return facts("work_orders", [{"fact_id": i} for i in ids], **same)


def answers(marks: Mapping[str, str], **same: Any) -> pa.Table:
    """Answers, as ``{fact_id: response}``."""
    return facts("answers", [{"fact_id": i, "response": r} for i, r in marks.items()], value=4.0, **same)


def places(*codes: str) -> pa.Table:
    """Project places with the given codes."""
    rows = [{"code": c, "kind": "project", "name_zh": f"项目 {c}"} for c in codes]
    return pa.Table.from_pylist(rows, schema=DIMENSIONS["places"].arrow)
