"""Management reports: drawn up from a plan's newest effect, submitted, and read by the leader."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.chain import actions as chain
from bihuan.base.trail.act import Refused, act, note
from bihuan.improve import documents, moves, rules, told
from bihuan.improve.models import ImprovementPlan, ManagementReport
from bihuan.improve.numbering import next_code
from bihuan.improve.states import ReportState


@act
def draft_report(plan: ImprovementPlan, *, actor: Any, message: str = "") -> ManagementReport:
    """Draw up the report on a plan and its newest effect evaluation, as PDF in Chinese and English."""
    moves.refuse_unless_seen(plan, actor=actor)
    if not rules.may_report(actor, plan):
        raise Refused(
            _("Only the plan's owner or the place's quality manager draws up its report."),
            code="not_yours",
            subject=plan,
        )
    effect = plan.effects.order_by("-number").first()
    if effect is None:
        raise Refused(
            _("There is nothing to report yet: evaluate the effect of the plan first."),
            code="no_effect",
            subject=plan,
        )
    now = timezone.now()
    report = ManagementReport(
        code=next_code("GB", timezone.localtime(now).year),
        plan=plan,
        effect=effect,
        message=message.strip(),
        state=ReportState.DRAFT,
        state_since=now,
        made_by=actor,
        made_at=now,
    )
    for language, name in (("zh-hans", "zh"), ("en", "en")):
        pdf = documents.management_report(report, language=language)
        getattr(report, f"pdf_{name}").save(f"{report.code}-{name}.pdf", ContentFile(pdf), save=False)
        setattr(report, f"sha256_{name}", hashlib.sha256(pdf).hexdigest())
    report.save()
    chain.link(("effect", effect.pk), "reported_in", ("management_report", report.code), actor=actor)
    note(
        actor,
        "management_report.drafted",
        report,
        place=plan.place,
        sha256_zh=report.sha256_zh,
        sha256_en=report.sha256_en,
    )
    return report


@act
def submit_report(report: ManagementReport, *, actor: Any) -> ManagementReport:
    """Put the report before the leader; its files are final from now on."""
    row = moves.begin(report, "submit", actor=actor)
    _refuse_changed_files(row)
    told.report_submitted(row, actor=actor)
    return moves.finish(row, "submit", actor=actor, sha256_zh=row.sha256_zh, sha256_en=row.sha256_en)


@act
def review_report(report: ManagementReport, *, actor: Any, reason: str = "") -> ManagementReport:
    """The leader has read exactly these files; ``reason`` is what the leader remarks."""
    row = moves.begin(report, "review", actor=actor)
    _refuse_changed_files(row)
    row.reviewed_by, row.reviewed_at, row.review = actor, timezone.now(), reason.strip()
    return moves.finish(
        row,
        "review",
        actor=actor,
        fields=("reviewed_by", "reviewed_at", "review"),
        sha256_zh=row.sha256_zh,
        sha256_en=row.sha256_en,
        reason=row.review,
    )


def _refuse_changed_files(report: ManagementReport) -> None:
    for language, wanted in (("zh", report.sha256_zh), ("en", report.sha256_en)):
        if hashlib.sha256(report.read_pdf(language)).hexdigest() != wanted:
            raise Refused(
                _("The file is not the one that was drawn up. Draw the report up again."),
                code="changed_file",
                subject=report,
            )
