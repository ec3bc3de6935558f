"""The first-run pages: who finds them, what they ask, and what is left when somebody stops half way."""

from __future__ import annotations

import io

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bihuan.base.people.models import Department, User
from bihuan.base.people.roles import Role
from bihuan.base.places.models import Household, Place
from bihuan.base.places.queries import imports
from bihuan.config.start import code, missing
from bihuan.config.start.actions import set_up_company
from bihuan.standards.models import MonitoringCycle
from tests.base.people.factories import person
from tests.base.places.sheets import lines
from tests.config.start import given

pytestmark = pytest.mark.django_db

PASSWORD = "春天来了花开了真好看"
FORM = {
    "name_zh": "和泰物业", "name_en": "Hetai", "company_code": "HT", "admin_number": "E1",
    "admin_name": "何平", "password": PASSWORD, "again": PASSWORD,
}  # fmt: skip
STEPS = [
    reverse("start_file", args=["tree"]), reverse("start_file", args=["departments"]),
    reverse("start_file", args=["people"]), reverse("start_file", args=["households"]),
    reverse("start_passwords"), reverse("start_cycle"), reverse("start_checklist"),
]  # fmt: skip


@pytest.fixture
def admin(client):
    """The administrator of a company that has just been set up."""
    _company, user = set_up_company(
        actor=None, company_code="HT", name_zh="和泰物业", admin_number="E1", admin_name="何平",
        password=PASSWORD,
    )  # fmt: skip
    client.force_login(user)
    return user


def send(client, name: str, content: bytes):
    file = SimpleUploadedFile(f"{name}.xlsx", content)
    return client.post(reverse("start_file", args=[name]), {"file": file}, follow=True)


class TestAStranger:
    @pytest.mark.parametrize("path", ["/", "/signin/", "/people/", "/no-such-page/"])
    def test_every_page_leads_to_the_start(self, client, setup_code, path):
        assert client.get(path)["Location"] == "/start/"
        assert client.post(path)["Location"] == "/start/"

    def test_programs_get_words(self, client, setup_code):
        assert client.get("/api/v1/me").status_code == 503
        assert client.get("/", HTTP_HX_REQUEST="true")["HX-Redirect"] == "/start/"

    def test_without_the_code_nothing_can_be_taken(self, client, setup_code):
        assert client.post("/start/", FORM).status_code == 200
        assert client.post("/start/", {"code": "aaaa-aaaa-aaaa"}).status_code == 422
        assert client.post("/start/", {**FORM, "code": "aaaa-aaaa-aaaa"}).status_code == 422
        assert not User.objects.exists()
        for step in STEPS:
            assert client.get(step)["Location"].startswith("/signin/")

    def test_the_language_can_be_switched(self, client, setup_code):
        client.post(reverse("set_language"), {"language": "en"})
        assert "Setup code" in client.get("/start/").content.decode()

    def test_a_code_that_was_used_up_opens_nothing(self, client, setup_code):
        client.post("/start/", {"code": setup_code})
        code.forget()
        assert client.get("/start/").status_code == 404
        assert client.post("/start/", FORM).status_code == 404


class TestTheCompany:
    def test_it_is_set_up_and_its_administrator_signed_in(self, client, setup_code):
        assert client.post("/start/", {"code": setup_code})["Location"] == "/start/"
        answer = client.post("/start/", FORM)
        assert answer["Location"] == STEPS[0]
        user = User.objects.get()
        assert client.session["_auth_user_id"] == str(user.pk)
        assert (user.employee_number, user.name, user.language) == ("E1", "何平", "zh-hans")
        assert Place.objects.get().name_en == "Hetai"

    @pytest.mark.parametrize(
        ("field", "value"),
        [("password", "1234567890"), ("again", "anders"), ("company_code", "和 泰/"), ("name_zh", "")],
    )
    def test_what_does_not_fit_is_said_under_its_field(self, client, setup_code, field, value):
        client.post("/start/", {"code": setup_code})
        answer = client.post("/start/", {**FORM, field: value})
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
        assert not User.objects.exists()

    def test_it_happens_once(self, client, setup_code, django_capture_on_commit_callbacks):
        client.post("/start/", {"code": setup_code})
        with django_capture_on_commit_callbacks(execute=True):
            client.post("/start/", FORM)
        assert client.get("/start/")["Location"] == reverse("start_checklist")
        client.logout()
        assert client.get("/start/").status_code == 404


