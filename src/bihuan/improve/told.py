"""Who is told of what: one function for each occasion, called inside the act, so that both happen or none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bihuan.base.notices import actions as notices
from bihuan.base.people import queries as people
from bihuan.base.people.models import User
from bihuan.base.people.roles import Role
from bihuan.improve.models import Action, ImprovementPlan, ManagementReport, PlanVersion, ProgressCheck

KINDS = {
    "plan_submitted": _("Plans to approve"),
    "plan_approved": _("Plans approved"),
    "plan_returned": _("Plans returned"),
    "plan_revised": _("Plans edited after submission"),
    "plan_checked": _("Plans found behind or blocked"),
    "plan_carried_out": _("Plans carried out"),
    "plan_evaluated": _("Effects evaluated"),
    "plan_closed": _("Plans closed"),
    "action_started": _("Actions to carry out"),
    "action_done": _("Actions to verify"),
    "action_sent_back": _("Actions sent back"),
    "management_report_submitted": _("Management reports to read"),
}


def _tell(
    recipients: Iterable[User | None],
    kind: str,
    title: Any,
    *,
    subject: tuple[str, Any],
    url: str,
    key: str,
    actor: Any,
    body: Any = "",
    due: Any = None,
) -> None:
    """Tell people, each once, and never whoever did it."""
    own = getattr(actor, "pk", None)
    chosen = {one.pk: one for one in recipients if one is not None and one.is_active and one.pk != own}
    if chosen:
        notices.notify(
            list(chosen.values()),
            kind=kind,
            title=title,
            body=body,
            url=url,
            subject=(subject[0], str(subject[1])),
            due=due,
            dedupe_key=f"{kind}:{key}",
            actor=actor,
        )


def _plan(
    plan: ImprovementPlan, recipients: Iterable[User | None], kind: str, title: Any, key: Any, **more: Any
) -> None:
    _tell(
        recipients,
        kind,
        title,
        subject=("plan", plan.code),
        url=reverse("plan", args=[plan.code]),
        key=f"{plan.pk}:{key}",
        **more,
    )


def holders(role: str, plan: ImprovementPlan) -> list[User]:
    """The people in use who hold a role over the plan's place."""
    found = people.holding(User.objects.filter(is_active=True), role)
    return [user for user in found if user.has_role(role, plan.place)]


def approvers(plan: ImprovementPlan) -> list[User]:
    """The leader the plan names, else every leader of its place who had no part in it."""
    if plan.leader is not None:
        return [plan.leader]
    return [user for user in holders(Role.LEADER, plan) if user.pk not in (plan.owner_id, *plan.editors)]


def plan_submitted(plan: ImprovementPlan, version: PlanVersion, *, actor: Any) -> None:
    """The leader has something to decide."""
    title = _("Plan %(code)s “%(title)s” waits for your approval")
    _plan(
        plan,
        approvers(plan),
        "plan_submitted",
        _say(title, code=plan.code, title=plan.title),
        version.number,
        due=plan.decide_by,
        actor=actor,
    )


def plan_approved(plan: ImprovementPlan, version: PlanVersion, *, actor: Any) -> None:
    """The owner may start."""
    title = _("Plan %(code)s “%(title)s” is approved; start it")
    _plan(
        plan,
        [plan.owner, version.submitted_by],
        "plan_approved",
        _say(title, code=plan.code, title=plan.title),
        version.number,
        actor=actor,
    )


def plan_returned(plan: ImprovementPlan, version: PlanVersion, reason: str, *, actor: Any) -> None:
    """The owner must change it."""
    title = _("Plan %(code)s “%(title)s” was returned")
    _plan(
        plan,
        [plan.owner, version.submitted_by],
        "plan_returned",
        _say(title, code=plan.code, title=plan.title),
        version.number,
        body=reason,
        actor=actor,
    )


def plan_revised(plan: ImprovementPlan, *, actor: Any) -> None:
    """Whoever approved or was to decide learns that the content changed; the owner too."""
    newest = plan.versions.order_by("-number").first()
    number = newest.number if newest else 0
    approval = newest.approvals.select_related("by").first() if newest else None
    recipients = [plan.owner, *([approval.by] if approval else approvers(plan))]
    title = _("Plan %(code)s “%(title)s” was edited; its approval no longer counts")
    _plan(
        plan,
        recipients,
        "plan_revised",
        _say(title, code=plan.code, title=plan.title),
        f"{number}:{plan.state_since.timestamp()}",
        actor=actor,
    )


