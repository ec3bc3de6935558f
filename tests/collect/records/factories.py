"""Makers of files, mappings and imports for tests."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import factory
from factory.django import DjangoModelFactory

from bihuan.base.places.actions import create_place
from bihuan.collect.records.models import ImportBatch, Mapping

HEADINGS = ["工单编号", "项目", "类别", "紧急程度", "报修时间", "完成时间", "评分"]
GOOD = ["WO1", "翠湖花园", "水电", "普通", "2026-07-03 09:00", "2026-07-03 11:30", "5"]

MAPPING: dict[str, Any] = {
    "name": "crm",
    "table": "work_orders",
    "source": "crm",
    "key": ["工单编号"],
    "columns": {
        "reported_at": "报修时间",
        "resolved_at": "完成时间",
        "category": "类别",
        "priority": "紧急程度",
        "rating": {"from": "评分", "between": [1, 5]},
    },
    "places": {"project": {"from": "项目"}},
    "complete": ["category"],
}


def mapping(**changes: Any) -> dict[str, Any]:
    """The usual mapping with some of its parts changed."""
    return {**MAPPING, **changes}


def row(**cells: str) -> list[str]:
    """A good row with some cells changed."""
    return [cells.get(heading, value) for heading, value in zip(HEADINGS, GOOD, strict=True)]


def rows(count: int, start: int = 1) -> list[list[str]]:
    """So many good rows with different keys."""
    return [row(工单编号=f"WO{n}") for n in range(start, start + count)]


def csv_text(table: list[list[str]], headings: list[str] = HEADINGS) -> str:
    """Rows as CSV."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\r\n").writerows([headings, *table])
    return target.getvalue()


def csv_file(folder: Path, table: list[list[str]], name: str = "工单.csv", encoding: str = "utf-8") -> Path:
    """Rows as a CSV file."""
    path = folder / name
    path.write_bytes(csv_text(table).encode(encoding))
    return path


def company() -> dict[str, Any]:
    """A small tree: 和泰物业 with 翠湖花园 and 东方广场."""
    top = create_place(actor=None, code="hetai", kind="company", name_zh="和泰物业")
    lake = create_place(actor=None, code="p1", kind="project", name_zh="翠湖花园", name_en="Lake", parent=top)
    plaza = create_place(actor=None, code="p2", kind="project", name_zh="东方广场", parent=top)
    return {"company": top, "lake": lake, "plaza": plaza}


class MappingFactory(DjangoModelFactory):
    class Meta:
        model = Mapping

    name = factory.Sequence(lambda n: f"mapping{n}")
    table = "work_orders"
    source = "crm"


class ImportBatchFactory(DjangoModelFactory):
    class Meta:
        model = ImportBatch

    file_name = "工单.csv"
    folder = factory.Sequence(lambda n: f"20260701-{n:012x}")
    sha256 = "0" * 64
