"""Findings, plans, approvals and actions pass on; what was submitted is submitted anew, what runs goes on."""

from __future__ import annotations

import pytest

from bihuan.assess.findings.models import Finding
from bihuan.base.people import actions as people
from bihuan.base.people import handover
from bihuan.base.people.models import Department
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from bihuan.improve import actions
from tests.base.people.factories import DepartmentFactory, person
from tests.improve.factories import fingerprint, plan_in, plant

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return plant()


def open_names(giver) -> dict[str, int]:
    return {one.duty.name: one.count for one in handover.open_with(giver)}


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "approved", "executing", "evaluating"])
def test_an_owner_hands_over(world, state):
    plan = plan_in(world, state)
    taker = person("department_head", world.here)
    moved = people.hand_over_person(world.owner, actor=None, taker=taker)
    assert moved == {"findings": 2, "plans": 1}
    assert open_names(world.owner) == {}
    plan.refresh_from_db()
    assert plan.owner == taker
    assert plan.state == ("draft" if state == "submitted" else state)
    assert set(Finding.objects.values_list("owner", flat=True)) == {taker.pk}
    assert Entry.objects.filter(verb="work.passed_on").count() == 1


def test_what_was_submitted_is_submitted_anew(world):
    plan = plan_in(world, "submitted")
    read = fingerprint(plan)
    taker = person("employee", world.here)
    people.hand_over_person(world.assignee, actor=None, taker=taker)
    plan.refresh_from_db()
    assert plan.state == "draft"
    with pytest.raises(Refused):
        actions.approve_plan(plan, actor=world.leader, fingerprint=read)
    plan = actions.submit_plan(plan, actor=world.owner)
    plan = actions.approve_plan(plan, actor=world.leader, fingerprint=fingerprint(plan))
    assert plan.state == "approved"


def test_a_plan_under_way_goes_on_with_somebody_else(world):
    plan = plan_in(world, "executing")
    taker = person("employee", world.here)
    assert people.hand_over_person(world.assignee, actor=None, taker=taker) == {"actions": 2}
    plan.refresh_from_db()
    assert plan.state == "executing"
    assert actions.finish_action(plan.actions.get(order=2), actor=taker, text="排好了").state == "done"


def test_what_is_done_with_stays(world):
    plan_in(world, "closed")
    assert open_names(world.assignee) == {}


def test_the_taker_must_see_the_findings(world):
    taker = person("department_head", world.there)
    with pytest.raises(Refused, match="翠湖花园"):
        people.hand_over_person(world.owner, actor=None, taker=taker)
    assert Finding.objects.get().owner == world.owner
    moved = people.hand_over_person(world.owner, actor=None, taker=taker, roles=True)
    assert moved["roles"] == 1
    assert Finding.objects.get().owner == taker


def test_a_department_hands_over(world):
    plan = plan_in(world, "executing")
    Finding.objects.update(department=world.repairs)
    taker = DepartmentFactory()
    moved = people.hand_over_department(world.repairs, actor=None, taker=taker, close=True)
    assert (moved["findings"], moved["plans"]) == (2, 1)
    plan.refresh_from_db()
    assert plan.department == taker
    assert not Department.objects.get(pk=world.repairs.pk).is_active
