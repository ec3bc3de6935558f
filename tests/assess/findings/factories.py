"""Signals and findings for tests."""

from __future__ import annotations

import factory
from django.utils import timezone

from bihuan.assess.models import Finding, FindingCounter, Signal
from tests.assess.factories import EvaluationRunFactory
from tests.base.places.factories import PlaceFactory
from tests.standards.factories import IndicatorVersionFactory


class FindingCounterFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FindingCounter

    year = 2026


class FindingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Finding

    code = factory.Sequence(lambda n: f"F-2025-{n:04d}")
    title_zh = "翠湖花园：100单里有25单没按约修完，低于底线"
    title_en = "Jade Lake: 25 of 100 orders were not repaired as agreed; below the floor"
    place = factory.SubFactory(PlaceFactory)
    indicator = "R03"
    cycle = "2026Q3"
    due = factory.LazyFunction(timezone.localdate)
    state_since = factory.LazyFunction(timezone.now)
    opened_at = factory.LazyFunction(timezone.now)


class SignalFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Signal

    kind = "target_missed"
    version = factory.SubFactory(IndicatorVersionFactory)
    indicator = factory.LazyAttribute(lambda signal: signal.version.indicator.code)
    place = factory.SubFactory(PlaceFactory)
    run = factory.SubFactory(EvaluationRunFactory)
    cycle = factory.LazyAttribute(lambda signal: signal.run.cycle.code)
    standing = "below_floor"
    n = 240
    value = 75.0
    low = 69.0
    high = 80.0
    target = 95.0
    floor = 80.0
    previous = 90.0
    change = -15.0
    change_low = -20.0
    change_high = -9.0
    weight = 0.05
    far = 60.0
    rank = 3.0
    state_since = factory.LazyFunction(timezone.now)
    raised_at = factory.LazyFunction(timezone.now)
