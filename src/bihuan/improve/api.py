"""Plans and their actions for programs: the same reads and acts as the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status

from bihuan.base.people.access import get_or_404
from bihuan.base.trail.act import Refused
from bihuan.base.ui.lists import MAX_PAGE_SIZE
from bihuan.improve import moves, queries, rules
from bihuan.improve.actions import perform
from bihuan.improve.models import Action, EffectEvaluation, ImprovementPlan

router = Router(tags=["improve"])


class Refusal(Schema):
    """Why something was refused: ``detail`` for people, ``code`` for programs."""

    detail: str
    code: str


class ActIn(Schema):
    """What an act needs; each act takes what it knows."""

    reason: str = ""
    fingerprint: str = ""
    text: str = ""
    percent: int | None = None
    attendees: int | None = None


class PlanOut(Schema):
    """One plan of a list."""

    code: str
    title: str
    place: str
    state: str
    owner: str
    trigger_cycle: str
    due: date | None
    decide_by: datetime | None
    actions: int
    verified: int


class ActionOut(Schema):
    """One action of a plan."""

    id: int
    order: int
    title: str
    assignee: str
    state: str
    percent: int
    starts: date
    due: date
    proof: str
    proof_kind: str


class VersionOut(Schema):
    """A version with its fingerprint."""

    number: int
    sha256: str
    submitted_at: datetime
    voided_at: datetime | None
    content: dict[str, Any]


class EffectOut(Schema):
    """One evaluation of the effect."""

    id: int
    number: int
    verdict: str
    sha256: str
    made_at: datetime
    record: dict[str, Any]


class PlanDetailOut(PlanOut):
    """One plan with everything under it, and the acts open to whoever asks."""

    why: str
    findings: list[str]
    acts: list[str]
    version: VersionOut | None
    measures: list[ActionOut]
    effects: list[EffectOut]


class ActionDetailOut(ActionOut):
    """One action with its plan."""

    plan: str
    acts: list[str]


def _reader(request: HttpRequest) -> Any:
    if not rules.may_read_some(request.user):
        raise Http404
    return request.user


def _plan_out(plan: Any) -> dict[str, Any]:
    return {
        "code": plan.code,
        "title": plan.title,
        "place": plan.place.code,
        "state": plan.state,
        "owner": plan.owner.employee_number,
        "trigger_cycle": plan.trigger_cycle,
        "due": plan.due,
        "decide_by": plan.decide_by,
        "actions": plan.action_count,
        "verified": plan.verified_count,
    }


def _action_out(action: Action) -> dict[str, Any]:
    names = ("order", "title", "state", "percent", "starts", "due", "proof", "proof_kind")
    return {
        "id": action.pk,
        "assignee": action.assignee.employee_number,
        **{name: getattr(action, name) for name in names},
    }


def _effect_out(effect: EffectEvaluation) -> dict[str, Any]:
    names = ("number", "verdict", "sha256", "made_at", "record")
    return {"id": effect.pk, **{name: getattr(effect, name) for name in names}}


def _detail(user: Any, code: str) -> dict[str, Any]:
    plan = get_or_404(queries.plans(user), code=code)
    version = queries.submitted_version(plan)
    return {
        **_plan_out(plan),
        "why": plan.why,
        "findings": list(plan.findings.values_list("code", flat=True)),
        "acts": list(moves.acts_for(user, plan)),
        "version": {
            name: getattr(version, name)
            for name in ("number", "sha256", "submitted_at", "voided_at", "content")
        }
        if version
        else None,
        "measures": [_action_out(action) for action in plan.actions.select_related("assignee")],
        "effects": [_effect_out(effect) for effect in plan.effects.all()],
    }


def _action_detail(user: Any, number: int) -> dict[str, Any]:
    action = get_or_404(queries.actions(user), pk=number)
    return {**_action_out(action), "plan": action.plan.code, "acts": list(moves.acts_for(user, action))}


def _perform(subject: Any, act: str, user: Any, given: ActIn) -> Any:
    """Nothing where it went well, else the answer that says why not."""
    try:
        perform(subject, act, actor=user, **given.dict())
    except Refused as refusal:
        if refusal.code in ("not_visible", "no_such_act"):
            raise Http404 from refusal
        return Status(409, {"detail": str(refusal), "code": refusal.code})
    return None


@router.get("/plans", response=list[PlanOut], url_name="plans")
def plans(request: HttpRequest, state: str = "", place: str = "", page: int = 1, size: int = 50) -> Any:
    """The plans of the person, the newest first."""
    rows = queries.plans(_reader(request)).order_by("-created_at", "-pk")
    if state:
        rows = rows.filter(state=state)
    if place:
        rows = rows.filter(place__code=place)
    size = min(max(size, 1), MAX_PAGE_SIZE)
    start = (max(page, 1) - 1) * size
    return [_plan_out(plan) for plan in rows[start : start + size]]


@router.get("/plans/{code}", response=PlanDetailOut, url_name="plan")
def plan(request: HttpRequest, code: str) -> Any:
    """One plan; ``version.sha256`` is the fingerprint that approving it asks for."""
    return _detail(_reader(request), code)


@router.post("/plans/{code}/{act}", response={200: PlanDetailOut, 409: Refusal}, url_name="act_on_plan")
def act_on_plan(request: HttpRequest, code: str, act: str, given: ActIn) -> Any:
    """Submit, withdraw, approve, return, revise, start, evaluate or close a plan."""
    user: Any = request.user
    subject = get_or_404(ImprovementPlan.objects.all(), code=code)
    return _perform(subject, act, user, given) or _detail(user, code)


@router.get("/actions/{number}", response=ActionDetailOut, url_name="plan_action")
def action(request: HttpRequest, number: int) -> Any:
    """One action of a plan."""
    return _action_detail(_reader(request), number)


@router.post(
    "/actions/{number}/{act}", response={200: ActionDetailOut, 409: Refusal}, url_name="act_on_action"
)
def act_on_action(request: HttpRequest, number: int, act: str, given: ActIn) -> Any:
    """Report progress or done, verify, or send back an action. Photos go through the page."""
    user: Any = request.user
    subject = get_or_404(Action.objects.all(), pk=number)
    return _perform(subject, act, user, given) or _action_detail(user, number)
