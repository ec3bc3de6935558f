"""Every page of the demo, at phone and desktop width, in both languages: whole, accessible, translated."""

from __future__ import annotations

import re

import pytest

from tests.browser.people import open_as, session
from tests.support.browser import check_accessible, check_no_sideways, shoot
from tests.support.demo import addresses

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDTHS = (390, 1440)
HEIGHT = 900
# Five English words in a row on a Chinese page are a sentence that nobody translated.
ENGLISH = re.compile(r"\b[A-Za-z]{2,}(?: [A-Za-z]{2,}){4,}")
BOTH_LANGUAGES = "standards/revisions/<"  # shows the Chinese and the English wording side by side
AS_ADMINISTRATOR = (
    "people/", "departments/", "contractors/", "places/tree/", "trail/", "calendars/", "jobs/", "notices/",
    "manage/", "start/",
)  # fmt: skip
NOT_A_PAGE = re.compile(
    r"^(api/|language/|signout|choice/|health|files/|frame/)|/records/$|\.(xlsx|yaml|csv)|rows\.|/pdf|progress/$"
)


@pytest.fixture(scope="module")
def page_routes(demo_server):
    """Every address that is looked at; acts and files have no page."""
    server, client = demo_server, session(demo_server, "E008")
    listed = []
    for one in addresses(server.home):
        if one["path"] and not NOT_A_PAGE.search(one["route"]) and one["name"] != "home":
            answer = client.get(server.url + one["path"], timeout=120, allow_redirects=False)
            if answer.status_code in (200, 404) and "text/html" in answer.headers.get("content-type", ""):
                listed.append(one)
    return listed


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page(demo_server, page_routes, chromium, language):
    wide = max(WIDTHS)
    people = {n: open_as(chromium, demo_server, n, language=language, width=wide) for n in ("E001", "E008")}
    pages = {number: context.new_page() for number, context in people.items()}
    faults = []
    for page in pages.values():
        page.on(
            "console",
            lambda m: faults.append(m.text) if m.type == "error" and "status of 4" not in m.text else None,
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
    problems = {}
    for one in page_routes:
        page = pages["E008" if one["route"].startswith(AS_ADMINISTRATOR) else "E001"]
        found = []
        page.set_viewport_size({"width": wide, "height": HEIGHT})
        answer = page.goto(demo_server.url + one["path"])
        for width in sorted(WIDTHS, reverse=True):  # the open page is narrowed
            page.set_viewport_size({"width": width, "height": HEIGHT})
            found += look(page, one, language, width, answer.status)
        if found or faults:
            problems[one["path"]] = found + faults
            faults.clear()
    for context in people.values():
        context.close()
    assert problems == {}


def look(page, one, language, width, status):
    """What is wrong with the page that is open."""
    found = [] if status in (200, 404) else [f"status {status}"]
    name = re.sub(r"\W+", "-", one["route"]).strip("-") or "home"
    shoot(page, f"{name}-{language}-{width}")
    text = page.inner_text("body")
    if language == "zh-hans" and not one["route"].startswith(BOTH_LANGUAGES):
        found += [f"untranslated: {match}" for match in ENGLISH.findall(text)]
    for check in (check_no_sideways, *([check_accessible] if (language == "en") == (width == 1440) else [])):
        try:
            check(page)
        except AssertionError as exc:
            found.append(str(exc)[:600])
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} headings of the first level")
    return found
