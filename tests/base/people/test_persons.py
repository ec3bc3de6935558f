from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from bihuan.base.people import actions, import_people, passwords
from bihuan.base.people.models import RoleGrant, User
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from tests.base.people.factories import ContractorFactory, DepartmentFactory, UserFactory, person
from tests.base.places.factories import company
from tests.base.places.sheets import sheet

pytestmark = pytest.mark.django_db


class TestFields:
    def test_they_are_tidied(self):
        made = actions.create_person(
            actor=None, employee_number=" E1 ", name=" 王 小明 ", phone="138 0000 0001", email=" A@B.cn "
        )
        made.refresh_from_db()
        assert (made.employee_number, made.name, made.phone, made.email) == (
            "E1", "王 小明", "+8613800000001", "a@b.cn",
        )  # fmt: skip
        assert not made.has_usable_password()

    def test_phone_mail_and_number_belong_to_one(self):
        actions.create_person(
            actor=None, employee_number="E1", name="甲", phone="13800000001", email="a@b.cn"
        )
        for wrong in (
            {"phone": "+86 13800000001"},
            {"email": "A@b.cn"},
            {"employee_number": "E1"},
            {"phone": "12"},
        ):
            with pytest.raises(ValidationError) as caught:
                actions.create_person(actor=None, **{"employee_number": "E2", "name": "乙", **wrong})
            assert list(caught.value.message_dict) == list(wrong)

    def test_the_database_holds_it_too(self):
        UserFactory(phone="+8613800000001")
        with pytest.raises(IntegrityError):
            UserFactory(phone="+8613800000001")

    def test_many_have_no_phone_and_no_mail(self):
        UserFactory(phone="", email=None)
        UserFactory(phone="", email=None)
        assert User.objects.filter(phone_index__isnull=True).count() == 2

    def test_what_is_the_same_leaves_no_trace(self):
        user = UserFactory(name="王小明")
        actions.update_person(user, actor=None, name="王小明")
        assert Entry.objects.count() == 0
        actions.update_person(user, actor=None, phone="13800000001")
        assert Entry.objects.get().detail == {"fields": ["phone"]}

    def test_the_trail_has_no_names(self):
        actions.create_person(actor=None, employee_number="E7", name="王小明", phone="13800000001")
        assert Entry.objects.get().subject_label == "E7"


class TestOrganisation:
    def test_only_the_administrator_of_the_company(self):
        tree = company()
        actions.create_department(actor=person("administrator", tree.c), code="D1", name_zh="工程部")
        for actor in (person("administrator", tree.r1), person("quality_manager", tree.c), person()):
            with pytest.raises(Refused):
                actions.create_department(actor=actor, code="D2", name_zh="保洁部")
            with pytest.raises(Refused):
                actions.create_contractor(actor=actor, code="W2", name_zh="外包")

    def test_no_circle(self):
        top = DepartmentFactory()
        below = DepartmentFactory(parent=top)
        with pytest.raises(ValidationError):
            actions.update_department(top, actor=None, parent=below)
        with pytest.raises(ValidationError):
            actions.update_department(top, actor=None, parent=top)

    def test_only_known_areas(self):
        with pytest.raises(ValidationError):
            actions.create_contractor(actor=None, code="W1", name_zh="外包", service_areas=["飞行"])
        made = actions.create_contractor(
            actor=None, code="W1", name_zh="外包", service_areas=["电梯", "消防"]
        )
        actions.update_contractor(made, actor=None, service_areas=["电梯"])
        made.refresh_from_db()
        assert made.service_areas == ["电梯"]

    @pytest.mark.parametrize("code", ["", "a b", "a/b", "new", "x" * 41])
    def test_codes_can_stand_in_an_address(self, code):
        with pytest.raises(ValidationError):
            actions.create_department(actor=None, code=code, name_zh="部门")


class TestPasswords:
    @pytest.mark.parametrize(
        ("new", "reasons"),
        [("kurz-7x", 1), ("9182736450192", 1), ("password123", 1), ("xE1001-geheim", 1), ("13800000001aa", 1),
         ("春天来了花开了真好看", 0), ("correct horse battery", 0), ("x" * 201, 1)],
    )  # fmt: skip
    def test_what_a_new_one_must_be(self, new, reasons):
        user = UserFactory(employee_number="E1001", phone="+8613800000001")
        try:
            passwords.check_new(new, user)
            found = 0
        except ValidationError as exc:
            found = len(exc.messages)
        assert found == reasons

    def test_not_the_one_there_is(self):
        user = actions.create_person(
            actor=None, employee_number="E1", name="甲", password="这是现在的密码呀呀"
        )
        with pytest.raises(ValidationError):
            actions.change_password(user, actor=user, current="这是现在的密码呀呀", new="这是现在的密码呀呀")

    def test_only_oneself(self):
        user = UserFactory()
        with pytest.raises(Refused):
            actions.change_password(
                user, actor=person("administrator"), current="", new="春天来了花开了真好看"
            )

    def test_one_time_passwords_differ_and_can_be_read_out(self):
        made = {passwords.one_time_password() for _ in range(50)}
        assert len(made) == 50
        assert all(len(p) == 14 and not set(p) & set("01ilo") for p in made)


