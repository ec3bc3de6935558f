"""Approving and returning a plan.

What is approved is one version, named by its fingerprint: the approver hands over the fingerprint of what was
read, and the act is refused when that is not what was submitted. Nobody approves a plan they own, wrote or
submitted (``rules.had_a_part``). An edit takes the approval away (``plans.edit_plan``).
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.trail.act import Refused, act
from bihuan.improve import moves, told, versions
from bihuan.improve.choices import Decision
from bihuan.improve.models import Approval, ImprovementPlan, PlanVersion


@act
def approve_plan(plan: ImprovementPlan, *, actor: Any, fingerprint: str, reason: str = "") -> ImprovementPlan:
    """Approve the submitted version, provided that ``fingerprint`` is that version's."""
    row = moves.begin(plan, "approve", actor=actor, reason=reason)
    version = _submitted(row)
    _refuse_other_content(row, version, fingerprint)
    _decide(version, Decision.APPROVED, actor, reason)
    told.plan_approved(row, version, actor=actor)
    return moves.finish(
        row,
        "approve",
        actor=actor,
        version=version.number,
        sha256=version.sha256,
        reason=reason.strip(),
    )


@act
def return_plan(plan: ImprovementPlan, *, actor: Any, reason: str) -> ImprovementPlan:
    """Return the submitted version with the reason; its owner edits and submits anew."""
    row = moves.begin(plan, "return", actor=actor, reason=reason)
    version = _submitted(row)
    _decide(version, Decision.RETURNED, actor, reason)
    told.plan_returned(row, version, reason.strip(), actor=actor)
    return moves.finish(
        row, "return", actor=actor, version=version.number, sha256=version.sha256, reason=reason.strip()
    )


def _submitted(plan: ImprovementPlan) -> PlanVersion:
    return plan.versions.filter(voided_at=None).latest("number")


def _refuse_other_content(plan: ImprovementPlan, version: PlanVersion, fingerprint: str) -> None:
    """What was read, what was submitted and what stands in the rows must be one and the same."""
    if fingerprint.strip().lower() != version.sha256:
        raise Refused(
            _("This is not the version that was submitted. Reload the page and read it again."),
            code="other_version",
            subject=plan,
            given=fingerprint[:64],
        )
    if versions.fingerprint(versions.content(plan)) != version.sha256:
        raise Refused(
            _("The content is not what was submitted. Return the plan, so that it is submitted again."),
            code="content_changed",
            subject=plan,
        )


def _decide(version: PlanVersion, decision: str, actor: Any, reason: str) -> None:
    Approval.objects.create(
        version=version,
        decision=decision,
        sha256=version.sha256,
        by=actor,
        reason=reason.strip(),
        at=timezone.now(),
    )
