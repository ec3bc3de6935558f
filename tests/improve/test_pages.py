"""Pages of improvement: what they say first, who sees them, and how many queries a list takes."""

from __future__ import annotations

import pytest
from django.urls import reverse

from bihuan.improve import actions
from bihuan.improve.models import ImprovementPlan
from tests.improve import factories

STATES = [
    "draft",
    "submitted",
    "returned",
    "approved",
    "executing",
    "carried_out",
    "closed",
    "ineffective",
]


def text_of(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("state", STATES)
def test_a_plan_has_a_page_in_every_state_for_everybody_who_may_see_it(client, world, state):
    plan = factories.plan_in(world, state)
    address = reverse("plan", args=[plan.code])
    for name in ("owner", "quality", "leader", "inspector", "assignee"):
        client.force_login(getattr(world, name))
        assert client.get(address).status_code == 200, name
    for name in ("leader_elsewhere", "contractor", "employee", "outsider"):
        client.force_login(getattr(world, name))
        assert client.get(address).status_code == 404, name


def test_the_leader_sees_the_box_with_the_fingerprint_and_nobody_else(client, world):
    plan = factories.plan_in(world, "submitted")
    field = f'name="fingerprint" value="{factories.fingerprint(plan)}"'
    for name in ("leader", "owner", "quality"):
        client.force_login(getattr(world, name))
        page = text_of(client.get(reverse("plan", args=[plan.code])))
        assert (field in page) == (name == "leader"), name


def test_every_page_of_a_closed_plan_opens(client, world):
    plan = factories.plan_in(world, "closed")
    report = actions.draft_report(plan, actor=world.owner, message="缺件比缺人更常见")
    actions.write_lesson(plan, actor=world.owner, title="先备件", text="后排班")
    client.force_login(world.quality)
    pages = [
        reverse("plans"),
        reverse("plan_version", args=[plan.code, 1]),
        reverse("plan_action", args=[plan.actions.first().pk]),
        reverse("effects"),
        reverse("effect", args=[plan.effects.get().pk]),
        reverse("management_reports"),
        reverse("management_report", args=[report.code]),
        reverse("lessons"),
        reverse("new_plan"),
        *(f"{reverse('plans')}?export={kind}" for kind in ("csv", "xlsx")),
        *(
            f"{reverse('management_report_pdf', args=[report.code])}?language={one}"
            for one in ("zh-hans", "en")
        ),
    ]
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
    client.force_login(world.outsider)
    hidden = [page for page in pages if page != reverse("new_plan")]
    assert {page: client.get(page).status_code for page in hidden} == dict.fromkeys(hidden, 404)


def test_a_plan_is_drawn_up_from_a_finding_in_the_form(client, world):
    client.force_login(world.quality)
    address = f"{reverse('new_plan')}?finding={world.finding.code}"
    page = client.get(address)
    assert page.status_code == 200
    given = form_of(world)
    answer = client.post(address, given)
    plan = ImprovementPlan.objects.get()
    assert answer.headers["Location"] == reverse("plan", args=[plan.code])
    assert [action.title for action in plan.actions.all()] == ["常备备件"]
    assert [(one.indicator, one.direction) for one in plan.impacts.all()] == [("R03", "up")]

    edit = reverse("edit_plan", args=[plan.code])
    given["actions-0-key"], given["impacts-0-key"] = plan.actions.get().pk, plan.impacts.get().pk
    given["actions-INITIAL_FORMS"] = given["impacts-INITIAL_FORMS"] = "1"
    given["title"] = "新标题"
    assert client.post(edit, given).status_code == 302
    plan.refresh_from_db()
    assert (plan.title, plan.actions.count(), plan.impacts.count()) == ("新标题", 1, 1)


def test_a_form_that_cannot_be_read_says_where(client, world):
    client.force_login(world.quality)
    given = {**form_of(world), "actions-0-due": "2026-10-01", "impacts-0-promised": "0"}
    answer = client.post(f"{reverse('new_plan')}?finding={world.finding.code}", given)
    assert answer.status_code == 422
    assert "结束日早于开始日，把两天对调" in text_of(answer)
    assert not ImprovementPlan.objects.exists()


def form_of(world):
    """What a browser sends for a plan with one action and one impact."""
    return {
        "title": "水电维修排班",
        "place": world.here.pk,
        "trigger_cycle": "2026Q3",
        "owner": world.owner.pk,
        "why": "缺件",
        "due": "2026-12-20",
        "actions-TOTAL_FORMS": "2",
        "actions-INITIAL_FORMS": "0",
        "actions-0-title": "常备备件",
        "actions-0-assignee": world.assignee.pk,
        "actions-0-starts": "2026-11-01",
        "actions-0-due": "2026-11-20",
        "actions-0-proof_kind": "file",
        "actions-0-checkpoints": "2026-11-10，2026-11-15",
        "actions-1-proof_kind": "file",
        "impacts-TOTAL_FORMS": "1",
        "impacts-INITIAL_FORMS": "0",
        "impacts-0-indicator": "R03",
        "impacts-0-at": world.here.pk,
        "impacts-0-promised": "8",
        "impacts-0-measured_from": "2026Q4",
    }


def test_done_with_a_photo_then_verified_on_the_page(client, world):
    plan = factories.plan_in(world, "executing")
    action = plan.actions.first()
    client.force_login(world.assignee)
    finish = reverse("act_on_action", args=[action.pk, "finish"])
    refused = client.post(finish, {"text": "做完了"})
    assert refused.status_code == 409
    assert "做完了" in text_of(refused)
    assert client.post(finish, {"text": "做完了", "uploads": factories.photo()}).status_code == 302
    client.force_login(world.inspector)
    back = reverse("act_on_action", args=[action.pk, "send_back"])
    assert client.post(back, {"text": ""}).status_code == 409
    assert client.post(back, {"text": "照片看不清"}).status_code == 302
    client.force_login(world.assignee)
    assert client.post(finish, {"text": "再交一次"}).status_code == 409  # the old photo no longer counts
    assert client.post(finish, {"uploads": factories.photo()}).status_code == 302
    client.force_login(world.inspector)
    assert client.post(reverse("act_on_action", args=[action.pk, "verify"]), {}).status_code == 302
    action.refresh_from_db()
    assert action.state == "verified"


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_as_many_queries_for_three_as_for_one(
    client, world, number, django_assert_num_queries
):
    for _n in range(number):
        factories.plan_in(world, "draft")
    client.force_login(world.quality)
    client.get(reverse("plans"))
    from bihuan.improve import queries

    with django_assert_num_queries(1):
        rows = list(queries.plans(world.quality))
        seen = [(p.place.name, p.owner.get_short_name(), p.department.name, p.verified_count) for p in rows]
    assert len(seen) == number
