"""What is mine to do, what stands at the stages, reports and lessons, and the words in both languages."""

from __future__ import annotations

from pathlib import Path

import polib
import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from bihuan.base.chain.queries import strip
from bihuan.base.trail.act import Refused
from bihuan.base.ui.work import stages, work_of
from bihuan.improve import actions, queries
from tests.improve import factories


def keys(world, name):
    """The work items of improvement of a person."""
    return [
        (item.verb, item.stage)
        for item in work_of(getattr(world, name), timezone.now())
        if item.key.partition("-")[0] in ("plan", "action", "report")
    ]


def test_each_person_finds_what_is_theirs(world):
    factories.plan_in(world, "submitted")
    assert keys(world, "leader") == [("去审批", 5)]
    assert keys(world, "leader_elsewhere") == keys(world, "owner") == keys(world, "outsider") == []
    running = factories.plan_in(world, "executing")
    assert keys(world, "assignee") == [("交证明", 5), ("交证明", 5)]
    actions.finish_action(running.actions.last(), actor=world.assignee, text="做完了")
    assert keys(world, "assignee") == [("交证明", 5)]
    assert keys(world, "inspector") == keys(world, "quality") == [("验证", 5)]


def test_the_owner_brings_a_plan_on(world):
    factories.plan_in(world, "returned")
    factories.plan_in(world, "approved")
    assert sorted(keys(world, "owner")) == [("修改", 5), ("开工", 5)]


def test_the_stages_count_what_stands_there(world):
    for state in ("draft", "executing", "carried_out"):
        factories.plan_in(world, state)
    factories.measured(world, factories.BASE)
    plan = factories.plan_in(world, "carried_out")
    actions.evaluate_effect(plan, actor=world.quality)
    found = {one.stage: one for one in stages(world.quality, world.company, None)}
    assert (found[5].count, found[6].count) == (3, 1)
    assert found[5].share_done == pytest.approx(1 / 4)
    assert {one.stage: one.count for one in stages(world.outsider, world.company, None)}[5] == 0


def test_the_chain_runs_from_finding_to_effect_and_back(world):
    plan = factories.plan_in(world, "closed")
    effect = plan.effects.get()
    wanted = {"finding": 1, "plan": 1, "action": 2, "effect": 1}
    for kind, number in (("plan", plan.code), ("effect", effect.pk), ("finding", plan.findings.get().code)):
        found = {station.name: len(station.shown) for station in strip(world.quality, kind, str(number))}
        assert {name: found[name] for name in wanted} == wanted, kind
    assert all(not station.shown for station in strip(world.outsider, "plan", plan.code))


def test_a_report_is_drawn_up_submitted_and_read(world):
    plan = factories.plan_in(world, "closed")
    report = actions.draft_report(plan, actor=world.owner, message="缺件比缺人更常见")
    assert report.read_pdf("zh-hans")[:5] == report.read_pdf("en")[:5] == b"%PDF-"
    with pytest.raises(Refused):
        actions.review_report(report, actor=world.leader)
    actions.submit_report(report, actor=world.owner)
    with pytest.raises(Refused) as refusal:
        actions.review_report(report, actor=world.owner)
    assert refusal.value.code == "not_yours"
    assert keys(world, "leader") == [("去审阅", 6)]
    report = actions.review_report(report, actor=world.leader, reason="推广到全公司")
    assert (report.state, report.reviewed_by, report.review) == ("reviewed", world.leader, "推广到全公司")


def test_a_changed_file_is_not_submitted(world):
    plan = factories.plan_in(world, "closed")
    report = actions.draft_report(plan, actor=world.owner)
    Path(report.pdf_zh.path).write_bytes(b"%PDF-other")
    with pytest.raises(Refused) as refusal:
        actions.submit_report(report, actor=world.owner)
    assert refusal.value.code == "changed_file"


def test_a_published_lesson_is_open_to_everybody_at_the_place(world):
    plan = factories.plan_in(world, "closed")
    lesson = actions.write_lesson(plan, actor=world.owner, title="先备件", text="后排班")
    assert list(queries.lessons(world.employee)) == []
    with pytest.raises(Refused):
        actions.publish_lesson(lesson, actor=world.owner)
    actions.publish_lesson(lesson, actor=world.quality)
    assert list(queries.lessons(world.employee)) == [lesson]
    assert list(queries.lessons(world.outsider)) == []


def test_a_proved_effect_leads_to_the_revision_of_a_clause(client, world):
    plan = factories.plan_in(world, "closed")
    effect = plan.effects.get()
    clause = queries.clauses_measured(effect).first()
    client.force_login(world.quality)
    answer = client.post(
        reverse("request_revision_of", args=[effect.pk]),
        {"clause": clause.pk, "text_zh": f"{clause.text_zh}备件常备。", "reason": "缺件比缺人更常见"},
    )
    assert answer.status_code == 302
    found = {station.name: len(station.shown) for station in strip(world.quality, "plan", plan.code)}
    assert (found["effect"], found["revision"]) == (1, 1)


def test_every_string_is_translated(tmp_path):
    catalogue = polib.pofile(
        str(Path(actions.__file__).parents[1] / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po")
    )
    assert [entry.msgid for entry in catalogue if not entry.translated()] == []
    assert [entry.msgid for entry in catalogue if entry.fuzzy] == []


def test_the_migration_tells_the_models_whole_story(db):
    call_command("makemigrations", "improve", check=True, dry_run=True, verbosity=0)
