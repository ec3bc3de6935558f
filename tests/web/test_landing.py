"""Where people land: my-work, the board, finding things."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from bihuan.base.ui import work as registry
from bihuan.base.ui.work import StageCount, WorkItem
from bihuan.web import board, mywork
from tests.assess.findings.factories import FindingFactory
from tests.base.people.factories import person
from tests.base.places.factories import company

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 10, 14, 15, 0, tzinfo=ZONE)  # a Wednesday


def item(key: str, due: datetime | None, **more) -> WorkItem:
    return WorkItem(key=key, title=key, detail="", url="/x/", verb="do", stage=5, due=due, **more)


@pytest.mark.parametrize(
    ("due", "group", "when", "left"),
    [
        (NOW - timedelta(days=2), "overdue", "逾期2天", "应10月12日"),
        (NOW - timedelta(minutes=1), "overdue", "逾期1天", "应10月14日"),
        (NOW + timedelta(minutes=20), "today", "今天15:20", "不到1小时"),
        (NOW + timedelta(hours=3), "today", "今天18:00", "还有3小时"),
        (NOW + timedelta(days=1), "week", "10月15日 周四", "明天"),
        (NOW + timedelta(days=4), "week", "10月18日 周日", "还有4天"),
        (NOW + timedelta(days=5), "later", "10月19日 周一", "还有5天"),
        (None, "open", "", ""),
    ],
)
def test_work_is_grouped_by_when(monkeypatch, due, group, when, left):
    monkeypatch.setattr(registry, "_work", {"x": lambda user, now: [item("a", due)]})
    with translation.override("zh-hans"):
        work = mywork.my_work(None, NOW)
        ((name, _label, (row,)),) = work.groups
    assert (name, row.when, row.left) == (group, when, left)


def test_what_waits_for_others_is_kept_apart(monkeypatch):
    items = [item("mine", NOW), item("theirs", NOW, waiting_for="李静")]
    monkeypatch.setattr(registry, "_work", {"x": lambda user, now: items})
    work = mywork.my_work(None, NOW)
    assert (work.to_do, [row.item.key for row in work.waiting]) == (1, ["theirs"])


@pytest.mark.parametrize(
    ("language", "due", "sentence"),
    [
        ("zh-hans", NOW - timedelta(days=2), "陈建国，[[1件已逾期]]，今天还有0件要办。"),
        ("zh-hans", NOW + timedelta(hours=1), "陈建国，没有逾期；[[今天有1件要办]]。"),
        ("zh-hans", NOW + timedelta(days=9), "陈建国，今天没有到期的；后面还有1件。"),
        ("en", NOW - timedelta(days=2), "陈建国: [[1 thing is overdue]], 0 more for today."),
    ],
)
def test_verdict_says_how_it_stands(monkeypatch, language, due, sentence):
    monkeypatch.setattr(registry, "_work", {"x": lambda user, now: [item("a", due)]})
    with translation.override(language):
        assert mywork.verdict(mywork.my_work(None, NOW), "陈建国").sentence == sentence


def stage(number: int, count: int, overdue: int = 0, oldest: int = 0) -> StageCount:
    return StageCount(number, count, "个问题还没找到原因", overdue, oldest, 0.4, f"/{number}/")


def test_the_stage_with_the_most_overdue_holds_the_loop_back():
    listed = [stage(2, 40), stage(4, 9, 3, 19), stage(5, 11, 2, 60)]
    assert board.held_up(listed) == listed[1]
    with translation.override("zh-hans"):
        verdict = board.verdict(listed, "2026年第三季度")
    assert verdict.sentence == "2026年第三季度卡在[[评估]]：9个问题还没找到原因，3个已逾期。"
    assert verdict.detail == "最久的等了19天。"


def test_nothing_overdue_holds_nothing_back():
    assert board.held_up([stage(2, 40), stage(4, 9)]) is None
    assert board.verdict([stage(2, 40)], "2026Q3").tone == "met"


def test_the_ring_has_six_segments_and_draws_the_share_done():
    segments = board.ring([stage(4, 9, 3, 19)])
    assert [s.number for s in segments] == [1, 2, 3, 4, 5, 6]
    assert [bool(s.done) for s in segments] == [False, False, False, True, False, False]
    assert [s.stuck for s in segments] == [False, False, False, True, False, False]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "page"),
    [("leader", "/board/"), ("quality_manager", "/board/"), ("employee", "/work/"), ("inspector", "/work/")],
)
def test_everybody_lands_where_their_work_is(client, role, page):
    client.force_login(person(role, company().c))
    assert client.get("/").url == page


@pytest.mark.django_db
def test_the_board_is_not_there_for_employees(client):
    client.force_login(person("employee", company().c))
    assert client.get("/board/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/board/", "/work/", "/work/?show=waiting", "/find/", "/find/?q=zz", "/frame/numbers/"]
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_landing_pages_stand_before_anything_was_evaluated(client, path, language):
    client.force_login(person("leader", company().c))
    client.cookies["bihuan_language"] = language
    assert client.get(path).status_code == 200


@pytest.mark.django_db
def test_only_what_one_may_see_is_found(client):
    tree = company()
    finding = FindingFactory(place=tree.p1, title_zh="水电维修积压")
    client.force_login(person("leader", tree.p1))
    assert finding.code in client.get("/find/?q=水电").content.decode()
    client.force_login(person("leader", tree.p2))
    assert finding.code not in client.get("/find/?q=水电").content.decode()


@pytest.mark.django_db
def test_health_answers_strangers(client):
    assert client.get("/health").json() == {"status": "ok"}
