"""A plan under way and behind: of its actions one is verified, one done, one late and one in progress."""

from __future__ import annotations

from decimal import Decimal

from bihuan.base.calendars import periods
from bihuan.config.demo.loops import pictures, stage
from bihuan.config.demo.loops.stage import CYCLE, day, days_ago, department, person, place, set_back
from bihuan.improve import actions as improve
from bihuan.improve.choices import Proof
from bihuan.improve.models import Action, ImprovementPlan

PROJECT, HEAD = "P02", "E010"
TITLE = "东篱小区：检查不合格项逐条销号"
# The quarter and the indicator that led to it: owners had noticed what inspections had found.
TRIGGER, NOTICED = periods.shift_cycle(CYCLE, -1), "S02"


def is_told() -> bool:
    """Whether the plan is there."""
    return stage.has_plan(TITLE)


def tell() -> None:
    """Begun three weeks ago, and not going as it should."""
    finding = stage.raise_finding(
        [NOTICED],
        PROJECT,
        cycle=TRIGGER,
        opened=days_ago(33),
        due=day(-24),
        given_to=HEAD,
        to_department="D-OPS",
        cause=(
            "业主不满意，检查里秩序、环境两类反复不合格",
            "查出来的问题没有写到人，下次还在",
            "整改只报“已处理”，没有人复查",
        ),
        analysed=days_ago(30),
    )
    plan = improve.open_plan(_draft(), actor=person(HEAD), findings=[finding])
    improve.submit_plan(plan, actor=person(HEAD))
    version = plan.versions.get(voided_at=None)
    improve.approve_plan(plan, actor=person(stage.LEADER), fingerprint=version.sha256)
    improve.start_plan(plan, actor=person(HEAD))
    set_back(version, submitted_at=days_ago(27))
    set_back(version.approvals.get(), at=days_ago(25))
    _work(plan)
    _check(plan)
    set_back(plan, created_at=days_ago(28), state_since=days_ago(24), decide_by=days_ago(25))
    set_back(finding, state_since=days_ago(28))


def _draft() -> improve.PlanDraft:
    head, where = person(HEAD), place(PROJECT)
    return improve.PlanDraft(
        title=TITLE,
        place=where,
        owner=head,
        department=department("D-OPS"),
        leader=person(stage.LEADER),
        trigger_cycle=TRIGGER,
        why="不合格项里六成是上一季度已经查出过的。问题没有写到人，也没有人复查。",
        resources="项目4名主管，各管一类；检查员每两周复查一次",
        cost=Decimal("12000"),
        due=day(40),
        actions=[
            improve.ActionDraft(
                "不合格项列清单，逐条写到人和日期", head, day(-23), day(-12), "清单照片", Proof.FILE
            ),
            improve.ActionDraft(
                "楼道堆物清完，每周拍照", head, day(-20), day(-4), "清理后照片", Proof.FILE,
                checkpoints=(day(-12),),
            ),
            improve.ActionDraft(
                "单元门、门禁故障修好", person(stage.ENGINEER), day(-18), day(3), "修复照片", Proof.FILE
            ),
            improve.ActionDraft(
                "轿厢照明、对讲逐台排查", person(stage.CONTRACTOR), day(-10), day(9), "排查记录", Proof.NOTE
            ),
        ],
        impacts=[
            improve.ImpactDraft("C02", place(PROJECT), Decimal("3"), periods.shift_cycle(CYCLE, 2))
        ],
    )  # fmt: skip


def _work(plan: ImprovementPlan) -> None:
    listed, cleared, doors, cars = plan.actions.all()
    _verify(listed)
    improve.report_progress(
        cleared, actor=person(HEAD), percent=45, text="3栋、5栋已清；2栋有3户说好周末搬，还没有搬。"
    )
    set_back(cleared, state_since=days_ago(9))
    stage.set_notes_back(cleared, days_ago(9))
    improve.finish_action(
        doors,
        actor=person(stage.ENGINEER),
        text="7处门禁已修好，1处换了控制器。",
        uploads=[pictures.photo("门禁修复.jpg", f"{PROJECT} 3栋2单元 门禁已修复")],
    )
    set_back(doors, done_at=days_ago(2), state_since=days_ago(2))
    stage.set_notes_back(doors, days_ago(2))
    improve.report_progress(
        cars, actor=person(stage.CONTRACTOR), percent=60, text="9台查完6台，1台对讲已换。"
    )
    set_back(cars, state_since=days_ago(1))
    stage.set_notes_back(cars, days_ago(1))


def _verify(action: Action) -> None:
    """Done by the head, verified by the inspector."""
    improve.finish_action(
        action,
        actor=person(HEAD),
        text="共41条，分到4名主管。",
        uploads=[pictures.photo("整改清单.jpg", f"{PROJECT} 整改清单上墙")],
    )
    stage.set_notes_back(action, days_ago(14))
    improve.verify_action(action, actor=person(stage.INSPECTOR), text="抽看10条，都写到了人。")
    stage.set_notes_back(action, days_ago(12))
    set_back(action, done_at=days_ago(14), verified_at=days_ago(12), state_since=days_ago(12))
    stage.set_notices_back("action", action.pk, days_ago(12), read=True)


def _check(plan: ImprovementPlan) -> None:
    check = improve.check_progress(
        plan,
        actor=person(stage.QUALITY),
        verdict="behind",
        note="楼道堆物拖了，2栋没有动；门禁等复核。请项目这周把2栋的3户说通。",
        action=plan.actions.all()[1],
        next_check=day(4),
    )
    set_back(check, at=days_ago(3))
