"""What the people of the finished plans wrote, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bihuan.config.demo import planted
from bihuan.config.demo.loops import stage


class Measure(NamedTuple):
    """One action of a finished plan: who did it, when, and what proves it."""

    title: str
    assignee: str
    starts: str
    due: str
    proof: str
    done: str
    verified: str
    said: str
    by_photo: bool = True
    attendees: int | None = None


@dataclass(frozen=True)
class Course:
    """A plan from its finding to its effect."""

    project: str
    title: str
    cause: tuple[str, ...]
    why: str
    resources: str
    cost: str
    measures: tuple[Measure, ...]
    check: str
    lesson: tuple[str, str] = ("", "")
    message: str = ""
    indicator: str = "R03"
    opened: str = "2026-01-12"
    checker: str = stage.INSPECTOR
    trigger: str = "2025Q4"  # the quarter whose results led to it
    measured_from: str = "2026Q2"  # the measures themselves were taken in 2026Q1
    promised: str = "8"
    noticed: str = ""  # the indicator whose signal led to it, where that is another one

    @property
    def signal(self) -> str:
        """The indicator whose signal led to it."""
        return self.noticed or self.indicator

    def moment(self, days: int, clock: str) -> datetime:
        """An instant so many days after the finding was opened."""
        return stage.moment(f"{self.day(days)} {clock}")

    def day(self, days: int) -> date:
        """The day so many days after the finding was opened."""
        return date.fromisoformat(self.opened) + timedelta(days=days)

    @property
    def due(self) -> date:
        """The day by which the last measure is taken."""
        return max(date.fromisoformat(one.due) for one in self.measures)


WORKED = Course(
    project=planted.WORKED_PROJECT,
    title="约好就修完：常用备件前置、预约改两小时一档",
    cause=(
        "约好的时间常常过了才修完，超期的多是水电",
        "到了现场才发现缺件，现买平均要等两天",
        "项目没有常备件，也没有最低库存",
        "备件由区域按月统一采购，项目报不了急件",
    ),
    why="2024年三季度起备件改为区域按月采购，项目仓库清空；同时预约只分上午、下午，师傅赶不过来。两件事叠在一起，按约完成率从95%上下降到88%以下。",
    resources="维修班6人不增加；区域采购授权项目备件周转金；仓库货架2组",
    cost="26800",
    measures=(
        Measure(
            "备齐24种水电常用件，每周盘点，低于下限当天补",
            stage.FITTER_P01,
            "2026-01-22",
            "2026-02-13",
            "货架盘点照片",
            "2026-02-11 16:20",
            "2026-02-13 10:05",
            "24种备件已上架，盘点表贴在库门内侧。",
        ),
        Measure(
            "预约改两小时一档，派单前先核对备件",
            stage.ENGINEER,
            "2026-01-26",
            "2026-02-28",
            "派单记录说明",
            "2026-02-26 17:40",
            "2026-02-28 09:30",
            "2月起派单单上有“备件已核”一栏；缺件的单当场改约，不再空跑。",
            by_photo=False,
        ),
        Measure(
            "维修班培训：先约后到、过点先打电话",
            stage.FITTER_P01,
            "2026-03-02",
            "2026-03-20",
            "签到表",
            "2026-03-18 18:10",
            "2026-03-20 11:00",
            "9人参加，抽3人现场演示。",
            attendees=9,
        ),
    ),
    check="抽看20单，19单派单前核过备件；周末值班表要再补1人。",
    lesson=(
        "先备件，后催人",
        "按约完成率掉下来，先查缺件，再查人手。翠湖花园没有加人，只把24种常用件放回项目、预约改两小时一档，"
        "三个季度从82%回到94%上下。别的项目照做前，先数一数超期单里有几单在等件。",
    ),
    promised="4",
    message="按约完成率从四季度的82%回到94%上下，没有加人，花费在预算内。建议把“派单前核对备件”写进服务标准。",
)

FAILED = Course(
    project=planted.FAILED_PROJECT,
    title="增派夜班师傅，超期单每日通报",
    cause=(
        "一般报修常常过了约定时间才修完",
        "晚上和周末只有1名师傅，单子压到第二天",
        "排班没有按报修高峰调整",
    ),
    why="超期单多在晚间和周末报修。判断是夜间人手不足，拟增派1名夜班师傅，并每天通报超期单。",
    resources="夜班师傅1人，试行3个月；客服每日通报",
    cost="43500",
    measures=(
        Measure(
            "夜班由1人增为2人，周末不少于2人",
            stage.ENGINEER,
            "2026-01-20",
            "2026-02-10",
            "排班表",
            "2026-02-09 15:00",
            "2026-02-11 10:20",
            "2月9日起夜班2人。",
            by_photo=False,
        ),
        Measure(
            "超期单每日早会通报到人",
            stage.FITTER_P07,
            "2026-02-01",
            "2026-03-31",
            "早会照片",
            "2026-03-30 09:10",
            "2026-03-31 16:00",
            "连续通报42天，照片为3月30日早会。",
        ),
    ),
    check="夜班已到位；超期单没有明显减少，备件等待仍占一半以上。",
    lesson=(
        "没有数清原因就加人，钱花了，问题还在",
        "云锦苑增派夜班、天天通报，按约完成率没有回升。事后数超期单：一半以上在等备件，夜里修得再快也没有用。"
        "写计划前先按原因数一遍超期单。",
    ),
    message="数据显示措施无效，计划已退回重做。夜班多出的1人建议转去备件岗。",
)

PROVED = Course(
    project="P23",
    title="东钱府：巡检不合格项当周销号",
    indicator="C02",
    noticed="S02",
    opened="2026-04-13",
    trigger="2026Q1",
    measured_from="2026Q2",
    promised="1.5",
    checker=stage.QUALITY,
    cause=("业主说小毛病报了没人管", "检查查出的小问题攒到月底一起修", "没有规定多久销号，也没有人复查"),
    why="不合格项里七成是能当周修好的小问题，却攒到月底一起派单，下次检查又查到。",
    resources="项目工程主管1人每天留1小时；不增加费用",
    cost="3000",
    measures=(
        Measure(
            "不合格项当天派单、当周修好，修前修后各拍一张",
            stage.ENGINEER,
            "2026-04-27",
            "2026-05-22",
            "修前修后照片",
            "2026-05-20 16:40",
            "2026-05-22 10:30",
            "四周共46项，45项当周修好，1项等配件。",
        ),
        Measure(
            "每周五复查，没销号的早会点名",
            stage.ENGINEER,
            "2026-05-04",
            "2026-05-29",
            "复查记录说明",
            "2026-05-29 17:00",
            "2026-05-29 18:20",
            "5月四次复查，复查后再出现的2项。",
            by_photo=False,
        ),
    ),
    check="当周销号做到了；复查记录要写到人。",
)
