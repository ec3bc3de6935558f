"""What stands at the stages of the loop, and what is whose to do next."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import timezone

from bihuan.assess.findings import actions, work
from bihuan.base.ui import work as board
from bihuan.standards.service import actions as service
from bihuan.standards.service import work as revisions
from tests.assess.factories import EvaluationRunFactory
from tests.assess.findings.factories import FindingFactory, SignalFactory
from tests.base.people.factories import DepartmentFactory, person
from tests.base.places.factories import company
from tests.standards.factories import IndicatorVersionFactory
from tests.standards.service.factories import RevisionRequestFactory, StandardClauseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> SimpleNamespace:
    tree = company()
    repairs = DepartmentFactory(code="D-REPAIR")
    return SimpleNamespace(
        tree=tree,
        repairs=repairs,
        run=EvaluationRunFactory(),
        version=IndicatorVersionFactory(),
        manager=person("quality_manager", tree.c),
        head=person("department_head", tree.p1, department=repairs),
        leader=person("leader", tree.c),
        outsider=person(),
    )


def items(user) -> list[tuple[str, str]]:
    return [(item.key, str(item.verb)) for item in work.work(user, timezone.now())]


def test_signals_not_read(world):
    for place, state in ((world.tree.p1, "new"), (world.tree.p2, "new"), (world.tree.p3, "seen")):
        SignalFactory(place=place, version=world.version, run=world.run, state=state)
    SignalFactory(place=world.tree.p1, version=world.version, run=world.run, kind="fall")
    stage = work.signals_stage(world.manager, None, "2026Q3")
    assert (stage.count, stage.overdue, round(stage.share_done, 2)) == (2, 0, 0.33)
    assert work.signals_stage(world.head, None, "2026Q3").count == 1
    assert work.signals_stage(world.manager, world.tree.p3, "2026Q3").count == 0
    assert work.signals_stage(world.outsider, None, "2026Q3").count == 0
    assert items(world.manager)[0][0] == "signals-2026Q3"
    assert items(world.leader) == []


def test_findings_without_a_cause(world):
    late = FindingFactory(place=world.tree.p1, due="2026-01-05", department=world.repairs)
    FindingFactory(place=world.tree.p2)
    FindingFactory(place=world.tree.p2, state="closed")
    stage = work.findings_stage(world.manager, world.tree.c, "2026Q3")
    assert (stage.count, stage.overdue, round(stage.share_done, 2)) == (2, 1, 0.33)
    assert stage.url == "/findings/?place=C01&state=open"
    assert stage.overdue_url == "/findings/?place=C01&overdue=1"
    assert work.findings_stage(world.outsider, None, None).count == 0
    assert items(world.head) == [(f"finding-{late.code}", "写明原因")]


def test_each_step_is_somebody_elses(world):
    finding = FindingFactory(place=world.tree.p1, department=world.repairs)
    assert items(world.manager) == []
    actions.analyse_finding(finding, actor=world.head, cause=["没有备件"])
    assert items(world.head) == [(f"finding-{finding.code}", "拟改进计划")]
    actions.mark_planned(finding, actor=world.head)
    assert items(world.head) == []
    type(finding).objects.update(state="verified")
    assert items(world.manager) == [(f"finding-{finding.code}", "关闭问题")]


def test_clauses_under_revision(world):
    clause = StandardClauseFactory()
    asked = RevisionRequestFactory(clause=clause, asked_by=world.manager)
    RevisionRequestFactory(clause=clause, asked_by=world.head, state="declined")
    stage = revisions.stage(world.leader, None, None)
    assert (stage.stage, stage.count, stage.share_done) == (1, 1, 0.5)

    def keys(user):
        return [(item.key, str(item.verb)) for item in revisions.work(user, timezone.now())]

    assert keys(world.manager) == []
    assert keys(world.head) == []
    assert keys(world.leader) == [(f"revision-{asked.pk}", "开始评审")]
    service.take_up_revision(asked, actor=world.leader)
    service.adopt_revision(asked, actor=world.leader)
    assert [verb for _key, verb in keys(world.manager)] == ["去发布"]


def test_every_stage_of_the_loop_tells(world):
    told = board.stages(world.manager, world.tree.c, None)
    assert [stage.stage for stage in told] == [1, 2, 3, 4, 5, 6]
    assert all(0 <= stage.share_done <= 1 for stage in told)
