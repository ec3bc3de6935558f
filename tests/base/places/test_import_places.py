from __future__ import annotations

import threading
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.utils import translation

from bihuan.base.places import actions, import_tree, sheets
from bihuan.base.places.models import Place, PlaceSpell
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from tests.base.people.factories import person
from tests.base.places.factories import company
from tests.base.places.sheets import lines, sheet, xlsx

pytestmark = pytest.mark.django_db


def send(*rows: dict, actor=None, language: str = "zh-hans"):
    content = sheet(import_tree.form(), *rows, language=language)
    return actions.import_places(actor=actor, content=content, filename="地点.xlsx")


def place(code: str, kind: str, parent: str = "", name_zh: str = "某处", **fields) -> dict:
    return {"code": code, "kind": kind, "parent": parent, "name_zh": name_zh, **fields}


NEW = [
    place("P001-B02", "building", "P001", "2栋"),
    place(
        "P001",
        "project",
        "C01",
        "翠湖花园",
        grade="一级",
        area=86000,
        own_households=860,
        valid_from=date(2024, 1, 1),
    ),
    place("C01", "company", name_zh="和泰物业"),
]


def outcome(taken) -> tuple[int, int, int, int]:
    return taken.created, taken.changed, taken.unchanged, taken.rejected


def test_rows_may_stand_in_any_order():
    assert outcome(send(*NEW)) == (3, 0, 0, 0)
    project = Place.objects.get(code="P001")
    assert project.path == f"/{project.parent_id}/{project.pk}/"
    assert (project.grade, project.area, project.own_households) == ("一级", 86000, 860)
    assert [s.valid_from for s in project.spells.all()] == [date(2024, 1, 1)]
    assert Place.objects.get(code="P001-B02").path.startswith(project.path)


def test_the_same_file_again_changes_nothing():
    send(*NEW)
    before = list(Place.objects.values()), list(PlaceSpell.objects.values())
    assert outcome(send(*NEW)) == (0, 0, 3, 0)
    assert (list(Place.objects.values()), list(PlaceSpell.objects.values())) == before


@time_machine.travel("2026-10-15 10:00", tick=False)
def test_a_move_and_a_new_name_and_grade():
    tree = company()
    rows = [place("P001", "project", "R02", "翠湖新苑", grade="二级")]
    assert outcome(send(*rows)) == (0, 1, 0, 0)
    tree.p1.refresh_from_db()
    tree.u1.refresh_from_db()
    assert (tree.p1.parent, tree.p1.name_zh) == (tree.r2, "翠湖新苑")
    assert tree.u1.path.startswith(tree.p1.path)
    assert [(s.parent.code, s.grade, s.valid_to) for s in tree.p1.spells.all()] == [
        ("R01", "一级", date(2026, 10, 14)), ("R02", "二级", None),
    ]  # fmt: skip
    assert outcome(send(*rows)) == (0, 0, 1, 0)


def test_a_child_of_a_moved_place_lands_under_its_new_path():
    company()
    send(place("P001", "project", "R02", "翠湖花园"), place("P001-B09", "building", "P001", "9栋"))
    assert Place.objects.get(code="P001-B09").path.startswith(Place.objects.get(code="P001").path)


def test_an_empty_cell_leaves_what_is_there():
    tree = company()
    send(place("P001", "project", "R01", "翠湖花园", grade=None))
    tree.p1.refresh_from_db()
    assert tree.p1.grade == "一级"


def test_bad_rows_are_kept_apart_and_good_ones_go_in():
    company()
    taken = send(
        place("P100", "project", "R01", "好"),
        place("P101", "项目", "R99", "父缺"),
        place("P102", "小区", "R01", "级错"),
        place("P103", "building", "R01", "层错"),
        place("P104", "project", "R01", None),
        place("P100", "project", "R01", "重复"),
        place("P105", "project", "", "无父"),
        place("P106", "project", "R01", "日错", valid_from="昨天"),
        place("P107", "building", "P104", "连带"),
        place("P 8", "project", "R01", "码错"),
        place("P001", "building", "P002", "改级"),
    )
    assert outcome(taken) == (1, 0, 0, 10)
    problems = taken.apart["problems"]
    assert [(p["row"], p["column"]) for p in problems] == [
        (3, "上级编码"), (4, "层级"), (5, "上级编码"), (6, "中文名称"), (7, "地点编码"), (8, "上级编码"),
        (9, "生效日期"), (10, "上级编码"), (11, "地点编码"), (12, "层级"),
    ]  # fmt: skip
    assert all(p["what"] and p["how"] for p in problems)
    assert Place.objects.filter(code="P100", name_zh="好").exists()


