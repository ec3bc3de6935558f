"""The real process tree: hashed files, a worker that does jobs, a clean stop, and nothing lost by a kill."""

from __future__ import annotations

import re
import shutil
import signal

import pytest
import requests

from tests.browser.people import send, session
from tests.support.demo import Server, command

pytestmark = pytest.mark.browser


@pytest.fixture
def home(demo_template, tmp_path):
    copy = tmp_path / "home"
    shutil.copytree(demo_template, copy)
    return copy


def test_static_files_are_hashed_compressed_and_kept_for_a_year(demo_server):
    page = session(demo_server, "E001").get(f"{demo_server.url}/scorecard/", timeout=60)
    for address in re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text):
        answer = requests.get(demo_server.url + address, headers={"Accept-Encoding": "gzip"}, timeout=60)
        assert answer.status_code == 200, address
        assert "max-age=315360000" in answer.headers["Cache-Control"], address


def test_policy_allows_nothing_inline_and_nobody_to_frame(demo_server):
    policy = requests.get(f"{demo_server.url}/signin/", timeout=60).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_stops_cleanly_when_told(home):
    server = Server(home)
    assert server.stop(signal.SIGTERM) == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{server.url}/health", timeout=5)


def test_what_was_saved_survives_a_kill(home):
    server = Server(home)
    client = session(server, "E008")
    answer = send(client, server, "/departments/new/", code="D-KILL", name_zh="新部门", name_en="New")
    assert answer.status_code == 302, answer.text[:3000]
    server.stop(signal.SIGKILL)
    again = Server(home)
    assert "D-KILL" in session(again, "E008").get(f"{again.url}/departments/", timeout=60).text
    assert again.stop() == 0
    assert "whole" in command(home, "archive", "verify", "--json")
    command(home, "check", "--trail")


def test_demo_twice_changes_nothing(home):
    before = command(home, "archive", "ls", "--json")
    command(home, "demo", "--no-serve")
    assert command(home, "archive", "ls", "--json") == before
