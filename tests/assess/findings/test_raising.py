"""Signals as an evaluation raises them, on real results."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bihuan.assess.models import Signal

pytestmark = pytest.mark.django_db


def keys(cycle: str) -> set[tuple[str, str, str]]:
    rows = Signal.objects.filter(cycle=cycle)
    return set(rows.values_list("indicator", "place__code", "kind"))


def test_targets_surely_missed_become_signals(evaluated: SimpleNamespace):
    found = keys("2026Q3")
    assert ("R03", "POOR", "target_missed") in found
    assert {place for _code, place, _kind in found} == {"POOR"}
    print(found, [(s.indicator, s.kind, s.weight, s.far, s.rank) for s in Signal.objects.all()])
