"""Departments from Excel, one-time passwords on paper, and administration on one page."""

from __future__ import annotations

import io

import pypdf
import pytest
from django.urls import reverse
from django.utils import timezone

from bihuan.base.people import actions, import_structure, slips
from bihuan.base.people.models import Contractor, Department, User
from bihuan.base.people.roles import Role
from bihuan.base.places.models import SheetImport
from bihuan.base.trail.act import Refused
from bihuan.base.ui import nav
from tests.base.people.factories import DepartmentFactory, RoleGrantFactory, UserFactory, person
from tests.base.places.factories import company
from tests.base.places.sheets import lines, sheet

pytestmark = pytest.mark.django_db


def send(*rows: dict, actor=None) -> SheetImport:
    content = sheet(import_structure.form(), *rows)
    return actions.take_in_structure(actor=actor, content=content, filename="部门.xlsx")


def wrong(taken: SheetImport) -> list[tuple[int, str]]:
    return [(problem["row"], problem["column"]) for problem in taken.apart["problems"]]


class TestStructure:
    def test_departments_and_contractors_in_any_order(self):
        head = UserFactory()
        taken = send(
            {"sort": "部门", "code": "D2", "name_zh": "一班", "parent": "D1"},
            {"sort": "Department", "code": "D1", "name_zh": "维修部", "head": head.employee_number},
            {"sort": "外包商", "code": "W1", "name_zh": "捷安", "areas": "电梯，Fire safety"},
        )
        assert (taken.created, taken.rejected) == (3, 0)
        assert Department.objects.get(code="D2").parent.head == head
        assert Contractor.objects.get().service_areas == ["电梯", "消防"]

    def test_again_with_changes(self):
        row = {"sort": "部门", "code": "D1", "name_zh": "维修部", "name_en": "Repairs"}
        send(row)
        taken = send(row)
        assert (taken.created, taken.changed, taken.unchanged) == (0, 0, 1)
        taken = send({**row, "name_zh": "工程部", "name_en": ""})
        assert (taken.changed, Department.objects.get().name_zh, Department.objects.get().name_en) == (
            1, "工程部", "Repairs",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("row", "column"),
        [
            ({"sort": "部门", "code": "D9", "name_zh": "甲", "parent": "D0"}, "上级部门编码"),
            ({"sort": "部门", "code": "D9", "name_zh": "甲", "parent": "D9"}, "上级部门编码"),
            ({"sort": "部门", "code": "D1", "name_zh": "甲", "parent": "D2"}, "上级部门编码"),
            ({"sort": "部门", "code": "D9", "name_zh": "甲", "head": "E0"}, "负责人工号"),
            ({"sort": "部门", "code": "D9", "name_zh": "甲", "areas": "电梯"}, "服务区域"),
            ({"sort": "外包商", "code": "W9", "name_zh": "甲", "parent": "D1"}, "上级部门编码"),
            ({"sort": "外包商", "code": "W9", "name_zh": "甲", "areas": "太空"}, "服务区域"),
            ({"sort": "公司", "code": "W9", "name_zh": "甲"}, "部门或外包商"),
            ({"sort": "部门", "code": "D 9", "name_zh": "甲"}, "编码"),
        ],
    )
    def test_what_does_not_fit_is_kept_apart(self, row, column):
        DepartmentFactory(code="D2", parent=DepartmentFactory(code="D1"))
        taken = send(row)
        assert wrong(taken) == [(2, column)]
        assert set(Department.objects.values_list("code", flat=True)) == {"D1", "D2"}
        assert all(problem["how"] for problem in taken.apart["problems"])

    def test_a_code_twice(self):
        row = {"sort": "部门", "code": "D1", "name_zh": "甲"}
        assert wrong(send(row, {**row, "name_zh": "乙"})) == [(3, "编码")]

    def test_only_for_the_administrator_of_the_company(self, client):
        tree = company()
        row = {"sort": "部门", "code": "D1", "name_zh": "甲"}
        for user in (person("administrator", tree.p1), person("quality_manager", tree.c)):
            with pytest.raises(Refused):
                send(row, actor=user)
            client.force_login(user)
            for name in ("structure_import", "structure_template"):
                assert client.get(reverse(name)).status_code == 404
        admin = person("administrator", tree.c)
        taken = send(row, {**row, "code": "坏 码"}, actor=admin)
        client.force_login(admin)
        page = client.get(reverse("structure_outcome", args=[taken.pk]))
        assert "1行收下了，1行要改" in page.content.decode()
        rows = lines(client.get(reverse("structure_rows", args=[taken.pk])).content)
        assert rows[1][1] == "坏 码"
        assert lines(client.get(reverse("structure_template")).content)[0][0] == "部门或外包商*"


def text_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


