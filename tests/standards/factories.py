"""Standards as tests need them."""

from __future__ import annotations

import factory
from django.utils import timezone

from bihuan.base.calendars import periods
from bihuan.standards.models import (
    Clause,
    Indicator,
    IndicatorVersion,
    MonitoringCycle,
    Regulation,
    WeightNode,
    WeightTree,
)
from bihuan.standards.states import CycleState, VersionState

DEFINITION = {
    "code": "R03",
    "family": "R",
    "name": {"zh": "一般报修按约完成率", "en": "Repairs completed as agreed"},
    "table": "work_orders",
    "kind": "on_time",
    "filter": "priority != 'emergency'",
    "event": "resolved_at",
    "due": "due_at",
    "unit": "%",
    "direction": "up",
    "target": 95,
    "floor": 80,
    "min_n": 10,
    "period": "month",
    "breakdowns": ["category", "building"],
}


class RegulationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Regulation

    code = factory.Sequence(lambda n: f"REG-{n}")
    title_zh = "消防法"
    title_en = "Fire Protection Law"
    verification = "verified"


class ClauseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Clause

    regulation = factory.SubFactory(RegulationFactory)
    number = factory.Sequence(lambda n: f"{n}")
    text_zh = "每年至少全面检测一次"
    text_en = "Fully tested at least once a year"
    verification = "verified"


class IndicatorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Indicator

    code = factory.Sequence(lambda n: f"R{n:02}")
    family = "R"
    order = factory.Sequence(lambda n: n)


class IndicatorVersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = IndicatorVersion

    indicator = factory.SubFactory(IndicatorFactory)
    number = 1
    state = VersionState.EFFECTIVE
    name_zh = "一般报修按约完成率"
    name_en = "Repairs completed as agreed"
    definition = factory.LazyAttribute(lambda o: {**DEFINITION, "code": o.indicator.code})
    fingerprint = "0" * 64


class WeightTreeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = WeightTree

    number = factory.Sequence(lambda n: n + 1)
    state = VersionState.EFFECTIVE
    grades = factory.LazyFunction(lambda: {"A": 85, "B": 75, "C": 60})
    fingerprint = "0" * 64


class WeightNodeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = WeightNode

    tree = factory.SubFactory(WeightTreeFactory)
    code = factory.Sequence(lambda n: f"node-{n}")
    weight = 1.0
    order = factory.Sequence(lambda n: n)


class MonitoringCycleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MonitoringCycle

    code = "2026Q3"
    kind = factory.LazyAttribute(lambda o: "quarter" if "Q" in o.code else "year")
    start = factory.LazyAttribute(lambda o: periods.cycle_bounds(o.code)[0])
    end = factory.LazyAttribute(lambda o: periods.cycle_bounds(o.code)[1])
    state = CycleState.COLLECTING
    opened_at = factory.LazyFunction(timezone.now)
