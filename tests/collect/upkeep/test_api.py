from __future__ import annotations

import pytest

from tests.base.people.factories import person
from tests.collect.upkeep.factories import HoldingFactory, ProjectFactory, ReminderFactory, manager

pytestmark = pytest.mark.django_db
SOURCES, MISSING = "/api/v1/archive/sources", "/api/v1/archive/missing"


@pytest.fixture
def kept():
    project = ProjectFactory(code="P1")
    HoldingFactory(place=project)
    HoldingFactory(place=ProjectFactory(code="P2"))
    ReminderFactory(place=project)


@pytest.mark.parametrize("role", ["", "employee", "inspector"])
def test_who_does_not_keep_data_finds_nothing(client, kept, role):
    client.force_login(person(role))
    assert [client.get(url).status_code for url in (SOURCES, MISSING)] == [404, 404]


def test_sources_over_the_places_one_sees(client, kept):
    client.force_login(manager())
    (line,) = client.get(SOURCES).json()
    assert (line["table"], line["source"], line["facts"], line["projects"], line["projects_lacking"]) == (
        "work_orders",
        "crm",
        20,
        2,
        1,
    )
    (line,) = client.get(SOURCES, {"under": "P2"}).json()
    assert (line["facts"], line["projects_lacking"]) == (10, 0)


def test_gaps_of_the_places_one_sees(client, kept):
    client.force_login(manager())
    answer = client.get(MISSING).json()
    assert (answer["count"], [item["project"] for item in answer["items"]]) == (1, ["P1"])
    client.force_login(person("department_head", ProjectFactory(code="P9")))
    assert client.get(MISSING).json() == {"count": 0, "items": []}
    assert client.get(SOURCES).json() == []
    assert client.get(MISSING, {"under": "P1"}).status_code == 404
