"""Pages made of every part, in both languages, for the tests to look at."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.utils.translation import get_language

from bihuan.base.documents.drawings import Break, Group, Point, Signal, intervals, trend
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Figure, Link, Progress, Step, Verdict
from bihuan.base.ui.status import STATUSES


def t(zh: str, en: str) -> str:
    """A text of a test page in the language of the page."""
    return en if get_language() == "en" else zh


def show(request: HttpRequest, name: str, /, **context: Any) -> HttpResponse:
    source = (Path(__file__).parent / "sources" / f"{name}.html").read_text()
    return HttpResponse(engines["django"].from_string(source).render(context, request))


def verdict() -> Verdict:
    return Verdict(
        t(
            "翠湖花园的报修，100单里有14单没按约修完；[[还在变差，不是偶然波动]]。",
            "Cuihu Garden: 14 of 100 repairs not done as agreed; [[getting worse, not by chance]].",
        ),
        "miss",
        detail=t(
            "三季度按约完成率86.2%，离目标95%差8.8个百分点，比二季度低5.4个百分点（同一标准，可以比）。主要差在水电类。",
            "86.2% in Q3, 8.8 points from the target of 95%, 5.4 below Q2 on the same standard.",
        ),
        buttons=(
            Button(t("加批注", "Comment"), "#", "message"),
            Button(t("看改进计划", "Open the plan"), "#", primary=True),
        ),
    )


def figures() -> list[Figure]:
    return [
        Figure(t("本季度", "This quarter"), "86.2%", "83.8–88.3", tone="miss"),
        Figure(t("目标／底线", "Target / floor"), "95%", "/ 90%"),
        Figure(t("到期应完成", "Due"), "912", t("单", "orders")),
        Figure(t("没按约", "Not as agreed"), "126", t("单，其中21单还没修完", "orders, 21 still open")),
        Figure(
            t("比二季度", "Against Q2"),
            "−5.4",
            t("−8.1至−2.7", "−8.1 to −2.7"),
            t("超出误差", "beyond error"),
        ),
        Figure(t("全公司排名", "Rank"), "13", "/ 14"),
    ]


def chain() -> list[Link]:
    return [
        Link(t("标准条款", "Clause"), t("工程维修 §4.2.3", "Repairs §4.2.3"), "#"),
        Link(t("监测指标", "Indicator"), t("R03 按约完成率 v5", "R03 done as agreed v5"), state="current"),
        Link(t("预警信号", "Signals"), t("2个未关闭", "2 open"), "#"),
        Link(t("问题", "Finding"), t("F-187 水电维修积压", "F-187 repair backlog"), "#"),
        Link(t("会议决议", "Decision"), t("10月12日 第3条", "12 Oct, no. 3"), "#"),
        Link(t("改进计划", "Plan"), t("GJ-041 待审批", "GJ-041 to approve"), "#"),
        Link(t("效果评估", "Effect"), t("2027年4月", "April 2027"), state="future"),
    ]


def trend_chart() -> dict[str, Any]:
    values = [
        95,
        94.5,
        93.8,
        95.6,
        94.7,
        92.4,
        91,
        93.6,
        90.5,
        92,
        91.2,
        90.3,
        89.1,
        88.7,
        90.2,
        87.3,
        86,
        84.8,
        79.7,
        83.9,
        81,
    ]
    points = [Point(t(f"{i + 1}周", f"w{i + 1}"), v, v - 1.6, v + 1.6) for i, v in enumerate(values)]
    return trend(
        points,
        title=t("按约完成率 %", "Done as agreed, %"),
        target=95,
        target_label=t("目标95", "Target 95"),
        breaks=[Break(6, t("新标准 V3.2：限时72→48小时", "New standard V3.2: 72→48 h"))],
        signals=[
            Signal(range(11, 18), "run", t("连续10周低于中心线", "10 weeks running below the mean")),
            Signal([18, 20], "outside", t("9月14日、28日两周跌破下限", "14 and 28 Sep below the limit")),
        ],
        width=760,
        height=300,
    )


def group_chart() -> dict[str, Any]:
    rows = [
        (t("水电 418单", "Water, power 418"), 78.5, 74, 82.3, "below"),
        (t("门窗 176单", "Doors 176"), 93, 88.2, 96.3, ""),
        (t("公区照明 152单", "Lighting 152"), 94, 89, 97.4, ""),
        (t("电器 98单", "Appliances 98"), 91.8, 84.6, 96.2, ""),
        (t("其他 68单", "Other 68"), 97.3, 95.9, 98.4, "above"),
    ]
    return intervals([Group(*row) for row in rows], target=95, target_label=t("目标95", "Target 95"))


def words() -> SimpleNamespace:
    return SimpleNamespace(
        trend=t("每周走势", "Week by week"),
        two=t("2个信号", "2 signals"),
        quarter=t("换季度", "By quarter"),
        records=t("数字下面的记录", "Records under the number"),
        missed=t("没按约", "Not as agreed"),
        kept=t("按约", "As agreed"),
        order=t("工单", "Order"),
        late=t("超时", "Late by"),
        result=t("结果", "Result"),
        states=t("状态", "States"),
        list=t("今天要我办的", "For me today"),
        task=t(
            "接受或退回金穗苑“一次修复率”的原因分析",
            "Accept or return the cause analysis, Jinsui “first-time fix”",
        ),
        who=t("陈建国10月8日提交", "Chen Jianguo, 8 Oct"),
        overdue=t("逾期2天", "2 days late"),
        was_due=t("应10月13日", "due 13 Oct"),
        groups=t("差在哪", "Where it goes wrong"),
        approve=t("审批", "Approval"),
        print=t("您批准的就是这份内容，指纹", "You approve exactly this content, fingerprint"),
        back=t("退回", "Return it"),
        approve_it=t("批准这一版", "Approve this version"),
        how=t("这个数怎么来的", "How the number is made"),
        ask=t("退回改进计划GJ-041？", "Return plan GJ-041?"),
        then=t(
            "陈建国会收到您写的原因，计划回到草稿，开工日往后推。",
            "Chen Jianguo gets your reason, the plan becomes a draft again, the start moves.",
        ),
        not_yet=t("先不退", "Not now"),
    )


def home(request: HttpRequest) -> HttpResponse:
    return parts(request)


def parts(request: HttpRequest) -> HttpResponse:
    empty = Empty(
        t("还没有改进计划", "No improvement plan yet"),
        t(
            "先在评估会议上把问题立项，计划会从决议里生成。",
            "Adopt the findings at the evaluation meeting; plans grow from its decisions.",
        ),
        Button(t("去看9个未立项的问题", "Open the 9 findings"), "#", primary=True),
    )
    crumbs = [
        Crumb(t("记分卡", "Scorecard"), "#"),
        Crumb(t("翠湖花园", "Cuihu Garden"), "#"),
        Crumb("R03", tag=t("版本5", "v5")),
    ]
    return show(
        request,
        "parts",
        verdict=verdict(),
        figures=figures(),
        chain=chain(),
        crumbs=crumbs,
        trend=trend_chart(),
        groups=group_chart(),
        states=[name for name in STATUSES if name != "overdue"],
        numbers=range(58170, 58176),
        minutes=19_145,
        words=words(),
        empty=empty,
    )


def bare(request: HttpRequest) -> HttpResponse:
    return show(request, "bare", verdict=Verdict(t("这里只有一句话。", "One sentence, nothing else."), "met"))


ROWS = [
    {"code": f"P{i:03}", "name": name, "rows": (i * 7919) % 5000, "state": "active" if i % 3 else "inactive"}
    for i, name in enumerate(
        ["翠湖花园", "东篱小区", "金穗苑", "=1+1", "书香华庭", "星桥家园", "松涛雅居"] * 20
    )
]


def rows(request: HttpRequest) -> HttpResponse:
    page = ListPage(
        request,
        ROWS,
        columns=[
            Column(
                "code",
                t("编码", "Code"),
                sort=lambda row: row["code"],
                url=lambda row: f"/places/{row['code']}/",
            ),
            Column("name", t("项目", "Project")),
            Column("rows", t("行数", "Rows"), numeric=True, sort=lambda row: row["rows"]),
            Column("state", t("状态", "State"), show=lambda state: STATUSES[state].word),
        ],
        filters=[
            Filter(
                "state",
                t("状态", "State"),
                choices=[("active", t("启用", "Active")), ("inactive", t("停用", "Inactive"))],
                apply=lambda found, value: [row for row in found if row["state"] == value],
            ),
            Filter(
                "q",
                t("查找", "Find"),
                kind="search",
                hint=t("项目名", "Project name"),
                apply=lambda found, value: [row for row in found if value in row["name"]],
            ),
            Filter("since", t("从", "Since"), kind="date", apply=lambda found, value: found),
        ],
        sort="code",
        caption=t("项目清单", "Projects"),
    )
    if page.wants_export:
        return page.export("projects")
    return show(
        request, "list", list=page, verdict=Verdict(t("140个项目都在。", "All 140 projects are here."), "met")
    )


def heat(request: HttpRequest) -> HttpResponse:
    standings = ["below_floor", "below", "slightly_below", "met", "above", "insufficient", "suppressed"]
    places = [t("全公司", "Company"), t("翠湖花园", "Cuihu Garden"), t("东篱小区", "Dongli")]
    return show(
        request,
        "map",
        standings=standings,
        places=places,
        name=t("各项目各指标", "Projects by indicator"),
        first=t("项目", "Project"),
        verdict=Verdict(t("14个项目里9个达标。", "9 of 14 projects reach the target."), "watch"),
    )


class Target(forms.Form):
    value = forms.IntegerField(max_value=100, help_text="0–100")
    start = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")])
    way = forms.ChoiceField(choices=[("x", "X"), ("y", "Y")], widget=forms.RadioSelect)
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    sure = forms.BooleanField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in {
            "value": t("目标值", "Target"),
            "start": t("生效日期", "In force from"),
            "kind": t("种类", "Kind"),
            "way": t("方式", "Way"),
            "note": t("说明", "Note"),
            "sure": t("我看过影响", "I have seen the effect"),
        }.items():
            self.fields[name].label = label


def form(request: HttpRequest) -> HttpResponse:
    filled = Target(request.POST or None)
    if request.method == "POST":
        filled.is_valid()
        filled.add_error(
            None,
            t(
                "这一版已经有人改过，先看看改了什么。",
                "Somebody has changed this version; see what changed first.",
            ),
        )
    return show(
        request,
        "form",
        form=filled,
        title=t("改目标值", "Change the target"),
        save=t("存为草稿", "Save as a draft"),
        leave=t("先不改", "Not now"),
        verdict=Verdict(
            t("改了目标值，下个周期起生效。", "A changed target counts from the next cycle."), "none"
        ),
    )


def poll(request: HttpRequest) -> HttpResponse:
    """The part that a waiting page asks for: by now the work is done."""
    progress = Progress(
        t("算完了", "Done"), 14, 14, steps=(Step(t("取快照1842", "Take snapshot 1842"), "done"),)
    )
    return render(request, "ui/parts/progress.html", {"progress": progress})


def wait(request: HttpRequest) -> HttpResponse:
    progress = Progress(
        t("正在算第三季度，第3步，共5步", "Evaluating Q3: step 3 of 5"),
        8,
        14,
        t("已算8个项目，共14个", "8 of 14 projects"),
        t("约还要40秒", "about 40 seconds left"),
        (
            Step(t("取快照1842", "Take snapshot 1842"), "done"),
            Step(t("估计与区间", "Estimates and intervals"), "running"),
            Step(t("控制图与信号", "Charts and signals")),
        ),
        poll="/poll/" if request.GET.get("poll") else "",
    )
    return show(request, "wait", progress=progress, verdict=Verdict(t("还在算。", "Still at work."), "none"))


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def denied(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def unsafe(request: HttpRequest) -> HttpResponse:
    """What a page must not do; the browser refuses it."""
    return show(request, "unsafe", verdict=Verdict("x"))
