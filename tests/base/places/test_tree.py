from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from bihuan.base.places import actions, queries
from bihuan.base.places.models import Place
from bihuan.base.places.publish import places_dimension
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from tests.base.people.factories import person
from tests.base.places.factories import PlaceFactory, company

pytestmark = pytest.mark.django_db


def codes(places) -> list[str]:
    return sorted(place.code for place in places)


class TestVisibility:
    def test_a_role_counts_at_its_place_and_under_it(self):
        tree = company()
        assert codes(Place.objects.visible_to(person("employee", tree.r1))) == [
            "P001", "P001-B01", "P001-B01-101", "P001-B01-102", "P002", "R01",
        ]  # fmt: skip
        assert codes(Place.objects.visible_to(person("inspector", tree.p3))) == ["P003"]
        assert Place.objects.visible_to(person("leader")).count() == 9

    def test_an_outsider_sees_nothing(self):
        company()
        assert Place.objects.visible_to(person()).count() == 0

    def test_paths_that_begin_alike_are_kept_apart(self):
        root = PlaceFactory(code="C", kind="company")
        near = Place.objects.create(
            code="A", kind="project", parent=root, name_zh="甲", path=f"{root.path}12/"
        )
        Place.objects.create(code="B", kind="project", parent=root, name_zh="乙", path=f"{root.path}123/")
        assert codes(near.subtree()) == ["A"]

    def test_ancestors_stand_in_order(self):
        tree = company()
        assert [p.code for p in tree.u1.ancestors()] == ["C01", "R01", "P001", "P001-B01"]
        assert codes(tree.p1.descendants()) == ["P001-B01", "P001-B01-101", "P001-B01-102"]


