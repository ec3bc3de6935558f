"""Evaluating the effect of a plan, and what follows from the verdict. The verdict itself nobody chooses."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.assess.findings import actions as findings_actions
from bihuan.assess.findings.states import FindingState
from bihuan.base.chain import actions as chain
from bihuan.base.trail.act import Refused, act
from bihuan.improve import moves, rules, told, versions
from bihuan.improve.choices import PROOF, Effect
from bihuan.improve.effects import Judged, judge, worst
from bihuan.improve.models import EffectEvaluation, ImpactEffect, ImprovementPlan, PlanVersion


@act
def evaluate_effect(plan: ImprovementPlan, *, actor: Any) -> EffectEvaluation:
    """Judge a carried-out plan by the results as they stand now.

    Effective or partly so: its findings are verified, and it may be closed. Ineffective: it is reopened, and
    its findings with it. Otherwise it waits for data. The same results give the same evaluation, which
    is then not written down twice.
    """
    row = moves.begin(plan, "evaluate", actor=actor)
    if not rules.all_verified(row):
        raise Refused(
            _("Every action must be verified before the effect is evaluated. Have the open ones verified."),
            code="not_carried_out",
            subject=row,
        )
    impacts = row.impacts.select_related("place").prefetch_related("comparison")
    judged = [judge(impact, row.trigger_cycle) for impact in impacts]
    version = row.versions.filter(voided_at=None).latest("number")
    record = {
        "plan": row.code,
        "version": version.number,
        "content": version.sha256,
        "impacts": [one.record for one in judged],
    }
    last = row.effects.order_by("-number").first()
    sha256 = versions.fingerprint(record)
    if last is not None and last.sha256 == sha256:
        return last
    effect = _write_down(row, version, judged, record, last.number + 1 if last else 1, actor)
    moves.finish(row, "evaluate", actor=actor, effect=str(effect), verdict=effect.verdict, sha256=sha256)
    told.plan_evaluated(row, effect.number, Effect(effect.verdict).label, actor=actor)
    _follow(row, effect, actor)
    return effect


def _write_down(
    plan: ImprovementPlan,
    version: PlanVersion,
    judged: list[Judged],
    record: dict[str, Any],
    number: int,
    actor: Any,
) -> EffectEvaluation:
    effect = EffectEvaluation.objects.create(
        plan=plan,
        version=version,
        number=number,
        verdict=worst(one.verdict for one in judged),
        record=record,
        sha256=versions.fingerprint(record),
        made_by=actor,
        made_at=timezone.now(),
    )
    for one in judged:
        ImpactEffect.objects.create(
            evaluation=effect,
            impact=one.impact,
            before=one.before,
            after=one.after,
            change=one.change,
            low=one.low,
            high=one.high,
            verdict=one.verdict,
            record=one.record,
        )
    chain.link(("plan", plan.code), "proved_by", ("effect", effect.pk), actor=actor)
    for action in plan.actions.all():
        chain.link(("action", action.pk), "proved_by", ("effect", effect.pk), actor=actor)
    return effect


def _follow(plan: ImprovementPlan, effect: EffectEvaluation, actor: Any) -> None:
    """Findings verified, or plan and findings reopened."""
    if effect.verdict in PROOF:
        for finding in plan.findings.filter(state__in=[FindingState.PLANNED, FindingState.VERIFIED]):
            findings_actions.mark_verified(finding, actor=actor, effect=("effect", effect.pk))
    elif effect.verdict == Effect.INEFFECTIVE:
        reason = _("Effect evaluation %(effect)s found plan %(plan)s ineffective.") % {
            "effect": effect,
            "plan": plan.code,
        }
        for finding in plan.findings.filter(state__in=[FindingState.PLANNED, FindingState.VERIFIED]):
            findings_actions.reopen_finding(finding, actor=actor, reason=reason)
        moves.advance(plan, "fail", actor=None)
