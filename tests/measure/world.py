"""A small company in numbers: rows for every table of the archive, made by hand or from a seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from bihuan.archive.schema import DIMENSIONS, FACTS
from bihuan.archive.store import Archive
from bihuan.measure.engine import Engine
from bihuan.measure.evaluate import evaluate
from bihuan.measure.results import Results

CYCLE = "2026Q3"
DAY = timedelta(days=1)
ZONE = timedelta(hours=8)


def at(text: str) -> datetime:
    """An instant written in UTC, such as ``2026-07-03 08:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


AS_OF = at("2026-10-10 16:00")


def month_of(moment: datetime) -> str:
    return f"{moment + ZONE:%Y-%m}"


def quarter_of(moment: datetime) -> str:
    local = moment + ZONE
    return f"{local.year}Q{(local.month + 2) // 3}"


class World:
    """Collects rows and publishes them as an archive."""

    def __init__(self, folder: Path, engine: Engine | None = None) -> None:
        self.folder = folder
        self.engine = engine or "duckdb"
        self.archive = Archive(folder / "archive")
        self.results = Results(folder / "results")
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.dimensions: dict[str, list[dict[str, Any]]] = {}

    def fact(self, table: str, project: str, when: datetime, cycle: str | None = None, **more: Any) -> str:
        """Add one row; what is required and not given gets a harmless value."""
        rows = self.rows.setdefault(table, [])
        defaults = {
            "fact_id": f"{table}-{len(rows)}",
            "cycle": cycle or quarter_of(when),
            "period": month_of(when),
            "project": project,
            "occurred_at": when,
            "source": "test",
            "late": False,
            "complete": True,
            **REQUIRED.get(table, {}),
        }
        defaults |= dict.fromkeys([n for n in STARTS if n in FACTS[table].arrow.names], when)
        row = {**defaults, **more}
        rows.append(row)
        return str(row["fact_id"])

    def answer(self, project: str, response: str, value: float | None, **more: Any) -> None:
        """One answer, to the question about everything where nothing else is said."""
        when = more.pop("when", at("2026-08-03 04:00"))
        given = {"response": response, "question": "q1", "role": "overall", "value": value, **more}
        self.fact("answers", project, when, **given)

    def place(self, code: str, kind: str, parent: str | None, **more: Any) -> None:
        row = {"code": code, "kind": kind, "parent": parent, "name_zh": code, **more}
        self.dimensions.setdefault("places", []).append(row)

    def company(self, projects: Mapping[str, float], grades: Mapping[str, str] | None = None) -> None:
        """One company, one region per first letter, and its projects with their households."""
        self.place("C", "company", None)
        for region in sorted({name[0] for name in projects}):
            self.place(f"R{region}", "region", "C")
        for name, households in projects.items():
            self.place(name, "project", f"R{name[0]}", households=households, grade=(grades or {}).get(name))

    def publish(self) -> int:
        """Write everything collected so far in one batch."""
        with self.archive.batch() as batch:
            for table, rows in self.rows.items():
                for key in sorted({(row["source"], row["cycle"]) for row in rows}):
                    own = [row for row in rows if (row["source"], row["cycle"]) == key]
                    batch.put(table, *key, arrow(FACTS[table].arrow, own))
            for name, rows in self.dimensions.items():
                batch.put_dimension(name, arrow(DIMENSIONS[name].arrow, rows))
        return self.archive.snapshot()

    def run(self, *definitions: Mapping[str, Any], run: str = "r1", cycle: str = CYCLE, **more: Any) -> Found:
        """Publish what is new, evaluate, and read the measurements back."""
        self.publish()
        more = {"as_of": AS_OF, "weights": None, "engine": self.engine, **more}
        results = more.pop("results", self.results)
        record = evaluate(
            self.archive, run=run, cycle=cycle, definitions=list(definitions), results=results, **more
        )
        return Found(run, results, record)


class Found:
    """What a run found, easy to ask."""

    def __init__(self, run: str, results: Results, record: Mapping[str, Any]) -> None:
        self.record = record
        self.rows = results.measurements(run).to_pylist()
        self.scores = results.scores(run).to_pylist()

    def __call__(self, place: str, indicator: str = "X", **more: Any) -> dict[str, Any]:
        """The one row of a place; of the whole cycle and not broken down where nothing else is said."""
        wanted = {"place": place, "indicator": indicator, "period": "", "breakdown": "", "item": "", **more}
        rows = [r for r in self.rows if all(r[k] == v for k, v in wanted.items())]
        assert len(rows) == 1, f"{len(rows)} rows for {wanted}"
        return rows[0]

    def has(self, place: str, **more: Any) -> bool:
        wanted = {"place": place, **more}
        return any(all(r[k] == v for k, v in wanted.items()) for r in self.rows)

    def score(self, place: str, node: str = "total") -> dict[str, Any]:
        (row,) = [r for r in self.scores if r["place"] == place and r["node"] == node]
        return row


REQUIRED: dict[str, dict[str, Any]] = {
    "answers": {
        "questionnaire_version": "survey-v1",
        "sampled": True,
        "scale_min": 1.0,
        "scale_max": 5.0,
        "service_area": None,
    },
    "inspection_items": {
        "inspection": "i1",
        "item": "k1",
        "result": "conforming",
        "checklist_version": "check-v1",
    },
    "tasks": {"kind": "maintenance"},
    "feedback": {"kind": "complaint"},
    "samples": {"stratum": "s", "frame_size": 100.0, "sample_size": 10.0},
    "assets": {"asset": "a1", "asset_type": "lift"},
    "measurements": {"indicator": "R09"},
}
STARTS = ("reported_at", "received_at")


def arrow(schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    listed = list(rows)
    names = [n for n in schema.names if any(n in row for row in listed)]
    fields = [schema.field(n).with_nullable(True) for n in names]
    return pa.Table.from_pylist([dict(row) for row in listed], schema=pa.schema(fields))


def indicator(kind: str, table: str = "work_orders", **more: Any) -> dict[str, Any]:
    """A definition with what every definition needs."""
    return {
        "code": "X", "version": "1", "family": "R", "name": {"zh": "测试", "en": "Test"},
        "table": table, "kind": kind, "unit": "%", "direction": "up", **more,
    }  # fmt: skip
