"""Who is what to a plan, and so who may do what; which act needs which part stands in ``states.py``.

``None`` is the system: it may do what owners and quality managers do, but approves and verifies nothing.
"""

from __future__ import annotations

from typing import Any

from bihuan.base.people.models import User
from bihuan.base.people.roles import Role
from bihuan.base.places.models import Place
from bihuan.improve.choices import PROOF
from bihuan.improve.models import Action, ImprovementPlan
from bihuan.improve.states import EDITABLE, PLAN_MOVES, ActionState, Part, PlanState

SYSTEM_PARTS = frozenset({Part.OWNER, Part.QUALITY, Part.ASSIGNEE, Part.SYSTEM})


def may_see(user: Any, subject: Any) -> bool:
    """Whether the record is open to the person; everybody else is told that it is not there."""
    return user is None or type(subject).objects.visible_to(user).filter(pk=subject.pk).exists()


def parts(user: Any, subject: Any) -> frozenset[str]:
    """What the person is to the record."""
    if user is None:
        return SYSTEM_PARTS
    if not user.is_active:
        return frozenset()
    plan = subject if isinstance(subject, ImprovementPlan) else subject.plan
    found = {
        Part.OWNER: plan.owner_id == user.pk,
        Part.QUALITY: user.has_role(Role.QUALITY_MANAGER, plan.place),
        Part.LEADER: user.has_role(Role.LEADER, plan.place),
        Part.APPROVER: user.has_role(Role.LEADER, plan.place) and not had_a_part(user, plan),
    }
    if isinstance(subject, Action):
        found[Part.ASSIGNEE] = subject.assignee_id == user.pk
        found[Part.CHECKER] = checks(user, subject)
    return frozenset(part for part, is_so in found.items() if is_so)


def had_a_part(user: Any, plan: ImprovementPlan) -> bool:
    """Whether the person owns, wrote or submitted the plan, and so may not approve it."""
    return user.pk == plan.owner_id or user.pk in plan.editors


def checks(user: User, action: Action) -> bool:
    """Quality manager, inspector, or the head of another department there; never who did or reported it."""
    if user.pk in (action.assignee_id, action.done_by_id):
        return False
    place = action.plan.place
    if user.has_any_role(Role.QUALITY_MANAGER, Role.INSPECTOR, place=place):
        return True
    own = action.department_id or action.assignee.department_id
    other = user.department_id is not None and user.department_id != own
    return other and user.has_role(Role.DEPARTMENT_HEAD, place)


def may_revise(user: Any, plan: ImprovementPlan) -> bool:
    """Whether the content is the person's to change; whether the state lets it be is another matter."""
    return bool(parts(user, plan) & set(PLAN_MOVES["revise"].by))


def under_way(plan: ImprovementPlan) -> bool:
    """Whether actions are being carried out."""
    return plan.state == PlanState.EXECUTING


def may_plan(user: Any, place: Place) -> bool:
    """Who may draw up a plan for a place."""
    return user is None or user.has_any_role(Role.QUALITY_MANAGER, Role.DEPARTMENT_HEAD, place=place)


def may_plan_somewhere(user: Any) -> bool:
    """Whether the person may draw up plans at all."""
    return user.has_any_role(Role.QUALITY_MANAGER, Role.DEPARTMENT_HEAD)


def may_edit(user: Any, plan: ImprovementPlan) -> bool:
    """Whether the person may change the content now."""
    return plan.state in EDITABLE and may_revise(user, plan)


def may_check(user: Any, plan: ImprovementPlan) -> bool:
    """Who may write down how a plan under way stands."""
    if user is None:
        return True
    return user.pk == plan.owner_id or user.has_any_role(
        Role.QUALITY_MANAGER, Role.INSPECTOR, Role.LEADER, place=plan.place
    )


def may_report(user: Any, plan: ImprovementPlan) -> bool:
    """Who may draw up the management report and write lessons."""
    return bool(parts(user, plan) & {Part.OWNER, Part.QUALITY})


def may_read_some(user: Any) -> bool:
    """Whether the pages of improvement are there for the person at all."""
    return bool(user.is_authenticated and user.is_active and user.visible_paths())


def all_verified(plan: ImprovementPlan) -> bool:
    """Whether every action is verified, so that the effect may be looked for."""
    states = {action.state for action in plan.actions.all()}
    return states == {ActionState.VERIFIED}


def ready_for(plan: ImprovementPlan, act: str) -> bool:
    """Whether what an act waits for is there, so that its button is worth showing."""
    if act == "evaluate":
        return plan.state != PlanState.EXECUTING or all_verified(plan)
    if act == "close":
        newest = plan.effects.order_by("-number").first()
        return newest is not None and newest.verdict in PROOF
    return True
