"""A real Chromium for the tests: pages in each language and width, axe, screenshots, and no error let pass.

``open_page(path, language="en", width=390, user=user)`` gives a Playwright page on the live server. When the
test ends, a script error, a line on the console, a broken sub-resource or anything the content policy refused
fails it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import require

CHROMIUM = Path(os.environ.get("BIHUAN_TEST_CHROMIUM", "/usr/bin/chromium"))
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
HEIGHTS = {390: 844, 360: 640, 768: 1024}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for the whole run."""
    require(CHROMIUM.exists(), f"Chromium ({CHROMIUM})")
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, so Django takes the test's own database calls for asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Open pages; at the end nothing may have gone wrong in any of them."""
    contexts: list[Any] = []
    faults: list[str] = []

    def open_(
        path: str,
        *,
        language: str | None = "zh-hans",
        width: int = 1440,
        user: Any = None,
        media: str = "screen",
    ) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            locale="en-GB",  # a first visit is Chinese all the same
            timezone_id="Asia/Shanghai",
            has_touch=width < 768,
            reduced_motion="reduce",
        )
        contexts.append(context)
        cookies = [_cookie(live_server, "bihuan_language", language)] if language else []
        if user is not None:
            cookies.append(_cookie(live_server, "sessionid", _session(user)))
        context.add_cookies(cookies)
        page = context.new_page()
        page.emulate_media(media=media)
        listen(page, faults)
        page.goto(live_server.url + path)
        return page

    open_.faults = faults  # type: ignore[attr-defined]
    yield open_
    for context in contexts:
        context.close()
    assert faults == []


def _cookie(server: Any, name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value, "url": server.url}


def _session(user: Any) -> str:
    """Sign the person in the way Django does, without the form."""
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def listen(page: Any, faults: list[str]) -> None:
    """Keep every script error, console line, broken sub-resource and refusal of the policy in ``faults``."""

    def line(message: Any) -> None:
        # The browser writes a line for a page that answers 404 or 403; tests of such pages expect just that.
        about_page = (
            message.location.get("url") == page.url
            and "the server responded with a status of 4" in message.text
        )
        if message.type in {"error", "warning"} and not about_page:
            faults.append(f"console: {message.text}")

    page.on("console", line)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    # A page left while its side bar still asks for numbers ends that request; nothing is wrong with it.
    page.on(
        "requestfailed",
        lambda request: (
            None if "ERR_ABORTED" in str(request.failure) else faults.append(f"failed: {request.url}")
        ),
    )
    page.on(
        "response",
        lambda response: (
            faults.append(f"{response.status}: {response.url}")
            if response.status >= 400 and response.request.resource_type != "document"
            else None
        ),
    )


def check_accessible(page: Any, *, leave_out: tuple[str, ...] = ()) -> None:
    """Fail on anything axe calls serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"rules": {rule: {"enabled": False} for rule in leave_out}})
    grave = [
        f"{one['id']} ({one['impact']}): {one['help']}: "
        + "; ".join(node["html"][:160] for node in one["nodes"][:4])
        for one in found.response["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
    assert grave == []


def check_no_sideways(page: Any) -> None:
    """Fail when the page itself scrolls sideways; a table may, within its own frame."""
    wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room


def shoot(page: Any, name: str, *, full: bool = True) -> Path:
    """Keep a picture of the page under ``screenshots/`` for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=str(path), full_page=full)
    return path
