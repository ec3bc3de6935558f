"""The pages of assessment: what they say, and who may open them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from bihuan.assess import actions
from bihuan.assess.models import AnalysisReport, EvaluationRun
from tests.assess.factories import AnalysisReportFactory, EvaluationRunFactory
from tests.standards.counting import own_queries

Q = "?cycle=2026Q3"


@pytest.fixture
def report(evaluated):
    return actions.draft_report(cycle="2026Q3", place="POOR", language="zh-hans", actor=evaluated.manager)


def addresses(evaluated, report) -> list[str]:
    run = evaluated.run.run_id
    return [
        f"/scorecard/{Q}",
        f"/indicators/R03/{Q}",
        f"/indicators/R03/records/{Q}",
        f"/places/POOR/{Q}",
        "/evaluations/",
        f"/evaluations/{run}/",
        f"/evaluations/{run}/progress/",
        "/standards/cycles/",
        "/reports/",
        f"/reports/{report.number}/",
        f"/reports/{report.number}/pdf/",
    ]


POSTS = [
    "/evaluations/start/",
    "/evaluations/{run}/repeat/",
    "/evaluations/{run}/issue/",
    "/standards/cycles/open/",
    "/standards/cycles/2026Q3/close/",
    "/reports/draft/?cycle=2026Q3&place=POOR",
    "/reports/{report}/issue/",
]


def test_whoever_sees_the_place_opens_every_page_and_an_outsider_none(client, evaluated, report):
    for address in addresses(evaluated, report):
        client.force_login(evaluated.manager)
        assert client.get(address).status_code == 200, address
        client.force_login(evaluated.outsider)
        assert client.get(address).status_code == 404, address
        client.logout()
        assert client.get(address).status_code == 302, address


def test_acts_are_there_only_for_those_who_answer_for_quality(client, evaluated, report):
    for pattern in POSTS:
        address = pattern.format(run=evaluated.run.run_id, report=report.number)
        for user in (evaluated.outsider, evaluated.project_head):
            client.force_login(user)
            assert client.post(address, {"cycle": "2026Q3", "code": "2027Q1"}).status_code == 404, address
    assert EvaluationRun.objects.count() == 2
    assert AnalysisReport.objects.get().state == "draft"


def test_pages_stand_in_both_languages_with_every_text_translated(client, evaluated, report):
    client.force_login(evaluated.manager)
    for address in addresses(evaluated, report)[:-1]:
        client.cookies["bihuan_language"] = "en"
        assert client.get(address).status_code == 200
        client.cookies["bihuan_language"] = "zh-hans"
        assert client.get(address).status_code == 200


def test_the_scorecard_names_who_missed(client, evaluated):
    client.force_login(evaluated.manager)
    text = client.get(f"/scorecard/{Q}").content.decode()
    assert '2个项目里1个达标；<mark class="bh-mark bh-miss">翠湖花园</mark>确实没达标。' in text
    assert "翠湖花园触了红线，等级封顶。" in text
    assert "已隐去" in text
    assert "数据不足" in text
    assert "快照2" in text
    assert 'href="/indicators/R03/?place=POOR&amp;cycle=2026Q3"' in text


def test_a_person_sees_only_the_places_of_the_role(client, evaluated):
    client.force_login(evaluated.project_head)
    text = client.get(f"/scorecard/{Q}").content.decode()
    assert "翠湖花园" in text
    assert "南岸新城" not in text
    assert client.get(f"/scorecard/{Q}").context["card"].top is None
    assert client.get(f"/indicators/R03/{Q}&place=GOOD").status_code == 404
    assert client.get(f"/indicators/R03/{Q}&place=HT").status_code == 404
    assert client.get(f"/places/GOOD/{Q}").status_code == 404
    assert client.get(f"/places/HT/{Q}").status_code == 404


def test_the_scorecard_filters_sorts_and_exports(client, evaluated):
    client.force_login(evaluated.manager)

    def codes(**query: str) -> list[str]:
        page = client.get("/scorecard/", {"cycle": "2026Q3", **query})
        return [row.place.code for row in page.context["card"].rows]

    assert codes() == ["POOR", "GOOD", "SMALL"]
    assert codes(sort="-score") == ["GOOD", "POOR", "SMALL"]
    assert codes(sort="R03") == ["POOR", "GOOD", "SMALL"]
    assert codes(sort="-R03") == ["GOOD", "POOR", "SMALL"]
    assert codes(problems="1") == ["POOR", "GOOD"]
    assert codes(sort="nonsense") == ["POOR", "GOOD", "SMALL"]
    page = client.get("/scorecard/", {"cycle": "2026Q3", "family": "C"})
    assert [family.code for family in page.context["card"].families] == ["C"]
    file = client.get("/scorecard/", {"cycle": "2026Q3", "export": "csv"})
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["HT", "POOR", "GOOD", "SMALL"]
    assert client.get("/scorecard/", {"cycle": "2026Q3", "export": "xlsx"}).content[:2] == b"PK"


def test_an_indicator_is_told_as_things_and_opened_to_its_records(client, evaluated):
    client.force_login(evaluated.manager)
    page = client.get(f"/indicators/R03/{Q}&place=POOR")
    text = page.content.decode()
    assert "翠湖花园，100单里有25单没按约修完；" in text
    assert "没达到的100%出在门窗。" in text
    assert "没达到 60" in text
    assert page.context["opened"].counts == {"miss": 60, "hit": 180}
    assert len(page.context["opened"].rows) == 20
    assert "这个数怎么来的" in text
    assert text.count('class="bh-chart') == 3


def test_the_records_turn_their_pages_sort_and_export(client, evaluated):
    client.force_login(evaluated.manager)
    part = client.get(f"/indicators/R03/records/{Q}&place=POOR&page=3&order=fact_id")
    assert "<html" not in part.content.decode()
    rows = part.context["opened"].rows
    assert rows[0]["fact_id"] == "WO-2026Q3-POOR-0160"
    hits = client.get(f"/indicators/R03/records/{Q}&place=POOR&outcome=hit")
    assert hits.context["opened"].outcome == "hit"
    file = client.get(f"/indicators/R03/{Q}&place=POOR&outcome=miss&export=csv")
    assert len(b"".join(file.streaming_content).decode("utf-8-sig").splitlines()) == 61
    odd = client.get(f"/indicators/R03/records/{Q}&place=POOR&order=password&outcome=nonsense&page=x")
    assert odd.status_code == 200


def test_few_answers_cannot_be_opened_and_many_only_without_time_and_building(client, evaluated):
    client.force_login(evaluated.manager)
    few = client.get(f"/indicators/S01/{Q}&place=SMALL")
    assert "小院不到10人作答" in few.content.decode()
    assert few.context["opened"].rows == []
    assert few.context["opened"].closed
    assert client.get(f"/indicators/S01/{Q}&place=SMALL&export=csv").status_code == 404
    many = client.get(f"/indicators/S01/{Q}&place=POOR")
    assert {column.key for column in many.context["opened"].columns} <= {"question", "value", "mode"}
    assert not {"occurred_at", "building", "response", "fact_id"} & set(many.context["opened"].rows[0])


def test_what_was_not_measured_at_a_place_is_not_there(client, evaluated):
    client.force_login(evaluated.manager)
    assert client.get(f"/indicators/R09/{Q}&place=POOR").status_code == 404
    assert client.get(f"/indicators/XX/{Q}&place=POOR").status_code == 404


def test_the_place_page_says_strong_and_weak(client, evaluated):
    client.force_login(evaluated.leader)
    page = client.get(f"/places/POOR/{Q}")
    detail = page.context["detail"]
    assert "R03" in [line.head.code for line in detail.weak]
    assert [point.cycle for point in detail.trend] == ["2026Q2", "2026Q3"]
    above = client.get(f"/places/SU/{Q}").context["detail"]
    assert [child.place.code for child in above.children] == ["POOR", "GOOD", "SMALL"]
    moved = client.get(f"/places/SU/{Q}&place=GOOD")
    assert moved.url == "/places/GOOD/?cycle=2026Q3"


def test_before_an_evaluation_every_page_says_what_to_do(client, company):
    client.force_login(company.manager)
    for address in ("/scorecard/", "/places/POOR/", "/indicators/R03/"):
        text = client.get(address).content.decode()
        assert "还没有监测周期" in text, address
        assert reverse("cycles") in text
    actions.open_cycle(code="2026Q3", actor=None)
    for address in ("/scorecard/", "/places/POOR/", "/indicators/R03/"):
        text = client.get(address).content.decode()
        assert "2026年第三季度还没评估" in text, address
    assert client.get("/evaluations/").status_code == 200
    assert client.get("/reports/").status_code == 200


def test_a_cycle_is_opened_evaluated_and_closed_from_its_page(client, company):
    client.force_login(company.manager)
    wrong = client.post("/standards/cycles/open/", {"code": "next"})
    assert wrong.status_code == 422
    assert "不是周期" in wrong.content.decode()
    assert client.post("/standards/cycles/open/", {"code": "2026q3"}).status_code == 302
    started = client.post("/evaluations/start/", {"cycle": "2026Q3"})
    run = EvaluationRun.objects.get()
    assert started.url == f"/evaluations/{run.run_id}/"
    waiting = client.get(started.url).content.decode()
    assert "正在评估" in waiting
    assert f"/evaluations/{run.run_id}/progress/" in waiting
    assert "可以离开这页" in client.get(f"/evaluations/{run.run_id}/progress/").content.decode()
    actions.carry_out(run)
    assert client.get(f"/evaluations/{run.run_id}/progress/").headers["HX-Refresh"] == "true"
    assert client.post("/standards/cycles/2026Q3/close/").status_code == 302
    run.refresh_from_db()
    assert run.state == "issued"


def test_the_run_page_shows_the_proof_of_a_repetition(client, evaluated):
    client.force_login(evaluated.manager)
    client.post(f"/evaluations/{evaluated.run.run_id}/repeat/")
    actions.carry_out(EvaluationRun.objects.get(repeats=evaluated.run))
    text = client.get(f"/evaluations/{evaluated.run.run_id}/").content.decode()
    assert "每一位都相同" in text
    assert evaluated.run.result_hash in text


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [("/evaluations/", 6), ("/reports/", 6)])
def test_lists_take_as_many_queries_for_one_as_for_many(client, evaluated, address, queries, count):
    for _ in range(count):
        run = EvaluationRunFactory(
            cycle=evaluated.run.cycle, made_by=evaluated.manager, repeats=evaluated.run
        )
        AnalysisReportFactory(run=run, place=evaluated.poor, made_by=evaluated.manager)
    client.force_login(evaluated.manager)
    with own_queries("assess_evaluationrun|assess_analysisreport|standards_monitoringcycle", queries):
        client.get(address)


def test_the_scorecard_takes_as_many_queries_for_one_project_as_for_many(client, evaluated):
    for user, rows in ((evaluated.project_head, 1), (evaluated.manager, 3)):
        client.force_login(user)
        with own_queries(
            "assess_evaluationrun|standards_(monitoringcycle|indicatorversion|weight)|places_place", 13
        ):
            page = client.get(f"/scorecard/{Q}")
        assert len(page.context["card"].rows) == rows
