"""A small company with plans in any state, and results with known numbers, written as real Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import factory
import pyarrow as pa
from django.utils import timezone

from bihuan.assess import stores
from bihuan.assess.findings.models import Finding
from bihuan.assess.states import RunState
from bihuan.base.calendars import periods
from bihuan.improve import actions
from bihuan.improve.actions import ActionDraft, ImpactDraft, PlanDraft
from bihuan.improve.choices import Proof
from bihuan.improve.models import (
    Action,
    ActionNote,
    Approval,
    EffectEvaluation,
    ExpectedImpact,
    ImpactEffect,
    ImprovementPlan,
    Lesson,
    ManagementReport,
    Numbering,
    PlanVersion,
    ProgressCheck,
)
from bihuan.measure.results import MEASUREMENTS, SCORES, SUMS, Results
from bihuan.standards.actions import load_catalogue
from bihuan.standards.models import MonitoringCycle
from tests.assess.factories import EvaluationRunFactory
from tests.base.people.factories import DepartmentFactory, UserFactory, person
from tests.base.places.factories import PlaceFactory

NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
ROLES = (
    "owner",
    "quality",
    "leader",
    "leader_elsewhere",
    "assignee",
    "contractor",
    "inspector",
    "employee",
    "outsider",
)
PHOTO = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00"
    b"\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
)


class ImprovementPlanFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ImprovementPlan

    code = factory.Sequence(lambda n: f"GJ-2025-{n:03d}")
    title = "水电维修排班"
    place = factory.SubFactory(PlaceFactory)
    owner = factory.SubFactory(UserFactory)
    trigger_cycle = "2026Q3"
    due = date(2026, 12, 20)
    state_since = factory.LazyFunction(timezone.now)
    created_at = factory.LazyFunction(timezone.now)


class PlanVersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PlanVersion

    plan = factory.SubFactory(ImprovementPlanFactory)
    number = 1
    content = factory.LazyFunction(dict)
    sha256 = "0" * 64
    submitted_at = factory.LazyFunction(timezone.now)


class ApprovalFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Approval

    version = factory.SubFactory(PlanVersionFactory)
    decision = "approved"
    sha256 = "0" * 64
    by = factory.SubFactory(UserFactory)
    at = factory.LazyFunction(timezone.now)


class ActionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Action

    plan = factory.SubFactory(ImprovementPlanFactory)
    title = "常备水电备件"
    assignee = factory.SubFactory(UserFactory)
    starts = date(2026, 11, 1)
    due = date(2026, 11, 20)
    state_since = factory.LazyFunction(timezone.now)


class ActionNoteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ActionNote

    action = factory.SubFactory(ActionFactory)
    kind = "progress"
    at = factory.LazyFunction(timezone.now)


class ProgressCheckFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProgressCheck

    plan = factory.SubFactory(ImprovementPlanFactory)
    verdict = "on_track"
    note = "正常"
    at = factory.LazyFunction(timezone.now)


class ExpectedImpactFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ExpectedImpact

    plan = factory.SubFactory(ImprovementPlanFactory)
    indicator = "R03"
    place = factory.SelfAttribute("plan.place")
    direction = "up"
    promised = Decimal("8")
    measured_from = "2026Q4"


class EffectEvaluationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = EffectEvaluation

    plan = factory.SubFactory(ImprovementPlanFactory)
    version = factory.SubFactory(PlanVersionFactory, plan=factory.SelfAttribute("..plan"))
    number = 1
    verdict = "effective"
    record = factory.LazyFunction(lambda: {"impacts": []})
    sha256 = "0" * 64
    made_at = factory.LazyFunction(timezone.now)


class ImpactEffectFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ImpactEffect

    evaluation = factory.SubFactory(EffectEvaluationFactory)
    verdict = "effective"
    record = factory.LazyFunction(dict)


class ManagementReportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ManagementReport

    code = factory.Sequence(lambda n: f"GB-2025-{n:03d}")
    effect = factory.SubFactory(EffectEvaluationFactory)
    plan = factory.SelfAttribute("effect.plan")
    state_since = factory.LazyFunction(timezone.now)
    made_at = factory.LazyFunction(timezone.now)


class LessonFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Lesson

    plan = factory.SubFactory(ImprovementPlanFactory)
    title = "先备件后排班"
    text = "缺件比缺人更常见。"
    state_since = factory.LazyFunction(timezone.now)
    at = factory.LazyFunction(timezone.now)


class NumberingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Numbering

    series = factory.Sequence(lambda n: f"GJ-{n}")


def plant() -> SimpleNamespace:
    """Company, two projects, one person for each part, and a finding whose cause is known."""
    company = PlaceFactory(code="HT", kind="company", name_zh="和泰物业", name_en="Hetai")
    here = PlaceFactory(code="POOR", kind="project", parent=company, name_zh="翠湖花园", name_en="Jade Lake")
    there = PlaceFactory(
        code="GOOD", kind="project", parent=company, name_zh="南岸新城", name_en="South Bank"
    )
    load_catalogue(actor=None)
    repairs = DepartmentFactory(code="GC", name_zh="工程维修部", name_en="Repairs")
    world = SimpleNamespace(
        company=company,
        here=here,
        there=there,
        repairs=repairs,
        owner=person("department_head", here, name="陈建国", department=repairs),
        quality=person("quality_manager", company, name="李静"),
        leader=person("leader", company, name="周明远"),
        leader_elsewhere=person("leader", there, name="赵远"),
        assignee=person("employee", here, name="孙立", department=repairs),
        contractor=person("contractor", here, name="钱外"),
        inspector=person("inspector", here, name="吴检"),
        employee=person("employee", here, name="郑工"),
        outsider=person(name="路人"),
    )
    world.finding = finding(world)
    return world


def finding(world: SimpleNamespace, **fields: Any) -> Finding:
    """An analysed finding at the project."""
    number = Finding.objects.count() + 1
    given = {
        "code": f"F-2026-{number:04d}",
        "title_zh": "水电维修积压",
        "title_en": "Repairs pile up",
        "place": world.here,
        "indicator": "R03",
        "cycle": "2026Q3",
        "owner": world.owner,
        "cause": ["58单等备件", "夜间只有1名水电工"],
        "state": "analysed",
        "state_since": timezone.now(),
        "opened_at": timezone.now(),
    }
    return Finding.objects.create(**{**given, **fields})


def draft(world: SimpleNamespace, **changes: Any) -> PlanDraft:
    """A whole plan: two actions, one promise."""
    given: dict[str, Any] = {
        "title": "水电维修排班与备件前置",
        "place": world.here,
        "owner": world.owner,
        "department": world.repairs,
        "trigger_cycle": "2026Q3",
        "why": "58单等备件，31单撞上夜间只有1名水电工。",
        "cost": Decimal("38000"),
        "due": date(2026, 12, 20),
        "actions": (
            ActionDraft(
                "常备12种水电备件", world.assignee, date(2026, 11, 1), date(2026, 11, 20), "盘点照片"
            ),
            ActionDraft(
                "夜间由1人改2人",
                world.assignee,
                date(2026, 11, 5),
                date(2026, 12, 15),
                "排班表",
                Proof.NOTE,
                checkpoints=(date(2026, 11, 15), date(2026, 12, 1)),
            ),
        ),
        "impacts": (ImpactDraft("R03", world.here, Decimal("8"), "2026Q4"),),
    }
    return PlanDraft(**{**given, **changes})


def fingerprint(plan: ImprovementPlan) -> str:
    """The fingerprint of the version that counts."""
    return str(plan.versions.filter(voided_at=None).latest("number").sha256)


def plan_in(world: SimpleNamespace, state: str, **changes: Any) -> ImprovementPlan:
    """A plan brought to a state through the acts themselves."""
    plan = actions.open_plan(draft(world, **changes), actor=world.quality, findings=[finding(world)])
    if state == "draft":
        return plan
    plan = actions.submit_plan(plan, actor=world.owner)
    if state == "submitted":
        return plan
    if state == "returned":
        return actions.return_plan(plan, actor=world.leader, reason="先解决备件")
    plan = actions.approve_plan(plan, actor=world.leader, fingerprint=fingerprint(plan))
    if state == "approved":
        return plan
    plan = actions.start_plan(plan, actor=world.owner)
    if state == "executing":
        return plan
    carry_out(world, plan)
    if state == "carried_out":
        return plan
    known = {"ineffective": INEFFECTIVE, "closed": EFFECTIVE}.get(state, {})
    measured(world, known)
    actions.evaluate_effect(plan, actor=world.quality)
    plan.refresh_from_db()
    if state == "closed":
        return actions.close_plan(plan, actor=world.quality)
    return plan


def carry_out(world: SimpleNamespace, plan: ImprovementPlan) -> None:
    """Every action done by its person and verified by the inspector."""
    for action in plan.actions.all():
        done = actions.finish_action(action, actor=world.assignee, text="做完了", uploads=[photo()])
        actions.verify_action(done, actor=world.inspector)


def photo(name: str = "盘点.png") -> Any:
    """An uploaded photo."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, PHOTO, "image/png")


