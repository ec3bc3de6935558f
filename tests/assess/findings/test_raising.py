"""Signals as an evaluation raises them, on real results."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import time_machine

from bihuan.assess import actions, stores
from bihuan.assess.findings.raising import raise_signals
from bihuan.assess.models import EvaluationRun, Finding, Signal
from bihuan.base.chain.models import Link
from bihuan.base.chain.queries import strip
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from bihuan.standards.queries import shares
from tests.assess.findings.factories import give_series
from tests.assess.world import NOW

pytestmark = pytest.mark.django_db


def missed_in(run: EvaluationRun) -> set[tuple[str, str]]:
    """Indicator and project of every target that the results of a run say is surely missed."""
    rows = stores.results().measurements(run.run_id, breakdown="", periods=[""], level="project").to_pylist()
    return {(row["indicator"], row["place"]) for row in rows if row["standing"] in ("below", "below_floor")}


def kept(cycle: str = "2026Q3") -> set[tuple[str, str]]:
    rows = Signal.objects.filter(cycle=cycle, kind="target_missed").exclude(state="superseded")
    return set(rows.values_list("indicator", "place__code"))


def test_an_evaluation_raises_its_signals(company: SimpleNamespace):
    with time_machine.travel(NOW, tick=False):
        run = actions.evaluate_cycle(cycle="2026Q3", actor=company.manager)
    assert ("R03", "POOR") in missed_in(run)
    assert kept() == missed_in(run)
    assert set(Signal.objects.values_list("run__run_id", flat=True)) == {run.run_id}
    assert Entry.objects.filter(verb="signals.raised").count() == 1


def test_raising_again_changes_nothing(evaluated: SimpleNamespace):
    raise_signals(evaluated.run, actor=None)
    before = list(Signal.objects.order_by("pk").values())
    links, entries = Link.objects.count(), Entry.objects.count()
    raise_signals(evaluated.run, actor=None)
    assert list(Signal.objects.order_by("pk").values()) == before
    assert (Link.objects.count(), Entry.objects.count()) == (links, entries)


def test_the_gravest_stands_first(evaluated: SimpleNamespace):
    raise_signals(evaluated.run, actor=None)
    weights = shares(evaluated.run.weights)
    listed = list(Signal.objects.all())
    assert [one.rank for one in listed] == sorted((one.rank for one in listed), reverse=True)
    for one in listed:
        assert one.weight == weights[one.indicator]
        assert one.rank == pytest.approx(one.weight * one.far)


def test_a_newer_run_takes_over_what_nobody_decided(evaluated: SimpleNamespace):
    raise_signals(evaluated.run, actor=None)
    first, second, third, fourth = Signal.objects.filter(cycle=evaluated.run.cycle.code)[:4]
    actions.dismiss_signal(first, actor=evaluated.manager, reason="数据录错了")
    actions.open_finding(signals=[second], actor=evaluated.manager)
    actions.see_signal(third, actor=evaluated.manager)
    Signal.objects.filter(pk__in=[first.pk, third.pk]).update(value=1.0)
    gone = Signal.objects.create(
        **{
            field.attname: getattr(fourth, field.attname)
            for field in Signal._meta.concrete_fields
            if field.attname not in {"id", "kind", "place_id"}
        },
        kind="target_missed",
        place=evaluated.small,
    )
    newer = EvaluationRun.objects.get(pk=evaluated.run.pk)
    raise_signals(newer, actor=None)
    states = dict(Signal.objects.values_list("pk", "state"))
    assert [states[one.pk] for one in (first, second, third, fourth, gone)] == [
        *("dismissed", "finding", "seen", "new", "superseded")
    ]
    first.refresh_from_db()
    third.refresh_from_db()
    assert first.value == 1.0
    assert third.value != 1.0


def test_what_comes_back_is_new_again(evaluated: SimpleNamespace):
    raise_signals(evaluated.run, actor=None)
    signal = Signal.objects.filter(cycle=evaluated.run.cycle.code)[0]
    Signal.objects.filter(pk=signal.pk).update(state="superseded")
    raise_signals(evaluated.run, actor=None)
    signal.refresh_from_db()
    assert signal.state == "new"


def test_a_repetition_and_an_unissued_revision_raise_nothing(evaluated: SimpleNamespace):
    EvaluationRun.objects.filter(pk=evaluated.run.pk).update(state="issued")
    fields = {"cycle": evaluated.run.cycle, "as_of": NOW, "made_at": NOW, "state": "done"}
    raise_signals(EvaluationRun.objects.create(run_id="again", repeats=evaluated.run, **fields), actor=None)
    raise_signals(EvaluationRun.objects.create(run_id="later", revises=evaluated.run, **fields), actor=None)
    assert Signal.objects.count() == 0


def test_only_whoever_evaluates_raises(evaluated: SimpleNamespace):
    with pytest.raises(Refused):
        raise_signals(evaluated.run, actor=evaluated.project_head)
    assert Entry.objects.filter(verb="refused").count() == 1


KINDS = {"level": "level", "shift": "shift", "change": "fall", "trend": "trend"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_series_that_gets_worse_raises_a_signal_of_its_kind(evaluated: SimpleNamespace, kind: str):
    give_series(evaluated.run, {"indicator": "R03", "place": "GOOD", "kind": kind})
    raise_signals(evaluated.run, actor=None)
    (signal,) = Signal.objects.filter(indicator="R03", place=evaluated.good, cycle="2026Q3")
    assert signal.kind == KINDS[kind]
    assert (signal.test["tested"], signal.test["at"], signal.test["lower"]) == (675, "2026-08", 84.0)
    assert signal.rank == pytest.approx(signal.weight * signal.far)
    before = list(Signal.objects.order_by("pk").values())
    raise_signals(evaluated.run, actor=None)
    assert list(Signal.objects.order_by("pk").values()) == before


def test_a_series_beside_a_missed_target_goes_with_it(evaluated: SimpleNamespace, client):
    give_series(evaluated.run, {"indicator": "R03", "place": "POOR", "kind": "shift"})
    raise_signals(evaluated.run, actor=None)
    both = Signal.objects.filter(indicator="R03", place=evaluated.poor, cycle="2026Q3")
    assert sorted(both.values_list("kind", flat=True)) == ["shift", "target_missed"]
    client.force_login(evaluated.manager)
    rows = client.get("/signals/", {"place": "POOR", "cycle": "2026Q3", "of": "R03"}).context["rows"]
    assert [(row.signal.kind, row.also) for row in rows] == [("target_missed", "并且持续差于以往")]
    same = client.get("/signals/", {"place": "SU", "cycle": "2026Q3", "kind": "shift"}).context["rows"]
    assert [row.signal for row in same] == [row.signal for row in rows]
    actions.dismiss_signal(rows[0].signal, actor=evaluated.manager, reason="已经换人")
    assert set(both.values_list("state", flat=True)) == {"dismissed"}


def test_what_a_newer_run_no_longer_tests_as_worse_is_superseded(evaluated: SimpleNamespace):
    give_series(evaluated.run, {"indicator": "R03", "place": "GOOD"})
    raise_signals(evaluated.run, actor=None)
    give_series(evaluated.run, {"indicator": "R03", "place": "GOOD", "kind": "trend"})
    raise_signals(evaluated.run, actor=None)
    rows = Signal.objects.filter(indicator="R03", place=evaluated.good, cycle="2026Q3")
    assert dict(rows.values_list("kind", "state")) == {"level": "superseded", "trend": "new"}


def test_a_parent_shows_the_signals_of_its_projects(evaluated: SimpleNamespace, client):
    give_series(evaluated.run, {"indicator": "R03", "place": "GOOD"})
    raise_signals(evaluated.run, actor=None)
    client.force_login(evaluated.manager)
    shown = client.get("/indicators/R03/", {"place": "SU", "cycle": "2026Q3"}).context["signals"]
    assert {row.signal.place.code for row in shown.rows} == {"GOOD", "POOR"}
    assert shown.total == 2
    whole = client.get("/places/SU/", {"place": "SU", "cycle": "2026Q3"}).context["signals"]
    ranks = [row.signal.rank for row in whole.rows]
    assert ranks == sorted(ranks, reverse=True)
    assert len(ranks) == 8 < whole.total
    client.force_login(evaluated.project_head)
    shown = client.get("/indicators/R03/", {"place": "POOR", "cycle": "2026Q3"}).context["signals"]
    assert {row.signal.place.code for row in shown.rows} == {"POOR"}


def test_the_chain_runs_from_the_clause_to_the_finding(evaluated: SimpleNamespace):
    raise_signals(evaluated.run, actor=None)
    signal = Signal.objects.get(indicator="R03", place=evaluated.poor, cycle="2026Q3")
    finding = actions.open_finding(signals=[signal], actor=evaluated.manager)
    stations = {
        one.name: [shown.code for shown in one.shown]
        for one in strip(evaluated.manager, "finding", finding.code)
    }
    assert stations["clause"] == ["工程维修 §5.1.2"]
    assert stations["indicator"] == ["R03 按约完成"]
    assert stations["signal"] == ["未达目标"]
    assert stations["finding"] == [finding.code]
    forwards = {one.name: one.shown for one in strip(evaluated.manager, "clause", "FW/5.1.2")}
    assert [shown.code for shown in forwards["finding"]] == [finding.code]
    outside = {one.name: one.shown for one in strip(evaluated.outsider, "finding", finding.code)}
    assert not any(outside.values())


def test_the_chain_leads_to_a_signal_whatever_became_of_it(client, evaluated: SimpleNamespace):
    raise_signals(evaluated.run, actor=None)
    signal = Signal.objects.get(indicator="R03", place=evaluated.poor, cycle="2026Q3")
    finding = actions.open_finding(signals=[signal], actor=evaluated.manager)
    client.force_login(evaluated.manager)
    (shown,) = {s.name: s.shown for s in strip(evaluated.manager, "finding", finding.code)}["signal"]
    rows = client.get(shown.url).context["rows"]
    assert [row.signal for row in rows] == [signal]


def test_the_indicator_at_a_place_stands_in_the_chain_of_its_signal_there(client, evaluated: SimpleNamespace):
    raise_signals(evaluated.run, actor=None)
    signal = Signal.objects.get(indicator="R03", place=evaluated.poor, cycle="2026Q3")
    finding = actions.open_finding(signals=[signal], actor=evaluated.manager)
    client.force_login(evaluated.manager)
    there = client.get(f"/indicators/R03/?place={evaluated.poor.code}&cycle={signal.cycle}").context["chain"]
    codes = ("工程维修 §5.1.2", "R03 按约完成", "未达目标", finding.code)
    assert [link.text.startswith(code) for link, code in zip(there, codes, strict=False)] == [True] * 4
    assert [link.state for link in there[:5]] == ["past", "current", "past", "past", "future"]


def test_the_title_comes_in_both_languages(evaluated: SimpleNamespace):
    raise_signals(evaluated.run, actor=None)
    actions.open_finding(
        signals=[Signal.objects.get(indicator="R03", place=evaluated.poor, cycle="2026Q3")], actor=None
    )
    finding = Finding.objects.get()
    assert finding.title_zh == "翠湖花园，100单里有25单没按约修完；低于底线"
    assert "Jade Lake" in finding.title_en
