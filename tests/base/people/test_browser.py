"""The pages of people and places in a real browser: both languages, desktop and phone, and the way in."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from bihuan.base.people import actions
from tests.base.people.factories import ContractorFactory, DepartmentFactory, UserFactory, person
from tests.base.people.test_pages import GET, address
from tests.base.people.test_pages import world as world  # a fixture
from tests.base.places.factories import HouseholdFactory, OccupancyFactory
from tests.support.browser import check_accessible, check_no_sideways, shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FILES = ("template", "rows")


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 1440), ("en", 390)])
def test_every_page_is_accessible_and_fits(open_page, world, language, width):
    tree, ids = world
    admin = person("administrator", name="何平", language=language)
    actions.make_token(actor=admin, name="报表程序")
    DepartmentFactory(head=UserFactory())
    ContractorFactory(service_areas=["电梯", "消防"])
    OccupancyFactory(household=HouseholdFactory(unit=tree.u2, kind="tenant"), name="欧阳小明")
    for name, arguments, _roles in GET:
        if name.endswith(FILES):
            continue
        page = open_page(address(name, arguments, ids), language=language, width=width, user=admin)
        shoot(page, f"people-{name}-{language}-{width}")
        check_no_sideways(page)
        check_accessible(page)


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 390), ("en", 1440)])
def test_the_way_in(open_page, live_server, language, width):
    user = actions.create_person(actor=None, employee_number="E1", name="王小明", language=language)
    password = actions.issue_one_time_password(user, actor=None)
    page = open_page("/account/", language=language, width=width)
    shoot(page, f"people-signin-{language}-{width}")
    check_no_sideways(page)
    check_accessible(page)
    assert page.url.endswith("/signin/?next=/account/")
    page.locator("[name=identifier]").fill("E1")
    page.locator("[name=password]").fill("falsch")
    page.locator(".bh-pri").click()
    expect(page.locator("[role=alert]")).to_be_visible()
    shoot(page, f"people-signin-wrong-{language}-{width}")
    check_accessible(page)
    page.locator("[name=password]").fill(password)
    page.locator(".bh-pri").click()
    page.wait_for_url("**/account/password/")
    shoot(page, f"people-first-password-{language}-{width}")
    check_no_sideways(page)
    check_accessible(page)
    new = "春天来了花开了真好看"
    for name, value in (("current", password), ("new", new), ("again", new)):
        page.locator(f"[name={name}]").fill(value)
    page.locator(".bh-pri").click()
    page.wait_for_function("!location.pathname.startsWith('/account/password')")
    page.goto(f"{live_server.url}{reverse('account')}")
    expect(page.locator("h1")).to_contain_text("王小明")
