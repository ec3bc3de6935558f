"""Pages and API of signals and findings: who sees what, what the acts answer, how many queries lists take."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from bihuan.assess.models import Finding, Signal
from bihuan.base.trail.models import Entry
from bihuan.base.ui import work
from tests.assess.factories import EvaluationRunFactory
from tests.assess.findings.factories import FindingFactory, SignalFactory
from tests.base.people.factories import DepartmentFactory, person
from tests.base.places.factories import company
from tests.standards.counting import own_queries
from tests.standards.factories import IndicatorVersionFactory, MonitoringCycleFactory

pytestmark = pytest.mark.django_db
LATER = timezone.localdate().replace(year=timezone.localdate().year + 1)


@pytest.fixture
def world() -> SimpleNamespace:
    """An evaluated quarter of a company, with nothing wrong yet."""
    tree = company()
    cycle = MonitoringCycleFactory(code="2026Q3", state="evaluated")
    run = EvaluationRunFactory(cycle=cycle, state="done")
    version = IndicatorVersionFactory(short_zh="按约完成", short_en="Repairs")
    return SimpleNamespace(
        tree=tree,
        run=run,
        version=version,
        manager=person("quality_manager", tree.c),
        head=person("department_head", tree.p1),
        employee=person("employee", tree.p1),
        elsewhere=person("quality_manager", tree.p2),
        outsider=person(),
    )


def raised(world: SimpleNamespace, n: int = 1, **fields) -> list[Signal]:
    places = [world.tree.p1, world.tree.p2, world.tree.p3]
    return [SignalFactory(version=world.version, run=world.run, place=places[i], **fields) for i in range(n)]


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(client: Client, path: str, **body):
    return client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json")


def test_whoever_has_no_right_finds_nothing(world):
    signal = raised(world)[0]
    finding = FindingFactory(place=world.tree.p1, version=world.version)
    outside, other = signed_in(world.outsider), signed_in(world.elsewhere)
    for path in (
        "/signals/",
        "/findings/",
        f"/findings/{finding.code}/",
        "/api/v1/signals",
        "/api/v1/findings",
    ):
        assert outside.get(path).status_code == 404
    for client in (outside, other, signed_in(world.employee)):
        assert client.get(f"/findings/{finding.code}/").status_code == 404
        assert client.get(f"/api/v1/findings/{finding.code}").status_code == 404
        assert client.get(f"/api/v1/signals/{signal.pk}").status_code == 404
        for act in ("see", "dismiss", "open"):
            assert client.post(f"/signals/{signal.pk}/{act}/").status_code == 404
        for act in ("analyse", "assign", "cancel", "close"):
            assert client.post(f"/findings/{finding.code}/{act}/").status_code == 404
        assert post(client, f"/signals/{signal.pk}/see").status_code == 404
        assert post(client, f"/signals/{signal.pk}/dismiss", reason="x").status_code == 404
        assert post(client, "/findings", signals=[signal.pk]).status_code == 404
        assert post(client, f"/findings/{finding.code}/analyse", cause=["x"]).status_code == 404
        assert post(client, f"/findings/{finding.code}/assign", title_zh="x").status_code == 404
        assert post(client, f"/findings/{finding.code}/cancel", reason="x").status_code == 404
        assert post(client, f"/findings/{finding.code}/close").status_code == 404
    assert (Signal.objects.get().state, Finding.objects.get().state) == ("new", "open")


def test_a_stranger_is_asked_to_sign_in(world):
    assert Client().get("/signals/").status_code == 302
    assert Client().get("/api/v1/signals").status_code == 401


def test_one_tap_decides_a_signal(world):
    one, two, three = raised(world, 3)
    client = signed_in(world.manager)
    back = "/signals/?cycle=2026Q3&sort=place"
    assert client.post(f"/signals/{one.pk}/see/", {"next": back}).headers["Location"] == back
    client.post(f"/signals/{two.pk}/dismiss/", {"dismiss-reason": "门窗厂商停产，已换型号"})
    opened = client.post(f"/signals/{three.pk}/open/")
    finding = Finding.objects.get()
    assert opened.headers["Location"] == f"/findings/{finding.code}/"
    assert list(Signal.objects.order_by("pk").values_list("state", flat=True)) == [
        "seen",
        "dismissed",
        "finding",
    ]
    assert finding.title_zh == "金穗苑，一般报修按约完成率75.0%；低于底线"
    assert finding.title_en == "金穗苑: Repairs completed as agreed is 75.0%; below the floor"


def test_the_way_back_leads_nowhere_else(world):
    signal = raised(world)[0]
    answer = signed_in(world.manager).post(f"/signals/{signal.pk}/see/", {"next": "https://example.org/"})
    assert answer.headers["Location"] == "/signals/"
    answer = signed_in(world.manager).post(f"/signals/{signal.pk}/see/", {"next": "//example.org/"})
    assert answer.headers["Location"] == "/signals/"


def test_a_refusal_is_said_on_the_page_and_kept(world):
    signal = raised(world)[0]
    client = signed_in(world.manager)
    page = client.post(f"/signals/{signal.pk}/dismiss/", {"dismiss-reason": " "}, follow=True)
    assert "写明原因" in page.content.decode()
    assert Entry.objects.filter(verb="refused").count() == 1
    answer = post(client, f"/signals/{signal.pk}/dismiss", reason="")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_reason")
    assert Entry.objects.filter(verb="refused").count() == 2


def test_the_head_writes_down_the_cause_and_the_manager_says_who(world):
    department = DepartmentFactory(code="D-REPAIR")
    finding = FindingFactory(place=world.tree.p1, version=world.version)
    manager, head = signed_in(world.manager), signed_in(world.head)
    page = head.get(f"/findings/{finding.code}/").content.decode()
    assert "为什么会这样" in page
    assert head.post(f"/findings/{finding.code}/analyse/", {"why1": ""}).status_code == 422
    head.post(
        f"/findings/{finding.code}/analyse/", {"why1": "夜间只有一名水电工", "why2": "排班没有算夜间报修"}
    )
    finding.refresh_from_db()
    assert (finding.state, finding.cause) == ("analysed", ["夜间只有一名水电工", "排班没有算夜间报修"])
    given = {
        "owner": world.head.pk,
        "department": department.pk,
        "due": LATER.isoformat(),
        "title_zh": "报修积压",
    }
    assert manager.post(f"/findings/{finding.code}/assign/", given).status_code == 302
    finding.refresh_from_db()
    assert (finding.owner, finding.department, finding.title_zh) == (world.head, department, "报修积压")
    answer = post(head, f"/findings/{finding.code}/assign", title_zh="别的")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_yours")


def test_the_api_opens_and_shows_what_may_be_done(world):
    signal = raised(world)[0]
    client = signed_in(world.manager)
    made = post(client, "/findings", signals=[signal.pk], owner=world.head.employee_number).json()
    assert (made["state"], made["owner"], made["acts"]) == (
        "open",
        world.head.employee_number,
        ["analyse", "cancel"],
    )
    done = post(client, f"/findings/{made['code']}/analyse", cause=["没有备件"]).json()
    assert (done["state"], done["cause"]) == ("analysed", ["没有备件"])
    listed = client.get("/api/v1/findings?state=analysed").json()
    assert [row["code"] for row in listed["rows"]] == [made["code"]]
    assert client.get("/api/v1/signals?cycle=2026Q3").json()["rows"][0]["finding"] == made["code"]
    assert post(client, f"/findings/{made['code']}/close").status_code == 409


OURS = "assess_(signal|finding)"
QUERIES = {"/signals/": 5, "/findings/": 5}


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("path", QUERIES)
def test_a_longer_list_takes_no_more_queries(world, monkeypatch, path, n):
    monkeypatch.setattr(work, "_work", {})  # what the frame counts beside the page is not the page
    for signal in raised(world, n):
        FindingFactory(place=signal.place, version=world.version, department=DepartmentFactory())
    client = signed_in(world.manager)
    client.get(path)
    with own_queries(OURS, QUERIES[path]):
        assert client.get(path).status_code == 200


def test_lists_filter_and_export(world):
    raised(world, 2)
    late = FindingFactory(place=world.tree.p1, version=world.version, due="2026-01-05")
    FindingFactory(place=world.tree.p2, version=world.version, state="closed")
    client = signed_in(world.manager)
    assert [f.code for f in client.get("/findings/?overdue=1").context["list"].rows] == [late.code]
    assert client.get("/findings/?state=all").context["list"].total == 2
    assert client.get("/findings/").context["list"].total == 1
    assert client.get("/findings/?place=P002&state=closed").context["list"].total == 1
    assert client.get("/signals/?place=P001&cycle=2026Q3").context["list"].total == 1
    sheet = client.get("/signals/?export=csv&place=R01").getvalue().decode("utf-8-sig").splitlines()
    assert len(sheet) == 3
    assert any("翠湖花园" in line for line in sheet)
