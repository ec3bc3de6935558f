"""Handing over: a person's or a department's open work moves as a whole, by those who may, on the trail."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from bihuan.base.people import actions, handover
from bihuan.base.people.models import Department, RoleGrant, User
from bihuan.base.people.roles import Role
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from bihuan.collect.upkeep.models import Keeper, Reminder
from tests.base.people.factories import DepartmentFactory, UserFactory, person
from tests.base.places.factories import company

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """A company with a giver who has one of everything, a taker, and the administrator."""
    tree = company()
    giver, taker = person("inspector", tree.p1), person("employee", tree.p2)
    department = DepartmentFactory(head=giver)
    Keeper.objects.create(table="tasks", source="维保系统", person=giver, department=department)
    for state in ("open", "filled"):
        Reminder.objects.create(
            table="tasks", source="维保系统", cycle="2026Q3", place=tree.p1, gap="months", person=giver,
            department=department, state=state, made_at="2026-10-01T00:00:00Z",
        )  # fmt: skip
    admin = person("administrator", tree.c)
    return tree, giver, taker, department, admin


def open_names(giver) -> dict[str, int]:
    return {one.duty.name: one.count for one in handover.open_with(giver)}


class TestAPerson:
    def test_everything_open_moves_and_what_is_over_stays(self, world):
        _tree, giver, taker, department, admin = world
        assert open_names(giver) == {"departments": 1, "reminders": 1, "sources": 1}
        moved = actions.hand_over_person(giver, actor=admin, taker=taker)
        assert moved == {"departments": 1, "reminders": 1, "sources": 1}
        assert open_names(giver) == {}
        assert open_names(taker) == moved
        assert Reminder.objects.get(state="filled").person == giver
        assert Department.objects.get(pk=department.pk).head == taker
        assert RoleGrant.objects.get(user=giver).role == "inspector"
        entry = Entry.objects.get(verb="person.handed_over")
        assert entry.detail == {"to": taker.employee_number, "moved": moved}

    def test_roles_move_when_asked(self, world):
        tree, giver, taker, _department, admin = world
        assert actions.hand_over_person(giver, actor=admin, taker=taker, roles=True)["roles"] == 1
        assert not RoleGrant.objects.filter(user=giver).exists()
        assert User.objects.get(pk=taker.pk).has_role("inspector", tree.p1)

    def test_the_last_administrator_can_hand_over_all(self, world):
        _tree, _giver, taker, *_rest = world
        chief = person("administrator")
        actions.hand_over_person(chief, actor=chief, taker=taker, roles=True)
        assert User.objects.get(pk=taker.pk).has_role("administrator")
        assert not User.objects.get(pk=chief.pk).has_role("administrator")

    def test_nobody_goes_with_open_work(self, world):
        _tree, giver, taker, _department, admin = world
        with pytest.raises(Refused, match="负责的部门1项、缺数据的提醒1项、负责的数据来源1项"):
            actions.deactivate_person(giver, actor=admin)
        actions.hand_over_person(giver, actor=admin, taker=taker)
        actions.deactivate_person(giver, actor=admin)
        assert not User.objects.get(pk=giver.pk).is_active

    def test_what_cannot_move_moves_nothing(self, world, monkeypatch):
        _tree, giver, taker, department, admin = world
        monkeypatch.setattr(handover, "_of_people", dict(handover._of_people))
        handover.register("stuck", "卡住的事", count=lambda giver: 1, move=lambda giver, taker, actor: 0)
        with pytest.raises(Refused, match="卡住的事1项"):
            actions.hand_over_person(giver, actor=admin, taker=taker)
        assert Department.objects.get(pk=department.pk).head == giver

    @pytest.mark.parametrize("role", [*Role.values, ""])
    def test_only_administrators(self, world, role):
        tree, giver, taker, *_rest = world
        user = person(role, tree.c)
        if role == "administrator":
            assert actions.hand_over_person(giver, actor=user, taker=taker)
        else:
            with pytest.raises(Refused):
                actions.hand_over_person(giver, actor=user, taker=taker)
            assert open_names(giver)

    def test_an_administrator_of_one_project_leaves_departments_alone(self, world):
        tree, giver, *_rest = world
        user, other = person("administrator", tree.p1), person("employee", tree.p1)
        with pytest.raises(Refused, match=giver.employee_number):
            actions.hand_over_person(giver, actor=user, taker=other)
        Department.objects.update(head=None)
        assert actions.hand_over_person(giver, actor=user, taker=other)["sources"] == 1

    @pytest.mark.parametrize("case", ["self", "inactive", "elsewhere"])
    def test_a_taker_who_does_not_fit(self, world, case):
        tree, giver, taker, _department, admin = world
        Department.objects.update(head=None)
        if case == "self":
            taker = giver
        elif case == "inactive":
            taker = UserFactory(is_active=False)
        else:
            admin = person("administrator", tree.p1)
            taker = person("leader", tree.c)
        with pytest.raises(ValidationError):
            actions.hand_over_person(giver, actor=admin, taker=taker)
        assert open_names(giver) == {"reminders": 1, "sources": 1}


class TestADepartment:
    def test_its_work_moves(self, world):
        *_some, department, admin = world
        taker = DepartmentFactory()
        moved = actions.hand_over_department(department, actor=admin, taker=taker)
        assert moved == {"reminders": 1, "sources": 1}
        assert open_names(department) == {}
        assert open_names(taker) == moved
        assert Department.objects.get(pk=department.pk).is_active

    def test_with_people_and_closed(self, world):
        *_some, department, admin = world
        UserFactory(department=department)
        middle = DepartmentFactory(parent=department)
        taker, other = DepartmentFactory(parent=middle), DepartmentFactory(parent=department)
        actions.hand_over_department(department, actor=admin, taker=taker, people=True, close=True)
        parents = {d.code: d.parent and d.parent.code for d in Department.objects.select_related("parent")}
        assert parents[taker.code] == middle.code
        assert parents[middle.code] is None
        assert parents[other.code] == taker.code
        assert not Department.objects.get(pk=department.pk).is_active
        assert User.objects.get(department=taker)

    def test_a_taker_right_below(self, world):
        *_some, department, admin = world
        taker = DepartmentFactory(parent=department)
        actions.hand_over_department(department, actor=admin, taker=taker, people=True)
        assert Department.objects.get(pk=taker.pk).parent is None

    def test_it_is_not_closed_with_open_work(self, world):
        *_some, department, admin = world
        with pytest.raises(ValidationError, match="缺数据的提醒1项"):
            actions.update_department(department, actor=admin, is_active=False)
        actions.hand_over_department(department, actor=admin, taker=DepartmentFactory())
        assert not actions.update_department(department, actor=admin, is_active=False).is_active

    def test_who_may_and_who_takes(self, world):
        tree, *_some, department, admin = world
        taker, shut = DepartmentFactory(), DepartmentFactory(is_active=False)
        with pytest.raises(Refused):
            actions.hand_over_department(department, actor=person("administrator", tree.p1), taker=taker)
        for wrong in (department, shut):
            with pytest.raises(ValidationError):
                actions.hand_over_department(department, actor=admin, taker=wrong)
        assert open_names(department)


class TestPages:
    def test_what_will_move_stands_before_the_button(self, client, world):
        _tree, giver, taker, department, admin = world
        client.force_login(admin)
        text = client.get(reverse("person_hand_over", args=[giver.pk])).content.decode()
        for words in ("负责的部门", "缺数据的提醒", "负责的数据来源", "角色"):
            assert words in text
        page = client.get(reverse("person", args=[giver.pk])).content.decode()
        assert reverse("person_hand_over", args=[giver.pk]) in page
        assert reverse("person_deactivate", args=[giver.pk]) not in page
        answer = client.post(
            reverse("person_hand_over", args=[giver.pk]), {"taker": taker.employee_number, "roles": "on"}
        )
        assert answer["Location"] == reverse("person", args=[giver.pk])
        assert open_names(giver) == {}
        assert Department.objects.get(pk=department.pk).head == taker

    def test_a_number_nobody_has(self, client, world):
        _tree, giver, _taker, _department, admin = world
        client.force_login(admin)
        answer = client.post(reverse("person_hand_over", args=[giver.pk]), {"taker": "E0"})
        assert answer.status_code == 422
        assert "taker" in answer.context["form"].errors

    def test_a_department(self, client, world):
        *_some, department, admin = world
        taker = DepartmentFactory()
        client.force_login(admin)
        address = reverse("department_hand_over", args=[department.code])
        assert client.get(address).status_code == 200
        assert client.post(address, {"taker": taker.pk, "close": "on"})["Location"] == reverse("departments")
        assert open_names(taker) == {"reminders": 1, "sources": 1}

    def test_a_refusal_is_said_on_the_page(self, client, world):
        tree, giver, *_rest = world
        user, other = person("administrator", tree.p1), person("employee", tree.p1)
        client.force_login(user)
        answer = client.post(reverse("person_hand_over", args=[giver.pk]), {"taker": other.employee_number})
        assert answer.status_code == 422
        assert giver.employee_number in str(answer.context["form"].non_field_errors())
