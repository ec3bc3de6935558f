"""Results issued, the reports on them, and what everybody was told."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from bihuan.assess.actions import draft_report, issue_report, issue_run
from bihuan.assess.models import AnalysisReport, EvaluationRun
from bihuan.assess.queries.runs import latest_run
from bihuan.assess.states import RunState
from bihuan.base.notices.actions import confirm_announcement, issue_announcement, read_announcement
from bihuan.base.notices.models import Announcement
from bihuan.config.demo import planted
from bihuan.config.demo.company import COMPANY
from bihuan.config.demo.loops import stage
from bihuan.config.demo.loops.stage import CYCLE, days_ago, person, place, set_back

READERS = (stage.LEADER, stage.SERVICE, stage.INSPECTOR, stage.BUTLER_P01, "E008")
CONFIRMED = (stage.LEADER, stage.SERVICE, stage.BUTLER_P01)
RESULTS = {
    "title": {"zh": "2026年三季度服务质量结果通报", "en": "Service quality results, third quarter of 2026"},
    "body": {
        "zh": "三季度结果已发布。做得好的：有一个项目一般报修按约完成率从82%回到94%上下，做法已写进服务标准。"
        "要改的：有四个项目电梯半月保养拖期，有一个项目综合满意率低于底线。"
        "看本人项目的结果，5日内确认已阅。",
        "en": "The results of the third quarter are out. Good: one project brought repairs done as agreed "
        "from 82% back to about 94%; how, stands in the service standard now. To be mended: in four projects "
        "lifts are serviced late, in one satisfaction lies below the floor. Look at the results of your "
        "project and confirm within 5 days.",
    },
}
PROJECT = {
    "title": {
        "zh": "翠湖花园：报修改为两小时一档预约",
        "en": "Cuihu Garden: repairs are booked in two-hour slots",
    },
    "body": {
        "zh": "预约改两小时一档后，按约完成率从82%回到94%上下。派单前先核对备件，缺件当场改约，不让人白等。",
        "en": "Since repairs are booked in two-hour slots, those done as agreed went from 82% back to about "
        "94%. Check the parts before you set out; where one is missing, arrange another time at once.",
    },
}


def is_issued() -> bool:
    """Whether the results of the quarter are issued."""
    return EvaluationRun.objects.filter(cycle__code=CYCLE, state=RunState.ISSUED).exists()


def issue_results() -> None:
    """The quality manager issues the results of the last quarter."""
    run = latest_run(CYCLE)
    if run is not None:
        issue_run(run, actor=person(stage.QUALITY))


def are_announced() -> bool:
    """Whether the results were announced."""
    return Announcement.objects.filter(place__code=planted.WORKED_PROJECT).exists()


def announce() -> None:
    """To all employees, who confirm it; and to one project."""
    results = issue_announcement(
        actor=person(stage.QUALITY),
        place=place(),
        cycle=CYCLE,
        url=f"{reverse('scorecard')}?cycle={CYCLE}",
        must_confirm=True,
        due=timezone.now() + timedelta(days=5),
        title=RESULTS["title"],
        body=RESULTS["body"],
    )
    for number in READERS:
        read_announcement(results, actor=person(number))
    for number in CONFIRMED:
        confirm_announcement(results, actor=person(number))
    local = issue_announcement(
        actor=person(stage.QUALITY),
        place=place(planted.WORKED_PROJECT),
        cycle=CYCLE,
        title=PROJECT["title"],
        body=PROJECT["body"],
    )
    read_announcement(local, actor=person(stage.BUTLER_P01))
    for announcement, issued in ((results, days_ago(2)), (local, days_ago(1))):
        _date(announcement, issued)


def _date(announcement: Announcement, issued: datetime) -> None:
    set_back(announcement, issued_at=issued)
    announcement.receipts.update(created_at=issued)
    for number, receipt in enumerate(announcement.receipts.exclude(read_at=None), 1):
        read = issued + timedelta(hours=2 * number)
        set_back(receipt, read_at=read, confirmed_at=read if receipt.confirmed_at else None)
    stage.set_notices_back("announcement", announcement.pk, issued, read=False)


def are_reported() -> bool:
    """Whether the reports of the quarter are there."""
    return AnalysisReport.objects.filter(run__cycle__code=CYCLE).exists()


def report() -> None:
    """The company's report is issued; the one on a project is a draft still."""
    manager = person(stage.QUALITY)
    company = draft_report(cycle=CYCLE, place=COMPANY[0], language="zh-hans", actor=manager)
    issue_report(company, actor=manager)
    draft_report(cycle=CYCLE, place=planted.WORKED_PROJECT, language="zh-hans", actor=manager)
