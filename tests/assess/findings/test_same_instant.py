"""Two people act at the same instant: one succeeds, the other is told, and nothing is done twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from bihuan.assess.findings import actions
from bihuan.assess.models import Finding, FindingCounter, Signal
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from bihuan.standards.models import RevisionRequest, StandardClause, StandardVersion
from bihuan.standards.service import actions as service
from tests.assess.factories import EvaluationRunFactory
from tests.assess.findings.factories import FindingFactory, SignalFactory
from tests.base.people.factories import person
from tests.base.places.factories import company
from tests.standards.service.factories import RevisionRequestFactory, StandardClauseFactory

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Let go of all acts together; the outcome of each, sorted."""
    gate, outcomes = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=20)
            act()
            outcomes.append("done")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(outcomes)


def test_one_signal_becomes_one_finding():
    tree = company()
    signal = SignalFactory(place=tree.p1)
    one, two = person("quality_manager", tree.c), person("quality_manager", tree.p1)
    outcome = at_once(*[lambda u=u: actions.open_finding(signals=[signal], actor=u) for u in (one, two)])
    assert outcome == ["done", "wrong_state"]
    assert (Finding.objects.count(), Signal.objects.get().state) == (1, "finding")
    assert Entry.objects.filter(verb="refused").count() == 1


def test_numbers_leave_no_gap():
    tree = company()
    run = EvaluationRunFactory()
    made = [SignalFactory(place=place, run=run) for place in (tree.p1, tree.p2, tree.p3)]
    manager = person("quality_manager", tree.c)
    dismissed = SignalFactory(place=tree.p1, state="dismissed", run=run)
    outcome = at_once(
        *[lambda s=s: actions.open_finding(signals=[s], actor=manager) for s in (*made, dismissed)]
    )
    assert outcome == ["done", "done", "done", "wrong_state"]
    year = timezone.localdate().year
    assert sorted(Finding.objects.values_list("code", flat=True)) == [f"F-{year}-{n:04d}" for n in (1, 2, 3)]
    assert FindingCounter.objects.get().last == 3


def test_cancel_and_plan_do_not_both_happen():
    tree = company()
    finding = FindingFactory(place=tree.p1, state="analysed", cause=["没有备件"])
    manager = person("quality_manager", tree.c)
    outcome = at_once(
        lambda: actions.cancel_finding(finding, actor=manager, reason="重复"),
        lambda: actions.mark_planned(finding, actor=manager),
    )
    assert outcome == ["done", "wrong_state"]
    assert Finding.objects.get().state in {"cancelled", "planned"}


def test_two_adoptions_share_one_draft():
    tree = company()
    clause = StandardClauseFactory(number="5.1.1")
    other = StandardClauseFactory(version=clause.version, number="5.1.2")
    leaders = [person("leader", tree.c), person("leader", tree.c)]
    requests = [RevisionRequestFactory(clause=one, state="in_review") for one in (clause, other)]
    asked = person("department_head", tree.p1)
    RevisionRequest.objects.update(asked_by=asked)
    outcome = at_once(
        *[lambda r=r, u=u: service.adopt_revision(r, actor=u) for r, u in zip(requests, leaders, strict=True)]
    )
    assert outcome == ["done", "done"]
    draft = StandardVersion.objects.get(state="draft")
    assert draft.revisions.count() == 2
    assert StandardClause.objects.filter(version=draft).count() == 2


def test_a_version_is_published_once():
    tree = company()
    clause = StandardClauseFactory(version__state="draft")
    RevisionRequestFactory(clause=clause, version=clause.version, state="adopted")
    leaders = [person("leader", tree.c), person("quality_manager", tree.c)]
    outcome = at_once(*[lambda u=u: service.publish_version(clause.version, actor=u) for u in leaders])
    assert outcome == ["done", "wrong_state"]
    assert RevisionRequest.objects.get().state == "published"
