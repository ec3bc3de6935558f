"""Plans that wait for the leader: one overdue, one due today; and one that came back with a reason."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from bihuan.assess.findings.models import Finding
from bihuan.base.calendars import periods
from bihuan.config.demo import planted
from bihuan.config.demo.loops import stage
from bihuan.config.demo.loops.stage import CYCLE, day, days_ago, department, person, place, set_back
from bihuan.improve import actions as improve
from bihuan.improve.choices import Proof
from bihuan.improve.models import ImprovementPlan

LIFTS = "捷安电梯：保养、到场按周对账，整改不到位就更换"
OWNERS = "梧桐公馆：先问清业主为什么不满意，再改"
RETURNED = "濠西花苑：投诉和环境两件事一起改"
# The second and third cycle after the one just evaluated: time for the measures to bear fruit.
MEASURED_FROM = periods.shift_cycle(CYCLE, 2)


def lifts_are_told() -> bool:
    """Whether the plan about the lift contractor is there."""
    return stage.has_plan(LIFTS)


def tell_lifts() -> None:
    """Four projects, one contractor: the plan waits for the leader since the day before yesterday."""
    findings = [
        stage.raise_finding(
            ["M02", "M01"],
            project,
            opened=days_ago(9),
            due=day(-2),
            given_to=stage.ENGINEER,
            to_department="D-ENG",
            cause=(
                "电梯半月保养一再拖到第17、18天",
                "四个项目都由捷安维保，其他项目没有这个情况",
                "捷安从2025年四季度起一组人跑四个城市，到场时间也翻倍",
                "合同只写“按规范保养”，没有写拖期怎么扣款、什么时候可以更换",
            ),
            analysed=days_ago(6),
        )
        for project in planted.SLOW_PROJECTS
    ]
    plan = _open(
        findings,
        title=LIFTS,
        place=place(),
        owner=stage.ENGINEER,
        department="D-ENG",
        why="四个项目的保养间隔和困人到场都在2025年四季度一起变坏，维保单位是同一家；恒通负责的项目没有变化。",
        resources="工程部每周对账半天；法务审补充协议；备选单位恒通已报价",
        cost=Decimal("68000"),
        actions=[
            _action("与捷安签补充协议：拖期扣款，两月不达标可更换", stage.ENGINEER, 21, "补充协议扫描件"),
            _action("四个项目每周对账：保养日期、到场时间逐台核对", stage.ENGINEER, 60, "对账表"),
            _action("捷安为四个项目配专人，本周内报名单", stage.CONTRACTOR, 10, "维保人员名单", Proof.NOTE),
        ],
        impacts=[
            improve.ImpactDraft("M02", place(code), Decimal("12"), MEASURED_FROM)
            for code in planted.SLOW_PROJECTS
        ],
    )
    improve.submit_plan(plan, actor=person(stage.ENGINEER))
    _date_submission(plan, submitted=days_ago(3), decide_by=days_ago(1))


def owners_are_told() -> bool:
    """Whether the plan for the unhappy owners is there."""
    return stage.has_plan(OWNERS)


def tell_owners() -> None:
    """Inspections say 98, owners say 53: the plan waits for the leader until tonight."""
    finding = stage.raise_finding(
        ["S01", "S02"],
        planted.UNHAPPY_PROJECT,
        opened=days_ago(8),
        due=day(1),
        given_to=stage.SERVICE,
        to_department="D-CS",
        cause=(
            "一半业主不满意，现场检查却得98分",
            "检查表只看设施和卫生，不看业主在意的答复和收费",
            "检查表两年没有按调查结果调整过",
        ),
        analysed=days_ago(4),
    )
    plan = _open(
        [finding],
        title=OWNERS,
        place=place(planted.UNHAPPY_PROJECT),
        owner=stage.SERVICE,
        department="D-CS",
        why="满意率连续多个季度低于下限，检查得分却在98分上下。检查查的和业主在意的不是一回事。",
        resources="客服部2人、项目经理；入户访谈40户",
        cost=Decimal("15000"),
        actions=[
            _action("入户访谈40户，把不满意的原因按件数排出来", stage.SERVICE, 25, "访谈汇总表"),
            _action("前三件事逐件答复到户，公开办结时间", stage.SERVICE, 55, "答复公示照片"),
        ],
        impacts=[improve.ImpactDraft("S01", place(planted.UNHAPPY_PROJECT), Decimal("10"), MEASURED_FROM)],
    )
    improve.submit_plan(plan, actor=person(stage.SERVICE))
    tonight = timezone.localtime().replace(hour=23, minute=0, second=0, microsecond=0)
    _date_submission(plan, submitted=days_ago(1.5), decide_by=max(tonight, timezone.now()))


def returned_is_told() -> bool:
    """Whether the plan that came back is there."""
    return stage.has_plan(RETURNED)


def tell_returned() -> None:
    """The leader sent it back: nobody could tell from it who does what by when."""
    finding = stage.raise_finding(
        ["S04", "S02"],
        "P16",
        opened=days_ago(12),
        due=day(-4),
        given_to=stage.SERVICE,
        to_department="D-CS",
        cause=("分项里投诉处理和环境卫生最低", "投诉答复没有期限，保洁傍晚不补位"),
        analysed=days_ago(9),
    )
    plan = _open(
        [finding],
        title=RETURNED,
        place=place("P16"),
        owner=stage.SERVICE,
        department="D-CS",
        why="分项满意率低于目标，投诉处理和环境卫生最低。",
        resources="客服部、保洁单位",
        cost=Decimal("9000"),
        actions=[_action("加强投诉答复和傍晚保洁", stage.SERVICE, 40, "工作照片")],
        impacts=[improve.ImpactDraft("S04", place("P16"), Decimal("5"), MEASURED_FROM)],
    )
    improve.submit_plan(plan, actor=person(stage.SERVICE))
    improve.return_plan(
        plan,
        actor=person(stage.LEADER),
        reason="“加强”看不出谁在哪天做什么。把投诉答复和傍晚保洁拆成两条，各写到人和日期，再报。",
    )
    _date_submission(plan, submitted=days_ago(5), decide_by=days_ago(3))
    set_back(plan.versions.get().approvals.get(), at=days_ago(4))
    set_back(plan, state_since=days_ago(4))


def _open(findings: list[Finding], **written: Any) -> ImprovementPlan:
    owner = person(written.pop("owner"))
    draft = improve.PlanDraft(
        owner=owner,
        department=department(written.pop("department")),
        leader=person(stage.LEADER),
        trigger_cycle=CYCLE,
        due=day(75),
        **written,
    )
    plan = improve.open_plan(draft, actor=owner, findings=findings)
    set_back(plan, created_at=days_ago(6))
    for finding in findings:
        set_back(finding, state_since=days_ago(6))
    return plan


def _action(
    title: str, assignee: str, until: int, proof: str, proof_kind: str = Proof.FILE
) -> improve.ActionDraft:
    who = person(assignee)
    return improve.ActionDraft(
        title=title,
        assignee=who,
        department=who.department,
        starts=day(2),
        due=day(until),
        proof=proof,
        proof_kind=proof_kind,
        checkpoints=[day(until // 2 + 2)],
    )


def _date_submission(plan: ImprovementPlan, *, submitted: Any, decide_by: Any) -> None:
    set_back(plan, state_since=submitted, decide_by=decide_by)
    set_back(plan.versions.get(voided_at=None), submitted_at=submitted)
    stage.set_notices_back("plan", plan.code, submitted + timedelta(minutes=1), read=False)
