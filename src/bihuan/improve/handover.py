"""Plans, approvals and actions pass on when somebody hands over.

A plan that waits for approval goes back to draft, because what was submitted names somebody else. A plan that
was approved stays approved: somebody else carries out what was approved, and the trail says who.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bihuan.base.people import handover
from bihuan.base.trail.act import note
from bihuan.improve import moves, told
from bihuan.improve.actions.plans import void
from bihuan.improve.models import Action, ImprovementPlan
from bihuan.improve.states import ActionState, PlanState

UNDECIDED = (PlanState.DRAFT, PlanState.SUBMITTED, PlanState.RETURNED, PlanState.INEFFECTIVE)


def register() -> None:
    """Tell the page of handing over; called once the apps are loaded."""
    for name, label, rows, field in (
        ("plans", _("Improvement plans"), _plans, "owner"),
        ("approvals", _("Plans to approve"), _undecided, "leader"),
        ("actions", _("Actions of plans"), _actions, "assignee"),
    ):
        handover.register(name, label, count=_count(rows, field), move=_pass(rows, field))
    for name, label, rows in (
        ("plans", _("Improvement plans"), _plans),
        ("actions", _("Actions of plans"), _actions),
    ):
        handover.register_departments(
            name, label, count=_count(rows, "department"), move=_pass(rows, "department")
        )


def _plans() -> QuerySet[ImprovementPlan]:
    return ImprovementPlan.objects.exclude(state=PlanState.CLOSED)


def _undecided() -> QuerySet[ImprovementPlan]:
    return ImprovementPlan.objects.filter(state__in=UNDECIDED)


def _actions() -> QuerySet[Action]:
    unfinished = Action.objects.exclude(state=ActionState.VERIFIED).exclude(plan__state=PlanState.CLOSED)
    return unfinished.select_related("plan__place")


def _count(rows: Any, field: str) -> handover.Count:
    return lambda giver: rows().filter(**{field: giver}).count()


def _pass(rows: Any, field: str) -> handover.Move:
    def move(giver: Any, taker: Any, actor: Any) -> int:
        plans: dict[int, ImprovementPlan] = {}
        found = list(rows().filter(**{field: giver}).select_for_update(of=("self",)))
        for row in found:
            setattr(row, field, taker)
            row.save(update_fields=[field])
            plan = row if isinstance(row, ImprovementPlan) else row.plan
            plans[plan.pk] = plan
            said = getattr(taker, "employee_number", None) or taker.code
            note(actor, "work.passed_on", row, place=plan.place_path, **{field: said})
        _take_back(plans.values(), actor)
        return len(found)

    return move


def _take_back(plans: Iterable[ImprovementPlan], actor: Any) -> None:
    """What waits for approval is submitted anew: its fingerprint covers the people."""
    for plan in plans:
        if plan.state == PlanState.SUBMITTED:
            void(plan)
            told.plan_revised(plan, actor=actor)
            moves.finish(plan, "revise", actor=actor)
