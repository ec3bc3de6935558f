"""Synthetic records as an archive, made once and kept in ``benchmarks/out``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bihuan.archive.schema import DIMENSIONS, FACTS
from bihuan.archive.store import Archive

OUT = Path(__file__).parent / "out"
CYCLE = "2026Q3"
PROJECTS, CITIES, REGIONS = 10_000, 40, 8
AREAS = (
    "客户服务",
    "秩序维护",
    "环境保洁",
    "绿化养护",
    "工程维修",
    "公共设施设备",
    "车辆管理",
    "消防",
    "电梯",
    "社区文化",
)
START = np.datetime64("2026-07-01", "us")


def generator() -> Path | None:
    """The script that makes raw records, or nothing where it is not on this machine."""
    usual = Path(__file__).parents[2] / "shared" / "data"
    script = Path(os.environ.get("BIHUAN_PUBLIC_DATA", usual)).resolve().parent / "performance" / "gen.py"
    return script if script.is_file() else None


def archive(answers: int, orders: int) -> Archive:
    """An archive with so many answers and work orders of one quarter."""
    folder = OUT / f"archive-{answers}-{orders}"
    store = Archive(folder)
    if store.snapshot():
        return store
    began = time.perf_counter()
    script = generator()
    assert script is not None
    raw = {}
    for kind, rows in (("answers", answers), ("work_orders", orders)):
        raw[kind] = OUT / f"{kind}-{rows}.parquet"
        if not raw[kind].is_file():
            OUT.mkdir(parents=True, exist_ok=True)
            subprocess.run([sys.executable, str(script), kind, str(rows), str(raw[kind])], check=True)
    sizes = np.zeros(200)
    with store.batch(note="synthetic records") as batch:
        batch.put("answers", "bench", CYCLE, _reader("answers", _answers(raw["answers"], sizes)))
        batch.put("work_orders", "bench", CYCLE, _reader("work_orders", _orders(raw["work_orders"])))
        batch.put_dimension("places", _places())
        batch.put_dimension("strata", _strata(sizes))
    print(f"published {answers:,} answers and {orders:,} work orders in {time.perf_counter() - began:.0f} s")
    return store


def _reader(table: str, batches: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(_schema(table), batches)


def _schema(table: str) -> pa.Schema:
    return FACTS[table].arrow


def _named(prefix: str, codes: np.ndarray, digits: int) -> pa.Array:
    names = pa.array([f"{prefix}{k:0{digits}d}" for k in range(int(codes.max(initial=0)) + 1)])
    return names.take(pa.array(codes))


def _numbered(prefix: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(prefix, pc.cast(pa.array(numbers), pa.string()), "")


def _utc(moments: np.ndarray) -> pa.Array:
    return pa.array(moments).cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))


def _batch(table: str, rows: int, columns: dict[str, object]) -> pa.RecordBatch:
    common = {"cycle": CYCLE, "source": "bench", "late": False, "complete": True}
    arrays = []
    for field in _schema(table):
        given = columns.get(field.name, common.get(field.name))
        if given is None:
            arrays.append(pa.nulls(rows, field.type))
        elif isinstance(given, pa.Array | np.ndarray):
            arrays.append(pa.array(given).cast(field.type))
        else:
            arrays.append(pa.repeat(pa.scalar(given, field.type), rows))
    return pa.RecordBatch.from_arrays(arrays, schema=_schema(table))


def _pieces(path: Path) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    file, done = pq.ParquetFile(path), 0
    for batch in file.iter_batches(batch_size=500_000):
        yield done, {name: batch[name].to_numpy(zero_copy_only=False) for name in batch.schema.names}
        done += batch.num_rows


def _answers(path: Path, sizes: np.ndarray) -> Iterator[pa.RecordBatch]:
    for done, raw in _pieces(path):
        rows = len(raw["score"])
        first = np.arange(done, done + rows) % 10 == 0
        sizes += np.bincount(raw["stratum"][first], minlength=200)
        yield _batch(
            "answers",
            rows,
            {
                "fact_id": _numbered("a", np.arange(done, done + rows)),
                "period": pc.strftime(pa.array(raw["submitted_at"], pa.timestamp("us")), "%Y-%m"),
                "project": _named("P", raw["project_id"], 5),
                "occurred_at": pa.array(raw["submitted_at"], pa.timestamp("us")).cast(
                    pa.timestamp("us", "UTC")
                ),
                "response": _numbered("r", raw["response_id"]),
                "questionnaire_version": "survey-v1",
                "question": _named("q", raw["question_id"], 2),
                "role": pa.array(np.where(first, "overall", "item")),
                "dimension": pa.array(AREAS).take(pa.array(raw["question_id"] % 10)),
                "service_area": pa.array(AREAS).take(pa.array(raw["question_id"] % 10)),
                "value": raw["score"].astype(np.float64),
                "scale_min": 1.0,
                "scale_max": 5.0,
                "stratum": _named("h", raw["stratum"], 3),
                "weight": raw["weight"],
                "sampled": True,
                "mode": "web",
            },
        )


def _orders(path: Path) -> Iterator[pa.RecordBatch]:
    for _, raw in _pieces(path):
        rows = len(raw["wo_id"])
        zero = np.datetime64("2024-01-01", "us")
        inside = (raw["created_at"].astype("M8[us]") - zero) % np.timedelta64(91 * 86_400_000_000, "us")
        created = START + inside
        responded = created + (raw["responded_at"] - raw["created_at"]).astype("m8[us]")
        resolved = created + (raw["resolved_at"] - raw["created_at"]).astype("m8[us]")
        minutes = (resolved - created) / np.timedelta64(1, "m")
        limit = raw["sla_minutes"].astype(np.float64)
        instants = {
            "occurred_at": created,
            "reported_at": created,
            "responded_at": responded,
            "resolved_at": resolved,
            "due_at": created + (limit * 6e7).astype("m8[us]"),
        }
        yield _batch(
            "work_orders",
            rows,
            {
                "fact_id": _numbered("w", raw["wo_id"]),
                "period": pc.strftime(pa.array(created), "%Y-%m"),
                "project": _named("P", raw["project_id"], 5),
                "channel": _named("c", raw["channel"], 1),
                "priority": pa.array(np.where(raw["priority"] == 0, "emergency", "normal")),
                "calendar": "24h",
                "minutes_to_resolve": minutes,
                **{
                    k: pa.array(v).cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
                    for k, v in instants.items()
                },
            },
        )


def _places() -> pa.Table:
    rows = [{"code": "C", "kind": "company", "parent": None, "name_zh": "C"}]
    rows += [{"code": f"R{r}", "kind": "region", "parent": "C", "name_zh": f"R{r}"} for r in range(REGIONS)]
    rows += [
        {"code": f"T{c:02d}", "kind": "city", "parent": f"R{c % REGIONS}", "name_zh": f"T{c}"}
        for c in range(CITIES)
    ]
    rows += [
        {
            "code": f"P{p:05d}", "kind": "project", "parent": f"T{p % CITIES:02d}", "name_zh": f"P{p}",
            "households": 500.0 + p % 1000,
        }
        for p in range(PROJECTS)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=_nullable(DIMENSIONS["places"].arrow))


def _strata(sizes: np.ndarray) -> pa.Table:
    rows = [
        {"cycle": CYCLE, "stratum": f"h{k:03d}", "frame_size": 3.0 * n, "sample_size": float(n)}
        for k, n in enumerate(sizes)
    ]
    return pa.Table.from_pylist(rows, schema=_nullable(DIMENSIONS["strata"].arrow))


def _nullable(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field.with_nullable(True) for field in schema])
