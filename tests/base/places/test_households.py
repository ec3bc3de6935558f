from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError

from bihuan.base.places import actions, import_households, pseudonyms, queries
from bihuan.base.places.models import Household, Occupancy, Place
from bihuan.base.privacy import keys
from bihuan.base.privacy.actions import rotate_keys
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from tests.base.people.factories import person
from tests.base.places.factories import HouseholdFactory, OccupancyFactory, company
from tests.base.places.sheets import sheet

pytestmark = pytest.mark.django_db


def home(room: str, name: str = "", **fields) -> dict:
    return {"place": "P001-B01", "room": room, "kind": "owner", "name": name, **fields}


def send(project: Place, *rows: dict, actor=None):
    content = sheet(import_households.form(), *rows)
    return actions.import_households_of(project, actor=actor, content=content, filename="住户.xlsx")


def outcome(taken) -> tuple[int, int, int, int]:
    return taken.created, taken.changed, taken.unchanged, taken.rejected


def lived(room: str = "101") -> list[tuple]:
    found = Occupancy.objects.filter(household__unit__name_zh=room).order_by("pk")
    return [(o.name, o.phone, o.since, o.until) for o in found]


class TestImport:
    def test_units_and_households_are_made(self):
        tree = company()
        taken = send(
            tree.p1,
            home("101", "王小明", phone=13800000001, since=date(2020, 5, 1)),
            home("103", "李静", phone="138 0000 0002"),
            {**home("103", "租客"), "kind": "租户"},
            home("104"),
        )
        assert outcome(taken) == (4, 0, 0, 0)
        assert lived() == [("王小明", "+8613800000001", date(2020, 5, 1), None)]
        unit = Place.objects.get(code="P001-B01-103")
        assert unit.path == f"{tree.b1.path}{unit.pk}/"
        assert [h.kind for h in unit.households.all()] == ["owner", "tenant"]
        assert Household.objects.filter(unit__name_zh="104").count() == 1

    def test_the_same_file_again_changes_nothing(self):
        tree = company()
        rows = [
            home("101", "甲", since=date(2018, 1, 1)),
            home("101", "乙", since=date(2022, 1, 1), phone="13800000002"),
            home("102", "丙", since=date(2019, 1, 1), until=date(2021, 1, 1)),
            home("105", "丁"),
        ]
        assert outcome(send(tree.p1, *rows)) == (3, 1, 0, 0)
        before = list(Occupancy.objects.values())
        assert outcome(send(tree.p1, *rows)) == (0, 0, 4, 0)
        assert list(Occupancy.objects.values()) == before

    @time_machine.travel("2026-10-15 10:00", tick=False)
    def test_a_new_name_closes_the_old_occupancy(self):
        tree = company()
        send(tree.p1, home("101", "甲"))
        assert outcome(send(tree.p1, home("101", "乙"))) == (0, 1, 0, 0)
        assert lived() == [("甲", "", None, date(2026, 10, 14)), ("乙", "", date(2026, 10, 15), None)]
        assert outcome(send(tree.p1, home("101", "乙"))) == (0, 0, 1, 0)

    def test_a_new_phone_is_the_same_person(self):
        tree = company()
        send(tree.p1, home("101", "王小明", phone="13800000001"))
        assert outcome(send(tree.p1, home("101", " 王 小明", phone="13800000009"))) == (0, 1, 0, 0)
        assert lived() == [("王小明", "+8613800000009", None, None)]
        assert Occupancy.objects.filter(phone_index="13800000009").count() == 1

    def test_moving_out(self):
        tree = company()
        send(tree.p1, home("101", "甲"))
        rows = [home("101", "甲", until=date(2026, 9, 30))]
        assert outcome(send(tree.p1, *rows)) == (0, 1, 0, 0)
        assert outcome(send(tree.p1, *rows)) == (0, 0, 1, 0)
        assert lived() == [("甲", "", None, date(2026, 9, 30))]

    def test_bad_rows_are_kept_apart(self):
        tree = company()
        send(tree.p1, home("102", "住户", since=date(2020, 1, 1)))
        taken = send(
            tree.p1,
            home("101", "好"),
            {**home("101", "错楼"), "place": "P002"},
            home("201", "电话", phone="12"),
            home("202", "日子", since=date(2024, 1, 2), until=date(2024, 1, 1)),
            home("101", "又一人"),
            home("102", "更早", since=date(2019, 1, 1)),
            home("102", "重叠", since=date(2021, 1, 1), until=date(2021, 2, 1)),
            {**home("203", "类型"), "kind": "亲戚"},
        )
        assert outcome(taken) == (1, 0, 0, 7)
        assert [(p["row"], p["column"]) for p in taken.apart["problems"]] == [
            (3, "楼栋编码"), (4, "电话"), (5, "迁出日期"), (6, "姓名"), (7, "迁入日期"),
            (8, "迁出日期"), (9, "业主或租户"),
        ]  # fmt: skip
        assert not Place.objects.filter(name_zh__in=["201", "202", "203"]).exists()

    def test_nothing_personal_stands_in_clear(self):
        from django.db import connection

        tree = company()
        taken = send(tree.p1, home("101", "王小明", phone="13800000001"), home("102", "李静", phone="1"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, phone FROM places_occupancy")
            stored = cursor.fetchone()
            cursor.execute("SELECT kept_apart FROM places_sheetimport WHERE id = %s", [taken.pk])
            stored += cursor.fetchone()
        assert all("王小明" not in text and "李静" not in text and "138" not in text[:20] for text in stored)

    def test_only_who_keeps_the_project(self):
        tree = company()
        for actor in (person("quality_manager", tree.p1), person("administrator", tree.p2), person()):
            with pytest.raises(Refused):
                send(tree.p1, home("101", "甲"), actor=actor)
        assert not Household.objects.exists()


class TestChange:
    def test_the_old_occupancy_ends_the_day_before(self):
        tree = company()
        household = HouseholdFactory(unit=tree.u1)
        actions.change_occupancy(household, actor=None, name="甲")
        actions.change_occupancy(household, actor=None, name="乙", since=date(2026, 3, 1))
        assert lived() == [("甲", "", None, date(2026, 2, 28)), ("乙", "", date(2026, 3, 1), None)]
        with pytest.raises(ValidationError):
            actions.change_occupancy(household, actor=None, name="丙", since=date(2026, 3, 1))


class TestSearch:
    def found(self, tree, text: str, user=None) -> list[str]:
        user = user or person("quality_manager", tree.p1)
        return [h.unit.name_zh for h in queries.households(user, tree.p1, text=text)]

    @pytest.fixture
    def tree(self):
        tree = company()
        OccupancyFactory(household=HouseholdFactory(unit=tree.u1), name="王小明", phone="+8613800000001")
        OccupancyFactory(household=HouseholdFactory(unit=tree.u2), name="李静", phone="+8613800000002")
        return tree

    @pytest.mark.parametrize(
        ("text", "rooms"),
        [
            ("13800000001", ["101"]), ("+86 138 0000 0001", ["101"]), ("李静", ["102"]), ("李 静", ["102"]),
            ("102", ["102"]), ("1-102", ["102"]), ("1栋-102", ["102"]), ("P001-B01-101", ["101"]),
            ("李", []), ("1380000", []), ("10", []), ("2-102", []), ("", ["101", "102"]),
        ],
    )  # fmt: skip
    def test_exact_values_only(self, tree, text, rooms):
        assert self.found(tree, text) == rooms

    def test_who_moved_out_is_not_found(self, tree):
        Occupancy.objects.filter(household__unit=tree.u1).update(until="2026-01-01")
        assert self.found(tree, "王小明") == []

    def test_an_outsider_finds_nothing(self, tree):
        assert self.found(tree, "", person("quality_manager", tree.p2)) == []
        assert self.found(tree, "", person()) == []


class TestReveal:
    @pytest.mark.parametrize("role", ["administrator", "quality_manager", "interviewer", "department_head"])
    def test_that_somebody_looked_is_on_the_trail(self, role):
        tree = company()
        found = OccupancyFactory(household=HouseholdFactory(unit=tree.u1))
        actions.reveal_occupancy(found, actor=person(role, tree.p1), reason="回访")
        assert [(e.verb, e.detail["field"], e.place) for e in Entry.objects.order_by("sequence")] == [
            ("personal_data.revealed", "name", tree.u1.path),
            ("personal_data.revealed", "phone", tree.u1.path),
        ]

    @pytest.mark.parametrize("role", ["employee", "inspector", "contractor", "leader", ""])
    def test_others_are_refused_and_that_is_on_the_trail_too(self, role):
        tree = company()
        found = OccupancyFactory(household=HouseholdFactory(unit=tree.u1))
        with pytest.raises(Refused):
            actions.reveal_occupancy(found, actor=person(role, tree.p1), reason="好奇")
        assert [e.verb for e in Entry.objects.all()] == ["refused"]


def test_the_pseudonym_of_a_unit_outlives_the_key(settings, tmp_path):
    settings.BIHUAN_HOME = tmp_path
    before = pseudonyms.unit_key("P001-B01-101")
    rotate_keys(actor=None)
    assert keys.ring().current == "k2"
    assert pseudonyms.unit_key("P001-B01-101") == before
    assert len(before) == 24
    assert pseudonyms.unit_key("P001-B01-102") != before
