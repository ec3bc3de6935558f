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


def give_series(run, *rows: dict) -> None:
    """Give a run series that its tests found to get worse, as an evaluation stores them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from bihuan.assess import stores
    from bihuan.measure.signals.tables import SIGNALS

    given = {
        "run": run.run_id,
        "cycle": run.cycle.code,
        "version": "1",
        "period": "month",
        "chart": "p",
        "points": 24,
        "phase_start": "2024-07",
        "provisional": False,
        "at": "2026-08",
        "value": 70.0,
        "center": 92.0,
        "lower": 84.0,
        "upper": 98.0,
        "p": 1e-6,
        "q": 0.001,
        "signalled": True,
        "kind": "level",
        "direction": "worse",
    }
    table = pa.Table.from_pylist([{**given, **row} for row in rows], schema=SIGNALS)
    pq.write_table(table, f"{stores.results().root}/run={run.run_id}/signals.parquet")
    run.record = {**run.record, "signals": {"tested": 675, "signalled": len(rows)}}
    run.save(update_fields=["record"])
