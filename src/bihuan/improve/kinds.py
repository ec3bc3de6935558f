"""How the chain finds and shows plans, actions, effects, reports and lessons."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.chain.registry import Kind, Shown, register
from bihuan.improve import rules
from bihuan.improve.choices import EFFECT_LOOKS, PROOF, Effect
from bihuan.improve.models import Action, EffectEvaluation, ImprovementPlan, Lesson, ManagementReport
from bihuan.improve.states import LOOKS, Look


def look(state: str) -> Look:
    """How a state is drawn."""
    return LOOKS[state]


def _find(model: type[Model], field: str, *related: str) -> Any:
    def find(number: str) -> Any:
        rows = model._default_manager.select_related(*related)
        try:
            return rows.filter(**{field: number}).first()
        except ValueError:  # an id that is no number
            return None

    return find


def _plan(plan: ImprovementPlan) -> Shown:
    return Shown(
        plan.code,
        plan.title,
        plan.get_state_display(),
        look(plan.state).glyph,
        reverse("plan", args=[plan.code]),
    )


def _action(action: Action) -> Shown:
    return Shown(
        _("Action %(n)d") % {"n": action.order},
        action.title,
        action.get_state_display(),
        look(action.state).glyph,
        reverse("plan_action", args=[action.pk]),
    )


def _effect(effect: EffectEvaluation) -> Shown:
    return Shown(
        str(effect),
        str(Effect(effect.verdict).label),
        str(Effect(effect.verdict).label),
        EFFECT_LOOKS[Effect(effect.verdict)][0],
        reverse("effect", args=[effect.pk]),
    )


def _report(report: ManagementReport) -> Shown:
    return Shown(
        report.code,
        report.plan.title,
        report.get_state_display(),
        look(report.state).glyph,
        reverse("management_report", args=[report.code]),
    )


def _lesson(lesson: Lesson) -> Shown:
    return Shown(
        _("Lesson"),
        lesson.title,
        lesson.get_state_display(),
        look(lesson.state).glyph,
        f"{reverse('lessons')}#lesson-{lesson.pk}",
    )


def proves(kind: str, number: str) -> bool:
    """Whether a record proves that what it evaluates worked: what lets a finding be verified and closed."""
    return kind == "effect" and EffectEvaluation.objects.filter(pk=number, verdict__in=PROOF).exists()


def register_all() -> None:
    """Tell the chain; called from ``ready``."""
    register(
        Kind(
            "plan",
            gettext_lazy("Improvement plan"),
            _find(ImprovementPlan, "code", "place"),
            _plan,
            rules.may_see,
            "plan",
        )
    )
    register(
        Kind(
            "action",
            gettext_lazy("Action"),
            _find(Action, "pk", "plan__place"),
            _action,
            rules.may_see,
            "action",
        )
    )
    register(
        Kind(
            "effect",
            gettext_lazy("Effect evaluation"),
            _find(EffectEvaluation, "pk", "plan__place"),
            _effect,
            rules.may_see,
            "effect",
        )
    )
    register(
        Kind(
            "management_report",
            gettext_lazy("Management report"),
            _find(ManagementReport, "code", "plan__place"),
            _report,
            rules.may_see,
        )
    )
    register(
        Kind("lesson", gettext_lazy("Lesson"), _find(Lesson, "pk", "plan__place"), _lesson, rules.may_see)
    )
