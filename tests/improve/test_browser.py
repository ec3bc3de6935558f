"""The pages of improvement in a real browser: both languages, desktop and phone."""

from __future__ import annotations

import pytest
import time_machine
from django.urls import reverse

from bihuan.improve import actions
from tests.improve import factories
from tests.support.browser import check_accessible, check_no_sideways, shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def scenes(world):
    """Every page with the person who looks at it; plans stand at every stage."""
    waiting = factories.plan_in(world, "submitted")
    actions.return_plan(waiting, actor=world.leader, reason="对照地点太少，看不出效果")
    first, *rest = actions_of(waiting)
    changed = factories.draft(
        world,
        cost=factories.Decimal("17000"),
        actions=(first, *rest, actions.ActionDraft("夜班双人试行四周", world.assignee, *DAYS, "试行小结")),
        impacts=promises_of(waiting),
    )
    actions.submit_plan(actions.edit_plan(waiting, changed, actor=world.owner), actor=world.owner)
    running = factories.plan_in(world, "executing", title="派单先问三句，一次带齐备件")
    actions.report_progress(
        running.actions.first(),
        actor=world.assignee,
        percent=60,
        text="龙头、角阀已备齐",
        uploads=[factories.photo()],
    )
    actions.finish_action(running.actions.last(), actor=world.assignee, text="排班表已贴")
    actions.check_progress(running, actor=world.inspector, verdict="behind", note="断路器还没到货")
    closed = factories.plan_in(world, "closed", title="二次上门当天约好并回电")
    report = actions.draft_report(closed, actor=world.owner, message="缺件比缺人更常见。")
    actions.submit_report(report, actor=world.quality)
    actions.write_lesson(
        closed, actor=world.owner, title="先备件，后排班", text="没按约的单里近一半在等备件。"
    )
    factories.finding(world)
    return [
        ("plans", reverse("plans"), world.quality),
        ("plan-waiting", reverse("plan", args=[waiting.code]), world.leader),
        ("plan-running", reverse("plan", args=[running.code]), world.quality),
        ("plan-closed", reverse("plan", args=[closed.code]), world.owner),
        ("plan-version", reverse("plan_version", args=[waiting.code, 2]), world.leader),
        ("plan-new", reverse("new_plan"), world.quality),
        ("plan-edit", reverse("edit_plan", args=[waiting.code]), world.owner),
        ("action", reverse("plan_action", args=[running.actions.first().pk]), world.assignee),
        ("action-verify", reverse("plan_action", args=[running.actions.last().pk]), world.inspector),
        ("effects", reverse("effects"), world.quality),
        ("effect", reverse("effect", args=[closed.effects.get().pk]), world.quality),
        ("management-reports", reverse("management_reports"), world.leader),
        ("management-report", reverse("management_report", args=[report.code]), world.leader),
        ("lessons", reverse("lessons"), world.quality),
    ]


DAYS = (factories.date(2026, 11, 6), factories.date(2026, 12, 4))


def actions_of(plan):
    """The actions as they stand, as drafts."""
    return [
        actions.ActionDraft(
            one.title,
            one.assignee,
            one.starts,
            one.due,
            one.proof,
            one.proof_kind,
            department=one.department,
            checkpoints=[factories.date.fromisoformat(day) for day in one.checkpoints],
            key=one.pk,
        )
        for one in plan.actions.select_related("assignee", "department")
    ]


def promises_of(plan):
    """The impacts as they stand, as drafts."""
    return [
        actions.ImpactDraft(one.indicator, one.place, one.promised, one.measured_from, key=one.pk)
        for one in plan.impacts.select_related("place")
    ]


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 1440), ("en", 390)])
def test_every_page_is_accessible_and_fits(open_page, world, language, width):
    with time_machine.travel(factories.NOW, tick=True):
        for name, address, user in scenes(world):
            page = open_page(address, language=language, width=width, user=user)
            shoot(page, f"improve-{name}-{language}-{width}")
            check_no_sideways(page)
            check_accessible(page)
