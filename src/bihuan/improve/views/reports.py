from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.chain.strips import links_of
from bihuan.base.documents import excel
from bihuan.base.people.access import get_or_404, signed_in
from bihuan.base.trail.act import Refused
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Verdict
from bihuan.improve import actions, moves, queries
from bihuan.improve.models import ManagementReport
from bihuan.improve.states import LOOKS, ReportState
from bihuan.improve.views import common


@require_GET
@signed_in
def reports(request: HttpRequest) -> HttpResponseBase:
    """The management reports on the person's plans."""
    user = common.reader(request)
    rows = queries.reports(user)
    page = ListPage(
        request,
        rows,
        columns=[
            Column(
                "code",
                _("Report"),
                sort="code",
                url=lambda row: reverse("management_report", args=[row.code]),
            ),
            Column("plan", _("Plan"), value="plan.title", sort="plan__title"),
            Column("place", _("Where"), value="plan.place.name", sort="plan__place__code"),
            Column("state", _("State"), value="get_state_display", sort="state"),
            Column("made", _("Drawn up"), value="made_at", sort="made_at"),
            Column("reviewed", _("Reviewed"), value="reviewed_at", sort="reviewed_at"),
        ],
        filters=[Filter("state", _("State"), choices=ReportState.choices)],
        sort="-made",
        caption=_("Management reports"),
    )
    if page.wants_export:
        return page.export("management-reports")
    waiting = queries.reports_to_review(user).count()
    text = ngettext(
        "%(n)d management report [[waits for you]].", "%(n)d management reports [[wait for you]].", waiting
    )
    verdict = (
        Verdict(text % {"n": waiting}, "acc", "wait")
        if waiting
        else Verdict(_("[[No management report]] waits for you."), "none", "todo")
    )
    context = {
        "crumbs": [Crumb(_("Management reports"))],
        "verdict": verdict,
        "list": page,
        "empty": Empty(
            _("No management report yet"),
            _("It is drawn up on the page of a plan once its effect is evaluated."),
            Button(_("See the plans"), reverse("plans")),
        ),
    }
    return render(request, "improve/reports.html", context)


@require_GET
@signed_in
def report(request: HttpRequest, code: str) -> HttpResponse:
    """One report: its message, its files and their fingerprints, and who read it."""
    return show(request, get_or_404(queries.reports(common.reader(request)), code=code))


def show(request: HttpRequest, found: ManagementReport, *, status: int = 200, **given: Any) -> HttpResponse:
    """The page of a report, with what a refused form held."""
    acts = moves.acts_for(request.user, found)
    look = LOOKS[found.state]
    said = {
        ReportState.DRAFT: _("The report on %(title)s [[is a draft]]."),
        ReportState.SUBMITTED: _("The report on %(title)s [[waits for the leader]]."),
        ReportState.REVIEWED: _("The report on %(title)s [[was read]]."),
    }[ReportState(found.state)]
    pdf = reverse("management_report_pdf", args=[found.code])
    context = {
        "report": found,
        "plan": found.plan,
        "crumbs": [Crumb(_("Management reports"), reverse("management_reports")), Crumb(found.code)],
        "chain": links_of(
            request.user, "management_report", found.code, onward=[("effect", str(found.effect_id))]
        ),
        "verdict": Verdict(
            said % {"title": found.plan.title},
            look.tone,
            look.glyph,
            found.message,
            (
                Button(_("Download the PDF"), pdf, icon="download"),
                *(
                    Button(move.label, icon=move.icon, dialog=f"do-{act}", primary=move.primary)
                    for act, move in acts.items()
                ),
            ),
        ),
        "dialogs": acts,
        "entries": common.entries(found),
        **given,
    }
    return render(request, "improve/report.html", context, status=status)


@require_POST
@signed_in
def draft_report(request: HttpRequest, code: str) -> HttpResponse:
    """Draw up the report on a plan."""
    found = get_or_404(queries.plans(common.reader(request)), code=code)
    try:
        made = actions.draft_report(found, actor=request.user, message=request.POST.get("message", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("plan", code=code)
    return redirect("management_report", code=made.code)


@require_POST
@signed_in
def act_on_report(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """Submit a report, or mark it as read."""

    def refused(_row: Any, refusal: Refused) -> HttpResponse:
        row = get_or_404(queries.reports(request.user), code=code)
        return show(request, row, status=409, refusal=str(refusal))

    return common.act(
        request,
        ManagementReport.objects.all(),
        {"code": code},
        act,
        lambda _row: redirect("management_report", code=code),
        refused,
        reason=request.POST.get("reason", ""),
    )


@require_GET
@signed_in
def report_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The file, in the language asked for or that of the page."""
    found = get_or_404(queries.reports(common.reader(request)), code=code)
    language = request.GET.get("language") or get_language() or "zh-hans"
    if language not in ("zh-hans", "en"):
        raise Http404
    response = HttpResponse(found.read_pdf(language), content_type="application/pdf")
    response["Content-Disposition"] = excel.attachment(f"{found.code}-{language[:2]}.pdf")
    return response
