"""Places, people, and facts in a real archive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import factory

from bihuan.archive.store import Archive
from bihuan.base.calendars import periods
from bihuan.base.people.models import User
from bihuan.base.places.models import Place
from bihuan.collect.upkeep.models import Check, Counted, Holding, Keeper, Reminder
from bihuan.collect.upkeep.states import CheckState, Gap
from tests.archive.factories import facts
from tests.base.people.factories import DepartmentFactory, person
from tests.base.places.factories import PlaceFactory

NOW = datetime(2026, 10, 20, 4, tzinfo=UTC)


def company() -> Place:
    """The one company."""
    return Place.objects.filter(code="C").first() or PlaceFactory(code="C", name_zh="安居物业")


class ProjectFactory(PlaceFactory):
    code = factory.Sequence(lambda n: f"P{n}")
    kind = "project"
    parent = factory.LazyFunction(company)
    name_zh = factory.LazyAttribute(lambda o: f"项目{o.code}")


class HoldingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Holding

    table = "work_orders"
    source = "crm"
    cycle = "2026Q3"
    place = factory.SubFactory(ProjectFactory)
    project = factory.LazyAttribute(lambda o: o.place.code if o.place else "X")
    rows = 10
    complete = 9
    months = factory.LazyFunction(lambda: {"2026-07": [10, 9]})
    first_at = last_at = datetime(2026, 7, 5, tzinfo=UTC)
    changed_at = datetime(2026, 8, 1, tzinfo=UTC)


class ReminderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Reminder

    table = "work_orders"
    source = "crm"
    cycle = "2026Q3"
    place = factory.SubFactory(ProjectFactory)
    gap = Gap.CYCLE
    made_at = datetime(2026, 10, 10, tzinfo=UTC)


class CheckFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Check

    at = datetime(2026, 10, 19, 18, 30, tzinfo=UTC)
    state = CheckState.SOUND
    snapshot = 3
    head = "a" * 64
    facts = 10


class KeeperFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Keeper

    table = "work_orders"
    source = "crm"
    department = factory.SubFactory(DepartmentFactory)


class CountedFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Counted

    table = "work_orders"
    source = "crm"
    cycle = "2026Q3"
    sha256 = "b" * 64
    line = 1
    arrived_at = datetime(2026, 8, 1, tzinfo=UTC)


def publish(
    archive: Archive, months: Mapping[str, Mapping[str, int]], *, source: str = "crm", bad: int = 0
) -> None:
    """Publish orders: ``{project: {month: how many}}``; the first ``bad`` of each month are not complete."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for project, counts in months.items():
        for month, count in counts.items():
            day = periods.month_bounds(month)[0]
            rows.setdefault(periods.quarter_of_month(month), []).extend(
                {
                    "fact_id": f"{project}-{month}-{i}",
                    "project": project,
                    "period": month,
                    "occurred_at": day,
                    "reported_at": day,
                    "complete": i >= bad,
                }
                for i in range(count)
            )
    with archive.batch(note="工单导入", actor="E0001") as batch:
        for cycle, found in rows.items():
            batch.put("work_orders", source, cycle, facts("work_orders", found))


def manager(place: Place | None = None) -> User:
    """A quality manager."""
    return person("quality_manager", place)