# cycle -> (n, value, se) of R03 at the project
BASE = {"2026Q1": (400.0, 85.0, 1.5), "2026Q2": (600.0, 86.0, 1.2), "2026Q3": (500.0, 70.0, 2.0)}
EFFECTIVE = {**BASE, "2026Q4": (500.0, 95.0, 1.0)}
INEFFECTIVE = {**BASE, "2026Q4": (500.0, 85.0, 1.0)}


def measured(
    world: SimpleNamespace,
    values: Mapping[str, tuple[float, float, float]],
    *,
    place: str = "POOR",
    beside: Mapping[str, Mapping[str, float]] | None = None,
    versions: Mapping[str, str] | None = None,
    indicator: str = "R03",
) -> None:
    """Runs whose results hold exactly these values: cycle to (n, value, standard error), df being n − 1."""
    for cycle, (n, value, se) in values.items():
        version = (versions or {}).get(cycle, "1")
        rows = [_row(cycle, indicator, version, place, n, value, se)]
        rows += [
            _row(cycle, indicator, version, other, 400.0, series[cycle], 1.0)
            for other, series in (beside or {}).items()
            if cycle in series
        ]
        _run(cycle, rows)


def _row(
    cycle: str, indicator: str, version: str, place: str, n: float, value: float, se: float
) -> dict[str, Any]:
    return {
        "run": f"{cycle}-test",
        "cycle": cycle,
        "period": "",
        "indicator": indicator,
        "version": version,
        "level": "project",
        "place": place,
        "breakdown": "",
        "item": "",
        "n": n,
        "value": value,
        "se": se,
        "df": n - 1,
        "low": value - 1.96 * se,
        "high": value + 1.96 * se,
        "status": "final",
        "standing": "below",
        "comparable": True,
        "red_line": False,
    }


def _run(cycle: str, rows: list[dict[str, Any]]) -> None:
    start, end = periods.cycle_bounds(cycle)
    row, _new = MonitoringCycle.objects.get_or_create(
        code=cycle, defaults={"kind": "quarter", "start": start, "end": end, "state": "evaluated"}
    )
    run_id = f"{cycle}-test"
    EvaluationRunFactory(run_id=run_id, cycle=row, state=RunState.DONE, snapshot=7)
    results: Results = stores.results()
    table = pa.Table.from_pylist(rows, schema=MEASUREMENTS)
    results.write(run_id, table, SCORES.empty_table(), SUMS.empty_table(), {"run": run_id})
