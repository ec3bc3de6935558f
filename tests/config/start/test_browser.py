"""Starting for real in a browser, from the setup code to the first cycle, and administration beside it."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from bihuan.base.people import actions as people
from bihuan.base.people.models import User
from bihuan.base.places.models import Place
from bihuan.config.start.files import KINDS
from tests.base.people.factories import person
from tests.config.start import given
from tests.support.browser import check_accessible, check_no_sideways, shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "春天来了花开了真好看"
BAD = {"code": "P003", "kind": "项目", "parent": "R9", "name_zh": "清名苑"}


@pytest.mark.parametrize(
    ("language", "width"), [("zh-hans", 1440), ("zh-hans", 390), ("en", 1440), ("en", 390)]
)
def test_from_the_setup_code_to_the_first_cycle(open_page, setup_code, tmp_path, language, width):
    page = open_page("/people/", language=language, width=width)

    def look(name: str) -> None:
        shoot(page, f"start-{name}-{language}-{width}")
        check_no_sideways(page)
        check_accessible(page)

    assert page.url.endswith("/start/")
    page.locator("[name=code]").fill("wrong")
    page.locator(".bh-pri").click()
    expect(page.locator("[aria-invalid=true]")).to_be_visible()
    look("1-code")
    page.locator("[name=code]").fill(setup_code)
    page.locator(".bh-pri").click()
    for name, value in (
        ("name_zh", "和泰物业"), ("name_en", "Hetai Property"), ("company_code", "HT"),
        ("admin_number", "E1"), ("admin_name", "何平"), ("password", PASSWORD), ("again", PASSWORD),
    ):  # fmt: skip
        page.locator(f"[name={name}]").fill(value)
    look("2-company")
    page.locator(".bh-pri").click()
    page.wait_for_url("**/start/files/tree/")
    look("3-tree")
    contents = {"tree": given.tree(BAD), "departments": given.structure(), "people": given.people(),
                "households": given.households()}  # fmt: skip
    for name in KINDS:
        file = tmp_path / f"{name}.xlsx"
        file.write_bytes(contents[name])
        page.locator("input[type=file]").set_input_files(file)
        page.locator("main form button[type=submit]").click()
        page.wait_for_load_state()
        expect(page.locator("h1")).to_contain_text("3" if name != "households" else "2")
        look(f"4-{name}")
        page.locator(".bh-tell > .bh-row a").click()
        page.wait_for_load_state()
    assert page.url.endswith("/start/passwords/")
    look("5-passwords")
    with page.expect_download() as download:
        page.locator("main form button[type=submit]").click()
    assert download.value.suggested_filename == "one-time-passwords.pdf"
    page.goto(page.url.replace("passwords", "cycle"))
    look("6-cycle")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/start/checklist/")
    look("7-checklist")


@pytest.mark.parametrize(
    ("language", "width"), [("zh-hans", 1440), ("zh-hans", 390), ("en", 1440), ("en", 390)]
)
def test_administration(open_page, language, width):
    admin = person("administrator", name="何平", language=language)
    Place.objects.plant(code="HT", kind="company", name_zh="和泰物业", name_en="Hetai Property")
    people.take_in_structure(actor=None, content=given.structure(), filename="d.xlsx")
    people.take_in_people(
        actor=None, content=given.people({"employee_number": "E8", "name": "吴芳"}), filename="p.xlsx"
    )
    giver = User.objects.get(employee_number="E3")
    for name, arguments in (
        ("manage", []), ("roles", []), ("people_paper", []), ("structure_import", []), ("departments", []),
        ("person_hand_over", [giver.pk]), ("department_hand_over", ["D1"]), ("person", [giver.pk]),
    ):  # fmt: skip
        page = open_page(reverse(name, args=arguments), language=language, width=width, user=admin)
        shoot(page, f"manage-{name}-{language}-{width}")
        check_no_sideways(page)
        check_accessible(page)
