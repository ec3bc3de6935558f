"""Every page of both rooms for every role: who opens it, who finds nothing there."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver, reverse
from django.utils import translation

from bihuan.base.people import actions, import_people, import_structure
from bihuan.base.people.models import ApiToken, Department, User
from bihuan.base.people.roles import Role
from bihuan.base.places import actions as place_actions
from bihuan.base.places import import_tree
from bihuan.base.places.models import Household, Occupancy
from bihuan.base.trail.models import Entry
from tests.base.people.factories import ContractorFactory, DepartmentFactory, UserFactory, person
from tests.base.places.factories import HouseholdFactory, OccupancyFactory, company
from tests.base.places.sheets import lines, sheet

pytestmark = pytest.mark.django_db

ANYBODY = {*Role.values, "outsider"}
READERS = {"administrator", "quality_manager", "interviewer", "department_head"}
KEEPER = {"administrator"}

# address name, arguments, the roles at the company that open it
GET = [
    ("account", {}, ANYBODY),
    ("account_password", {}, ANYBODY),
    ("people", {}, KEEPER),
    ("person_new", {}, KEEPER),
    ("person", {"number": "person"}, KEEPER),
    ("people_import", {}, KEEPER),
    ("people_template", {}, KEEPER),
    ("people_outcome", {"number": "people_sheet"}, KEEPER),
    ("people_rows", {"number": "people_sheet"}, KEEPER),
    ("manage", {}, KEEPER),
    ("roles", {}, KEEPER),
    ("people_paper", {}, KEEPER),
    ("person_hand_over", {"number": "person"}, KEEPER),
    ("department_hand_over", {"code": "department"}, KEEPER),
    ("structure_import", {}, KEEPER),
    ("structure_template", {}, KEEPER),
    ("structure_outcome", {"number": "structure_sheet"}, KEEPER),
    ("structure_rows", {"number": "structure_sheet"}, KEEPER),
    ("households_import_all", {}, KEEPER),
    ("departments", {}, KEEPER),
    ("department_new", {}, KEEPER),
    ("department", {"code": "department"}, KEEPER),
    ("contractors", {}, KEEPER),
    ("contractor_new", {}, KEEPER),
    ("contractor", {"code": "contractor"}, KEEPER),
    ("places_tree", {}, KEEPER),
    ("place_new", {}, KEEPER),
    ("place_edit", {"code": "project"}, KEEPER),
    ("places_import", {}, KEEPER),
    ("places_template", {}, KEEPER),
    ("households_template", {}, KEEPER),
    ("sheet_outcome", {"number": "places_sheet"}, KEEPER),
    ("sheet_rows", {"number": "places_sheet"}, KEEPER),
    ("households_import", {"code": "project"}, KEEPER),
    ("households", {"code": "project"}, READERS),
    ("resident", {"number": "resident"}, READERS),
]
POST = [
    ("role_grant", {"number": "person"}, KEEPER),
    ("role_revoke", {"number": "person", "grant": "grant"}, KEEPER),
    ("person_deactivate", {"number": "person"}, KEEPER),
    ("person_reactivate", {"number": "person"}, KEEPER),
    ("person_password", {"number": "person"}, KEEPER),
    ("person_phone", {"number": "person"}, KEEPER),
    ("people_passwords", {"number": "people_sheet"}, KEEPER),
    ("people_slips", {"number": "people_sheet"}, KEEPER),
    ("place_move", {"code": "project"}, KEEPER),
    ("place_deactivate", {"code": "project"}, KEEPER),
    ("place_reactivate", {"code": "project"}, KEEPER),
    ("token_revoke", {"number": "token"}, set()),
]
PUBLIC = {"signin", "signout"}


@pytest.fixture
def world():
    tree = company()
    target = person("employee", tree.p1, phone="+8613900000009")
    content = sheet(import_people.form(), {"employee_number": "E1", "name": "甲"}, {"employee_number": "E2"})
    people_sheet = actions.take_in_people(actor=None, content=content, filename="人员.xlsx")
    content = sheet(import_tree.form(), {"code": "P9", "kind": "项目", "parent": "R99", "name_zh": "坏"})
    places_sheet = place_actions.import_places(actor=None, content=content, filename="地点.xlsx")
    content = sheet(import_structure.form(), {"sort": "部门", "code": "坏 码", "name_zh": "坏"})
    structure_sheet = actions.take_in_structure(actor=None, content=content, filename="部门.xlsx")
    resident = OccupancyFactory(household=HouseholdFactory(unit=tree.u1))
    token = ApiToken.objects.create(user=UserFactory(), name="别人的", hash="0" * 64)
    ids = {
        "person": target.pk, "grant": target.role_grants.get().pk, "people_sheet": people_sheet.pk,
        "places_sheet": places_sheet.pk, "structure_sheet": structure_sheet.pk,
        "project": tree.p1.code, "resident": resident.pk, "token": token.pk,
        "department": DepartmentFactory().code, "contractor": ContractorFactory().code,
    }  # fmt: skip
    return tree, ids


def address(name: str, arguments: dict, ids: dict) -> str:
    return reverse(name, kwargs={key: ids[value] for key, value in arguments.items()})


@pytest.mark.parametrize("role", [*Role.values, "outsider"])
def test_who_opens_what(client, world, role):
    tree, ids = world
    user = person("" if role == "outsider" else role, tree.c)
    client.force_login(user)
    for name, arguments, allowed in GET:
        expected = 200 if role in allowed else 404
        assert client.get(address(name, arguments, ids)).status_code == expected, name
    for name, arguments, allowed in POST:
        if role not in allowed:
            assert client.post(address(name, arguments, ids)).status_code == 404, name


def test_strangers_are_sent_to_the_sign_in_page(client, world):
    _tree, ids = world
    for name, arguments, _allowed in [*GET, *POST]:
        url = address(name, arguments, ids)
        assert client.get(url)["Location"] == f"/signin/?next={url}"
        assert client.post(url)["Location"].startswith("/signin/")
    assert client.get("/people/", HTTP_HX_REQUEST="true")["HX-Redirect"] == "/signin/"


def test_the_table_is_complete():
    named = {name for name, _a, _r in [*GET, *POST]} | PUBLIC
    resolver = get_resolver("bihuan.base.people.urls"), get_resolver("bihuan.base.places.urls")
    assert {p.name for r in resolver for p in r.url_patterns} == named


def test_a_keeper_elsewhere_finds_nothing_here(client, world):
    tree, ids = world
    client.force_login(person("administrator", tree.r2))
    for name in ("place_edit", "households", "households_import"):
        assert client.get(reverse(name, args=["P001"])).status_code == 404
    assert client.get(reverse("person", args=[ids["person"]])).status_code == 404
    assert client.get(reverse("resident", args=[ids["resident"]])).status_code == 404
    assert client.get(reverse("sheet_outcome", args=[ids["places_sheet"]])).status_code == 404
    assert client.get(reverse("departments")).status_code == 404
    assert "P001" not in client.get(reverse("places_tree")).content.decode()


class TestLists:
    @pytest.mark.parametrize("number", [1, 3])
    def test_people_take_the_same_queries(self, client, number, own_queries):
        tree = company()
        client.force_login(person("administrator", tree.c))
        for _ in range(number - 1):
            person("inspector", tree.p1, department=DepartmentFactory())
        with own_queries as counted:
            response = client.get("/people/")
        assert counted.number == 10
        assert len(response.context["list"].rows) == number

    @pytest.mark.parametrize("number", [1, 3])
    def test_households_take_the_same_queries(self, client, number, own_queries):
        tree = company()
        client.force_login(person("quality_manager", tree.p1))
        for unit, kind in [(tree.u1, "owner"), (tree.u2, "owner"), (tree.u1, "tenant")][:number]:
            OccupancyFactory(household=HouseholdFactory(unit=unit, kind=kind))
        with own_queries as counted:
            response = client.get(reverse("households", args=["P001"]))
        assert counted.number == 9
        assert len(response.context["list"].rows) == number

    @pytest.mark.parametrize("number", [1, 3])
    def test_departments_and_contractors_take_the_same_queries(self, client, number, own_queries):
        client.force_login(person("administrator"))
        for _ in range(number):
            DepartmentFactory(head=UserFactory())
            ContractorFactory()
        with own_queries as counted:
            assert len(client.get("/departments/").context["list"].rows) == number
        assert counted.number == 8
        with own_queries as counted:
            assert len(client.get("/contractors/").context["list"].rows) == number
        assert counted.number == 7

    @pytest.mark.parametrize("more", [0, 2])
    def test_the_tree_takes_the_same_queries(self, client, more, own_queries):
        tree = company()
        for number in range(more):
            place_actions.create_place(
                actor=None, code=f"N{number}", kind="building", name_zh="新", parent=tree.p1
            )
        client.force_login(person("administrator", tree.c))
        with own_queries as counted:
            response = client.get("/places/tree/")
        assert counted.number == 9
        assert len(response.context["list"].rows) == 7 + more

    def test_the_tree_stands_in_order(self, client):
        company()
        client.force_login(person("administrator"))
        rows = client.get("/places/tree/").context["list"].rows
        assert [(n.place.code, n.depth) for n in rows] == [
            ("C01", 0), ("R01", 1), ("P001", 2), ("P001-B01", 3), ("P002", 2), ("R02", 1), ("P003", 2),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("q=P00", 4),
            ("q=翠湖", 1),
            ("kind=project", 3),
            ("grade=二级", 2),
            ("state=inactive", 0),
            ("kind=x", 7),
        ],
    )
    def test_the_tree_filters(self, client, query, found):
        company()
        client.force_login(person("administrator"))
        assert len(client.get(f"/places/tree/?{query}").context["list"].rows) == found

    def test_people_are_found_and_exported(self, client):
        tree = company()
        client.force_login(person("administrator", employee_number="A1"))
        person("inspector", tree.p1, employee_number="B2", name="王小明", phone="+8613800000001")
        for query in ("q=B2", "q=王小明", "q=13800000001", "role=inspector"):
            rows = client.get(f"/people/?{query}").context["list"].rows
            assert [u.employee_number for u in rows] == ["B2"], query
        assert client.get("/people/?q=王小").context["list"].rows == []
        table = lines(client.get("/people/?q=B2&export=xlsx").content)
        assert table[1][:3] == ["B2", "王小明", "138****0001"]

    def test_households_are_masked_on_page_and_in_files(self, client):
        tree = company()
        OccupancyFactory(household=HouseholdFactory(unit=tree.u1), name="王小明", phone="+8613800000001")
        client.force_login(person("administrator"))
        page = client.get(reverse("households", args=["P001"])).content.decode()
        file = lines(client.get(reverse("households", args=["P001"]) + "?export=xlsx").content)
        assert ("王*明" in page, "王小明" in page, "13800000001" in page) == (True, False, False)
        assert file[1][3:5] == ["王*明", "138****0001"]

    @pytest.mark.parametrize("name", ["people", "departments", "contractors", "places_tree"])
    def test_lists_export(self, client, name):
        client.force_login(person("administrator"))
        for kind in ("xlsx", "csv"):
            assert client.get(reverse(name) + f"?export={kind}").status_code == 200


class TestDoing:
    @pytest.fixture(autouse=True)
    def admin(self, client):
        self.admin = person("administrator")
        client.force_login(self.admin)

    def test_a_person_from_first_to_last(self, client):
        company()
        fields = {"employee_number": "E1", "name": "王小明", "phone": "13800000001", "language": "zh-hans"}
        response = client.post("/people/new/", fields)
        made = User.objects.get(employee_number="E1")
        assert response["Location"] == f"/people/{made.pk}/"
        page = f"/people/{made.pk}/"
        client.post(page + "roles/", {"role": "inspector", "place": "P001"})
        assert User.objects.get(pk=made.pk).has_role("inspector")
        client.post(page, {"name": "王大明", "language": "zh-hans", "phone": ""})
        made.refresh_from_db()
        assert (made.name, made.phone) == ("王大明", "+8613800000001")
        client.post(page, {"name": "王大明", "language": "zh-hans", "forget_phone": "on"})
        made.refresh_from_db()
        assert made.phone == ""
        client.post(page + f"roles/{made.role_grants.get().pk}/revoke/")
        assert not made.role_grants.exists()
        client.post(page + "deactivate/")
        made.refresh_from_db()
        assert not made.is_active
        assert client.post(page + "password/").status_code == 404

    def test_what_is_wrong_stands_under_its_field(self, client):
        UserFactory(employee_number="E1")
        response = client.post(
            "/people/new/", {"employee_number": "E1", "name": "乙", "phone": "12", "language": "en"}
        )
        assert response.status_code == 422
        assert "工号E1已经有人用" in str(response.context["form"].errors["employee_number"])

    def test_a_refusal_is_said(self, client):
        response = client.post(f"/people/{self.admin.pk}/deactivate/", follow=True)
        assert "不能停用自己" in response.content.decode()

    def test_a_phone_in_full_takes_a_reason(self, client):
        target = UserFactory(phone="+8613800000001")
        assert client.post(f"/people/{target.pk}/phone/", {"reason": ""}).status_code == 422
        page = client.post(f"/people/{target.pk}/phone/", {"reason": "核对"})
        assert "+8613800000001" in page.content.decode()
        assert (Entry.objects.first().verb, Entry.objects.count()) == ("personal_data.revealed", 1)

    def test_a_resident_in_full_takes_a_reason(self, client):
        tree = company()
        found = OccupancyFactory(household=HouseholdFactory(unit=tree.u1), name="王小明")
        url = reverse("resident", args=[found.pk])
        assert "王小明" not in client.get(url).content.decode()
        assert client.post(url, {"reason": ""}).status_code == 422
        shown = client.post(url, {"reason": "回访"})
        assert "王小明" in shown.content.decode()
        assert shown["Cache-Control"] == "no-store"
        assert Entry.objects.count() == 2

    def test_a_place_from_first_to_last(self, client):
        tree = company()
        fields = {"code": "P9", "kind": "project", "parent": "R01", "name_zh": "新苑", "grade": "一级"}
        assert client.post("/places/tree/new/", fields)["Location"] == "/places/tree/at/P9/"
        page = "/places/tree/at/P9/"
        client.post(page, {"name_zh": "新新苑", "grade": "二级", "area": "1200.5", "own_households": "90"})
        client.post(page + "move/", {"parent": "R02"})
        client.post(page + "deactivate/", {})
        made = tree.c.descendants().get(code="P9")
        assert (made.name_zh, made.grade, made.parent, made.state) == ("新新苑", "二级", tree.r2, "inactive")
        client.post(page + "reactivate/")
        made.refresh_from_db()
        assert made.is_active
        assert client.get(page).status_code == 200

    def test_a_wrong_move_is_said(self, client):
        company()
        response = client.post("/places/tree/at/P001/move/", {"parent": "P002"})
        assert response.status_code == 422
        assert "上级只能是" in response.content.decode()
        assert "没有P999" in client.post("/places/tree/at/P001/move/", {"parent": "P999"}).content.decode()

    def test_files_go_in_and_come_back(self, client):
        company()
        content = sheet(import_tree.form(), {"code": "P9", "kind": "项目", "parent": "R01", "name_zh": "好"},
                        {"code": "P10", "kind": "项目", "parent": "R99", "name_zh": "坏"})  # fmt: skip
        response = client.post(
            "/places/tree/import/", {"file": SimpleUploadedFile("地点.xlsx", content)}, follow=True
        )
        page = response.content.decode()
        assert "1行收下了，1行要改" in page
        assert "没有R99这个地点" in page
        number = response.redirect_chain[0][0].strip("/").split("/")[-1]
        assert len(lines(client.get(f"/places/tree/sheets/{number}/rows.xlsx").content)) == 2
        bad = client.post("/places/tree/import/", {"file": SimpleUploadedFile("x.xlsx", b"x")})
        assert (bad.status_code, "这不是能读的Excel文件" in bad.content.decode()) == (422, True)

    def test_households_go_in(self, client):
        from bihuan.base.places import import_households

        company()
        row = {"place": "P001-B01", "room": "301", "kind": "业主", "name": "王小明"}
        file = SimpleUploadedFile("住户.xlsx", sheet(import_households.form(), row))
        response = client.post(reverse("households_import", args=["P001"]), {"file": file}, follow=True)
        assert "1行收下了。" in response.content.decode()
        assert (Household.objects.count(), Occupancy.objects.count()) == (1, 1)

    def test_first_passwords_are_downloaded_once(self, client):
        content = sheet(import_people.form(), {"employee_number": "E1", "name": "甲"})
        response = client.post(
            "/people/import/", {"file": SimpleUploadedFile("人员.xlsx", content)}, follow=True
        )
        assert "1人还没有密码" in response.content.decode()
        url = response.redirect_chain[0][0] + "passwords.xlsx"
        table = lines(client.post(url).content)
        assert User.objects.get(employee_number="E1").check_password(table[1][2])
        assert len(lines(client.post(url).content)) == 1

    def test_departments_and_contractors(self, client):
        client.post(
            "/departments/new/",
            {"code": "D1", "name_zh": "工程部", "is_active": "on", "head": self.admin.employee_number},
        )
        client.post(
            "/departments/new/",
            {"code": "D2", "name_zh": "电梯组", "is_active": "on", "parent": Department.objects.get().pk},
        )
        client.post(
            "/contractors/new/",
            {"code": "W1", "name_zh": "外包", "is_active": "on", "service_areas": ["电梯"]},
        )
        page = client.get("/departments/").content.decode()
        assert "1个部门没有负责人" in page
        assert "电梯" in client.get("/contractors/").content.decode()
        response = client.post("/departments/D1/", {"name_zh": "工程部", "head": "nobody"})
        assert (response.status_code, "没有这个工号" in response.content.decode()) == (422, True)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_is_half_translated(client, world, language):
    _tree, ids = world
    user = person("administrator", language=language)
    client.force_login(user)
    for name, arguments, _allowed in GET:
        if name.endswith(("template", "rows")):
            continue
        response = client.get(address(name, arguments, ids))
        assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in response.content.decode()[:120], name
    with translation.override("zh-hans"):
        assert Role("leader").label == "主管领导"