class TestPaper:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_a_slip_speaks_both_languages(self, language):
        company()
        who = UserFactory(name="欧阳娜娜", employee_number="E7")
        content = slips.render(
            [(who, "k7mw-9xqd-h3ft")], address="https://x.cn/signin/", language=language,
            made_at=timezone.now(),
        )  # fmt: skip
        text = text_of(content)
        for words in ("欧阳娜娜", "E7", "k7mw-9xqd-h3ft", "https://x.cn/signin/", "一次性密码", "登录地址",
                      "Sign in at", "第一次登录时设自己的密码"):  # fmt: skip
            assert words in text, words

    def test_a_rare_name_holds_nobody_up(self):
        made = [(UserFactory(name="𠮷野㛃"), "k7mw-9xqd-h3ft"), (UserFactory(name="李静"), "aaaa-bbbb-cccc")]
        text = text_of(slips.render(made, address="x", language="en", made_at=timezone.now()))
        assert "〓野" in text
        assert "李静" in text

    def test_many_pages(self):
        made = [(UserFactory(), "k7mw-9xqd-h3ft") for _ in range(30)]
        content = slips.render(made, address="x", language="zh-hans", made_at=timezone.now())
        assert text_of(content).count("k7mw-9xqd-h3ft") == 30

    def test_those_without_a_password_are_ticked(self, client):
        tree = company()
        new, old = UserFactory(), UserFactory(password="md5$a$b")
        client.force_login(person("administrator", tree.c, password="md5$a$b"))
        assert [p for p, waits in client.get(reverse("people_paper")).context["rows"] if waits] == [new]
        rows = client.get(reverse("people_paper"), {"who": "all"}).context["rows"]
        assert {p.pk for p, waits in rows if not waits} >= {old.pk}

    def test_chosen_people_get_passwords_that_work(self, client):
        tree = company()
        one, other, left = UserFactory(), UserFactory(), UserFactory()
        client.force_login(person("administrator", tree.c))
        answer = client.post(reverse("people_paper"), {"person": [one.pk, other.pk]})
        assert answer["Content-Type"] == "application/pdf"
        assert "no-store" in answer["Cache-Control"]
        text = text_of(answer.content)
        assert one.employee_number in text
        one.refresh_from_db()
        left.refresh_from_db()
        assert one.must_change_password
        assert not left.has_usable_password()
        words = [word for word in text.split() if word.count("-") == 2 and one.check_password(word)]
        assert len(words) == 1

    def test_nobody_chosen_and_nobody_elses(self, client):
        tree = company()
        client.force_login(person("administrator", tree.p1))
        assert client.post(reverse("people_paper")).status_code == 422
        above = person("leader", tree.c)
        both = UserFactory()
        RoleGrantFactory(user=both, place=tree.p1)
        RoleGrantFactory(user=both, place=tree.p2)
        for number in (above.pk, both.pk, 0, "x"):
            assert client.post(reverse("people_paper"), {"person": [number]}).status_code == 404
        assert not User.objects.filter(must_change_password=True).exists()

    def test_of_a_file(self, client):
        from tests.config.start import given

        tree = company()
        client.force_login(person("administrator", tree.c))
        content = given.people({"employee_number": "N1", "name": "新人"})
        taken = actions.take_in_people(actor=None, content=content, filename="人员.xlsx")
        answer = client.post(reverse("people_slips", args=[taken.pk]))
        assert "N1" in text_of(answer.content)
        assert client.post(reverse("people_slips", args=[taken.pk])).status_code == 404  # nobody is left


class TestAdministration:
    def test_every_page_of_it_is_reachable_and_says_what_it_is_for(self, client):
        client.force_login(person("administrator"))
        lines_ = client.get(reverse("manage")).context["lines"]
        urls = [line.url for line in lines_]
        names = ("people", "roles", "departments", "contractors", "places_tree", "calendars", "jobs", "trail")
        assert {reverse(name) for name in names} <= set(urls)
        assert [line.url for line in lines_ if not line.about] == []
        for url in urls:
            assert client.get(url).status_code == 200, url

    def test_what_needs_a_look(self, client):
        client.force_login(person("administrator", password="md5$a$b"))
        UserFactory()
        DepartmentFactory()
        page = client.get(reverse("manage"))
        found = {line.url: line.attention for line in page.context["lines"] if line.attention}
        assert found[reverse("people")] == "1人还不能登录"
        assert found[reverse("roles")] == "1人没有角色"
        assert found[reverse("departments")] == "1个部门没有负责人"

    @pytest.mark.parametrize("role", [*Role.values, ""])
    def test_only_for_administrators(self, client, role):
        tree = company()
        client.force_login(person(role, tree.c))
        expected = 200 if role == "administrator" else 404
        for name in ("manage", "roles", "people_paper"):
            assert client.get(reverse(name)).status_code == expected, name

    def test_roles_of_kept_people_alone(self, client):
        tree = company()
        person("inspector", tree.p2)
        client.force_login(person("administrator", tree.p1))
        roles = client.get(reverse("roles")).context["list"]
        assert [grant.role for grant in roles.rows] == ["administrator"]

    def test_the_menu_asks_for_attention_only_there(self, rf):
        request = rf.get("/people/")
        request.user = person("administrator")
        UserFactory()
        assert not any(line.attention for line in nav.menu(request).keeping)
