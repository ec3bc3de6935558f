"""The pages of findings."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from bihuan.assess import units
from bihuan.assess.findings import actions, queries, rules, verdicts, words
from bihuan.assess.findings.forms import AssignForm, CauseForm, Why
from bihuan.assess.findings.models import Finding, Signal
from bihuan.assess.findings.states import UNFINISHED, FindingState
from bihuan.assess.findings.views.common import ALL, reader, says
from bihuan.assess.views import chosen
from bihuan.base.chain.queries import neighbours
from bihuan.base.chain.strips import links_of
from bihuan.base.people.access import attempt, get_or_404, signed_in
from bihuan.base.people.models import Department
from bihuan.base.trail.queries import for_subject
from bihuan.base.ui import formats
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Figure


@require_GET
@signed_in
def findings(request: HttpRequest) -> HttpResponseBase:
    """The findings at the places this person answers for, and those that are the person's own."""
    user = reader(request)
    place = chosen.place(request)
    rows = queries.findings(user, place=place)
    unfinished = says(request, "state", FindingState) or request.GET.get("overdue") == "1"
    page = ListPage(
        request,
        rows if unfinished else rows.filter(state__in=UNFINISHED),
        columns=_finding_columns(),
        filters=_finding_filters(user),
        sort="due",
        caption=_("Findings"),
    )
    if page.wants_export:
        return page.export("findings")
    context = {
        "list": page,
        "verdict": verdicts.findings(queries.counts(rows)),
        "crumbs": [Crumb(_("Findings"))],
        "empty": Empty(
            _("No finding here"),
            _("A finding is made from a signal, or from a proposal of an inspection."),
            Button(_("Go to the signals"), reverse("signals"), primary=True),
        ),
    }
    return render(request, "assess/findings/findings.html", context)


def _finding_columns() -> list[Column]:
    return [
        Column("code", _("Number"), url=lambda f: reverse("finding", args=[f.code]), sort="code"),
        Column("title", _("What is wrong"), value="title"),
        Column("place", _("Place"), value="place.name", sort="place__path"),
        Column("indicator", _("Indicator"), sort="indicator"),
        Column(
            "cycle", _("Cycle"), sort="cycle", show=lambda code: formats.cycle_short(code) if code else "—"
        ),
        Column("department", _("Department"), value=lambda f: f.department.name if f.department else ""),
        Column("owner", _("Who answers for it"), value=lambda f: f.owner.get_short_name() if f.owner else ""),
        Column("due", _("Cause found by"), sort="due"),
        Column("state", _("State"), value="get_state_display", sort="state"),
        Column("overdue", _("Days overdue"), value="days_overdue", numeric=True),
        Column("opened", _("Opened"), value="opened_at", sort="opened_at"),
    ]


def _finding_filters(user: Any) -> list[Filter]:
    departments = Department.objects.filter(pk__in=Finding.objects.visible_to(user).values("department"))
    return [
        Filter(
            "q", _("Find"), kind="search", fields=["code", "title_zh", "title_en"], hint=_("number or words")
        ),
        Filter(
            "state",
            _("State"),
            choices=[ALL, *FindingState.choices],
            all=_("to settle"),
            apply=lambda found, value: found if value == "all" else found.filter(state=value),
        ),
        Filter(
            "department",
            _("Department"),
            choices=[(one.code, one.name) for one in departments],
            path="department__code",
        ),
        Filter(
            "overdue",
            _("Overdue"),
            choices=[("1", _("only overdue ones"))],
            apply=lambda found, _value: found.overdue(),
        ),
        Filter(
            "mine",
            _("Mine"),
            choices=[("1", _("only my own"))],
            apply=lambda found, _value: found.filter(owner=user),
        ),
    ]


def _finding(request: HttpRequest, code: str) -> Finding:
    rows = queries.findings(reader(request)).select_related("opened_by")
    return get_or_404(rows, code=code)


@require_GET
@signed_in
def finding(request: HttpRequest, code: str) -> HttpResponse:
    """One finding: the chain, where it stands, why it happens, the evidence, and what is next."""
    return _show(request, _finding(request, code))


def _show(
    request: HttpRequest, record: Finding, cause: CauseForm | None = None, assign: AssignForm | None = None
) -> HttpResponse:
    user = request.user
    acts = queries.acts_for(user, record)
    new_plan = _new_plan(user, record)
    evidence = list(record.signals.select_related("place", "version__indicator", "run"))
    after = neighbours(user, "finding", record.code)[1]
    may_assign = rules.opens_findings_at(user, record.place) and record.state in UNFINISHED
    context = {
        "finding": record,
        "acts": acts,
        "chain": links_of(user, "finding", record.code),
        "crumbs": [Crumb(_("Findings"), reverse("findings")), Crumb(record.code)],
        "verdict": verdicts.finding(record, _numbers(evidence), _buttons(record, acts, new_plan)),
        "figures": _figures(evidence),
        "evidence": [(signal, words.sentence(signal), words.detail(signal)) for signal in evidence],
        "proposals": _sources(user, record),
        "plans": [one.shown for one in after if one.kind == "plan"],
        "proofs": [one.shown for one in after if one.kind == "effect"],
        "new_plan": new_plan,
        "cause_form": cause or (CauseForm(finding=record) if "analyse" in acts else None),
        "assign_form": assign or (AssignForm(finding=record) if may_assign else None),
        "next": _next(record, acts),
        "why": Why(prefix="cancel"),
        "entries": for_subject(record)[:20],
    }
    return render(
        request,
        "assess/findings/finding.html",
        context,
        status=200 if cause is None and assign is None else 422,
    )