class TestCreate:
    def test_a_place_stands_under_its_parent(self):
        tree = company()
        made = actions.create_place(
            actor=person("administrator"),
            code="P009",
            kind="project",
            parent=tree.r2,
            name_zh="新苑",
            grade="三级",
        )
        assert made.path == f"{tree.r2.path}{made.pk}/"
        assert [(s.parent.code, s.grade) for s in made.spells.all()] == [("R02", "三级")]
        assert Entry.objects.first().verb == "place.created"

    @pytest.mark.parametrize(
        ("kind", "parent"),
        [
            ("building", "c"),
            ("unit", "r1"),
            ("project", "p1"),
            ("company", "c"),
            ("region", "r1"),
            ("region", None),
        ],
    )
    def test_levels_keep_their_order(self, kind, parent):
        tree = company()
        with pytest.raises(ValidationError) as caught:
            actions.create_place(
                actor=None,
                code="Z",
                kind=kind,
                name_zh="错",
                parent=getattr(tree, parent) if parent else None,
            )
        assert list(caught.value.message_dict) == ["parent"]

    def test_a_code_is_used_once(self):
        tree = company()
        with pytest.raises(ValidationError, match="P001"):
            actions.create_place(actor=None, code="P001", kind="project", name_zh="重", parent=tree.r1)

    def test_a_code_that_no_address_can_carry_is_refused(self):
        tree = company()
        with pytest.raises(ValidationError):
            actions.create_place(actor=None, code="P/9", kind="project", name_zh="斜", parent=tree.r1)

    def test_only_the_company_is_a_root(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            Place.objects.create(code="Q", kind="project", name_zh="无根")

    @pytest.mark.parametrize("role", ["quality_manager", "leader", "employee", ""])
    def test_others_are_refused(self, role):
        tree = company()
        with pytest.raises(Refused):
            actions.create_place(
                actor=person(role, tree.c), code="P9", kind="project", name_zh="不", parent=tree.r1
            )
        assert not Place.objects.filter(code="P9").exists()

    def test_an_administrator_of_one_region_stays_there(self):
        tree = company()
        keeper = person("administrator", tree.r1)
        actions.create_place(actor=keeper, code="P10", kind="project", name_zh="可", parent=tree.r1)
        with pytest.raises(Refused):
            actions.create_place(actor=keeper, code="P11", kind="project", name_zh="否", parent=tree.r2)
        with pytest.raises(Refused):
            actions.move_place(tree.p1, actor=keeper, parent=tree.r2)
        with pytest.raises(Refused):
            actions.update_place(tree.c, actor=keeper, name_zh="改名")


class TestMove:
    def test_everything_under_it_moves_along_and_the_old_tree_stays(self):
        tree = company()
        actions.move_place(tree.p1, actor=None, parent=tree.r2, since=date(2026, 10, 1))
        tree.u1.refresh_from_db()
        assert tree.u1.path == f"{tree.r2.path}{tree.p1.pk}/{tree.b1.pk}/{tree.u1.pk}/"
        assert [(s.parent.code, s.valid_from, s.valid_to) for s in tree.p1.spells.all()] == [
            ("R01", None, date(2026, 9, 30)),
            ("R02", date(2026, 10, 1), None),
        ]

    def test_moving_there_again_changes_nothing(self):
        tree = company()
        actions.move_place(tree.p1, actor=None, parent=tree.r1)
        assert tree.p1.spells.count() == 1
        assert Entry.objects.count() == 0

    def test_a_change_of_mind_on_the_same_day_leaves_one_spell(self):
        tree = company()
        day = date(2026, 10, 1)
        actions.move_place(tree.p1, actor=None, parent=tree.r2, since=day)
        actions.move_place(tree.p1, actor=None, parent=tree.c, since=day)
        assert [s.parent.code for s in tree.p1.spells.all()] == ["R01", "C01"]

    def test_history_is_not_rewritten(self):
        tree = company()
        actions.move_place(tree.p1, actor=None, parent=tree.r2, since=date(2026, 10, 1))
        with pytest.raises(ValidationError, match="2026-10-01"):
            actions.move_place(tree.p1, actor=None, parent=tree.r1, since=date(2026, 9, 1))
        tree.p1.refresh_from_db()
        assert tree.p1.parent == tree.r2

    def test_not_under_itself(self):
        tree = company()
        with pytest.raises(ValidationError):
            actions.move_place(tree.r1, actor=None, parent=tree.p1)

    def test_roles_follow_the_place(self):
        tree = company()
        inspector = person("inspector", tree.p1)
        actions.move_place(tree.p1, actor=None, parent=tree.r2)
        assert "P001" in codes(Place.objects.visible_to(inspector))


class TestEnd:
    def test_everything_under_it_ends_too(self):
        tree = company()
        actions.deactivate_place(tree.r1, actor=None, last_day=date(2026, 9, 30))
        states = dict(Place.objects.values_list("code", "state"))
        assert [code for code, state in sorted(states.items()) if state == "active"] == ["C01", "P003", "R02"]
        assert {s.valid_to for s in tree.p1.spells.all()} == {date(2026, 9, 30)}

    def test_not_before_its_last_change(self):
        tree = company()
        actions.move_place(tree.p1, actor=None, parent=tree.r2, since=date(2026, 10, 1))
        with pytest.raises(ValidationError, match="P001"):
            actions.deactivate_place(tree.r2, actor=None, last_day=date(2026, 9, 1))

    @time_machine.travel("2026-11-01 10:00", tick=False)
    def test_it_begins_again_from_a_day_on(self):
        tree = company()
        actions.deactivate_place(tree.p3, actor=None, last_day=date(2026, 9, 30))
        actions.reactivate_place(tree.p3, actor=None)
        tree.p3.refresh_from_db()
        assert tree.p3.is_active
        assert [(s.valid_from, s.valid_to) for s in tree.p3.spells.all()] == [
            (None, date(2026, 9, 30)),
            (date(2026, 11, 1), None),
        ]

    def test_not_under_a_place_that_ended(self):
        tree = company()
        actions.deactivate_place(tree.r2, actor=None)
        with pytest.raises(ValidationError):
            actions.reactivate_place(tree.p3, actor=None)


class TestHouseholds:
    def test_own_numbers_count_before_units_and_parents_are_sums(self):
        tree = company()
        counts = queries.household_counts()
        assert {place.code: counts[place.pk] for place in (tree.c, tree.r1, tree.r2, tree.p1, tree.b1)} == {
            "C01": 802, "R01": 302, "R02": 500, "P001": 2, "P001-B01": 2,
        }  # fmt: skip

    def test_what_is_out_of_use_adds_nothing_but_keeps_its_own(self):
        tree = company()
        actions.deactivate_place(tree.r1, actor=None)
        counts = queries.household_counts()
        assert (counts[tree.c.pk], counts[tree.r1.pk], counts[tree.p1.pk]) == (500, 302, 2)

    def test_unknown_is_not_zero(self):
        place = PlaceFactory()
        assert queries.household_counts() == {place.pk: None}


def test_the_dimension_has_a_row_for_each_spell():
    tree = company()
    actions.move_place(tree.p1, actor=None, parent=tree.r2, since=date(2026, 10, 1))
    actions.update_place(tree.p1, actor=None, grade="二级", since=date(2026, 10, 1))
    rows = places_dimension().to_pylist()
    assert [row["code"] for row in rows] == ["C01", "P001", "P001", "P001-B01", "P002", "P003", "R01", "R02"]
    assert rows[1] == {
        "code": "P001", "kind": "project", "parent": "R01", "name_zh": "翠湖花园", "name_en": None,
        "grade": "一级", "households": 2, "valid_from": None, "valid_to": date(2026, 9, 30),
    }  # fmt: skip
    assert (rows[2]["parent"], rows[2]["grade"], rows[2]["valid_from"]) == ("R02", "二级", date(2026, 10, 1))
    assert rows[0]["parent"] is None
