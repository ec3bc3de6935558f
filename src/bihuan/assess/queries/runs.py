"""Which run speaks for a cycle."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, IntegerField, Value, When

from bihuan.assess.models import EvaluationRun, RunQuerySet
from bihuan.assess.states import RunState
from bihuan.standards.cycles import start_key
from bihuan.standards.models import MonitoringCycle


def runs(user: Any) -> RunQuerySet:
    """All runs this person may see, the newest first."""
    return EvaluationRun.objects.visible_to(user).select_related("cycle", "made_by", "revises", "repeats")


def latest_run(cycle: str) -> EvaluationRun | None:
    """The run that speaks for a cycle: the newest issued one, else the newest that is done.

    A revision of issued results is done first and speaks for the cycle once it is issued itself.
    """
    issued_first = Case(
        When(state=RunState.ISSUED, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return (
        EvaluationRun.objects.usable()
        .filter(cycle__code=cycle, repeats=None)
        .select_related("cycle", "weights")
        .order_by(issued_first, "-made_at", "-pk")
        .first()
    )


def run_for(user: Any, cycle: str, run_id: str = "") -> EvaluationRun | None:
    """The run to show a person for a cycle: the one asked for, or the one that speaks for the cycle."""
    if run_id:
        return runs(user).usable().filter(cycle__code=cycle, run_id=run_id).first()
    return latest_run(cycle)


def history(cycle: str) -> list[EvaluationRun]:
    """The runs that speak for the cycles of the same kind before this one, the oldest first."""
    kind = MonitoringCycle.Kind.QUARTER if "Q" in cycle else MonitoringCycle.Kind.YEAR
    codes = (
        MonitoringCycle.objects.filter(kind=kind, runs__state__in=[RunState.DONE, RunState.ISSUED])
        .distinct()
        .order_by("start")
        .values_list("code", flat=True)
    )
    earlier = [code for code in codes if start_key(code) < start_key(cycle)]
    return [run for code in earlier if (run := latest_run(code)) is not None]
