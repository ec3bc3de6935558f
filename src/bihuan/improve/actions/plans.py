"""Drawing up a plan, editing, submitting, starting and closing it. Approving is in ``approvals``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.assess.findings import actions as findings_actions
from bihuan.assess.findings.models import Finding
from bihuan.assess.findings.states import FindingState
from bihuan.base.chain import actions as chain
from bihuan.base.people.roles import Role
from bihuan.base.trail.act import Refused, act, note
from bihuan.improve import drafts, moves, rules, told, versions
from bihuan.improve.choices import PROOF
from bihuan.improve.drafts import PlanDraft
from bihuan.improve.models import Approval, ImprovementPlan, PlanVersion
from bihuan.improve.numbering import next_code
from bihuan.improve.states import EDITABLE, PlanState

TIME_TO_DECIDE = timedelta(days=2)
END_OF_WORK = time(18)


@act
def open_plan(draft: PlanDraft, *, actor: Any, findings: Iterable[Finding]) -> ImprovementPlan:
    """Draw up a plan for analysed findings; they count as planned from now on."""
    chosen = list(findings)
    if not rules.may_plan(actor, draft.place):
        raise Refused(
            _("Only the place's quality manager or a department head there draws up a plan."),
            code="not_yours",
            subject=draft.place,
        )
    if not chosen:
        raise Refused(_("Name the finding that the plan answers."), code="no_finding", subject=draft.place)
    now = timezone.now()
    plan = ImprovementPlan(
        code=next_code("GJ", timezone.localtime(now).year),
        state=PlanState.DRAFT,
        state_since=now,
        editors=_with([], actor),
        created_by=actor,
        created_at=now,
    )
    drafts.put(plan, draft)
    plan.save()
    plan.findings.set(chosen)
    drafts.put_parts(plan, draft)
    note(actor, "plan.opened", plan, place=plan.place, findings=[finding.code for finding in chosen])
    for finding in chosen:
        findings_actions.mark_planned(finding, actor=actor, plan=("plan", plan.code))
    return plan


@act
def edit_plan(plan: ImprovementPlan, draft: PlanDraft | None, *, actor: Any) -> ImprovementPlan:
    """Change the content. A submitted, returned, approved or ineffective plan becomes a draft by it.

    An edit that changes nothing leaves everything as it is, an approval included; so does one without a
    draft, where what was typed cannot be read, once the person and the state allow an edit at all.
    """
    row = ImprovementPlan.objects.select_for_update().get(pk=plan.pk)
    moves.refuse_unless_seen(row, actor=actor)
    if not rules.may_revise(actor, row):
        raise Refused(
            _("Only the plan's owner or the place's quality manager edits it."),
            code="not_yours",
            subject=row,
        )
    if row.state not in EDITABLE:
        raise Refused(
            _("While a plan is “%(state)s” its content cannot be edited.")
            % {"state": row.get_state_display()},
            code="wrong_state",
            subject=row,
        )
    if draft is None:
        return row
    if draft.place != row.place and not rules.may_plan(actor, draft.place):
        raise Refused(
            _("You may not plan for %(place)s. Choose a place of yours.") % {"place": draft.place.name},
            code="not_your_place",
            subject=row,
        )
    before = versions.fingerprint(versions.content(row))
    drafts.put(row, draft)
    row.save(update_fields=list(drafts.FIELDS))
    drafts.put_parts(row, draft)
    after = versions.fingerprint(versions.content(row))
    if after == before:
        return row
    row.editors = _with(row.editors, actor)
    row.save(update_fields=["editors"])
    note(actor, "plan.edited", row, place=row.place, was=before, now=after)
    if row.state != PlanState.DRAFT:
        void(row)
        told.plan_revised(row, actor=actor)
        moves.finish(row, "revise", actor=actor)
    return row


@act
def revise_plan(plan: ImprovementPlan, *, actor: Any, reason: str = "") -> ImprovementPlan:
    """Take a plan back to draft to work on it again; an approval falls with it."""
    row = moves.begin(plan, "revise", actor=actor)
    if row.state == PlanState.DRAFT:
        return row
    void(row)
    told.plan_revised(row, actor=actor)
    return moves.finish(row, "revise", actor=actor, reason=reason.strip())


def _with(editors: list[int], actor: Any) -> list[int]:
    return sorted({*editors, *([actor.pk] if actor is not None else [])})


def void(plan: ImprovementPlan) -> None:
    """Take their force from the submitted version and from what was decided on it."""
    now = timezone.now()
    PlanVersion.objects.filter(plan=plan, voided_at=None).update(voided_at=now)
    Approval.objects.filter(version__plan=plan, voided_at=None).update(voided_at=now)


@act
def submit_plan(plan: ImprovementPlan, *, actor: Any) -> ImprovementPlan:
    """Freeze the content into a version with its fingerprint and put it before the leader."""
    row = moves.begin(plan, "submit", actor=actor)
    _refuse_incomplete(row)
    now = timezone.now()
    given = versions.content(row)
    last = row.versions.order_by("-number").values_list("number", flat=True).first() or 0
    void(row)
    version = PlanVersion.objects.create(
        plan=row,
        number=last + 1,
        content=given,
        sha256=versions.fingerprint(given),
        submitted_by=actor,
        submitted_at=now,
    )
    row.decide_by, row.editors = _decide_by(now), _with(row.editors, actor)
    for finding in row.findings.filter(state=FindingState.ANALYSED):  # reopened by a plan that did not work
        findings_actions.mark_planned(finding, actor=actor, plan=("plan", row.code))
    told.plan_submitted(row, version, actor=actor)
    return moves.finish(
        row,
        "submit",
        actor=actor,
        fields=("decide_by", "editors"),
        version=version.number,
        sha256=version.sha256,
    )


def _decide_by(now: datetime) -> datetime:
    """The end of work two days on."""
    day = timezone.localdate(now) + TIME_TO_DECIDE
    return timezone.make_aware(datetime.combine(day, END_OF_WORK))


def _refuse_incomplete(plan: ImprovementPlan) -> None:
    """What a leader cannot decide on is not put before one."""
    problem: Any = ""
    if plan.due is None:
        problem = _("Say by when the plan is done; then submit it.")
    elif not plan.actions.exists():
        problem = _("The plan has no action yet. Add what will be done, then submit it.")
    elif not plan.impacts.exists():
        problem = _("The plan promises nothing yet. Add the indicator it will change, then submit it.")
    elif plan.actions.filter(due__gt=plan.due).exists():
        problem = _("An action ends after the day by which the plan is done. Put the days in order.")
    elif plan.leader is not None and not plan.leader.has_role(Role.LEADER, plan.place):
        problem = _("%(name)s is no leader of %(place)s. Choose another one.") % {
            "name": plan.leader.get_short_name(),
            "place": plan.place.name,
        }
    if problem:
        raise Refused(problem, code="incomplete", subject=plan)


@act
def withdraw_plan(plan: ImprovementPlan, *, actor: Any, reason: str = "") -> ImprovementPlan:
    """Take a submitted plan back before it is decided on."""
    row = moves.begin(plan, "withdraw", actor=actor)
    void(row)
    row.decide_by = None
    return moves.finish(row, "withdraw", actor=actor, fields=("decide_by",), reason=reason.strip())


@act
def start_plan(plan: ImprovementPlan, *, actor: Any) -> ImprovementPlan:
    """Let the actions of an approved plan begin; each is linked to the plan, and its person told."""
    row = moves.begin(plan, "start", actor=actor)
    for action in row.actions.select_related("assignee"):
        chain.link(("plan", row.code), "carried_out_by", ("action", action.pk), actor=actor)
    told.plan_started(row, actor=actor)
    return moves.finish(row, "start", actor=actor)


@act
def close_plan(plan: ImprovementPlan, *, actor: Any) -> ImprovementPlan:
    """Close a plan whose newest effect evaluation is its proof, and the findings with it."""
    row = moves.begin(plan, "close", actor=actor)
    newest = row.effects.order_by("-number").first()
    if newest is None or newest.verdict not in PROOF:
        raise Refused(
            _("Without a proof of its effect no plan is closed. Evaluate it again when there are data."),
            code="no_proof",
            subject=row,
        )
    for finding in row.findings.exclude(state=FindingState.CLOSED):
        findings_actions.close_finding(finding, actor=actor)
    told.plan_closed(row, actor=actor)
    return moves.finish(row, "close", actor=actor, effect=str(newest), verdict=newest.verdict)
