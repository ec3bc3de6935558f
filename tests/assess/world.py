"""The small company, evaluated for real."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import time_machine

from bihuan.archive.store import Archive
from bihuan.assess import actions
from bihuan.assess.models import EvaluationRun
from bihuan.standards.actions import load_catalogue
from bihuan.standards.models import MonitoringCycle
from bihuan.standards.queries import tree_for
from tests.assess.factories import fill_archive, plant_company
from tests.base.people.factories import person

NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


def plant(home: Path) -> SimpleNamespace:
    """The company with its archive and the catalogue, not evaluated yet."""
    with time_machine.travel(NOW, tick=False):
        places = plant_company()
        load_catalogue(actor=None)
        fill_archive(Archive(str(home / "archive")))
    return SimpleNamespace(
        **vars(places),
        manager=person("quality_manager"),
        leader=person("leader", places.company),
        project_head=person("department_head", places.poor),
        outsider=person(),
    )


_kept: dict[str, Any] = {}


def evaluate(company: SimpleNamespace, home: Path, keep: Path) -> SimpleNamespace:
    """The same company with both quarters evaluated.

    It is done for real once; what came of it, files and rows, is then given to the other tests as a copy.
    """
    with time_machine.travel(NOW, tick=False):
        if not _kept:
            actions.evaluate_cycle(cycle="2026Q2", actor=None)
            actions.evaluate_cycle(cycle="2026Q3", actor=None)
            _keep(home, keep)
        else:
            _give(home, keep)
    company.before, company.run = EvaluationRun.objects.order_by("cycle__start")
    return company


def _keep(home: Path, keep: Path) -> None:
    for name in ("archive", "results"):
        shutil.copytree(home / name, keep / name)
    fields = [
        field.name for field in EvaluationRun._meta.fields if not field.is_relation and field.name != "id"
    ]
    rows = EvaluationRun.objects.order_by("cycle__start").select_related("cycle")
    _kept["runs"] = [(run.cycle.code, {name: getattr(run, name) for name in fields}) for run in rows]


def _give(home: Path, keep: Path) -> None:
    for name in ("archive", "results"):
        shutil.copytree(keep / name, home / name, dirs_exist_ok=True)
    for code, fields in _kept["runs"]:
        cycle = actions.open_cycle(code=code, actor=None)
        MonitoringCycle.objects.filter(pk=cycle.pk).update(state="evaluated")
        EvaluationRun.objects.create(cycle=cycle, weights=tree_for(code), **fields)
