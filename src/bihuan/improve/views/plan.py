from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.chain import queries as chain
from bihuan.base.chain.strips import links_of
from bihuan.base.people.access import get_or_404, signed_in
from bihuan.base.trail.act import Refused
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Button, Crumb
from bihuan.improve import actions, moves, queries, rules, shown, versions, words
from bihuan.improve.forms.steps import CheckForm, LessonForm
from bihuan.improve.models import Approval, ImprovementPlan, PlanVersion
from bihuan.improve.states import EDITABLE, PlanState
from bihuan.improve.views import common

WITH_APPROVAL = (PlanState.SUBMITTED, PlanState.APPROVED, PlanState.RETURNED)


@require_GET
@signed_in
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """One plan: what is to be done and why, how it will be judged, and whose turn it is."""
    return show(request, get_or_404(queries.plans(common.reader(request)), code=code))


def show(request: HttpRequest, found: ImprovementPlan, *, status: int = 200, **given: Any) -> HttpResponse:
    """The page of a plan, with what a refused form held."""
    user: Any = request.user
    listed = list(found.versions.select_related("submitted_by"))
    newest = listed[0] if listed else None
    measures = list(found.actions.select_related("assignee", "department", "plan"))
    effect = found.effects.order_by("-number").first()
    names = words.indicators(found.trigger_cycle)
    acts = moves.acts_for(user, found)
    mine = "approve" in acts
    approval = _approval(newest)
    context = {
        "plan": found,
        "crumbs": _crumbs(found, newest),
        "chain": links_of(user, "plan", found.code),
        "verdict": shown.verdict(
            found,
            newest,
            measures,
            effect,
            mine=mine,
            reason=approval.reason if approval and found.state == PlanState.RETURNED else "",
            detail=shown.summary(found, measures, names),
            buttons=_buttons(user, found, acts),
        ),
        "findings": found.findings.all(),
        "gantt": shown.gantt(measures),
        "judging": shown.judging(found, names),
        "rules": words.rules(),
        "newest": newest,
        "approval": approval,
        "steps": _steps(found, newest, approval, mine),
        "show_approval": found.state in WITH_APPROVAL and newest is not None,
        "mine": mine,
        "dialogs": {act: move for act, move in acts.items() if move.offered},
        "changes": versions.diff(listed[1].content, listed[0].content) if len(listed) > 1 else None,
        "versions": listed,
        "checks": found.checks.select_related("by", "action")[:5],
        "effects": found.effects.all()[:5],
        "reports": found.reports.all()[:5],
        "lessons": found.lessons.all(),
        "check_form": given.pop("check_form", None)
        or (CheckForm(plan=found) if rules.under_way(found) and rules.may_check(user, found) else None),
        "lesson_form": given.pop("lesson_form", None)
        or (LessonForm() if rules.may_report(user, found) and effect is not None else None),
        "may_report": rules.may_report(user, found) and effect is not None,
        "neighbours": chain.neighbours(user, "plan", found.code),
        "entries": common.entries(found),
        **given,
    }
    return render(request, "improve/plan.html", context, status=status)


def _crumbs(found: ImprovementPlan, newest: PlanVersion | None) -> list[Crumb]:
    tag = _("plan version %(n)d") % {"n": newest.number} if newest else ""
    return [Crumb(_("Improvement plans"), reverse("plans")), Crumb(found.code, tag=tag)]


def _buttons(user: Any, found: ImprovementPlan, acts: dict[str, Any]) -> tuple[Button, ...]:
    buttons = []
    if rules.may_revise(user, found) and found.state in EDITABLE:
        buttons.append(
            Button(_("Edit"), reverse("edit_plan", args=[found.code]), icon="pencil")
            if found.state not in (PlanState.SUBMITTED, PlanState.APPROVED)
            else Button(_("Edit"), icon="pencil", dialog="edit-plan")
        )
    primary = True
    for act, move in acts.items():
        if move.offered:
            buttons.append(
                Button(
                    move.label,
                    icon=move.icon,
                    dialog=f"do-{act}",
                    primary=move.primary and primary,
                    danger=move.danger,
                )
            )
            primary = primary and not move.primary
    return tuple(buttons)


def _approval(newest: PlanVersion | None) -> Approval | None:
    return newest.approvals.select_related("by").first() if newest else None


def _steps(
    found: ImprovementPlan, newest: PlanVersion | None, approval: Approval | None, mine: bool
) -> list[dict[str, Any]]:
    """Who submitted, who decides: each with its shape."""
    if newest is None:
        return []
    submitted = {
        "glyph": "met",
        "tone": "met",
        "who": newest.submitted_by.get_short_name() if newest.submitted_by else _("Bihuan"),
        "what": _("submitted it"),
        "when": formats.moment(newest.submitted_at),
    }
    if approval is not None:
        returned = approval.decision == "returned"
        decided = {
            "glyph": "watch" if returned else "met",
            "tone": "watch" if returned else "met",
            "who": approval.by.get_short_name(),
            "what": approval.get_decision_display(),
            "when": formats.moment(approval.at),
        }
        return [submitted, decided]
    leader = found.leader.get_short_name() if found.leader else _("A supervising leader")
    waiting = {
        "glyph": "wait",
        "tone": "acc",
        "who": _("You") if mine else leader,
        "what": _("approve or return it"),
        "when": "",
    }
    return [submitted, waiting]


@require_GET
@signed_in
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One version word for word, as its fingerprint covers it."""
    found = get_or_404(queries.plans(common.reader(request)), code=code)
    chosen = get_or_404(found.versions.select_related("submitted_by"), number=number)
    earlier = found.versions.filter(number=number - 1).first()
    context = {
        "plan": found,
        "version": chosen,
        "text": versions.canonical(chosen.content),
        "same": versions.fingerprint(chosen.content) == chosen.sha256,
        "changes": versions.diff(earlier.content, chosen.content) if earlier else None,
        "crumbs": [
            Crumb(_("Improvement plans"), reverse("plans")),
            Crumb(found.code, reverse("plan", args=[found.code])),
            Crumb(_("plan version %(n)d") % {"n": number}),
        ],
    }
    return render(request, "improve/version.html", context)


@require_POST
@signed_in
def act_on_plan(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """Submit, take back, approve, return, start, evaluate or close: whatever ``states.py`` knows."""
    reason = request.POST.get("reason", "")

    def refused(subject: Any, refusal: Refused) -> HttpResponse:
        row = get_or_404(queries.plans(request.user), pk=subject.pk)
        return show(request, row, status=409, refusal=str(refusal), reason=reason)

    def done(result: Any) -> HttpResponse:
        if act == "evaluate":
            return redirect("effect", number=result.pk)
        return redirect("plan", code=code)

    return common.act(
        request,
        ImprovementPlan.objects.all(),
        {"code": code},
        act,
        done,
        refused,
        reason=reason,
        fingerprint=request.POST.get("fingerprint", ""),
    )


@require_POST
@signed_in
def check(request: HttpRequest, code: str) -> HttpResponse:
    """Write down how a plan under way stands."""
    found = get_or_404(queries.plans(common.reader(request)), code=code)
    form = CheckForm(request.POST, plan=found)
    if not form.is_valid():
        return show(request, found, status=422, check_form=form)
    try:
        actions.check_progress(found, actor=request.user, **form.cleaned_data)
    except Refused as refusal:
        return show(request, found, status=409, refusal=str(refusal), check_form=form)
    return redirect("plan", code=code)
