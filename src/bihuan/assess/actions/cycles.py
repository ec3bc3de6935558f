from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.assess import rules
from bihuan.assess.models import EvaluationRun
from bihuan.assess.states import RunState
from bihuan.base.trail.act import Refused, act, note
from bihuan.standards.actions import plan_cycle
from bihuan.standards.models import MonitoringCycle
from bihuan.standards.states import CycleState


def check_right(actor: Any) -> None:
    """Refuse whoever does not answer for quality in the whole company; the system may."""
    if actor is not None and not rules.may_evaluate(actor):
        raise Refused(
            _("Only a quality manager of the whole company opens, evaluates and closes cycles."),
            code="not_quality",
        )


def locked(code: str) -> MonitoringCycle:
    """The cycle with its row locked."""
    cycle = MonitoringCycle.objects.select_for_update().filter(code=code).first()
    if cycle is None:
        raise Refused(_("There is no cycle %(code)s; plan it first.") % {"code": code}, code="no_cycle")
    return cycle


def move(cycle: MonitoringCycle, to: str, actor: Any) -> None:
    """Move a locked cycle into another state and say so on the trail."""
    if not rules.may_move_cycle(cycle.state, to):
        raise Refused(
            _("%(cycle)s is %(state)s; from there it cannot become %(to)s.")
            % {"cycle": cycle.title, "state": cycle.get_state_display(), "to": CycleState(to).label},
            code="cycle_state",
            subject=cycle,
        )
    cycle.state = to
    cycle.save()
    note(actor, f"cycle.{CycleState(to).value}", cycle)


@act
def open_cycle(*, code: str, actor: Any) -> MonitoringCycle:
    """Open a cycle, planning it when nobody has: records are collected for it from now on."""
    check_right(actor)
    plan_cycle(code=code, actor=actor)
    cycle = locked(code)
    cycle.opened_at = timezone.now()
    move(cycle, CycleState.COLLECTING, actor)
    return cycle


@act
def close_cycle(*, code: str, actor: Any) -> MonitoringCycle:
    """Close an evaluated cycle: its newest run is issued, and what arrives later is marked late."""
    check_right(actor)
    cycle = locked(code)
    run = EvaluationRun.objects.select_for_update().usable().filter(cycle=cycle, repeats=None).first()
    if run is None:
        raise Refused(
            _("%(cycle)s has no finished evaluation yet; evaluate it, then close it.")
            % {"cycle": cycle.title},
            code="not_evaluated",
            subject=cycle,
        )
    cycle.closed_at = timezone.now()
    move(cycle, CycleState.CLOSED, actor)
    if run.state == RunState.DONE:
        run.state = RunState.ISSUED
        run.save(update_fields=["state"])
        note(actor, "run.issued", run)
    return cycle
