"""The small company, evaluated for real."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import time_machine

from bihuan.archive.store import Archive
from bihuan.assess import actions
from bihuan.standards.actions import load_catalogue
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


def evaluate(company: SimpleNamespace) -> SimpleNamespace:
    """The same company with both quarters evaluated."""
    with time_machine.travel(NOW, tick=False):
        company.before = actions.evaluate_cycle(cycle="2026Q2", actor=None)
        company.run = actions.evaluate_cycle(cycle="2026Q3", actor=company.manager)
    return company