def _buttons(record: Finding, acts: dict[str, Any], new_plan: str) -> tuple[Button, ...]:
    if new_plan:
        return (Button(_("Draw up a plan"), new_plan, icon="plus", primary=True),)
    if "close" in acts:
        return (Button(acts["close"].label, icon="check", primary=True, dialog="close-finding"),)
    if "analyse" in acts and record.state == FindingState.OPEN:
        return (Button(acts["analyse"].label, "#cause", icon="search", primary=True),)
    return ()


def _numbers(evidence: list[Signal]) -> str:
    return words.detail(max(evidence, key=lambda one: one.rank)) if evidence else ""


def _figures(evidence: list[Signal]) -> list[Figure]:
    if not evidence:
        return []
    signal = max(evidence, key=lambda one: one.rank)
    unit = signal.version.definition["unit"]
    figures = [
        Figure(
            _("Value"),
            units.value(signal.value, unit),
            units.interval(signal.low, signal.high, unit),
            tone="miss",
        ),
        Figure(_("Target"), units.goal(signal.target, unit)),
        Figure(_("Floor"), units.goal(signal.floor, unit)),
        Figure(_("Made of"), units.count(signal.n, signal.version.definition["table"])),
    ]
    if signal.previous is not None:
        figures.insert(3, Figure(_("Last cycle"), units.value(signal.previous, unit)))
    return figures


def _sources(user: Any, record: Finding) -> list[Any]:
    before = neighbours(user, "finding", record.code)[0]
    return [one.shown for one in before if one.kind != "signal"]


def _new_plan(user: Any, record: Finding) -> str:
    """Where a plan for it is drawn up; empty when it is not time for one, or another's business."""
    if record.state != FindingState.ANALYSED or not rules.may_plan(user, record):
        return ""
    try:
        return f"{reverse('new_plan')}?finding={record.code}"
    except NoReverseMatch:  # improvement is not part of this installation
        return ""


def _next(record: Finding, acts: dict[str, Any]) -> str:
    """What happens next, and who does it, in a sentence."""
    owner = record.owner.get_short_name() if record.owner else ""
    head = owner or (record.department.name if record.department else _("the department head"))
    if record.state == FindingState.OPEN and "analyse" not in acts:
        return _("%(who)s writes down why it happens.") % {"who": head}
    return {
        FindingState.OPEN: _("Write down why it happens; then a plan can be drawn up."),
        FindingState.ANALYSED: _("The responsible department draws up an improvement plan."),
        FindingState.PLANNED: _("The plan is carried out; then the data show whether it worked."),
        FindingState.VERIFIED: _("The place's quality manager closes it."),
        FindingState.CLOSED: _("Nothing more. If it comes back, the next evaluation raises a new signal."),
        FindingState.CANCELLED: pgettext("finding", "Nothing more; it was cancelled."),
    }[FindingState(record.state)]


@require_POST
@signed_in
def analyse(request: HttpRequest, code: str) -> HttpResponse:
    """Write down the cause."""
    record = _finding(request, code)
    form = CauseForm(request.POST, finding=record)
    if not form.is_valid():
        return _show(request, record, cause=form)
    attempt(
        request,
        lambda: actions.analyse_finding(record, actor=request.user, cause=form.whys),
        _("The cause is on record."),
    )
    return redirect("finding", code=code)


@require_POST
@signed_in
def assign(request: HttpRequest, code: str) -> HttpResponse:
    """Say who answers for it and until when."""
    record = _finding(request, code)
    form = AssignForm(request.POST, finding=record)
    if not form.is_valid():
        return _show(request, record, assign=form)
    attempt(
        request,
        lambda: actions.assign_finding(record, actor=request.user, **form.cleaned_data),
        _("Saved."),
    )
    return redirect("finding", code=code)


@require_POST
@signed_in
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """Cancel it with a reason."""
    record = _finding(request, code)
    reason = request.POST.get("cancel-reason", "")
    attempt(request, lambda: actions.cancel_finding(record, actor=request.user, reason=reason))
    return redirect("finding", code=code)


@require_POST
@signed_in
def close(request: HttpRequest, code: str) -> HttpResponse:
    """Close it; its proof is checked."""
    record = _finding(request, code)
    attempt(request, lambda: actions.close_finding(record, actor=request.user), _("The finding is closed."))
    return redirect("finding", code=code)
