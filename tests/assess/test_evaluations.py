"""Evaluating for real: what a run uses, how it repeats, and what it does to its cycle."""

from __future__ import annotations

import pytest
import time_machine

from bihuan.archive.store import Archive
from bihuan.assess import actions, queries, tasks
from bihuan.assess.models import EvaluationRun
from bihuan.assess.states import RunState
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from bihuan.standards.models import MonitoringCycle
from tests.assess.world import NOW


def row(cycle: str, place: str, indicator: str) -> dict:
    [found] = queries.results_rows(None, cycle=cycle, place=place, indicator=indicator)
    return found


def test_a_run_measures_and_scores_every_place(evaluated):
    poor = row("2026Q3", "POOR", "R03")
    assert (poor["n"], poor["numerator"], poor["value"], poor["standing"]) == (240, 180, 75.0, "below_floor")
    assert (poor["target"], poor["floor"], poor["previous"], poor["comparable"]) == (95, 80, 75.0, True)
    company = row("2026Q3", "HT", "R03")
    assert (company["n"], company["numerator"]) == (486, 420)
    assert row("2026Q3", "SMALL", "R03")["status"] == "insufficient"
    hidden = row("2026Q3", "SMALL", "S01")
    assert (hidden["status"], hidden["value"], hidden["n"]) == ("suppressed", None, None)


def test_the_red_line_caps_the_grade(evaluated):
    card = queries.scorecard(None, "2026Q3", evaluated.company, queries.Wanted())
    scores = {found.place.code: found.score for found in card.rows}
    assert scores["POOR"].red_line
    assert scores["POOR"].grade in ("C", "D")
    assert scores["GOOD"].grade == "A"
    assert not scores["SMALL"].scored


def test_a_run_says_what_it_used(evaluated):
    run = evaluated.run
    assert (run.state, run.snapshot) == ("done", 2)
    assert run.record["snapshot"] == 2
    assert run.history == [evaluated.before.run_id]
    assert len(run.definitions) == 36
    assert {part["table"] for part in run.record["partitions"]} == {
        *("work_orders", "inspection_items", "answers"),
    }
    assert run.cycle.state == "evaluated"


def test_a_run_is_on_the_trail(company):
    with time_machine.travel(NOW, tick=False):
        actions.evaluate_cycle(cycle="2026Q3", actor=company.manager)
    verbs = Entry.objects.order_by("sequence").values_list("verb", flat=True)
    assert [verb for verb in verbs if verb.startswith(("cycle.", "run."))] == [
        *("cycle.planned", "cycle.collecting", "run.ordered"),
        *("run.done", "cycle.analysing", "cycle.evaluated"),
    ]


def test_the_dimensions_are_published_once(evaluated, settings):
    store = Archive(settings.ARCHIVE_URL)
    assert store.snapshot() == 2  # the facts, then places and calendars; the second run found nothing new
    assert store.at().dimension("places").num_rows == 8


def test_a_repetition_gives_the_same_fingerprint(evaluated):
    with time_machine.travel(NOW, tick=False):
        repetition = actions.repeat_run(evaluated.run, actor=evaluated.manager)
        repetition = actions.carry_out(repetition)
    assert repetition.result_hash == evaluated.run.result_hash
    assert len(repetition.result_hash) == 64
    assert queries.latest_run("2026Q3") == evaluated.run


def test_other_numbers_give_another_fingerprint(evaluated):
    assert evaluated.before.result_hash != evaluated.run.result_hash


def test_only_a_quality_manager_of_the_company_evaluates(evaluated):
    for actor in (evaluated.leader, evaluated.project_head, evaluated.outsider):
        with pytest.raises(Refused):
            actions.evaluate_cycle(cycle="2026Q3", actor=actor)
        with pytest.raises(Refused):
            actions.repeat_run(evaluated.run, actor=actor)
        with pytest.raises(Refused):
            actions.close_cycle(code="2026Q3", actor=actor)
    assert EvaluationRun.objects.count() == 2


def test_closing_issues_the_results_and_a_rerun_is_a_revision(evaluated):
    with time_machine.travel(NOW, tick=False):
        cycle = actions.close_cycle(code="2026Q3", actor=evaluated.manager)
        revision = actions.evaluate_cycle(cycle="2026Q3", actor=evaluated.manager)
    evaluated.run.refresh_from_db()
    assert (cycle.state, evaluated.run.state) == ("closed", "issued")
    assert revision.revises == evaluated.run
    assert queries.latest_run("2026Q3") == evaluated.run
    actions.issue_run(revision, actor=evaluated.manager)
    revision.refresh_from_db()
    assert revision.state == RunState.ISSUED
    assert queries.latest_run("2026Q3") == revision
    assert MonitoringCycle.objects.get(code="2026Q3").state == "closed"


def test_a_cycle_closes_only_once_and_only_when_evaluated(company):
    with time_machine.travel(NOW, tick=False):
        with pytest.raises(Refused):
            actions.close_cycle(code="2026Q3", actor=company.manager)
        actions.open_cycle(code="2026Q3", actor=company.manager)
        with pytest.raises(Refused):
            actions.open_cycle(code="2026Q3", actor=company.manager)
        with pytest.raises(Refused):
            actions.close_cycle(code="2026Q3", actor=company.manager)


def test_an_evaluation_in_the_middle_of_a_cycle_leaves_it_open(company):
    with time_machine.travel(NOW, tick=False):
        run = actions.evaluate_cycle(cycle="2026Q4", actor=company.manager)
    assert run.as_of == NOW
    assert run.cycle.state == "collecting"


def test_some_indicators_alone_weigh_alike_when_the_tree_does_not_know_them(company):
    with time_machine.travel(NOW, tick=False):
        run = actions.evaluate_cycle(cycle="2026Q3", actor=None, indicators=["R03", "C02"])
    assert [given["code"] for given in run.definitions] == ["R03", "C02"]
    found = {one["indicator"] for one in queries.results_rows(None, cycle="2026Q3")}
    assert found == {"R03", "C02"}


def test_a_failed_run_says_why_and_changes_nothing(evaluated, settings):
    with time_machine.travel(NOW, tick=False):
        run = actions.order_evaluation(cycle="2026Q3", actor=evaluated.manager, snapshot=99)
        with pytest.raises(Exception, match="99"):
            actions.carry_out(run)
    run.refresh_from_db()
    assert run.state == "failed"
    assert "99" in run.error
    assert queries.latest_run("2026Q3") == evaluated.run


def test_in_the_background_it_is_the_same(company):
    with time_machine.travel(NOW, tick=False):
        run = actions.order_evaluation(cycle="2026Q3", actor=company.manager)
        job = tasks.carry_out.run_now(owner=company.manager, run=run.pk)
    run.refresh_from_db()
    assert (run.state, job.state) == ("done", "done")
    assert job.result == {"run": run.run_id, "snapshot": run.snapshot}


def test_without_indicators_there_is_nothing_to_evaluate(db, stores):
    with pytest.raises(Refused):
        actions.evaluate_cycle(cycle="2026Q3", actor=None)
    assert not MonitoringCycle.objects.exists()
