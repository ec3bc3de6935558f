"""Lessons: what others should know from a plan."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.chain import actions as chain
from bihuan.base.trail.act import Refused, act, note
from bihuan.improve import moves, rules
from bihuan.improve.models import ImprovementPlan, Lesson
from bihuan.improve.states import LessonState, PlanState


@act
def write_lesson(plan: ImprovementPlan, *, actor: Any, title: str, text: str) -> Lesson:
    """Write down what a plan taught, whether it worked or not."""
    moves.refuse_unless_seen(plan, actor=actor)
    if not rules.may_report(actor, plan):
        raise Refused(
            _("Only the plan's owner or the place's quality manager writes its lessons."),
            code="not_yours",
            subject=plan,
        )
    if plan.state in (PlanState.DRAFT, PlanState.SUBMITTED, PlanState.RETURNED):
        raise Refused(_("A plan teaches something once it has been tried."), code="wrong_state", subject=plan)
    if not title.strip() or not text.strip():
        raise Refused(_("Write the lesson and what others should know."), code="no_text", subject=plan)
    now = timezone.now()
    lesson = Lesson.objects.create(
        plan=plan,
        title=title.strip(),
        text=text.strip(),
        state=LessonState.DRAFT,
        state_since=now,
        by=actor,
        at=now,
    )
    chain.link(("plan", plan.code), "taught", ("lesson", lesson.pk), actor=actor)
    note(actor, "lesson.written", lesson, place=plan.place)
    return lesson


@act
def publish_lesson(lesson: Lesson, *, actor: Any) -> Lesson:
    """Open a lesson to everybody at the plan's place."""
    return moves.advance(lesson, "publish", actor=actor)
