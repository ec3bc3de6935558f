"""What an approval holds on to: one version, its fingerprint, one decision, and nobody's own."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from django.db import connection

from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from bihuan.improve import actions, versions
from bihuan.improve.models import Approval, ImprovementPlan
from tests.base.people.factories import person
from tests.improve import factories
from tests.improve.test_loop import days, kept, promised


def test_an_edit_takes_the_approval_away_and_says_what_changed(world):
    plan = factories.plan_in(world, "approved")
    old = plan.versions.get()
    changed = factories.draft(
        world,
        cost=Decimal("17000"),
        actions=(*kept(plan), actions.ActionDraft("夜班双人试行四周", world.assignee, *days())),
        impacts=promised(plan, "2027Q1"),
    )
    plan = actions.edit_plan(plan, changed, actor=world.quality)
    old.refresh_from_db()
    assert plan.state == "draft"
    assert old.voided_at is not None
    assert Approval.objects.get().voided_at is not None
    with pytest.raises(Refused):
        actions.start_plan(plan, actor=world.owner)
    plan = actions.submit_plan(plan, actor=world.owner)
    new = plan.versions.get(number=2)
    assert new.sha256 != old.sha256
    assert [(change.sign, change.text) for change in versions.diff(old.content, new.content)] == [
        ("+", "新增措施3：夜班双人试行四周"),
        ("~", "R03由2026年第四季度起看改为2027年第一季度起看"),
        ("~", "预算减少21,000元"),
    ]


def test_an_edit_that_changes_nothing_leaves_the_approval(world):
    plan = factories.plan_in(world, "approved")
    same = factories.draft(world, actions=kept(plan), impacts=promised(plan, "2026Q4"))
    plan = actions.edit_plan(plan, same, actor=world.owner)
    assert (plan.state, Approval.objects.get().voided_at) == ("approved", None)


def test_while_under_way_the_content_stays(world):
    plan = factories.plan_in(world, "executing")
    with pytest.raises(Refused) as refusal:
        actions.edit_plan(plan, factories.draft(world), actor=world.owner)
    assert refusal.value.code == "wrong_state"


def test_a_fingerprint_covers_every_letter(world):
    plan = factories.plan_in(world, "submitted")
    version = plan.versions.get()
    assert versions.fingerprint(versions.content(plan)) == version.sha256
    assert versions.fingerprint(version.content) == version.sha256
    ImprovementPlan.objects.filter(pk=plan.pk).update(why="别的原因")  # past every action
    with pytest.raises(Refused) as refusal:
        actions.approve_plan(plan, actor=world.leader, fingerprint=version.sha256)
    assert refusal.value.code == "content_changed"


def test_the_fingerprint_of_an_earlier_version_approves_nothing(world):
    plan = factories.plan_in(world, "submitted")
    read = factories.fingerprint(plan)
    actions.withdraw_plan(plan, actor=world.owner)
    changed = factories.draft(world, why="另一个原因", actions=kept(plan), impacts=promised(plan, "2026Q4"))
    plan = actions.submit_plan(actions.edit_plan(plan, changed, actor=world.owner), actor=world.owner)
    with pytest.raises(Refused) as refusal:
        actions.approve_plan(plan, actor=world.leader, fingerprint=read)
    assert refusal.value.code == "other_version"


def test_a_leader_who_owns_wrote_or_submitted_it_does_not_approve_it(world):
    owning = person("leader", world.company, name="领导甲")
    plan = factories.plan_in(world, "submitted")
    ImprovementPlan.objects.filter(pk=plan.pk).update(owner=owning)
    with pytest.raises(Refused) as refusal:
        actions.approve_plan(plan, actor=owning, fingerprint=factories.fingerprint(plan))
    assert refusal.value.code == "own_plan"

    ImprovementPlan.objects.filter(pk=plan.pk).update(owner=world.owner, editors=[owning.pk])
    with pytest.raises(Refused) as refusal:
        actions.approve_plan(plan, actor=owning, fingerprint=factories.fingerprint(plan))
    assert refusal.value.code == "own_plan"


@pytest.mark.django_db(transaction=True)
def test_two_leaders_at_the_same_instant_decide_once(world):
    """One approves, one returns; whoever comes second is refused and sees how it was decided."""
    other = person("leader", world.company, name="领导乙")
    plan = factories.plan_in(world, "submitted")
    fingerprint = factories.fingerprint(plan)
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def decide(leader, approve: bool) -> None:
        start.wait()
        try:
            if approve:
                actions.approve_plan(plan, actor=leader, fingerprint=fingerprint)
            else:
                actions.return_plan(plan, actor=leader, reason="先解决备件")
            outcomes.append("ok")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=(world.leader, True)),
        threading.Thread(target=decide, args=(other, False)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    plan.refresh_from_db()
    decision = Approval.objects.get()
    assert sorted(outcomes) == ["ok", "wrong_state"]
    assert plan.state == decision.decision
    assert Entry.objects.filter(verb__in=["plan.approved", "plan.returned"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_plans_drawn_up_at_the_same_instant_get_two_numbers(world):
    findings = [world.finding, factories.finding(world)]
    start = threading.Barrier(2)
    codes: list[str] = []

    def draw_up(finding) -> None:
        start.wait()
        try:
            codes.append(
                actions.open_plan(factories.draft(world), actor=world.quality, findings=[finding]).code
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=draw_up, args=(finding,)) for finding in findings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["GJ-2026-001", "GJ-2026-002"]
