from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from bihuan.assess import documents, rules
from bihuan.assess.models import AnalysisReport
from bihuan.assess.queries.runs import latest_run
from bihuan.assess.queries.visible import visible_places
from bihuan.assess.states import ReportState
from bihuan.base.places.kinds import Kind
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused, act, note
from bihuan.base.ui import formats


@act
def draft_report(*, cycle: str, place: str | None = None, language: str, actor: Any) -> AnalysisReport:
    """Draft the analysis report of a cycle on a place (the whole company when left out), and set its PDF.

    Raises ``Refused`` where the actor has no right, the place is unknown, or the cycle has no results.
    """
    where = _place(place, actor)
    if actor is not None and not rules.may_report(actor, where):
        raise Refused(
            _("Only the place's quality manager drafts its reports."), code="not_quality", subject=where
        )
    if language not in dict(settings.LANGUAGES):
        raise Refused(
            _("“%(language)s” is no language of Bihuan; write zh-hans or en.") % {"language": language},
            code="language",
        )
    run = latest_run(cycle)
    if run is None:
        raise Refused(
            _("%(cycle)s has no results yet; evaluate it first.") % {"cycle": formats.cycle_name(cycle)},
            code="not_evaluated",
        )
    now = timezone.now()
    with override(language):
        summary, pdf = documents.analysis(run, where, user=actor, made_at=now, language=language)
    report = AnalysisReport(
        number=f"{cycle}-{where.code}-{language[:2]}-{now:%Y%m%d%H%M%S%f}",
        run=run,
        place=where,
        language=language,
        summary=summary,
        sha256=hashlib.sha256(pdf).hexdigest(),
        made_by=actor,
        made_at=now,
    )
    report.file.save(f"{report.number}.pdf", ContentFile(pdf), save=False)
    report.save()
    note(actor, "report.drafted", report, place=where, sha256=report.sha256, run=run.run_id)
    return report


def _place(code: str | None, actor: Any) -> Place:
    places = visible_places(actor)
    found = places.filter(code=code).first() if code else places.filter(kind=Kind.COMPANY).first()
    if found is None and code is None:
        found = places.order_by("path").first()
    if found is None:
        raise Refused(_("There is no place %(code)s.") % {"code": code or ""}, code="no_place")
    return found


@act
def issue_report(report: AnalysisReport, *, actor: Any) -> AnalysisReport:
    """Issue a draft: its file is final, and the report it takes the place of is superseded."""
    report = (
        AnalysisReport.objects.select_for_update(of=("self",))
        .select_related("place", "run")
        .get(pk=report.pk)
    )
    if actor is not None and not rules.may_report(actor, report.place):
        raise Refused(
            _("Only the place's quality manager issues its reports."), code="not_quality", subject=report
        )
    if not rules.may_move_report(report.state, ReportState.ISSUED):
        raise Refused(_("Only a draft can be issued."), code="report_state", subject=report)
    if hashlib.sha256(report.read_pdf()).hexdigest() != report.sha256:
        raise Refused(
            _("The file is not the one that was drafted; draft the report again."),
            code="changed_file",
            subject=report,
        )
    earlier = AnalysisReport.objects.select_for_update().filter(
        run__cycle=report.run.cycle, place=report.place, language=report.language, state=ReportState.ISSUED
    )
    for old in earlier:
        old.state = ReportState.SUPERSEDED
        old.save(update_fields=["state"])
        note(actor, "report.superseded", old, place=report.place, by=report.number)
    report.state, report.issued_at, report.issued_by = ReportState.ISSUED, timezone.now(), actor
    report.save(update_fields=["state", "issued_at", "issued_by"])
    note(actor, "report.issued", report, place=report.place, sha256=report.sha256)
    return report