class TestTheSteps:
    @pytest.mark.parametrize("role", [*Role.values, "outsider"])
    def test_who_opens_them(self, client, admin, role):
        user = person("" if role == "outsider" else role, Place.objects.get())
        client.force_login(user)
        for step in STEPS:
            assert client.get(step).status_code == (200 if role == "administrator" else 404), step
        if role != "administrator":
            assert send(client, "tree", given.tree()).status_code == 404
            assert client.post(reverse("start_passwords")).status_code == 404
            assert client.post(reverse("start_cycle"), {"code": "2026Q4"}).status_code == 404
            assert Place.objects.count() == 1

    def test_an_administrator_of_one_project_finds_nothing(self, client, admin):
        send(client, "tree", given.tree())
        client.force_login(person("administrator", Place.objects.get(code="P001")))
        assert {client.get(step).status_code for step in STEPS} == {404}

    def test_unknown_kinds_of_file_are_not_there(self, client, admin):
        assert client.get(reverse("start_file", args=["secrets"])).status_code == 404

    def test_from_empty_to_the_first_cycle(self, client, admin, time_machine):
        time_machine.move_to("2026-10-15T02:00:00Z")
        for name in ("tree", "departments", "people", "households"):
            page = send(client, name, getattr(given, "structure" if name == "departments" else name)())
            assert page.redirect_chain == [(reverse("start_file", args=[name]), 302)]
            assert page.context["problems"] == []
        assert Department.objects.get(code="D1").head.employee_number == "E3"
        assert Department.objects.get(code="D1-1").parent.code == "D1"
        assert Household.objects.count() == 2
        slips = client.post(reverse("start_passwords"))
        assert slips["Content-Type"] == "application/pdf"
        assert not User.objects.filter(password__startswith="!").exists()
        client.post(reverse("start_cycle"), {"code": "2026Q4"})
        assert MonitoringCycle.objects.get().state == "collecting"
        lacking = [item.name for item in missing.items() if not item.there]
        assert lacking == ["departments", "records", "evaluated"]  # D1-1 has no head

    def test_bad_rows_come_back_and_can_be_sent_again(self, client, admin):
        bad = {"code": "P003", "kind": "项目", "parent": "R9", "name_zh": "清名苑"}
        page = send(client, "tree", given.tree(bad))
        assert "3行收下了，1行要改" in page.content.decode()
        [problem] = page.context["problems"]
        assert (problem["row"], problem["column"]) == (5, "上级编码")
        assert "R9" in problem["what"]
        assert problem["how"]
        rows = lines(client.get(page.context["rows_url"]).content)
        assert rows[1][0] == "P003"
        assert Place.objects.count() == 4
        send(client, "tree", given.tree({**bad, "parent": "HT"}))
        assert Place.objects.count() == 5

    def test_sending_twice_changes_nothing(self, client, admin):
        for name, content in (("tree", given.tree()), ("departments", given.structure()),
                              ("people", given.people()), ("households", given.households())):  # fmt: skip
            send(client, name, content)
            send(client, name, content)
            taken = imports(admin, {"tree": "places", "departments": "structure"}.get(name, name)).first()
            assert (taken.created, taken.changed, taken.rejected) == (0, 0, 0), name

    def test_what_is_no_excel_file_is_said(self, client, admin):
        page = send(client, "people", b"no sheet")
        assert page.status_code == 422
        assert page.context["form"].errors["file"]

    def test_stopping_half_way_loses_nothing(self, client, admin):
        send(client, "tree", given.tree())
        client.logout()
        client.force_login(User.objects.get())
        page = client.get(reverse("start_checklist"))
        assert [item.there for item in page.context["items"]][:3] == [True, False, False]
        assert page.context["verdict"].buttons[0].url == reverse("start_file", args=["departments"])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_slips_speak_both_languages(client, admin, language):
    send(client, "departments", given.structure())
    send(client, "people", given.people())
    client.cookies["bihuan_language"] = language
    content = client.post(reverse("start_passwords")).content
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    for word in ("李静", "E3", "和泰物业", "One-time password", "一次性密码", "http://testserver/signin/"):
        assert word in text, word
    first, second = ("Sign in at", "登录地址") if language == "en" else ("登录地址", "Sign in at")
    assert text.index(first) < text.index(second)
    assert client.post(reverse("start_passwords")).status_code == 200  # nobody is left
