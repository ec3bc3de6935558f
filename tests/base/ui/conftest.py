"""A person, the choices and the menu that the test pages stand in."""

from __future__ import annotations

import pytest
from django.http import HttpRequest

from bihuan.base.ui import bell, choice, marks, nav, work
from bihuan.base.ui.choice import Option
from bihuan.base.ui.nav import Entry
from tests.base.ui.pages import t

PLACES = {
    "hetai": ("全公司", "Company", "14个项目", "14 projects", 0),
    "cuihu": ("翠湖花园", "Cuihu Garden", "苏州", "Suzhou", 1),
    "dongli": ("东篱小区", "Dongli", "南通", "Nantong", 1),
}


def places(request: HttpRequest, text: str = "", limit: int = 50) -> list[Option]:
    found = [
        Option(code, t(zh, en), t(dzh, den), None, depth)
        for code, (zh, en, dzh, den, depth) in PLACES.items()
    ]
    return [option for option in found if text.lower() in option.label.lower()][:limit]


def cycles(request: HttpRequest, text: str = "", limit: int = 50) -> list[Option]:
    found = [
        Option("2026Q3", t("2026年第三季度", "2026 Q3"), t("分析中", "analysing")),
        Option("2026Q2", t("2026年第二季度", "2026 Q2"), t("已关闭", "closed")),
    ]
    return [option for option in found if text in option.label][:limit]


@pytest.fixture(autouse=True)
def no_other_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The addresses of these tests are not those of the program, so no room may ring the bell or count."""
    monkeypatch.setattr(bell, "_bell", [])
    monkeypatch.setattr(work, "_stages", {})


@pytest.fixture
def frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill the side bar and the top bar for one test."""
    monkeypatch.setattr(nav, "_entries", {})
    monkeypatch.setattr(choice, "_providers", {})
    monkeypatch.setattr(marks, "_bands", [])
    monkeypatch.setattr(marks, "_company", [])
    monkeypatch.setattr(marks, "_search", [])
    choice.register_places(places)
    choice.register_cycles(cycles)
    marks.register_company(lambda request: t("和泰物业", "Hetai"))
    marks.register(
        lambda request: t("模拟数据：和泰物业不是真的公司。", "Simulated data: Hetai is not a real company.")
    )
    marks.register_search("search")
    with_words = [
        ("parts", "layout-dashboard", "top", "闭环看板", "Loop board", 0, True),
        ("bare", "clipboard-check", "top", "我的工作", "My work", 0, True),
        ("form", "list", 1, "标准", "Standards", 0, False),
        ("wait", "database-import", 2, "导入", "Imports", 1, False),
        ("heat", "table", 3, "记分卡", "Scorecard", 0, True),
        ("rows", "list", 4, "问题", "Findings", 3, False),
        ("signout", "report", "often", "报告与会议", "Reports, meetings", 0, False),
    ]
    for order, (url_name, icon, stage, zh, en, late, phone) in enumerate(with_words):
        nav.register(
            Entry(
                Words(zh, en),
                url_name,
                icon,
                stage,
                order,
                count=(lambda request: 7) if url_name == "bare" else None,
                overdue=(lambda request, late=late: late) if late else None,
                phone=phone,
            )
        )
    nav.register(Entry(Words("人员", "People"), "home", "users", "often", 82))
    nav.register(Entry(Words("导入批次", "Batches"), "search", "list", 2, 60))


class Words:
    """A label in both languages, made when it is shown."""

    def __init__(self, zh: str, en: str) -> None:
        self._zh, self._en = zh, en

    def __str__(self) -> str:
        return t(self._zh, self._en)


@pytest.fixture
def person(db):
    """Somebody who is signed in."""
    from bihuan.base.people.models import User

    return User.objects.create_user("1001", name="李静")
