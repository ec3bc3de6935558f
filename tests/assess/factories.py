"""Runs and reports for tests, and a small company whose archive is real files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import factory
import pyarrow as pa
from django.core.files.base import ContentFile
from django.utils import timezone

from bihuan.archive.store import Archive
from bihuan.assess.models import AnalysisReport, EvaluationRun
from bihuan.base.places.models import Place
from tests.base.places.factories import PlaceFactory
from tests.standards.factories import MonitoringCycleFactory

CYCLES = {"2026Q2": datetime(2026, 4, 2, tzinfo=UTC), "2026Q3": datetime(2026, 7, 2, tzinfo=UTC)}
AREAS = ("消防", "电梯", "环境保洁")


class EvaluationRunFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = EvaluationRun

    run_id = factory.Sequence(lambda n: f"2026Q3-{n:06}")
    cycle = factory.SubFactory(MonitoringCycleFactory)
    as_of = factory.LazyFunction(timezone.now)
    made_at = factory.LazyFunction(timezone.now)


class AnalysisReportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AnalysisReport

    number = factory.Sequence(lambda n: f"report-{n}")
    run = factory.SubFactory(EvaluationRunFactory)
    place = factory.SubFactory(PlaceFactory)
    language = "zh-hans"
    sha256 = "0" * 64
    file = factory.LazyFunction(lambda: ContentFile(b"%PDF-", name="report.pdf"))
    made_at = factory.LazyFunction(timezone.now)


@dataclass
class Company:
    """Company, region and projects: GOOD is on target, POOR misses, SMALL has too little data."""

    company: Place
    region: Place
    good: Place
    poor: Place
    small: Place


def plant_company() -> Company:
    """The places; every project has one building."""
    company = PlaceFactory(code="HT", kind="company", name_zh="和泰物业", name_en="Hetai")
    region = PlaceFactory(code="SU", kind="region", parent=company, name_zh="苏南", name_en="South")
    projects = {}
    for code, zh, en, households in (
        ("GOOD", "南岸新城", "South Bank", 1200),
        ("POOR", "翠湖花园", "Jade Lake", 800),
        ("SMALL", "小院", "Little Court", 60),
    ):
        projects[code] = PlaceFactory(
            code=code,
            kind="project",
            parent=region,
            name_zh=zh,
            name_en=en,
            grade="一级",
            own_households=households,
        )
        PlaceFactory(
            code=f"{code}-1", kind="building", parent=projects[code], name_zh="1栋", name_en="Block 1"
        )
    return Company(company, region, projects["GOOD"], projects["POOR"], projects["SMALL"])


def fill_archive(store: Archive) -> None:
    """Two quarters of work orders, inspections and survey answers."""
    with store.batch(note="test") as batch:
        for cycle in CYCLES:
            batch.put("work_orders", "crm", cycle, _table(_orders(cycle)))
            batch.put("inspection_items", "checks", cycle, _table(_items(cycle)))
            batch.put("answers", "survey", cycle, _table(_answers(cycle)))


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows)


def _common(cycle: str, project: str, number: int, at: datetime, prefix: str) -> dict[str, Any]:
    return {
        "fact_id": f"{prefix}-{cycle}-{project}-{number:04}",
        "period": f"{at:%Y-%m}",
        "project": project,
        "building": f"{project}-1",
        "occurred_at": at,
        "complete": True,
    }


def _orders(cycle: str) -> list[dict[str, Any]]:
    rows = []
    for project, count, late_each in (("GOOD", 240, 60), ("POOR", 240, 4), ("SMALL", 6, 3)):
        for n in range(count):
            at = CYCLES[cycle] + timedelta(hours=8 * n if count > 100 else 200 * n)
            due = at + timedelta(hours=48)
            late = n % late_each == 0
            rows.append(
                {
                    **_common(cycle, project, n, at, "WO"),
                    "service_area": "工程维修",
                    "category": "水电" if n % 2 else "门窗",
                    "priority": "normal",
                    "channel": "phone",
                    "reported_at": at,
                    "due_at": due,
                    "resolved_at": due + timedelta(hours=9 if late else -12),
                    "minutes_to_resolve": 57.0 * 60 if late else 36.0 * 60,
                    "rating": 3.0 if late else 5.0,
                    "rating_min": 1.0,
                    "rating_max": 5.0,
                }
            )
    return rows


def _items(cycle: str) -> list[dict[str, Any]]:
    rows = []
    for project, bad_each in (("GOOD", 50), ("POOR", 6)):
        for n in range(120):
            at = CYCLES[cycle] + timedelta(days=n // 2)
            bad = n % bad_each == 0
            rows.append(
                {
                    **_common(cycle, project, n, at, "IT"),
                    "service_area": AREAS[n % 3],
                    "inspection": f"{cycle}-{project}-{n // 10}",
                    "item": f"K{n % 10}",
                    "level": "supervisor",
                    "result": "non_conforming" if bad else "conforming",
                    "points": 0.0 if bad else 1.0,
                    "max_points": 1.0,
                    "severity": "A" if n == 0 else "C",
                    "veto": project == "POOR" and n == 0,
                    "checklist_version": "daily-v1",
                }
            )
    return rows


def _answers(cycle: str) -> list[dict[str, Any]]:
    rows = []
    for project, count in (("GOOD", 60), ("POOR", 60), ("SMALL", 4)):
        for n in range(count):
            at = CYCLES[cycle] + timedelta(hours=n)
            pleased = n % 10 != 0 if project == "GOOD" else n % 2 == 0
            rows.append(
                {
                    **_common(cycle, project, n, at, "AN"),
                    "response": f"{cycle}-{project}-{n}",
                    "questionnaire_version": "q-v1",
                    "question": "Q1",
                    "role": "overall",
                    "dimension": "总体",
                    "value": 5.0 if pleased else 2.0,
                    "scale_min": 1.0,
                    "scale_max": 5.0,
                    "sampled": True,
                    "mode": "web",
                }
            )
    return rows
