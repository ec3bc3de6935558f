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

from bihuan.assess import actions, queries, rules
from bihuan.assess.models import AnalysisReport
from bihuan.assess.states import ReportState
from bihuan.assess.views import chosen
from bihuan.base.documents import excel
from bihuan.base.people.access import get_or_404, signed_in
from bihuan.base.trail.act import Refused
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Verdict
from bihuan.standards import queries as standards


@require_GET
@signed_in
def reports(request: HttpRequest) -> HttpResponseBase:
    """The analysis reports on the places this person sees."""
    user = chosen.reader(request)
    listed = AnalysisReport.objects.visible_to(user).select_related("run__cycle", "place", "made_by")
    page = ListPage(
        request,
        listed,
        columns=[
            Column("number", _("Report"), url=lambda r: reverse("report", args=[r.number]), sort="number"),
            Column("place", _("Place"), value="place.name", sort="place__code"),
            Column("cycle", _("Cycle"), value="run.cycle.title", sort="run__cycle__start"),
            Column("language", _("Language"), value="get_language_display"),
            Column("state", _("State"), value="get_state_display", sort="state"),
            Column("snapshot", _("Snapshot"), value="run.snapshot", numeric=True),
            Column("made", _("Drafted"), value="made_at", sort="made_at"),
            Column("issued", _("Issued"), value="issued_at", sort="issued_at"),
        ],
        filters=[
            Filter("state", _("State"), choices=ReportState.choices),
            Filter(
                "of",
                _("Cycle"),
                choices=[(cycle.code, cycle.title) for cycle in standards.cycles_visible(user)],
                path="run__cycle__code",
            ),
        ],
        sort="-made",
        caption=_("Reports"),
    )
    if page.wants_export:
        return page.export("reports")
    place = chosen.place(request)
    cycle = chosen.cycle(request)
    ready = bool(place and cycle and rules.may_report(user, place) and queries.latest_run(cycle))
    context = {
        "list": page,
        "crumbs": [Crumb(_("Reports"))],
        "verdict": _verdict(page.total, listed.filter(state=ReportState.DRAFT).count()),
        "place": place,
        "cycle": cycle,
        "ready": ready,
        "empty": Empty(_("No report yet"), _("A report is drafted from an evaluated cycle, then issued.")),
    }
    return render(request, "assess/reports.html", context)


def _verdict(total: int, drafts: int) -> Verdict:
    if drafts:
        text = ngettext(
            "%(n)d report [[is a draft]] and waits to be issued.",
            "%(n)d reports [[are drafts]] and wait to be issued.",
            drafts,
        )
        return Verdict(text % {"n": drafts}, tone="acc")
    if not total:
        return Verdict(_("There is [[no report]] yet."), glyph="todo")
    text = ngettext("The report is [[issued]].", "All %(n)d reports are [[issued]].", total)
    return Verdict(text % {"n": total}, tone="met")


@require_POST
@signed_in
def draft(request: HttpRequest) -> HttpResponseBase:
    """Draft the report on the chosen place and cycle, in the language asked for."""
    user = chosen.reader(request)
    place, cycle = chosen.place(request), chosen.cycle(request)
    if place is None or not cycle or not rules.may_report(user, place):
        raise Http404
    language = request.POST.get("language") or get_language() or "zh-hans"
    try:
        made = actions.draft_report(cycle=cycle, place=place.code, language=language, actor=user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("reports")
    return redirect("report", number=made.number)


def _get(request: HttpRequest, number: str) -> AnalysisReport:
    user = chosen.reader(request)
    rows = AnalysisReport.objects.visible_to(user).select_related(
        "run__cycle", "place", "made_by", "issued_by"
    )
    return get_or_404(rows, number=number)


@require_GET
@signed_in
def report(request: HttpRequest, number: str) -> HttpResponseBase:
    """One report: what it says, its file and its fingerprint."""
    found = _get(request, number)
    buttons = [Button(_("Download the PDF"), reverse("report_pdf", args=[number]), icon="download")]
    if found.state == ReportState.DRAFT and rules.may_report(request.user, found.place):
        buttons.append(Button(_("Issue it"), dialog="issue-report", primary=True))
    tones: dict[str, tuple[str, str]] = {
        ReportState.DRAFT: ("none", "todo"),
        ReportState.ISSUED: ("met", "met"),
        ReportState.SUPERSEDED: ("none", "na"),
    }
    tone, glyph = tones[found.state]
    context: dict[str, Any] = {
        "report": found,
        "verdict": Verdict(found.summary, tone=tone, glyph=glyph, buttons=tuple(buttons)),
        "crumbs": [Crumb(_("Reports"), reverse("reports")), Crumb(found.number)],
    }
    return render(request, "assess/report.html", context)


@require_POST
@signed_in
def issue(request: HttpRequest, number: str) -> HttpResponseBase:
    """Issue a draft: its file is final from now on."""
    found = _get(request, number)
    if not rules.may_report(request.user, found.place):
        raise Http404
    try:
        actions.issue_report(found, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The report is issued."))
    return redirect("report", number=number)


@require_GET
@signed_in
def download(request: HttpRequest, number: str) -> HttpResponseBase:
    """The PDF of a report."""
    found = _get(request, number)
    response = HttpResponse(found.read_pdf(), content_type="application/pdf")
    response["Content-Disposition"] = excel.attachment(f"{found.number}.pdf")
    return response
