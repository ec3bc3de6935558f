"""Pages and API of service standards and revisions."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from django.test import Client

from bihuan.base.trail.models import Entry
from bihuan.base.ui import work
from bihuan.standards.actions import load_catalogue
from bihuan.standards.models import RevisionRequest, StandardClause, StandardVersion
from bihuan.standards.service.catalogue import load_starters
from tests.base.people.factories import person
from tests.base.places.factories import company
from tests.standards.counting import own_queries
from tests.standards.service.factories import (
    RevisionRequestFactory,
    ServiceStandardFactory,
    StandardVersionFactory,
)

pytestmark = pytest.mark.django_db
CLAUSE = "/standards/service/FW/clauses/5.1.2/"
NEW = {
    "text_zh": "一般报修按约好的时间修完，上门前再打一次电话",
    "text_en": "One more call",
    "reason": "空跑少了一半",
}
OURS = "standards_(servicestandard|standardversion|standardclause|revisionrequest)"


@pytest.fixture
def people() -> SimpleNamespace:
    tree = company()
    return SimpleNamespace(
        leader=person("leader", tree.c),
        manager=person("quality_manager", tree.c),
        project=person("department_head", tree.p1),
        employee=person("employee", tree.p1),
        outsider=person(),
    )


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(client: Client, path: str, **body):
    return client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json")


def test_the_starter_fits_the_catalogue(people):
    load_catalogue(actor=None)
    standard, procedure = StandardVersion.objects.order_by("standard__order")
    assert (standard.standard.code, standard.clauses.count()) == ("FW", 23)
    assert (procedure.standard.kind, procedure.clauses.count()) == ("procedure", 5)
    assert {clause.area for clause in standard.clauses.all()} == {
        *("客户服务", "秩序维护", "环境保洁", "绿化养护", "工程维修"),
        *("公共设施设备", "车辆管理", "消防", "电梯", "社区文化"),
    }
    for clause in standard.clauses.prefetch_related("indicators", "basis"):
        assert clause.indicators.all()
        assert clause.text_en
        if any(basis.verification == "unverified" for basis in clause.basis.all()):
            assert clause.source == "unverified", clause.number
    assert load_starters(actor=None) == []


def test_whoever_holds_no_role_finds_nothing(people):
    load_catalogue(actor=None)
    request = RevisionRequestFactory(clause=StandardClause.objects.first())
    client = signed_in(people.outsider)
    for path in ("/standards/service/", "/standards/service/FW/", CLAUSE, "/standards/revisions/"):
        assert client.get(path).status_code == 404
    for path in ("/service-standards", "/service-standards/FW", "/revisions", f"/revisions/{request.pk}"):
        assert client.get(f"/api/v1{path}").status_code == 404
    assert client.get(f"/standards/revisions/{request.pk}/").status_code == 404
    assert client.post(f"{CLAUSE}revise/", NEW).status_code == 404
    assert post(client, "/revisions", standard="FW", clause="5.1.2", **NEW).status_code == 404
    for act in ("take-up", "adopt", "decline"):
        assert client.post(f"/standards/revisions/{request.pk}/{act}/").status_code == 404
        assert post(client, f"/revisions/{request.pk}/{act}", reason="x").status_code == 404
    for user in (people.outsider, people.employee, people.project):
        assert signed_in(user).post("/standards/service/FW/publish/").status_code == 404
        assert post(signed_in(user), "/service-standards/FW/publish").status_code == 404


def test_an_employee_reads_and_is_refused_the_rest(people):
    load_catalogue(actor=None)
    client = signed_in(people.employee)
    page = client.get(CLAUSE)
    assert page.status_code == 200
    assert page.context["form"] is None
    assert client.post(f"{CLAUSE}revise/", NEW, follow=True).status_code == 200
    answer = post(client, "/revisions", standard="FW", clause="5.1.2", **NEW)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_yours")
    assert (RevisionRequest.objects.count(), Entry.objects.filter(verb="refused").count()) == (0, 2)


def test_a_clause_is_revised_on_the_pages(people):
    load_catalogue(actor=None)
    project, leader = signed_in(people.project), signed_in(people.leader)
    assert project.post(f"{CLAUSE}revise/", {**NEW, "reason": ""}).status_code == 422
    asked = project.post(f"{CLAUSE}revise/", NEW)
    request = RevisionRequest.objects.get()
    assert asked.headers["Location"] == f"/standards/revisions/{request.pk}/"
    own = f"/standards/revisions/{request.pk}/"
    assert project.get(own).context["acts"] == {}
    leader.post(f"{own}take-up/")
    leader.post(f"{own}adopt/")
    draft = leader.get("/standards/service/FW/?version=V1.1")
    assert [change.number for change in draft.context["changes"]] == ["5.1.2"]
    assert leader.post("/standards/service/FW/publish/", {"note_zh": ""}).status_code == 422
    sent = {"note_zh": "上门前再打一次电话", "target_R03": "96"}
    assert leader.post("/standards/service/FW/publish/", sent).status_code == 302
    assert StandardVersion.objects.get(standard__code="FW", state="effective").number == "V1.1"
    page = project.get(own).content.decode()
    assert "V1.1" in page
    assert leader.get("/standards/service/FW/?version=V9.9").status_code == 404


def test_the_same_by_program(people):
    load_catalogue(actor=None)
    manager, leader = signed_in(people.manager), signed_in(people.leader)
    made = post(manager, "/revisions", standard="FW", clause="5.1.2", **NEW).json()
    assert (made["state"], made["acts"]) == ("submitted", ["take_up", "decline"])
    assert post(manager, f"/revisions/{made['id']}/take-up").json()["acts"] == ["decline"]
    answer = post(manager, f"/revisions/{made['id']}/adopt")
    assert (answer.status_code, answer.json()["code"]) == (409, "own_request")
    assert post(leader, f"/revisions/{made['id']}/adopt").json()["version"] == "V1.1"
    answer = post(leader, "/service-standards/FW/publish", note_zh="改一条", goals={"R03": {"target": 96}})
    assert (answer.status_code, answer.json()["number"]) == (200, "V1.1")
    found = manager.get("/api/v1/service-standards/FW").json()
    assert (found["version"], found["changes"]) == ("V1.1", ["5.1.2"])
    assert manager.get("/api/v1/revisions?state=published").json()["total"] == 1


def test_declining_takes_a_reason(people):
    load_catalogue(actor=None)
    request = RevisionRequestFactory(clause=StandardClause.objects.first())
    leader = signed_in(people.leader)
    leader.post(f"/standards/revisions/{request.pk}/decline/", {"decline-reason": ""})
    assert RevisionRequest.objects.get().state == "submitted"
    leader.post(f"/standards/revisions/{request.pk}/decline/", {"decline-reason": "人手不够"})
    assert (RevisionRequest.objects.get().state, RevisionRequest.objects.get().answer) == (
        "declined",
        "人手不够",
    )


@pytest.mark.parametrize("n", [1, 3])
def test_longer_lists_take_no_more_queries(people, monkeypatch, n):
    monkeypatch.setattr(work, "_work", {})  # what the frame counts beside the page is not the page
    for _each in range(n):
        RevisionRequestFactory(asked_by=people.project)
    client = signed_in(people.leader)
    client.get("/standards/revisions/")
    with own_queries(OURS, 4):
        assert client.get("/standards/revisions/").status_code == 200
    with own_queries(OURS, 2):
        assert client.get("/standards/service/").status_code == 200


def test_a_page_says_what_to_do_where_there_is_nothing(people):
    client = signed_in(people.leader)
    assert "还没有服务标准" in client.get("/standards/service/").content.decode()
    assert "还没有人提修订" in client.get("/standards/revisions/").content.decode()
    StandardVersionFactory(standard=ServiceStandardFactory(code="LEER"))
    assert client.get("/standards/service/LEER/").status_code == 200