class TestImport:
    def send(self, *rows: dict, actor=None):
        content = sheet(import_people.form(), *rows)
        return actions.take_in_people(actor=actor, content=content, filename="人员.xlsx")

    @staticmethod
    def outcome(taken) -> tuple[int, int, int, int]:
        return taken.created, taken.changed, taken.unchanged, taken.rejected

    def test_people_come_with_their_roles_and_again_nothing_changes(self):
        tree = company()
        department, contractor = DepartmentFactory(code="D1"), ContractorFactory(code="W1")
        rows = [
            {"employee_number": "E1", "name": "甲", "phone": 13800000001, "department": "D1",
             "role": "品质巡检员", "place": "P001"},
            {"employee_number": "E1", "role": "员工", "place": "C01"},
            {"employee_number": "E2", "name": "乙", "email": "B@b.cn", "contractor": "W1",
             "language": "English"},
        ]  # fmt: skip
        assert self.outcome(self.send(*rows)) == (2, 1, 0, 0)
        one, two = User.objects.order_by("employee_number")
        assert [(g.role, g.place) for g in one.role_grants.all()] == [
            ("employee", tree.c),
            ("inspector", tree.p1),
        ]
        assert (one.department, one.phone) == (department, "+8613800000001")
        assert (two.contractor, two.email, two.language) == (contractor, "b@b.cn", "en")
        assert self.outcome(self.send(*rows)) == (0, 0, 3, 0)

    def test_bad_rows_are_kept_apart(self):
        company()
        UserFactory(employee_number="E9", phone="+8613800000009")
        taken = self.send(
            {"employee_number": "E1", "name": "好"},
            {"employee_number": "E2"},
            {"employee_number": "E3", "name": "丙", "phone": "13800000009"},
            {"employee_number": "E4", "name": "丁", "email": "x"},
            {"employee_number": "E5", "name": "戊", "role": "国王"},
            {"employee_number": "E6", "name": "己", "role": "员工", "place": "P999"},
            {"employee_number": "E7", "name": "庚", "place": "P001"},
            {"employee_number": "E8", "name": "辛", "department": "D9"},
        )
        assert self.outcome(taken) == (1, 0, 0, 7)
        assert [(p["row"], p["column"]) for p in taken.apart["problems"]] == [
            (3, "姓名"), (4, "电话"), (5, "邮箱"), (6, "角色"), (7, "所在地点"), (8, "角色"), (9, "部门编码"),
        ]  # fmt: skip

    def test_a_keeper_cannot_raise_anybody_above_themselves(self):
        tree = company()
        keeper = person("administrator", tree.r1)
        boss = person("leader", tree.c, employee_number="BOSS", name="老板")
        taken = self.send(
            {"employee_number": "E1", "name": "甲", "role": "管理员"},
            {"employee_number": "E2", "name": "乙", "role": "管理员", "place": "C01"},
            {"employee_number": "E3", "name": "丙", "role": "员工", "place": "P003"},
            {"employee_number": "BOSS", "phone": "13800000001"},
            {"employee_number": "E4", "name": "丁", "role": "管理员", "place": "P001"},
            actor=keeper,
        )
        assert self.outcome(taken) == (1, 0, 0, 4)
        assert RoleGrant.objects.exclude(user__in=[keeper, boss]).count() == 1

    def test_first_passwords_are_made_once(self):
        company()
        taken = self.send({"employee_number": "E1", "name": "甲"}, {"employee_number": "E2", "name": "乙"})
        made = actions.issue_first_passwords(taken, actor=person("administrator"))
        assert [user.employee_number for user, _password in made] == ["E1", "E2"]
        user = User.objects.get(employee_number="E1")
        assert user.check_password(made[0][1])
        assert user.must_change_password
        assert actions.issue_first_passwords(taken, actor=None) == []

    @pytest.mark.parametrize("role", ["quality_manager", "employee", ""])
    def test_others_are_refused(self, role):
        with pytest.raises(Refused):
            self.send({"employee_number": "E1", "name": "甲"}, actor=person(role))
        assert not User.objects.filter(employee_number="E1").exists()
