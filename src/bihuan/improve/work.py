"""What of improvement is mine to do, and what stands at stages 5 and 6 of the loop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.people.roles import Role
from bihuan.base.places.managers import under
from bihuan.base.ui.work import StageCount, WorkItem
from bihuan.improve import queries
from bihuan.improve.choices import Proof
from bihuan.improve.models import Action, ImprovementPlan
from bihuan.improve.states import ActionState, PlanState

END_OF_WORK = time(18)


def end_of(day: date | None) -> datetime | None:
    """The instant at which a day's work is over."""
    return None if day is None else timezone.make_aware(datetime.combine(day, END_OF_WORK))


def work(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Plans to approve, actions to carry out and to verify, plans to bring on, reports to read."""
    for plan in queries.awaiting_approval(user):
        yield WorkItem(
            f"plan-{plan.pk}-approve",
            plan.title,
            _("Plan %(code)s at %(place)s") % {"code": plan.code, "place": plan.place.name},
            reverse("plan", args=[plan.code]),
            _("Approve or return"),
            5,
            plan.decide_by,
        )
    for action in queries.my_actions(user):
        yield _mine(action)
    for action in queries.actions_to_verify(user):
        yield WorkItem(
            f"action-{action.pk}-verify",
            action.title,
            _("Plan %(code)s, reported as done by %(name)s")
            % {"code": action.plan.code, "name": action.done_by or action.assignee},
            reverse("plan_action", args=[action.pk]),
            _("Verify"),
            5,
            end_of(action.due),
            glyph="wait",
        )
    for plan in _to_bring_on(user):
        yield _bring_on(plan)
    for report in queries.reports_to_review(user):
        yield WorkItem(
            f"report-{report.pk}-review",
            _("Management report on “%(title)s”") % {"title": report.plan.title},
            _("%(code)s at %(place)s") % {"code": report.code, "place": report.plan.place.name},
            reverse("management_report", args=[report.code]),
            _("Read it"),
            6,
        )


def _mine(action: Action) -> WorkItem:
    proof = action.proof or str(Proof(action.proof_kind).label)
    return WorkItem(
        f"action-{action.pk}",
        action.title,
        _("Plan %(code)s at %(place)s; proof: %(proof)s")
        % {"code": action.plan.code, "place": action.plan.place.name, "proof": proof},
        reverse("plan_action", args=[action.pk]),
        _("Hand in the proof"),
        5,
        end_of(action.due),
        glyph="todo" if action.state == ActionState.TODO else "prov",
    )


def _to_bring_on(user: Any) -> list[ImprovementPlan]:
    """Plans whose next step is the person's own: to submit, revise, start, evaluate or close."""
    mine = Q(
        owner=user,
        state__in=[PlanState.DRAFT, PlanState.RETURNED, PlanState.APPROVED, PlanState.INEFFECTIVE],
    )
    kept = under(user.paths_as(Role.QUALITY_MANAGER), "place__path")
    if kept is not None:
        carried_out = Q(state=PlanState.EXECUTING) & ~Q(
            pk__in=Action.objects.exclude(state=ActionState.VERIFIED).values("plan")
        )
        mine |= kept & (Q(state=PlanState.EVALUATING) | carried_out)
    return list(ImprovementPlan.objects.filter(mine).select_related("place").order_by("due", "pk").distinct())


NEXT = {
    PlanState.DRAFT: gettext_lazy("Finish and submit"),
    PlanState.RETURNED: gettext_lazy("Revise"),
    PlanState.APPROVED: gettext_lazy("Start the plan"),
    PlanState.INEFFECTIVE: gettext_lazy("Revise"),
    PlanState.EXECUTING: gettext_lazy("Evaluate the effect"),
    PlanState.EVALUATING: gettext_lazy("See the effect"),
}


def _bring_on(plan: ImprovementPlan) -> WorkItem:
    verifying = plan.state in (PlanState.EXECUTING, PlanState.EVALUATING)
    return WorkItem(
        f"plan-{plan.pk}-{plan.state}",
        plan.title,
        _("Plan %(code)s at %(place)s: %(state)s")
        % {"code": plan.code, "place": plan.place.name, "state": plan.get_state_display()},
        reverse("plan", args=[plan.code]),
        NEXT[PlanState(plan.state)],
        6 if verifying else 5,
        None if verifying else end_of(plan.due),
    )


def improving(user: Any, place: Any, cycle: Any) -> StageCount:
    """Stage 5: plans not yet carried out."""
    found = queries.counts(user, place, cycle, stage=5)
    return StageCount(
        5,
        found.count,
        gettext_lazy("plans not yet carried out"),
        found.overdue,
        found.oldest_days,
        found.share_done,
        f"{reverse('plans')}?stage=5",
        f"{reverse('plans')}?stage=5&late=1",
    )


def verifying(user: Any, place: Any, cycle: Any) -> StageCount:
    """Stage 6: plans whose effect is being evaluated."""
    found = queries.counts(user, place, cycle, stage=6)
    return StageCount(
        6,
        found.count,
        gettext_lazy("plans whose effect is not proved"),
        found.overdue,
        found.oldest_days,
        found.share_done,
        f"{reverse('plans')}?stage=6",
        f"{reverse('plans')}?stage=6&late=1",
    )