def test_the_rows_to_mend_can_be_mended_and_sent_back():
    company()
    taken = send(place("P101", "project", "R99", "父缺"))
    content = sheets.rejected_rows(import_tree.form(), taken.apart["rows"], taken.apart["problems"])
    head, row = lines(content)
    assert row[head.index("要改什么")] == "上级编码：没有R99这个地点；把它加进文件，或写已有的编码"
    row[2] = "R01"
    again = actions.import_places(actor=None, content=xlsx(head, row), filename="改好.xlsx")
    assert outcome(again) == (1, 0, 0, 0)


def test_cells_that_look_like_formulas_stay_text():
    company()
    taken = send(place("P101", "project", "R99", "=1+1"))
    content = sheets.rejected_rows(import_tree.form(), taken.apart["rows"], taken.apart["problems"])
    assert lines(content)[1][3] == "=1+1"


@pytest.mark.parametrize("made_in", ["zh-hans", "en"])
@pytest.mark.parametrize("sent_in", ["zh-hans", "en"])
def test_the_template_explains_itself_and_its_examples_are_passed_over(made_in, sent_in):
    company()
    with translation.override(made_in):
        content = sheets.template(import_tree.form())
    assert len(lines(content)) == 3
    assert len(lines(content, 1)) == len(import_tree.form().columns) + 2
    with translation.override(sent_in):
        assert sheets.read(content, import_tree.form()).count == 0


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_heads_are_known_in_both_languages(language):
    company()
    assert outcome(send(place("P100", "Project", "R01", "好"), language=language)) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    "content",
    [b"", b"not a workbook", xlsx(), xlsx(["地点编码", "层级"], ["P1", "项目"])],
    ids=["empty", "text", "blank", "missing column"],
)
def test_a_file_that_cannot_be_used_says_why(content):
    with pytest.raises(sheets.SheetError) as caught:
        actions.import_places(actor=None, content=content, filename="x.xlsx")
    assert len(str(caught.value)) > 10
    assert Entry.objects.count() == 0


def test_an_administrator_of_a_region_sends_for_it_alone():
    tree = company()
    taken = send(
        place("P100", "project", "R01", "可"),
        place("P101", "project", "R02", "否"),
        place("P003", "project", "R01", "抢"),
        actor=person("administrator", tree.r1),
    )
    assert outcome(taken) == (1, 0, 0, 2)
    tree.p3.refresh_from_db()
    assert tree.p3.parent == tree.r2


def test_a_bad_day_leaves_the_place_as_it_was():
    tree = company()
    actions.move_place(tree.p1, actor=None, parent=tree.r2, since=date(2026, 10, 1))
    taken = send(place("P001", "project", "R01", "改名", valid_from=date(2026, 9, 1)))
    assert outcome(taken) == (0, 0, 0, 1)
    tree.p1.refresh_from_db()
    assert (tree.p1.name_zh, tree.p1.parent) == ("翠湖花园", tree.r2)


def test_the_trail_knows_the_file():
    taken = send(*NEW)
    entry = Entry.objects.first()
    assert (entry.verb, entry.detail["sha256"], entry.detail["created"]) == (
        "places.imported",
        taken.sha256,
        3,
    )


def test_rows_kept_apart_are_forgotten_after_a_month_but_not_their_number():
    company()
    with time_machine.travel("2026-08-01 10:00", tick=False):
        old = send(place("P101", "project", "R99", "旧"))
    with time_machine.travel("2026-09-01 10:00", tick=False):
        new = send(place("P101", "project", "R99", "新"))
        assert actions.forget_rejected_rows(actor=None) == 1
        assert actions.forget_rejected_rows(actor=None) == 0
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.apart, old.rejected) == ({"rows": [], "problems": []}, 1)
    assert len(new.apart["rows"]) == 1
    with pytest.raises(Refused):
        actions.forget_rejected_rows(actor=person("employee"))


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_are_as_one_after_the_other():
    content = sheet(import_tree.form(), *NEW)
    results, errors = [], []

    def run():
        try:
            results.append(actions.import_places(actor=None, content=content, filename="同.xlsx"))
        except Exception as exc:
            errors.append(exc)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(outcome(taken) for taken in results) == [(0, 0, 3, 0), (3, 0, 0, 0)]
    assert Place.objects.count() == 3
