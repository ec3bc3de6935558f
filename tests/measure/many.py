"""Ten million answers of a quarter in a few seconds: whole arrays at a time, from a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.archive.manifest import Part
from bihuan.archive.merge import write_sorted
from bihuan.archive.schema import FACTS
from bihuan.archive.store import Archive
from tests.measure.world import CYCLE, DIMENSIONS, arrow, at, indicator

ANSWERS, QUESTIONS, PROJECTS = 10_000_000, 10, 1000
AREAS = ("环境保洁", "秩序维护", "绿化养护", "客户服务", "工程维修")
START = int(at("2026-06-30 16:00").timestamp() * 1_000_000)
DEFINITIONS: list[dict[str, Any]] = [
    indicator("top_box", "answers", code="S01", filter="role = 'overall'", period="month"),
    indicator("mean", "answers", code="S04", filter="role = 'item'", value="value",
              breakdowns=["service_area"]),
]  # fmt: skip


def archive(folder: Path) -> Archive:
    """An archive that holds them.

    Its files are written in the order in which a publish would; only the merging with what is there already
    is left out, since nothing is.
    """
    store, step = Archive(folder), 1_000_000
    with store.batch() as batch:
        files = []
        for k, first in enumerate(range(0, ANSWERS, step)):
            rows = _batch(np.random.default_rng(k), np.arange(first, first + step))
            path = batch._workshop / f"{k}.parquet"
            write_sorted([rows], FACTS["answers"].arrow, path)
            name = f"facts/answers/many/{CYCLE}/{batch._name}-{k}.parquet"
            files.append(batch._finished(path, step, name))
        part = Part("answers", "many", CYCLE, ANSWERS, tuple(files), ANSWERS, 0, 0, 0, 0)
        batch._parts[part.key] = (part, True)
        batch.put_dimension("places", arrow(DIMENSIONS["places"].arrow, _places()))
    return store


def _batch(rng: np.random.Generator, rows: np.ndarray) -> pa.RecordBatch:
    response, question = rows // QUESTIONS, rows % QUESTIONS
    project = response // (ANSWERS // QUESTIONS // PROJECTS)
    mood = (response * 2654435761 % 1000 / 1000 + project / PROJECTS) / 2
    value = np.clip(np.rint(2.2 + 2.5 * mood + rng.normal(0, 0.8, len(rows))), 1, 5)
    when = START + (response * 48271 % (92 * 86_400)) * 1_000_000
    month = (when // 1_000_000 - START // 1_000_000) // (31 * 86_400)
    overall = question == 0
    columns: dict[str, Any] = {
        "fact_id": _text("a", rows),
        "cycle": CYCLE,
        "period": _choice(("2026-07", "2026-08", "2026-09"), np.minimum(month, 2)),
        "project": _choice(tuple(f"P{k:04d}" for k in range(PROJECTS)), project),
        "service_area": _choice(AREAS, question % len(AREAS)),
        "dimension": _choice(AREAS, question % len(AREAS)),
        "occurred_at": pa.array(when, pa.timestamp("us", "UTC")),
        "source": "many",
        "late": False,
        "complete": True,
        "response": _text("r", response),
        "questionnaire_version": "survey-v1",
        "question": _choice(tuple(f"q{k}" for k in range(QUESTIONS)), question),
        "role": _choice(("item", "overall"), overall),
        "value": pa.array(value, mask=rng.random(len(rows)) < 0.05),
        "scale_min": 1.0,
        "scale_max": 5.0,
        "stratum": _choice(tuple(f"h{k}" for k in range(20)), response % 20),
        "weight": 0.5 + response * 16807 % 100 / 70,
        "sampled": True,
        "mode": "web",
    }
    return pa.RecordBatch.from_arrays(
        [_column(columns.get(field.name), field.type, len(rows)) for field in FACTS["answers"].arrow],
        schema=FACTS["answers"].arrow,
    )


def _column(given: Any, type_: pa.DataType, rows: int) -> pa.Array:
    if isinstance(given, pa.Array | np.ndarray):
        return pa.array(given).cast(type_)
    return pa.nulls(rows, type_) if given is None else pa.repeat(pa.scalar(given, type_), rows)


def _text(prefix: str, numbers: np.ndarray) -> pa.Array:
    """Numbers of one length, so that texts have the order of their numbers."""
    return pc.binary_join_element_wise(prefix, pc.cast(pa.array(numbers + 10**8), pa.string()), "")


def _choice(names: tuple[str, ...], codes: np.ndarray) -> pa.Array:
    return pa.array(names).take(pa.array(codes.astype(np.int32)))


def _places() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{"code": "C", "kind": "company", "parent": None, "name_zh": "C"}]
    rows += [{"code": f"R{k}", "kind": "region", "parent": "C", "name_zh": f"R{k}"} for k in range(8)]
    return rows + [
        {"code": f"P{k:04d}", "kind": "project", "parent": f"R{k % 8}", "name_zh": f"P{k}",
         "households": 500.0 + k}
        for k in range(PROJECTS)
    ]  # fmt: skip
