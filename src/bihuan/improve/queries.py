"""Reads of improvement; every list starts from ``visible_to(user)``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from bihuan.base.people.roles import Role
from bihuan.base.places.managers import under
from bihuan.improve import rules
from bihuan.improve.models import (
    Action,
    EffectEvaluation,
    ImprovementPlan,
    Lesson,
    ManagementReport,
    PlanVersion,
)
from bihuan.improve.states import OPEN, ActionState, PlanState, ReportState
from bihuan.standards.service.models import StandardClause
from bihuan.standards.states import VersionState

OPEN_ACTIONS = (ActionState.TODO, ActionState.IN_PROGRESS)


def plans(user: Any) -> QuerySet[ImprovementPlan]:
    """The plans a person may see, with what a list shows of them; ``None`` is the system, which sees all."""
    rows: Any = ImprovementPlan.objects.all()
    if user is not None:
        rows = rows.visible_to(user)
    annotated: QuerySet[ImprovementPlan] = rows.select_related(
        "place", "department", "owner", "leader"
    ).annotate(
        action_count=Count("actions", distinct=True),
        verified_count=Count("actions", filter=Q(actions__state=ActionState.VERIFIED), distinct=True),
    )
    return annotated


def overdue(rows: QuerySet[ImprovementPlan], today: date | None = None) -> QuerySet[ImprovementPlan]:
    """Plans that are late: not decided on in time, an open action late, or not carried out by their day."""
    day = today or timezone.localdate()
    late_actions = Action.objects.filter(
        due__lt=day, state__in=OPEN_ACTIONS, plan__state=PlanState.EXECUTING
    ).values("plan")
    return rows.filter(
        Q(state=PlanState.SUBMITTED, decide_by__lt=timezone.now())
        | Q(pk__in=late_actions)
        | Q(state=PlanState.EXECUTING, due__lt=day)
    )


def actions(user: Any) -> QuerySet[Action]:
    """The actions a person may see."""
    rows = Action.objects.all() if user is None else Action.objects.visible_to(user)
    return rows.select_related(
        "plan__place", "plan__owner", "assignee__department", "department", "done_by", "verified_by"
    )


def my_actions(user: Any) -> QuerySet[Action]:
    """What a person has to carry out now, the earliest first."""
    return (
        Action.objects.filter(assignee=user, state__in=OPEN_ACTIONS, plan__state=PlanState.EXECUTING)
        .select_related("plan__place")
        .order_by("due", "pk")
    )


def actions_to_verify(user: Any) -> list[Action]:
    """Done actions that the person may verify, the longest waiting first."""
    roles = (Role.QUALITY_MANAGER, Role.INSPECTOR, Role.DEPARTMENT_HEAD)
    places = under(user.paths_as(*roles), "plan__place__path")
    if places is None:
        return []
    rows = (
        Action.objects.filter(places, state=ActionState.DONE, plan__state=PlanState.EXECUTING)
        .select_related("plan__place", "assignee", "done_by")
        .order_by("done_at", "pk")
    )
    return [action for action in rows if rules.checks(user, action)]


def awaiting_approval(user: Any) -> list[ImprovementPlan]:
    """Submitted plans that the person may approve or return, the most urgent first."""
    places = under(user.paths_as(Role.LEADER), "place__path")
    if places is None:
        return []
    rows = (
        ImprovementPlan.objects.filter(places, state=PlanState.SUBMITTED)
        .exclude(owner=user)
        .select_related("place", "owner")
        .order_by("decide_by", "pk")
    )
    return [plan for plan in rows if not rules.had_a_part(user, plan)]


def effects(user: Any) -> QuerySet[EffectEvaluation]:
    """The effect evaluations a person may see."""
    rows = EffectEvaluation.objects.all() if user is None else EffectEvaluation.objects.visible_to(user)
    return rows.select_related("plan__place", "plan__owner", "version", "made_by")


def reports(user: Any) -> QuerySet[ManagementReport]:
    """The management reports a person may see."""
    rows = ManagementReport.objects.all() if user is None else ManagementReport.objects.visible_to(user)
    return rows.select_related("plan__place", "plan__owner", "effect", "made_by", "reviewed_by")


def reports_to_review(user: Any) -> QuerySet[ManagementReport]:
    """Submitted reports that wait for this leader."""
    places = under(user.paths_as(Role.LEADER), "plan__place__path")
    if places is None:
        return ManagementReport.objects.none()
    return ManagementReport.objects.filter(places, state=ReportState.SUBMITTED).select_related("plan__place")


def lessons(user: Any) -> QuerySet[Lesson]:
    """Published lessons of the person's places, and drafts of the plans the person may see."""
    return Lesson.objects.visible_to(user).select_related("plan__place", "by")


def submitted_version(plan: ImprovementPlan) -> PlanVersion | None:
    """The version that counts: submitted, and not voided by an edit."""
    return plan.versions.filter(voided_at=None).order_by("-number").first()


def clauses_measured(effect: EffectEvaluation) -> QuerySet[StandardClause]:
    """The clauses in force that the indicators of an effect measure: what it may teach to word anew."""
    codes = {record["indicator"] for record in effect.record["impacts"]}
    numbers = StandardClause.objects.filter(
        version__state=VersionState.EFFECTIVE, indicators__code__in=codes
    ).values("pk")
    return StandardClause.objects.filter(pk__in=numbers).order_by("version__standard__code", "order", "pk")


@dataclass(frozen=True)
class Counts:
    """What stands at a stage: how many, how many late, the oldest, and the share that is through."""

    count: int
    overdue: int
    oldest_days: int
    share_done: float


def counts(user: Any, place: Any, cycle: Any, *, stage: int = 5) -> Counts:
    """Plans at stage 5 (Improve: up to their last action) or 6 (Verify: effect and report) under a place."""
    rows = ImprovementPlan.objects.visible_to(user)
    if place is not None:
        rows = rows.filter(place__path__startswith=place.path)
    if cycle:
        rows = rows.filter(Q(trigger_cycle=str(cycle)) | Q(state__in=OPEN))
    here = (
        (PlanState.EVALUATING,)
        if stage == 6
        else tuple(state for state in OPEN if state != PlanState.EVALUATING)
    )
    through = (PlanState.CLOSED,) if stage == 6 else (PlanState.EVALUATING, PlanState.CLOSED)
    of_stage = rows.filter(state__in=(*here, *through))
    found = of_stage.aggregate(
        here=Count("pk", filter=Q(state__in=here)),
        total=Count("pk"),
        oldest=Min("state_since", filter=Q(state__in=here)),
    )
    late = overdue(rows.filter(state__in=here)).count()
    oldest = (timezone.now() - found["oldest"]).days if found["oldest"] else 0
    total = found["total"]
    return Counts(found["here"], late, oldest, (total - found["here"]) / total if total else 0.0)
