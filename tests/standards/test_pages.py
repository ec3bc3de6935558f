"""The pages of standards: what they say, who may open them, how many queries they take."""

from __future__ import annotations

import pytest
from django.urls import reverse

from bihuan.standards.actions import load_catalogue
from tests.base.people.factories import person
from tests.standards.counting import own_queries
from tests.standards.factories import (
    ClauseFactory,
    IndicatorVersionFactory,
    MonitoringCycleFactory,
    WeightNodeFactory,
    WeightTreeFactory,
)

pytestmark = pytest.mark.django_db
ADDRESSES = ["/standards/", "/standards/weights/", "/standards/regulations/", "/standards/indicators/R03/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_whoever_holds_a_role_reads_them_and_nobody_else(client, address):
    load_catalogue(actor=None)
    MonitoringCycleFactory()
    client.force_login(person("employee"))
    assert client.get(address).status_code == 200
    client.force_login(person())
    assert client.get(address).status_code == 404
    client.logout()
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("address", ADDRESSES)
def test_they_are_there_in_english_too(client, address):
    load_catalogue(actor=None)
    MonitoringCycleFactory()
    client.force_login(person("employee", language="en"))
    client.cookies["bihuan_language"] = "en"
    text = client.get(address).content.decode()
    assert '<html lang="en">' in text


def test_pages_stand_before_anything_is_loaded(client):
    client.force_login(person("employee"))
    assert client.get("/standards/").status_code == 200
    assert client.get("/standards/weights/").status_code == 200
    assert client.get("/standards/indicators/R03/").status_code == 404


def test_the_list_filters_and_exports(client):
    load_catalogue(actor=None)
    MonitoringCycleFactory()
    client.force_login(person("employee"))
    page = client.get("/standards/", {"family": "R"})
    assert [v.indicator.family for v in page.context["list"].rows] == ["R"] * 11
    found = client.get("/standards/", {"q": "按约"}).context["list"].rows
    assert [v.indicator.code for v in found] == ["R03"]
    doubtful = client.get("/standards/", {"source": "unverified"}).context["list"].rows
    assert {v.indicator.code for v in doubtful} == {"S01", "R10", "C04", "C05"}
    file = client.get("/standards/", {"export": "csv"})
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 37
    assert lines[0] == "编码,指标,目标,底线,单位,依据,最少数量,版本,适用"


def test_the_verification_mark_stands_beside_the_target(client):
    load_catalogue(actor=None)
    client.force_login(person("employee"))
    text = client.get(reverse("standard_indicator", args=["S01"])).content.decode()
    assert "有依据，待核实" in text
    assert "≥80/75/70%" in text
    verified = client.get(reverse("standard_indicator", args=["M02"])).content.decode()
    assert "有依据，已核实" in verified


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_for_one_as_for_many(client, count):
    MonitoringCycleFactory()
    WeightNodeFactory(tree=WeightTreeFactory(), code="total")
    for _ in range(count):
        IndicatorVersionFactory().clauses.add(ClauseFactory())
    client.force_login(person("employee"))
    with own_queries("standards_(monitoringcycle|indicatorversion|weight|clause)", 5):
        assert client.get("/standards/").status_code == 200
