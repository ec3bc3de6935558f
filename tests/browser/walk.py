"""Walking through the served program as one person after the other, with an outsider trying every door."""

from __future__ import annotations

import io
from collections.abc import Collection
from typing import Any

import requests
from PIL import Image

from tests.browser.people import open_as, session
from tests.support.browser import HEIGHTS, check_no_sideways, listen
from tests.support.demo import Server

STATIONS = ("clause", "indicator", "signal", "finding", "plan", "action", "effect", "revision")


class Visitor:
    """One person's browser: signed in with ``number``, else a stranger's."""

    def __init__(self, chromium: Any, server: Server, *, width: int, number: str = "") -> None:
        self.server, self.width, self.number = server, width, number
        self.faults: list[str] = []
        self.context = (
            open_as(chromium, server, number, language="zh-hans", width=width)
            if number
            else chromium.new_context(viewport={"width": width, "height": HEIGHTS.get(width, 900)})
        )
        self.page = self.context.new_page()
        listen(self.page, self.faults)

    def go(self, path: str) -> Any:
        """Open a page; it must be there, and on a phone nothing may hang out of it."""
        answer = self.page.goto(self.server.url + path)
        assert answer.status == 200, (path, answer.status)
        if self.width < 768:
            check_no_sideways(self.page)
        return self.page

    def press(self, button: Any) -> str:
        """Press a button that leads on; gives the path of the page that comes."""
        with self.page.expect_navigation() as leading:
            button.click()
        assert leading.value.status == 200, (leading.value.status, self.page.inner_text("main"))
        return self.path

    def decide(self, dialog: str, **fields: str) -> str:
        """Open a dialog by its button, write into it, and confirm."""
        self.page.click(f"[data-bh-open={dialog}]")
        asked = self.page.locator(f"dialog#{dialog}[open]")
        for name, text in fields.items():
            asked.locator(f"[name={name}]").fill(text)
        return self.press(asked.locator("button[type=submit]"))

    def follow(self, path: str) -> str:
        """Go on by a link of this page to a path."""
        return self.press(self.page.locator(f"main a[href^='{path}']").first)

    @property
    def path(self) -> str:
        """Where the browser stands."""
        return str(self.page.url.removeprefix(self.server.url).split("#")[0])

    @property
    def text(self) -> str:
        """What the page says."""
        return str(self.page.inner_text("main"))

    def close(self) -> None:
        """Shut the browser; nothing may have gone wrong in any of its pages."""
        self.context.close()
        assert self.faults == [], self.number


class Walk:
    """The people of a story, each at the width of their screen, and somebody who may see nothing of it."""

    def __init__(self, chromium: Any, server: Server, *, outsider: str, wide: Collection[str]) -> None:
        self.chromium, self.server, self.wide = chromium, server, wide
        self.outsider = session(server, outsider)
        self.people: dict[str, Visitor] = {}

    def as_(self, number: str) -> Visitor:
        """The browser of one person, opened at the first call."""
        if number not in self.people:
            width = 1440 if number in self.wide else 390
            self.people[number] = Visitor(self.chromium, self.server, width=width, number=number)
        return self.people[number]

    def is_hidden(self, *paths: str) -> None:
        """To the outsider these pages are not there."""
        found = {path: status(self.outsider, self.server, path) for path in paths}
        assert found == dict.fromkeys(paths, 404)

    def close(self) -> None:
        """Shut every browser."""
        for person in self.people.values():
            person.close()


def status(client: requests.Session, server: Server, path: str) -> int:
    """What somebody's plain request of a page answers."""
    return client.get(f"{server.url}{path}", timeout=60, allow_redirects=False).status_code


def call(client: requests.Session, server: Server, path: str, **fields: Any) -> requests.Response:
    """Ask the API for an act, as a page of the same person would."""
    headers = {"Referer": server.url, "X-CSRFToken": client.cookies.get("csrftoken", "")}
    return client.post(f"{server.url}/api/v1{path}", json=fields, headers=headers, timeout=60)


def chain_of(page: Any) -> dict[str, tuple[str, str]]:
    """The chain strip of a page: the way each station stands, and its address where it leads somewhere."""
    rows = page.locator(".bh-chain > li").evaluate_all(
        "rows => rows.map(row => [row.className, row.querySelector('a')?.getAttribute('href') || ''])"
    )
    assert len(rows) == len(STATIONS)
    return {name: (look.removeprefix("bh-"), url) for name, (look, url) in zip(STATIONS, rows, strict=True)}


def check_chain(page: Any, here: str, *, until: str) -> dict[str, str]:
    """Every station up to ``until`` is on the strip, ``here`` as the present one; gives their addresses."""
    chain = chain_of(page)
    last = STATIONS.index(until)
    wanted = {
        name: "current" if name == here else "past" if number <= last else "future"
        for number, name in enumerate(STATIONS)
    }
    assert {name: look for name, (look, _url) in chain.items()} == wanted, chain
    leading = {name for name, (_look, url) in chain.items() if url}
    assert leading == {name for name, look in wanted.items() if look == "past"}
    return {name: url for name, (_look, url) in chain.items() if url}


def photo() -> bytes:
    """A picture of two shelves."""
    picture = Image.new("RGB", (640, 480), "#dfe4e8")
    for top in (160, 320):
        picture.paste("#8a949c", (40, top, 600, top + 14))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def choose(within, name, words):
    """Take the option that begins with these words."""
    field = within.locator(f"select[name={name}]")
    option = field.locator("option", has_text=words).first
    field.select_option(option.get_attribute("value"))
