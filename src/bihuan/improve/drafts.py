"""What somebody wrote into the form of a plan, or a program into its call, and how it goes into the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.calendars import periods
from bihuan.base.people.models import Department, User
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused
from bihuan.improve.choices import Proof
from bihuan.improve.models import Action, ExpectedImpact, ImprovementPlan
from bihuan.improve.states import ActionState
from bihuan.standards import queries as standards
from bihuan.standards.cycles import start_key


@dataclass(frozen=True)
class ActionDraft:
    """One action as written; ``key`` names the row it changes, None makes a new one."""

    title: str
    assignee: User
    starts: date
    due: date
    proof: str = ""
    proof_kind: str = Proof.FILE
    department: Department | None = None
    checkpoints: Sequence[date] = ()
    training: bool = False
    key: int | None = None


@dataclass(frozen=True)
class ImpactDraft:
    """One expected impact as written; ``promised`` is above 0: better by so much."""

    indicator: str
    place: Place
    promised: Decimal
    measured_from: str
    comparison: Sequence[Place] = ()
    key: int | None = None


@dataclass(frozen=True)
class PlanDraft:
    """A whole plan as written."""

    title: str
    place: Place
    owner: User
    trigger_cycle: str
    department: Department | None = None
    leader: User | None = None
    why: str = ""
    resources: str = ""
    cost: Decimal | None = None
    due: date | None = None
    actions: Sequence[ActionDraft] = field(default_factory=tuple)
    impacts: Sequence[ImpactDraft] = field(default_factory=tuple)


FIELDS = (
    "title",
    "place",
    "owner",
    "trigger_cycle",
    "department",
    "leader",
    "why",
    "resources",
    "cost",
    "due",
)


def put(plan: ImprovementPlan, draft: PlanDraft) -> None:
    """Bring the plan's rows to what the draft says; the plan's own row is saved by the caller."""
    if not periods.is_cycle(draft.trigger_cycle):
        raise Refused(
            _("“%(code)s” is no cycle: write 2026Q3 or 2026.") % {"code": draft.trigger_cycle},
            code="no_cycle",
            subject=plan if plan.pk else draft.place,
        )
    for name in FIELDS:
        value = getattr(draft, name)
        setattr(plan, name, value.strip() if isinstance(value, str) else value)


def put_parts(plan: ImprovementPlan, draft: PlanDraft) -> None:
    """Actions and impacts of the draft, in its order; what it leaves out goes."""
    _put_actions(plan, draft.actions)
    _put_impacts(plan, draft.impacts)


def _put_actions(plan: ImprovementPlan, drafts: Sequence[ActionDraft]) -> None:
    rows = {action.pk: action for action in plan.actions.select_related("assignee", "department")}
    kept = {draft.key for draft in drafts}
    for key, row in rows.items():
        if key not in kept:
            _refuse_begun(row)
            row.delete()
    for order, draft in enumerate(drafts, 1):
        if draft.due < draft.starts:
            raise Refused(
                _("Action %(n)d ends before it begins. Put its days in order.") % {"n": order},
                code="days_in_order",
                subject=plan,
            )
        wanted = {
            "order": order,
            "title": draft.title.strip(),
            "assignee": draft.assignee,
            "department": draft.department,
            "proof": draft.proof.strip(),
            "proof_kind": draft.proof_kind,
            "starts": draft.starts,
            "due": draft.due,
            "checkpoints": [day.isoformat() for day in sorted(set(draft.checkpoints))],
            "training": draft.training,
        }
        known = rows.get(draft.key or 0)
        if known is None:
            Action.objects.create(plan=plan, state_since=timezone.now(), **wanted)
            continue
        changed = [name for name, value in wanted.items() if getattr(known, name) != value]
        if set(changed) - {"order"}:
            _refuse_begun(known)
        for name in changed:
            setattr(known, name, wanted[name])
        if changed:
            known.save(update_fields=changed)


def _refuse_begun(action: Action) -> None:
    """What was carried out stays as it was approved: a new action is added instead."""
    if action.state != ActionState.TODO:
        raise Refused(
            _("Action %(n)d “%(title)s” has begun and stays as it is. Add a new action instead.")
            % {"n": action.order, "title": action.title},
            code="action_begun",
            subject=action.plan,
        )


def _put_impacts(plan: ImprovementPlan, drafts: Sequence[ImpactDraft]) -> None:
    rows = {impact.pk: impact for impact in plan.impacts.all()}
    kept = {draft.key for draft in drafts}
    for key, row in rows.items():
        if key not in kept:
            row.delete()
    for order, draft in enumerate(drafts, 1):
        wanted = {
            "order": order,
            "indicator": draft.indicator,
            "place": draft.place,
            "direction": _direction(plan, draft),
            "promised": draft.promised,
            "measured_from": draft.measured_from,
        }
        _check_impact(plan, draft, order)
        impact = rows.get(draft.key or 0) or ExpectedImpact(plan=plan)
        for name, value in wanted.items():
            setattr(impact, name, value)
        impact.save()
        if {place.pk for place in impact.comparison.all()} != {place.pk for place in draft.comparison}:
            impact.comparison.set(draft.comparison)


def _check_impact(plan: ImprovementPlan, draft: ImpactDraft, order: int) -> None:
    problem: Any = ""
    if not draft.promised > 0:
        problem = _("Impact %(n)d: the promised improvement must be above 0.")
    elif not periods.is_cycle(draft.measured_from):
        problem = _("Impact %(n)d: “measured from” is no cycle; write it as 2026Q4.")
    elif ("Q" in draft.measured_from) != ("Q" in plan.trigger_cycle):
        problem = _("Impact %(n)d: measure from a cycle of the same length as the one that led to the plan.")
    elif start_key(draft.measured_from) <= start_key(plan.trigger_cycle):
        problem = _("Impact %(n)d: measure from a cycle after the one that led to the plan.")
    elif draft.place in draft.comparison:
        problem = _("Impact %(n)d: a place cannot be compared with itself.")
    if problem:
        raise Refused(problem % {"n": order}, code="impact", subject=plan)


def _direction(plan: ImprovementPlan, draft: ImpactDraft) -> str:
    """Which way is better, by the version of the indicator in force in the cycle that led to the plan."""
    for version in standards.versions_for(plan.trigger_cycle):
        if version.indicator.code == draft.indicator:
            return str(version.definition["direction"])
    raise Refused(
        _("There is no indicator %(code)s in %(cycle)s. Choose one from the list.")
        % {"code": draft.indicator, "cycle": plan.trigger_cycle},
        code="no_indicator",
        subject=plan,
    )
