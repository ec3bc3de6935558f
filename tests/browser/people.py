"""Signing in to the served demo, with and without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests

from tests.support.demo import Server


def password(home: Path) -> str:
    """The password that every person of this demo has."""
    return (home / "keys" / "demo-password.txt").read_text()


def session(server: Server, number: str, language: str = "zh-hans") -> requests.Session:
    """A signed-in session of one person, without a browser."""
    client = requests.Session()
    client.cookies.set("bihuan_language", language)
    client.get(f"{server.url}/signin/", timeout=60)
    answer = send(client, server, "/signin/", identifier=number, password=password(server.home))
    assert answer.status_code == 302, answer.text[:2000]
    return client


def send(client: requests.Session, server: Server, path: str, **fields: Any) -> requests.Response:
    """Post a form as its page would, with the token against forged requests; redirects are not followed."""
    client.get(f"{server.url}/signin/", timeout=60)
    token = client.cookies.get("csrftoken", "")
    headers = {"Referer": server.url, "X-CSRFToken": token}
    body = (
        {"json": fields} if path.startswith("/api/") else {"data": {**fields, "csrfmiddlewaretoken": token}}
    )
    return client.post(f"{server.url}{path}", headers=headers, timeout=120, allow_redirects=False, **body)


def open_as(browser: Any, server: Server, number: str, *, language: str, width: int) -> Any:
    """A browser context signed in as one person."""
    context = browser.new_context(
        viewport={"width": width, "height": 844 if width < 500 else 900},
        has_touch=width < 768,
        reduced_motion="reduce",
    )
    client = session(server, number, language)
    context.add_cookies([{"name": c.name, "value": c.value or "", "url": server.url} for c in client.cookies])
    return context
