"""The form of a plan: drawing one up from findings, and editing it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bihuan.assess.findings.models import Finding
from bihuan.assess.findings.states import FindingState
from bihuan.base.people.access import get_or_404, signed_in
from bihuan.base.trail.act import Refused
from bihuan.base.ui.parts import Button, Crumb, Empty, Verdict
from bihuan.improve import actions, people, queries, rules
from bihuan.improve.forms.plans import PlanForms, actions_of, impacts_of
from bihuan.improve.models import ImprovementPlan
from bihuan.improve.states import EDITABLE, PlanState
from bihuan.improve.views.common import reader
from bihuan.standards import queries as standards


@require_http_methods(["GET", "POST"])
@signed_in
def new_plan(request: HttpRequest) -> HttpResponse:
    """Draw up a plan for the finding named in the address, or choose one first."""
    user = reader(request)
    if not rules.may_plan_somewhere(user):
        raise Http404
    waiting = Finding.objects.visible_to(user).filter(state=FindingState.ANALYSED).select_related("place")
    if not request.GET.get("finding"):
        return _choose(request, waiting)
    findings = _findings(request, user)
    first = findings[0]
    if not rules.may_plan(user, first.place):
        raise Http404
    cycle = first.cycle or standards.current_cycle()
    following = people.cycles_after(cycle)[0][0]
    forms = PlanForms(
        request.POST or None,
        user=user,
        place=first.place,
        cycle=cycle,
        initial={
            "title": first.title[:120],
            "place": first.place_id,
            "trigger_cycle": cycle,
            "owner": first.owner_id,
            "department": first.department_id,
            "why": "\n".join(str(line) for line in first.cause),
        },
        actions=[],
        impacts=[{"indicator": first.indicator, "at": first.place_id, "measured_from": following}]
        if first.indicator and request.method == "GET"
        else [],
    )
    verdict = Verdict(
        _("A plan for [[%(code)s]]: %(title)s") % {"code": first.code, "title": first.title},
        "acc",
        "todo",
        _("Who does what by when, what it changes, and how that is judged."),
    )
    if request.method == "POST" and forms.is_valid():
        try:
            made = actions.open_plan(forms.draft(), actor=user, findings=findings)
        except Refused as refusal:
            return _form(request, forms, verdict, None, status=409, refusal=str(refusal))
        return redirect("plan", code=made.code)
    return _form(request, forms, verdict, None, status=422 if request.method == "POST" else 200)


def _findings(request: HttpRequest, user: Any) -> list[Finding]:
    codes = request.GET.getlist("finding")
    found = list(Finding.objects.visible_to(user).filter(code__in=codes).select_related("place", "owner"))
    if len(found) != len(set(codes)):
        raise Http404
    return sorted(found, key=lambda finding: codes.index(finding.code))


def _choose(request: HttpRequest, waiting: Any) -> HttpResponse:
    """The findings whose cause is known and that no plan answers yet."""
    rows = list(waiting[:50])
    context = {
        "crumbs": [Crumb(_("Improvement plans"), reverse("plans")), Crumb(_("New plan"))],
        "verdict": Verdict(_("Which finding is [[the plan]] for?"), "acc", "todo"),
        "rows": rows,
        "empty": Empty(
            _("No finding waits for a plan"),
            _("A plan answers findings whose cause is known. Find the cause of an open one first."),
            Button(_("See the findings"), reverse("findings")),
        ),
    }
    return render(request, "improve/choose_finding.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def edit_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Edit a plan; where it was submitted or approved, the page says what the edit takes away."""
    user = reader(request)
    plan = _to_edit(request, code)
    if request.method == "GET" and not rules.may_revise(user, plan):
        raise Http404
    if request.method == "GET" and plan.state not in EDITABLE:
        return redirect("plan", code=code)
    actions_now, impacts_now = actions_of(plan), impacts_of(plan)
    forms = PlanForms(
        request.POST or None,
        user=user,
        place=plan.place,
        cycle=plan.trigger_cycle,
        initial={
            name: getattr(plan, name)
            for name in ("title", "trigger_cycle", "why", "resources", "cost", "due")
        }
        | {"place": plan.place_id, "owner": plan.owner_id, "department": plan.department_id}
        | {"leader": plan.leader_id},
        actions=actions_now,
        impacts=impacts_now,
    )
    if request.method == "POST" and (forms.is_valid() or not rules.may_edit(user, plan)):
        try:
            actions.edit_plan(plan, forms.draft() if forms.is_valid() else None, actor=user)
        except Refused as refusal:
            return _form(request, forms, _edit_verdict(plan), plan, status=409, refusal=str(refusal))
        return redirect("plan", code=code)
    status = 422 if request.method == "POST" else 200
    return _form(request, forms, _edit_verdict(plan), plan, status=status)


def _to_edit(request: HttpRequest, code: str) -> ImprovementPlan:
    """The plan; an attempt to write one that the person may not see is put on the trail."""
    if request.method == "POST":
        plan = get_or_404(ImprovementPlan.objects.all(), code=code)
        if not rules.may_see(request.user, plan):
            try:
                actions.edit_plan(plan, None, actor=request.user)
            except Refused as refusal:
                raise Http404 from refusal
    return get_or_404(queries.plans(request.user), code=code)


def _edit_verdict(plan: ImprovementPlan) -> Verdict:
    said = {
        PlanState.SUBMITTED: _("Saving a change [[takes it back to draft]]; it must be submitted again."),
        PlanState.APPROVED: _("Saving a change [[takes the approval away]]; it must be approved again."),
    }
    text = said.get(PlanState(plan.state))
    if text:
        return Verdict(text, "watch", "watch", plan.title)
    return Verdict(_("Editing [[%(title)s]].") % {"title": plan.title}, "acc", "todo")


def _form(
    request: HttpRequest,
    forms: PlanForms,
    verdict: Verdict,
    plan: ImprovementPlan | None,
    *,
    status: int,
    **more: Any,
) -> HttpResponse:
    crumbs = [Crumb(_("Improvement plans"), reverse("plans"))]
    if plan is not None:
        crumbs.append(Crumb(plan.code, reverse("plan", args=[plan.code])))
    crumbs.append(Crumb(_("Edit") if plan else _("New plan")))
    context = {
        "crumbs": crumbs,
        "verdict": verdict,
        "forms": forms,
        "plan": plan,
        "back": reverse("plan", args=[plan.code]) if plan else reverse("plans"),
        **more,
    }
    return render(request, "improve/plan_form.html", context, status=status)
