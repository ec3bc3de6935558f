"""Every act on a revision from every state by every role, and what publishing does."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bihuan.base.chain.models import Link
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from bihuan.standards.models import IndicatorVersion, RevisionRequest, StandardVersion
from bihuan.standards.service import actions, queries
from bihuan.standards.service.states import RevisionState
from tests.base.people.factories import person
from tests.base.places.factories import company
from tests.standards.factories import IndicatorVersionFactory, MonitoringCycleFactory
from tests.standards.service.factories import RevisionRequestFactory, StandardClauseFactory

pytestmark = pytest.mark.django_db

ROLES = ("leader", "quality_manager", "asker", "department_head", "project_manager", "employee", "outsider")
DECIDE = {"leader", "quality_manager"}
NEW = "一般报修按约好的时间修完，上门前再打一次电话"

ACTS = {
    "take_up": (
        lambda r, u: actions.take_up_revision(r, actor=u),
        {"submitted": "in_review"},
        DECIDE | {"asker"},
    ),
    "adopt": (lambda r, u: actions.adopt_revision(r, actor=u), {"in_review": "adopted"}, DECIDE),
    "decline": (
        lambda r, u: actions.decline_revision(r, actor=u, reason="成本太高"),
        {"submitted": "declined", "in_review": "declined"},
        DECIDE | {"asker"},
    ),
}


@pytest.fixture
def people() -> SimpleNamespace:
    """The asker is a quality manager of the whole company, and still may not adopt the own request."""
    tree = company()
    return SimpleNamespace(
        tree=tree,
        leader=person("leader", tree.c),
        quality_manager=person("quality_manager", tree.c),
        asker=person("quality_manager", tree.c),
        department_head=person("department_head", tree.c),
        project_manager=person("quality_manager", tree.p1),
        employee=person("employee", tree.c),
        outsider=person(),
    )


def refusals() -> int:
    return Entry.objects.filter(verb="refused").count()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", RevisionState.values)
@pytest.mark.parametrize("name", ACTS)
def test_a_revision_moves_only_as_the_table_says(people, name, state, role):
    run, moves, allowed = ACTS[name]
    request = RevisionRequestFactory(state=state, asked_by=people.asker)
    if state in moves and role in allowed:
        run(request, getattr(people, role))
        assert RevisionRequest.objects.get().state == moves[state]
        assert refusals() == 0
        return
    with pytest.raises(Refused):
        run(request, getattr(people, role))
    assert RevisionRequest.objects.get().state == state
    assert refusals() == 1


@pytest.mark.parametrize("role", ROLES)
def test_who_may_ask(people, role):
    clause = StandardClauseFactory()
    if role in {"employee", "outsider"}:
        with pytest.raises(Refused):
            actions.request_revision(clause, actor=getattr(people, role), text_zh=NEW, reason="空跑太多")
        assert (RevisionRequest.objects.count(), refusals()) == (0, 1)
        return
    made = actions.request_revision(clause, actor=getattr(people, role), text_zh=NEW, reason="空跑太多")
    assert made.state == "submitted"
    link = Link.objects.get()
    assert (link.from_kind, link.from_id, link.to_kind) == ("clause", clause.code, "revision")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", ["draft", "in_review", "effective", "superseded", "withdrawn"])
def test_who_publishes_what(people, state, role):
    clause = StandardClauseFactory(version__state=state)
    RevisionRequestFactory(clause=clause, version=clause.version, state="adopted", asked_by=people.asker)
    if state in {"draft", "in_review"} and role in DECIDE | {"asker"}:
        actions.publish_version(clause.version, actor=getattr(people, role))
        assert StandardVersion.objects.get().state == "effective"
        assert RevisionRequest.objects.get().state == "published"
        return
    with pytest.raises(Refused):
        actions.publish_version(clause.version, actor=getattr(people, role))
    assert StandardVersion.objects.get().state == state
    assert refusals() == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"text_zh": " ", "reason": "空跑太多"}, "no_text"),
        ({"text_zh": NEW, "reason": " "}, "no_reason"),
        (
            {
                "text_zh": "一般报修按约好的时间修完",
                "text_en": "Repairs are completed at the time agreed",
                "reason": "x",
            },
            "no_change",
        ),
        ({"text_zh": "长" * 401, "reason": "x"}, "too_long"),
        ({"text_zh": NEW, "reason": "x", "evidence": ("effect", "77")}, "not_visible"),
    ],
)
def test_what_is_missing_is_asked_for(people, given, code):
    with pytest.raises(Refused) as refused:
        actions.request_revision(StandardClauseFactory(), actor=people.leader, **given)
    assert refused.value.code == code
    assert (RevisionRequest.objects.count(), Link.objects.count(), refusals()) == (0, 0, 1)


def test_only_a_clause_in_force_can_be_revised(people):
    clause = StandardClauseFactory(version__state="superseded")
    with pytest.raises(Refused) as refused:
        actions.request_revision(clause, actor=people.leader, text_zh=NEW, reason="x")
    assert refused.value.code == "not_effective"


def test_a_revision_goes_the_whole_way(people):
    MonitoringCycleFactory(code="2026Q3", state="evaluated")
    indicator = IndicatorVersionFactory(indicator__code="R03")
    clause, other = StandardClauseFactory(number="5.1.2"), None
    clause.indicators.add(indicator.indicator)
    other = StandardClauseFactory(version=clause.version, number="5.1.3", text_zh="一次修好")
    request = actions.request_revision(clause, actor=people.asker, text_zh=NEW, reason="空跑少了一半")
    actions.take_up_revision(request, actor=people.leader)
    actions.adopt_revision(request, actor=people.leader)
    draft = StandardVersion.objects.get(state="draft")
    assert (draft.number, draft.clauses.count()) == ("V1.1", 2)
    assert [(c.number, c.before.text_zh, c.after.text_zh) for c in queries.changes(draft)] == [
        ("5.1.2", clause.text_zh, NEW)
    ]
    made = actions.publish_version(
        draft, actor=people.quality_manager, goals={"R03": {"target": 96}}, note_zh="上门前再打一次电话"
    )
    assert (made.state, made.from_cycle) == ("effective", "2026Q4")
    clause.version.refresh_from_db()
    assert clause.version.state == "superseded"
    new = IndicatorVersion.objects.get(indicator__code="R03", state="effective")
    assert (new.number, new.from_cycle, new.definition["target"]) == (2, "2026Q4", 96)
    assert queries.clause(None, clause.version.standard.code, "5.1.2").text_zh == NEW
    assert queries.clause(None, other.version.standard.code, "5.1.3").text_zh == "一次修好"
    words = {(link.from_kind, link.relation, link.to_kind) for link in Link.objects.all()}
    assert words == {
        ("clause", "revised_by", "revision"),
        ("revision", "revised_by", "standard_version"),
        ("clause", "measured_by", "indicator"),
    }
    verbs = list(Entry.objects.order_by("sequence").values_list("verb", flat=True))
    assert [verb for verb in verbs if verb.startswith("revision.")] == [
        "revision.requested",
        "revision.taken_up",
        "revision.adopted",
        "revision.published",
    ]


def test_two_revisions_of_one_clause_do_not_overwrite_each_other(people):
    clause = StandardClauseFactory()
    first = RevisionRequestFactory(clause=clause, state="in_review", asked_by=people.asker)
    second = RevisionRequestFactory(
        clause=clause, state="in_review", text_zh="别的说法", asked_by=people.asker
    )
    actions.adopt_revision(first, actor=people.leader)
    with pytest.raises(Refused) as refused:
        actions.adopt_revision(second, actor=people.leader)
    assert refused.value.code == "changed_meanwhile"
    assert StandardVersion.objects.filter(state="draft").count() == 1


def test_a_version_that_had_not_begun_is_withdrawn(people):
    MonitoringCycleFactory(code="2026Q3", state="collecting")
    clause = StandardClauseFactory(version__from_cycle="2026Q4")
    RevisionRequestFactory(clause=clause, state="in_review", asked_by=people.asker)
    actions.adopt_revision(RevisionRequest.objects.get(), actor=people.leader)
    actions.publish_version(StandardVersion.objects.get(state="draft"), actor=people.leader)
    clause.version.refresh_from_db()
    assert clause.version.state == "withdrawn"


@pytest.mark.parametrize(
    ("goals", "code"),
    [({"R99": {"target": 5}}, "wrong_indicator"), ({"R03": {"target": "viel"}}, "wrong_goal")],
)
def test_a_goal_that_cannot_be_moves_nothing(people, goals, code):
    clause = StandardClauseFactory(version__state="draft")
    indicator = IndicatorVersionFactory(indicator__code="R03")
    clause.indicators.add(indicator.indicator)
    RevisionRequestFactory(clause=clause, version=clause.version, state="adopted", asked_by=people.asker)
    with pytest.raises(Refused) as refused:
        actions.publish_version(clause.version, actor=people.leader, goals=goals)
    assert refused.value.code == code
    assert (StandardVersion.objects.get().state, IndicatorVersion.objects.count()) == ("draft", 1)


@pytest.mark.parametrize(
    ("numbers", "following"),
    [(["V3.2", "V3.10"], "V3.11"), (["V1.0"], "V1.1"), ([], "V1.0"), (["2"], "V2.1")],
)
def test_the_next_number(numbers, following):
    assert actions.next_number(numbers) == following
