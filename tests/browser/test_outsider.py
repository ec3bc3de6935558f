"""Whoever sees one project gets 404 for every page and every API address of another one."""

from __future__ import annotations

import pytest

from tests.browser.people import send, session
from tests.support.demo import addresses

pytestmark = pytest.mark.browser

# Addresses that answer for what the person themselves may see, so that there is nothing of others to hide.
OWN = {
    "home": "leads to the person's own work",
    "my_work": "the person's own work",
    "board": "counts only what the person may see",
    "find": "finds only what the person may see",
    "health": "tells nobody anything",
    "start": "answers only while no company is set up",
    "signin": "for everybody",
    "signout": "ends the own session",
    "set_language": "for everybody",
    "choose_place": "offers only the person's places",
    "choose_cycle": "cycles are common property",
    "account": "the person's own account",
    "account_password": "the person's own password",
    "scorecard": "shows only the person's places",
    "indicator": "of the place chosen; another place is 404, see below",
    "indicator_records": "of the place chosen; another place is 404, see below",
    "standards": "standards are common property",
    "standard_indicator": "standards are common property",
    "weights": "standards are common property",
    "regulations": "standards are common property",
    "cycles": "cycles are common property",
    "service_standards": "standards are common property",
    "service_standard": "standards are common property",
    "procedure": "standards are common property",
    "revisions": "requests to revise a standard are read by everyone it binds",
    "revision": "requests to revise a standard are read by everyone it binds",
    "reports": "lists only reports of the person's places",
    "signals": "lists only signals of the person's places",
    "findings": "lists only findings of the person's places",
    "plans": "lists only plans of the person's places",
    "management_reports": "lists only reports of the person's places",
    "announcements": "lists only what concerns the person",
    "inbox": "the person's own notices",
    "jobs": "the person's own jobs",
    "archive": "counts only the person's places",
    "archive_missing": "lists only what is missing at the person's places",
    "archive_source": "counts only the person's places",
    "runs": "which runs there were is common knowledge; their results are not",
    "run": "what a run used is common knowledge; its results are not",
    "openapi-json": "describes the API, not the data",
    "api-root": "describes the API, not the data",
    "me": "the person themselves",
    "places": "lists only the person's places",
    "results": "lists only results of the person's places",
    "evaluations": "which runs there were is common knowledge",
    "evaluation": "what a run used is common knowledge",
    "archive_sources": "counts only the person's places",
    "archive_gaps": "lists only what is missing at the person's places",
    "frame_numbers": "counts only the person's work and places",
    "inbox_read": "the person's own notices",
    "inbox_email": "the person's own messages",
    "calendars": "working hours are common knowledge",
    "calendar": "working hours are common knowledge",
    "take_up_revision": "a request that everyone may read; the act is refused with a sentence",
    "adopt_revision": "a request that everyone may read; the act is refused with a sentence",
    "decline_revision": "a request that everyone may read; the act is refused with a sentence",
    "take_up": "a request that everyone may read; the act is refused with a sentence",
    "adopt": "a request that everyone may read; the act is refused with a sentence",
    "decline": "a request that everyone may read; the act is refused with a sentence",
    "publish_standard": "a standard that everyone may read; the act is refused with a sentence",
    "ask_revision": "whom a standard binds may ask for its revision",
    "run_progress": "which runs there were is common knowledge; their results are not",
    "start_evaluation": "the same address lists the runs, which are common knowledge",
    "open_finding": "the same address lists the person's own findings",
    "new_plan": "a form for the person's own places",
    "effects": "lists only effects at the person's places",
    "lessons": "what was learnt is for everyone",
}
OWN_PATHS = {"/api/v1/imports": "takes a file; without one it says so before it asks who sends it"}
FOREIGN_PLACE = ["/scorecard/?place=P01", "/indicators/R03/?place=P01", "/indicators/R03/records/?place=P01",
                 "/api/v1/indicators/R03?place=P01&cycle=2026Q3", "/api/v1/scorecard?place=HT&cycle=2026Q3",
                 "/places/HT/"]  # fmt: skip


@pytest.fixture(scope="module")
def outsider(demo_server):
    return session(demo_server, "E010")


@pytest.fixture(scope="module")
def listed(demo_server):
    return addresses(demo_server.home)


def answer_of(client, server, path):
    """The answer to a look; where only acts are taken, to an act that says all that such acts ask for."""
    answer = client.get(f"{server.url}{path}", timeout=120, allow_redirects=False)
    said = {"reason": "不该看见", "cause": ["不该看见"], "fingerprint": "0" * 64, "text_zh": "不该看见"}
    return send(client, server, path, **said) if answer.status_code == 405 else answer


def test_every_address_has_a_record_of_the_demo_to_be_asked_for(listed):
    assert [one["route"] for one in listed if one["path"] is None] == []


def test_outsider_finds_no_page_and_no_api_of_another_project(demo_server, outsider, listed):
    answers = {
        one["path"]: answer_of(outsider, demo_server, one["path"]).status_code
        for one in listed
        if one["path"] and one["name"] not in OWN and one["path"] not in OWN_PATHS
    }
    assert {path: status for path, status in answers.items() if status != 404} == {}


@pytest.mark.parametrize("path", FOREIGN_PLACE)
def test_outsider_cannot_choose_another_place(demo_server, outsider, path):
    assert outsider.get(f"{demo_server.url}{path}", timeout=60, allow_redirects=False).status_code == 404


def test_own_pages_open_for_the_outsider_and_name_no_other_project(demo_server, outsider, listed):
    for one in listed:
        if one["name"] in OWN and one["path"] and "<" not in one["route"] and one["name"] != "openapi-json":
            answer = outsider.get(f"{demo_server.url}{one['path']}", timeout=120)
            if answer.status_code == 200:
                assert "翠湖花园" not in answer.text, one["path"]


def test_nobody_without_a_session_sees_anything(demo_server, listed):
    import requests

    seen = {}
    for one in listed:
        if one["path"]:
            answer = requests.get(f"{demo_server.url}{one['path']}", timeout=120, allow_redirects=False)
            seen[one["path"]] = answer.status_code
    assert {path for path, status in seen.items() if status == 200} <= {"/signin/", "/health"}
