"""One plan from its finding to its close, and back when it did not work."""

from __future__ import annotations

from datetime import date

import pytest

from bihuan.base.chain.models import Link
from bihuan.base.notices.models import Notice
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from bihuan.improve import actions
from tests.improve import factories


def told(user):
    """Kinds of the notices a person got, in order."""
    return list(Notice.objects.filter(user=user).order_by("created_at", "pk").values_list("kind", flat=True))


def test_a_plan_that_worked_goes_from_finding_to_close(world):
    plan = actions.open_plan(factories.draft(world), actor=world.quality, findings=[world.finding])
    world.finding.refresh_from_db()
    assert (plan.code, plan.state, world.finding.state) == ("GJ-2026-001", "draft", "planned")

    plan = actions.submit_plan(plan, actor=world.owner)
    plan = actions.approve_plan(plan, actor=world.leader, fingerprint=factories.fingerprint(plan))
    plan = actions.start_plan(plan, actor=world.owner)
    first = plan.actions.first()
    actions.report_progress(first, actor=world.assignee, percent=40, text="买了一半")
    factories.carry_out(world, plan)
    factories.measured(world, factories.EFFECTIVE)
    effect = actions.evaluate_effect(plan, actor=world.quality)
    plan.refresh_from_db()
    world.finding.refresh_from_db()
    assert (effect.verdict, plan.state, world.finding.state) == ("effective", "evaluating", "verified")

    actions.close_plan(plan, actor=world.quality)
    plan.refresh_from_db()
    world.finding.refresh_from_db()
    assert (plan.state, world.finding.state) == ("closed", "closed")

    links = {
        (link.from_kind, link.relation, link.to_kind) for link in Link.objects.exclude(from_kind="clause")
    }
    assert links == {
        ("finding", "planned_in", "plan"),
        ("plan", "carried_out_by", "action"),
        ("plan", "proved_by", "effect"),
        ("action", "proved_by", "effect"),
        ("finding", "proved_by", "effect"),
    }
    verbs = list(
        Entry.objects.filter(subject_kind="improve.improvementplan")
        .order_by("sequence")
        .values_list("verb", flat=True)
    )
    assert verbs == [
        "plan.opened",
        "plan.submitted",
        "plan.approved",
        "plan.started",
        "plan.evaluated",
        "plan.closed",
    ]
    assert told(world.leader) == ["plan_submitted", "plan_evaluated"]
    assert told(world.owner) == ["plan_approved", "plan_carried_out", "plan_evaluated", "plan_closed"]
    assert told(world.assignee) == ["action_started", "action_started", "plan_closed"]


def test_a_plan_that_did_not_work_is_reopened_and_needs_a_new_version(world):
    plan = factories.plan_in(world, "ineffective")
    finding = plan.findings.get()
    assert (plan.state, finding.state) == ("ineffective", "analysed")
    plan = actions.edit_plan(
        plan,
        factories.draft(
            world,
            actions=(
                *kept(plan),
                actions.ActionDraft("派单先问三句", world.assignee, *days()),
            ),
            impacts=promised(plan, "2027Q1"),
        ),
        actor=world.owner,
    )
    assert plan.state == "draft"
    plan = actions.submit_plan(plan, actor=world.owner)
    finding.refresh_from_db()
    assert (plan.versions.count(), finding.state) == (2, "planned")


def kept(plan):
    """The actions as they stand, as drafts."""
    return tuple(
        actions.ActionDraft(
            one.title,
            one.assignee,
            one.starts,
            one.due,
            one.proof,
            one.proof_kind,
            department=one.department,
            checkpoints=[date.fromisoformat(day) for day in one.checkpoints],
            key=one.pk,
        )
        for one in plan.actions.select_related("assignee", "department")
    )


def days():
    return date(2026, 11, 25), date(2026, 12, 18)


def promised(plan, cycle):
    impact = plan.impacts.get()
    return (actions.ImpactDraft(impact.indicator, impact.place, impact.promised, cycle, key=impact.pk),)


def test_what_was_begun_stays_as_it_was_approved(world):
    plan = factories.plan_in(world, "ineffective")
    with pytest.raises(Refused) as refusal:
        actions.edit_plan(plan, factories.draft(world), actor=world.owner)
    assert refusal.value.code == "action_begun"


def test_without_data_the_plan_waits_and_cannot_be_closed(world):
    plan = factories.plan_in(world, "carried_out")
    factories.measured(world, factories.BASE)
    effect = actions.evaluate_effect(plan, actor=world.quality)
    plan.refresh_from_db()
    assert (effect.verdict, plan.state) == ("inconclusive", "evaluating")
    with pytest.raises(Refused) as refusal:
        actions.close_plan(plan, actor=world.quality)
    assert refusal.value.code == "no_proof"


def test_the_same_results_are_not_evaluated_twice(world):
    plan = factories.plan_in(world, "carried_out")
    factories.measured(world, factories.BASE)
    first = actions.evaluate_effect(plan, actor=world.quality)
    again = actions.evaluate_effect(plan, actor=world.quality)
    assert (again.pk, plan.effects.count()) == (first.pk, 1)


def test_an_unverified_action_keeps_the_effect_from_being_evaluated(world):
    plan = factories.plan_in(world, "executing")
    with pytest.raises(Refused) as refusal:
        actions.evaluate_effect(plan, actor=world.quality)
    assert refusal.value.code == "not_carried_out"