def plan_started(plan: ImprovementPlan, *, actor: Any) -> None:
    """Everybody with an action learns what is theirs."""
    for action in plan.actions.select_related("assignee"):
        _tell(
            [action.assignee],
            "action_started",
            _say(
                _("Yours by %(due)s: %(title)s (plan %(code)s)"),
                due=action.due.isoformat(),
                title=action.title,
                code=plan.code,
            ),
            subject=("action", action.pk),
            url=reverse("plan_action", args=[action.pk]),
            key=f"{action.pk}:{plan.state_since.timestamp()}",
            actor=actor,
        )


def plan_checked(plan: ImprovementPlan, check: ProgressCheck, *, actor: Any) -> None:
    """The owner learns when a check found the plan behind or blocked."""
    if check.verdict != "on_track":
        title = _("A check found plan %(code)s “%(verdict)s”")
        _plan(
            plan,
            [plan.owner],
            "plan_checked",
            _say(title, code=plan.code, verdict=check.get_verdict_display()),
            check.pk,
            body=check.note,
            actor=actor,
        )


def plan_carried_out(plan: ImprovementPlan, *, actor: Any) -> None:
    """Every action is verified: the effect is next."""
    title = _("Every action of plan %(code)s is verified; its effect can be evaluated")
    _plan(
        plan,
        [plan.owner, *holders(Role.QUALITY_MANAGER, plan)],
        "plan_carried_out",
        _say(title, code=plan.code),
        plan.state_since.timestamp(),
        actor=actor,
    )


def plan_evaluated(plan: ImprovementPlan, number: int, verdict: Any, *, actor: Any) -> None:
    """Owner and leaders learn the verdict."""
    title = _("The effect of plan %(code)s: %(verdict)s")
    _plan(
        plan,
        [plan.owner, *approvers(plan)],
        "plan_evaluated",
        _say(title, code=plan.code, verdict=verdict),
        number,
        actor=actor,
    )


def plan_closed(plan: ImprovementPlan, *, actor: Any) -> None:
    """Everybody who worked on it learns that it is over."""
    assignees = [action.assignee for action in plan.actions.select_related("assignee")]
    title = _("Plan %(code)s “%(title)s” worked and is closed")
    _plan(
        plan,
        [plan.owner, *assignees],
        "plan_closed",
        _say(title, code=plan.code, title=plan.title),
        "",
        actor=actor,
    )


def _action(action: Action, recipients: Iterable[User | None], kind: str, title: Any, **more: Any) -> None:
    _tell(
        recipients,
        kind,
        title,
        subject=("action", action.pk),
        url=reverse("plan_action", args=[action.pk]),
        key=f"{action.pk}:{action.state_since.timestamp()}",
        **more,
    )


def action_done(action: Action, *, actor: Any) -> None:
    """Somebody else must verify it."""
    checkers = [
        user
        for role in (Role.QUALITY_MANAGER, Role.INSPECTOR)
        for user in holders(role, action.plan)
        if user.pk != action.assignee_id
    ]
    title = _say(
        _("Verify what was done: %(title)s (plan %(code)s)"), title=action.title, code=action.plan.code
    )
    _action(action, checkers, "action_done", title, actor=actor)


def action_sent_back(action: Action, reason: str, *, actor: Any) -> None:
    """Its person must do more."""
    title = _say(_("Sent back: %(title)s (plan %(code)s)"), title=action.title, code=action.plan.code)
    _action(action, [action.assignee], "action_sent_back", title, body=reason, actor=actor)


def report_submitted(report: ManagementReport, *, actor: Any) -> None:
    """The leader has something to read."""
    _tell(
        approvers(report.plan),
        "management_report_submitted",
        _say(
            _("Read the management report %(code)s on plan %(plan)s"), code=report.code, plan=report.plan.code
        ),
        subject=("management_report", report.code),
        url=reverse("management_report", args=[report.code]),
        key=str(report.pk),
        actor=actor,
    )


def _say(sentence: Any, **values: Any) -> Any:
    """The sentence in both languages: whoever reads it later chooses."""
    from bihuan.improve.words import in_both  # words need the models

    return in_both(sentence, **values)
