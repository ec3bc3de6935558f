"""The plan that worked, the plan that did not, and one proved and not yet closed, each from its signal on.

Which of the two worked is said by the simulated records alone: the evaluation reckons it like any other.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bihuan.config.demo.loops import pictures, stage
from bihuan.config.demo.loops.stage import moment, person, set_back
from bihuan.config.demo.loops.texts import FAILED, PROVED, WORKED, Course, Measure
from bihuan.improve import actions as improve
from bihuan.improve.choices import Proof
from bihuan.improve.models import Action, EffectEvaluation, ImprovementPlan, Lesson
from bihuan.standards.service import actions as service
from bihuan.standards.service.models import StandardClause
from bihuan.standards.states import VersionState

CLAUSE = "5.1.2"
WORDING = (
    "一般报修按与住户约好的时间修完，不低于95%；预约两小时一档，派单前核对备件，缺件的当场改约",
    "Other repairs are completed at the time agreed with the resident, at least 95% of them; appointments "
    "span two hours, parts are checked before somebody is sent, and what lacks parts is arranged anew",
)

COURSES = (WORKED, FAILED, PROVED)

__all__ = ["COURSES", "FAILED", "PROVED", "WORKED", "is_told", "tell_failed", "tell_proved", "tell_worked"]


def is_told(course: Course) -> bool:
    """Whether the plan of this course is there."""
    return stage.has_plan(course.title)


def tell_worked() -> None:
    """From the signal to the closed finding and the revised standard."""
    plan = _carry_out(WORKED)
    _evaluate(plan, "2026-10-10 10:00")
    _report(plan, WORKED, reviewed=True)
    lesson = _lesson(plan, WORKED)
    improve.publish_lesson(lesson, actor=person(stage.QUALITY))
    set_back(lesson, state_since=moment("2026-10-12 14:00"))
    _revise_standard(plan)
    improve.close_plan(plan, actor=person(stage.QUALITY))
    closed = moment("2026-10-15 16:30")
    set_back(plan, state_since=closed)
    for finding in plan.findings.all():
        set_back(finding, state_since=closed)
    stage.set_notices_back("plan", plan.code, closed, read=True)


def tell_failed() -> None:
    """The same course; the data say that nothing became better, and the plan comes back."""
    plan = _carry_out(FAILED)
    _evaluate(plan, "2026-10-10 10:20")
    _report(plan, FAILED, reviewed=False)
    _lesson(plan, FAILED)
    for finding in plan.findings.all():
        set_back(finding, state_since=moment("2026-10-10 10:20"))


def tell_proved() -> None:
    """The data prove a small plan; the quality manager has not closed it yet."""
    plan = _carry_out(PROVED)
    _evaluate(plan, "2026-10-10 10:40")
    for finding in plan.findings.all():
        set_back(finding, state_since=moment("2026-10-10 10:40"))


def _carry_out(course: Course) -> ImprovementPlan:
    """From the finding to the last verified action."""
    finding = stage.raise_finding(
        [course.signal],
        course.project,
        cycle=course.trigger,
        opened=course.moment(0, "09:30"),
        due=course.day(7),
        to_department="D-ENG",
        given_to=stage.ENGINEER,
        cause=course.cause,
        analysed=course.moment(3, "17:10"),
    )
    plan = improve.open_plan(_draft(course), actor=person(stage.ENGINEER), findings=[finding])
    _approve(plan, course)
    _work(plan, course)
    set_back(finding, state_since=course.moment(4, "10:00"))
    _date_plan(plan, course)
    return plan


def _draft(course: Course) -> improve.PlanDraft:
    where = stage.place(course.project)
    engineering = stage.department("D-ENG")
    return improve.PlanDraft(
        title=course.title,
        place=where,
        owner=person(stage.ENGINEER),
        department=engineering,
        leader=person(stage.LEADER),
        trigger_cycle=course.trigger,
        why=course.why,
        resources=course.resources,
        cost=Decimal(course.cost),
        due=course.due,
        actions=[
            improve.ActionDraft(
                title=one.title,
                assignee=person(one.assignee),
                department=engineering,
                starts=date.fromisoformat(one.starts),
                due=date.fromisoformat(one.due),
                proof=one.proof,
                proof_kind=Proof.FILE if one.by_photo else Proof.NOTE,
                training=one.attendees is not None,
            )
            for one in course.measures
        ],
        impacts=[
            improve.ImpactDraft(
                indicator=course.indicator,
                place=where,
                promised=Decimal(course.promised),
                measured_from=course.measured_from,
            )
        ],
    )


def _approve(plan: ImprovementPlan, course: Course) -> None:
    """Submitted by its owner, read and approved by the leader, begun."""
    improve.submit_plan(plan, actor=person(stage.ENGINEER))
    version = plan.versions.get(voided_at=None)
    leader = person(stage.LEADER)
    improve.approve_plan(
        plan, actor=leader, fingerprint=version.sha256, reason="目标写得清楚，先做三个月看数据。"
    )
    improve.start_plan(plan, actor=person(stage.ENGINEER))
    set_back(version, submitted_at=course.moment(4, "16:00"))
    set_back(version.approvals.get(), at=course.moment(7, "09:10"))


def _work(plan: ImprovementPlan, course: Course) -> None:
    """Each action reported as done with its proof, and verified by somebody else; one check in between."""
    for action, measure in zip(plan.actions.all(), course.measures, strict=True):
        _finish(action, measure, course)
    check = improve.check_progress(
        plan,
        actor=person(stage.QUALITY),
        verdict="on_track",
        note=course.check,
        next_check=course.day(50),
    )
    set_back(check, at=course.moment(36, "15:00"))


def _finish(action: Action, measure: Measure, course: Course) -> None:
    improve.finish_action(
        action,
        actor=person(measure.assignee),
        text=measure.said,
        uploads=_proof(measure, course.project),
        attendees=measure.attendees,
    )
    done, verified = moment(measure.done), moment(measure.verified)
    stage.set_notes_back(action, done)
    improve.verify_action(action, actor=person(course.checker), text="到现场核对，属实。")
    stage.set_notes_back(action, verified)
    set_back(action, done_at=done, verified_at=verified, state_since=verified)
    stage.set_notices_back("action", action.pk, done, read=True)


def _proof(measure: Measure, project: str) -> list[object]:
    if not measure.by_photo:
        return []
    if measure.attendees is not None:
        lines = [f"{number}.  维修班  {number}号" for number in range(1, measure.attendees + 1)]
        return [pictures.sheet(f"{measure.proof}.pdf", measure.title, lines)]
    return [pictures.photo(f"{measure.proof}.jpg", f"{project} {measure.proof}")]


def _date_plan(plan: ImprovementPlan, course: Course) -> None:
    started = course.moment(8, "08:40")
    set_back(
        plan,
        created_at=course.moment(4, "10:00"),
        state_since=started,
        decide_by=course.moment(6, "16:00"),
    )
    stage.set_notices_back("plan", plan.code, started, read=True)


def _evaluate(plan: ImprovementPlan, at: str) -> None:
    effect = improve.evaluate_effect(plan, actor=person(stage.QUALITY))
    made = moment(at)
    set_back(effect, made_at=made)
    set_back(plan, state_since=made)
    plan.refresh_from_db()
    stage.set_notices_back("plan", plan.code, made, read=True)


def _report(plan: ImprovementPlan, course: Course, *, reviewed: bool) -> None:
    """What the leader reads; the report on the failed plan still waits."""
    report = improve.draft_report(plan, actor=person(stage.QUALITY), message=course.message)
    improve.submit_report(report, actor=person(stage.QUALITY))
    set_back(report, made_at=moment("2026-10-12 09:00"), state_since=moment("2026-10-12 09:30"))
    if reviewed:
        improve.review_report(report, actor=person(stage.LEADER), reason="同意写进标准，其他项目照此自查。")
        read = moment("2026-10-13 08:20")
        set_back(report, reviewed_at=read, state_since=read)
        stage.set_notices_back("management_report", report.code, read, read=True)


def _lesson(plan: ImprovementPlan, course: Course) -> Lesson:
    title, text = course.lesson
    lesson = improve.write_lesson(plan, actor=person(stage.ENGINEER), title=title, text=text)
    set_back(lesson, at=moment("2026-10-12 11:00"), state_since=moment("2026-10-12 11:00"))
    return lesson


def _revise_standard(plan: ImprovementPlan) -> None:
    """What worked goes into the standard: asked for by the quality manager, adopted by the leader."""
    clause = StandardClause.objects.get(
        number=CLAUSE, version__state=VersionState.EFFECTIVE, version__standard__code="FW"
    )
    zh, en = WORDING
    effect = EffectEvaluation.objects.filter(plan=plan).latest("number")
    request = service.request_revision(
        clause,
        actor=person(stage.QUALITY),
        text_zh=zh,
        text_en=en,
        reason="翠湖花园照此做了三个季度，按约完成率从82%回到94%上下。",
        evidence=("effect", effect.pk),
    )
    set_back(request, asked_at=moment("2026-10-13 10:00"))
    service.take_up_revision(request, actor=person(stage.LEADER))
    request = service.adopt_revision(request, actor=person(stage.LEADER))
    version = request.version
    if version is None:
        raise ValueError("an adopted request has a version")
    service.publish_version(
        version,
        actor=person(stage.LEADER),
        note_zh="预约两小时一档，派单前核对备件",
        note_en="Appointments for two hours; parts are checked before somebody is sent",
    )
    published = moment("2026-10-15 15:00")
    set_back(request, state_since=published)
    set_back(
        request.version, made_at=moment("2026-10-14 09:00"), published_at=published, state_since=published
    )


def verdict_of(course: Course) -> str:
    """What the data said about the plan of a course; empty before it was evaluated."""
    found = EffectEvaluation.objects.filter(plan__title=course.title).order_by("-number").first()
    return found.verdict if found else ""
