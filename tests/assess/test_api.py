"""The API gives what the pages show, to the same people."""

from __future__ import annotations

import json

import pytest

from bihuan.assess import actions, queries
from bihuan.assess.models import EvaluationRun

READS = [
    "/api/v1/scorecard?cycle=2026Q3",
    "/api/v1/indicators/R03?cycle=2026Q3",
    "/api/v1/results?cycle=2026Q3",
    "/api/v1/evaluations",
    "/api/v1/evaluations/{run}",
]


@pytest.mark.parametrize("pattern", READS)
def test_an_outsider_gets_404_and_a_stranger_401(client, evaluated, pattern):
    address = pattern.format(run=evaluated.run.run_id)
    client.force_login(evaluated.leader)
    assert client.get(address).status_code == 200
    client.force_login(evaluated.outsider)
    assert client.get(address).status_code == 404
    client.logout()
    assert client.get(address).status_code == 401


def test_it_says_what_the_page_says(client, evaluated):
    client.force_login(evaluated.leader)
    page = client.get("/scorecard/?cycle=2026Q3").context["card"]
    given = client.get("/api/v1/scorecard?cycle=2026Q3").json()
    assert given["verdict"] == "2个项目里1个达标；翠湖花园确实没达标。"
    assert [row["place"] for row in given["rows"]] == [row.place.code for row in page.rows]
    assert [row["score"]["grade"] for row in given["rows"]] == [row.score.grade for row in page.rows]
    assert given["top"]["place"] == "HT"
    indicator = client.get("/api/v1/indicators/R03?cycle=2026Q3&place=POOR").json()
    assert (indicator["row"]["value"], indicator["row"]["n"]) == (75.0, 240)
    assert indicator["verdict"].startswith("翠湖花园，100单里有25单没按约修完")
    assert [group["item"] for group in indicator["groups"]] == ["水电", "门窗"]


def test_results_are_cut_to_the_places_of_the_role(client, evaluated):
    client.force_login(evaluated.project_head)
    rows = client.get("/api/v1/results?cycle=2026Q3&indicator=R03").json()
    assert {row["place"] for row in rows} == {"POOR", "POOR-1"}
    assert client.get("/api/v1/results?cycle=2026Q3&place=GOOD").status_code == 404
    assert client.get("/api/v1/indicators/R03?cycle=2026Q3&place=GOOD").status_code == 404
    assert client.get("/api/v1/scorecard?cycle=2026Q3&place=HT").status_code == 404


def test_command_page_and_api_read_the_same_rows(client, evaluated):
    client.force_login(evaluated.manager)
    given = client.get("/api/v1/results?cycle=2026Q3&place=POOR&indicator=R03&breakdown=category").json()
    read = queries.results_rows(None, cycle="2026Q3", place="POOR", indicator="R03", breakdown="category")
    assert given == json.loads(json.dumps(read))
    months = client.get("/api/v1/results?cycle=2026Q3&place=POOR&indicator=R03&period=*").json()
    assert [row["period"] for row in months] == ["2026-07", "2026-08", "2026-09"]


def test_an_evaluation_is_ordered_by_those_who_may(client, company):
    actions.open_cycle(code="2026Q3", actor=None)
    body = json.dumps({"cycle": "2026Q3"})
    for user, status in ((company.outsider, 404), (company.project_head, 404), (company.manager, 202)):
        client.force_login(user)
        answer = client.post("/api/v1/evaluations", body, content_type="application/json")
        assert answer.status_code == status
    assert EvaluationRun.objects.get().run_id == answer.json()["run"]
    unknown = client.post(
        "/api/v1/evaluations", json.dumps({"cycle": "1999Q1"}), content_type="application/json"
    )
    assert unknown.status_code == 404


def test_a_cycle_without_results_is_not_there(client, evaluated):
    client.force_login(evaluated.manager)
    assert client.get("/api/v1/scorecard?cycle=2020Q1").status_code == 404
    assert client.get("/api/v1/indicators/R03?cycle=2020Q1").status_code == 404
    assert client.get("/api/v1/results?cycle=2020Q1").json() == []
