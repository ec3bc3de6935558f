"""A small company in numbers: rows for every table of the archive, made by hand or from a seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bihuan.archive.schema import DIMENSIONS, FACTS
from bihuan.archive.store import Archive
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

    def __init__(self, folder: Path) -> None:
        self.folder = folder
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
        defaults |= {name: when for name in STARTS if name in FACTS[table].arrow.names}
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
        more = {"as_of": AS_OF, "weights": None, **more}
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


def random_company(
    world: World, seed: int = 1, projects: int = 6, orders: int = 400, responses: int = 300
) -> None:
    """Fill a world with a quarter of everything."""
    rng = np.random.default_rng(seed)
    names = [f"{'NS'[k % 2]}{k}" for k in range(projects)]
    world.company({n: float(50 + 40 * k) for k, n in enumerate(names)}, {n: "一级" for n in names[:2]})
    for name in names:
        for b in (1, 2):
            world.place(f"{name}-{b}", "building", name)
    start = at("2026-06-30 16:00")
    for k in range(orders):
        name = names[int(rng.integers(projects))]
        when = start + timedelta(minutes=int(rng.integers(92 * 1440)))
        took = float(rng.lognormal(6, 1.5))
        urgent = bool(rng.random() < 0.3)
        done = rng.random() < 0.9
        world.fact(
            "work_orders", name, when,
            building=f"{name}-{1 + k % 2}", contractor=f"T{k % 3}", channel=("web", "phone")[k % 2],
            category="entrapment" if k % 40 == 0 else "水电", priority="emergency" if urgent else "normal",
            asset_type="lift" if k % 5 == 0 else None, asset=f"{name}-L" if k % 5 == 0 else None,
            calendar="24h", arrived_at=when + timedelta(minutes=took / 10),
            resolved_at=when + timedelta(minutes=took) if done else None,
            closed_at=when + timedelta(minutes=took + 5) if done else None,
            revisited_at=when + timedelta(minutes=took + 9) if done and k % 3 else None,
            due_arrive_at=when + timedelta(minutes=60), due_at=when + timedelta(minutes=1440),
            minutes_to_arrive=took / 10, minutes_to_resolve=took if done else None,
            repeat_of=f"work_orders-{k - 7}" if k % 23 == 8 else None,
            rating=float(rng.integers(1, 6)) if done and k % 4 else None, rating_min=1.0, rating_max=5.0,
            complete=bool(rng.random() < 0.95),
        )  # fmt: skip
    areas = ["环境保洁", "秩序维护", "绿化养护"]
    for k in range(responses):
        name = names[int(rng.integers(projects))]
        mood = rng.normal(0, 0.6)
        common = {
            "stratum": f"h{k % 2}", "weight": 1.0 + (k % 2),
            "sampled": bool(k % 10), "mode": ("web", "phone")[k % 2], "building": f"{name}-{1 + k % 2}",
            "when": start + timedelta(minutes=int(rng.integers(92 * 1440))),
        }  # fmt: skip
        mark = lambda shift=0.0: float(np.clip(np.rint(3.7 + mood + shift + rng.normal(0, 0.7)), 1, 5))  # noqa: E731
        world.answer(name, f"resp-{k}", mark(), **common)
        world.answer(name, f"resp-{k}", float(np.clip(np.rint(7 + 2 * mood + rng.normal()), 0, 10)),
                     **{**common, "question": "nps", "role": "nps", "scale_min": 0.0, "scale_max": 10.0})  # fmt: skip
        for j, area in enumerate(areas):
            for item in (1, 2):
                world.answer(name, f"resp-{k}", mark(0.1 * j) if rng.random() > 0.1 else None, **{
                    **common, "question": f"{area}{item}", "role": "item", "dimension": area, "service_area": area,
                })  # fmt: skip
    for k in range(projects * 6):
        name = names[k % projects]
        when = start + timedelta(days=2 + 14 * (k // projects), minutes=k)
        for item in range(8):
            bad = rng.random() < 0.12
            result = "non_conforming" if bad else ("not_applicable" if rng.random() < 0.1 else "conforming")
            world.fact(
                "inspection_items", name, when, inspection=f"insp-{k}", item=f"item-{item}",
                service_area=areas[item % 3], level="supervisor", result=result, building=f"{name}-1",
                points=0.0 if bad else 2.0, max_points=2.0, veto=item == 7, severity="A" if item == 7 else "C",
            )  # fmt: skip
    for k in range(projects * 20):
        name = names[k % projects]
        due = start + timedelta(days=3 + 4 * (k // projects))
        kind = ("maintenance", "cleaning", "rectification", "training")[(k // projects) % 4]
        done = due - timedelta(hours=float(rng.normal(5, 8))) if rng.random() < 0.9 else None
        world.fact(
            "tasks", name, due, kind=kind, asset=f"{name}-L", asset_type="lift", due_from=due - 2 * DAY,
            due_to=due, done_at=done, interval_days=float(rng.integers(12, 18)) if done else None,
        )  # fmt: skip
    for k in range(projects * 12):
        name = names[k % projects]
        when = start + timedelta(minutes=int(rng.integers(92 * 1440)))
        world.fact(
            "feedback", name, when, kind=("complaint", "inquiry")[k % 3 == 0], valid=bool(k % 4),
            service_area=areas[k % 3], channel="web", first_response_at=when + timedelta(hours=float(rng.exponential(12))),
            closed_at=when + timedelta(hours=float(rng.exponential(60))), due_first_response_at=when + DAY,
            due_close_at=when + 5 * DAY, rating=float(rng.integers(1, 6)), rating_min=1.0, rating_max=5.0,
        )  # fmt: skip
    for k, name in enumerate(names):
        for month in ("2026-07", "2026-08", "2026-09"):
            when = at(f"{month}-28 16:00")
            world.fact("exposure", name, when, households=float(50 + 40 * k), area=1000.0)
            world.fact("exposure", name, when, asset_type="lift", assets_in_service=4.0)
            for j in range(3):
                world.fact(
                    "assets", name, when, asset=f"{name}-L{j}", asset_type=("lift", "fire_system")[j == 2],
                    in_service=True, state="in_service", last_test_at=at("2025-11-01 00:00") - j * 100 * DAY,
                    valid_until=at("2026-09-01 00:00") + j * 100 * DAY,
                )  # fmt: skip
            for code in ("R09", "C04", "M03"):
                world.fact(
                    "measurements", name, when, indicator=code, numerator=float(90 + k), denominator=100.0
                )
        for j in range(20):
            codes = ("I", "I", "I", "R", "NC", "UH", "NE", None)
            world.fact(
                "samples", name, start + DAY, stratum=f"h{j % 2}", frame_size=600.0, sample_size=projects * 10.0,
                disposition=codes[(j + k) % 8],
            )  # fmt: skip


def today(day: str) -> date:
    return date.fromisoformat(day)
