"""Every act from every state by every role: done where the table says so, else refused and on the trail."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bihuan.assess.findings import actions, proof
from bihuan.assess.findings.states import FindingState, SignalState
from bihuan.assess.models import Finding, Signal
from bihuan.base.chain import registry
from bihuan.base.chain.actions import link
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from tests.assess.findings.factories import FindingFactory, SignalFactory
from tests.base.people.factories import person
from tests.base.places.factories import company

pytestmark = pytest.mark.django_db

ROLES = (
    "quality_manager",
    "department_head",
    "leader",
    "inspector",
    "employee",
    "owner",
    "elsewhere",
    "outsider",
)
QUALITY = {"quality_manager"}
ANALYSTS = {"quality_manager", "department_head", "owner"}
EVERYBODY = set(ROLES)
CAUSE = ["两名维修工离职，没有补上"]

SIGNAL_ACTS = {
    "see": (lambda s, u: actions.see_signal(s, actor=u), {"new": "seen"}, QUALITY),
    "dismiss": (
        lambda s, u: actions.dismiss_signal(s, actor=u, reason="数据录错了"),
        {"new": "dismissed", "seen": "dismissed"},
        QUALITY,
    ),
    "open": (
        lambda s, u: actions.open_finding(signals=[s], actor=u),
        {"new": "finding", "seen": "finding"},
        QUALITY,
    ),
}
FINDING_ACTS = {
    "analyse": (
        lambda f, u: actions.analyse_finding(f, actor=u, cause=CAUSE),
        {"open": "analysed", "analysed": "analysed"},
        ANALYSTS,
    ),
    "assign": (
        lambda f, u: actions.assign_finding(f, actor=u, title_en="Repairs late"),
        {"open": "open", "analysed": "analysed", "planned": "planned", "verified": "verified"},
        QUALITY,
    ),
    "cancel": (
        lambda f, u: actions.cancel_finding(f, actor=u, reason="同一件事已有问题"),
        {"open": "cancelled", "analysed": "cancelled"},
        QUALITY,
    ),
    "close": (lambda f, u: actions.close_finding(f, actor=u), {"verified": "closed"}, QUALITY),
    "plan": (
        lambda f, u: actions.mark_planned(f, actor=u),
        {"analysed": "planned", "planned": "planned"},
        EVERYBODY,
    ),
    "verify": (
        lambda f, u: actions.mark_verified(f, actor=u, effect=("effect", "good")),
        {"planned": "verified", "verified": "verified"},
        EVERYBODY,
    ),
    "reopen": (
        lambda f, u: actions.reopen_finding(f, actor=u, reason="计划没有起作用"),
        {"planned": "analysed", "verified": "analysed", "closed": "analysed"},
        EVERYBODY,
    ),
}


@pytest.fixture
def effects(monkeypatch):
    """Effects as the room above would register them: one that proves, one that does not."""
    known = {"good", "bad"}
    kind = registry.Kind(
        name="effect",
        label="effect",
        find=lambda number: number if number in known else None,
        show=lambda number: registry.Shown(number, number),
        visible=lambda user, number: True,
        station="effect",
    )
    monkeypatch.setitem(registry._kinds, "effect", kind)
    monkeypatch.setattr(proof, "_proofs", [])
    proof.register_proof(lambda kind, number: (kind, number) == ("effect", "good"))


@pytest.fixture
def people():
    """One person of each role at one project; one quality manager of another project; one without a role."""
    tree = company()
    found = {role: person(role, tree.p1) for role in ROLES[:5]}
    found["owner"] = person("employee", tree.p1)
    found["elsewhere"] = person("quality_manager", tree.p2)
    found["outsider"] = person()
    return SimpleNamespace(place=tree.p1, other=tree.p2, **found)


def refusals() -> int:
    return Entry.objects.filter(verb="refused").count()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", SignalState.values)
@pytest.mark.parametrize("name", SIGNAL_ACTS)
def test_a_signal_moves_only_as_the_table_says(people, name, state, role):
    run, moves, allowed = SIGNAL_ACTS[name]
    signal = SignalFactory(place=people.place, state=state)
    if state in moves and role in allowed:
        run(signal, getattr(people, role))
        assert Signal.objects.get().state == moves[state]
        assert refusals() == 0
        return
    with pytest.raises(Refused):
        run(signal, getattr(people, role))
    assert Signal.objects.get().state == state
    assert refusals() == 1


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", FindingState.values)
@pytest.mark.parametrize("name", FINDING_ACTS)
def test_a_finding_moves_only_as_the_table_says(people, effects, name, state, role):
    run, moves, allowed = FINDING_ACTS[name]
    finding = FindingFactory(place=people.place, state=state, cause=CAUSE, owner=people.owner)
    link(("finding", finding.code), "proved_by", ("effect", "good"), actor=None)
    if state in moves and role in allowed:
        run(finding, getattr(people, role))
        assert Finding.objects.get().state == moves[state]
        assert refusals() == 0
        return
    with pytest.raises(Refused):
        run(finding, getattr(people, role))
    assert Finding.objects.get().state == state
    assert refusals() == 1


def test_no_finding_closes_without_proof(people, effects):
    finding = FindingFactory(place=people.place, state="verified", cause=CAUSE)
    with pytest.raises(Refused) as refused:
        actions.close_finding(finding, actor=people.quality_manager)
    assert refused.value.code == "no_proof"
    link(("finding", finding.code), "proved_by", ("effect", "bad"), actor=None)
    with pytest.raises(Refused):
        actions.close_finding(finding, actor=people.quality_manager)
    link(("finding", finding.code), "proved_by", ("effect", "missing"), actor=None)
    with pytest.raises(Refused):
        actions.close_finding(finding, actor=people.quality_manager)
    assert Finding.objects.get().state == "verified"
    assert refusals() == 3


def test_an_effect_that_proves_nothing_verifies_nothing(people, effects):
    finding = FindingFactory(place=people.place, state="planned", cause=CAUSE)
    with pytest.raises(Refused) as refused:
        actions.mark_verified(finding, actor=people.quality_manager, effect=("effect", "bad"))
    assert refused.value.code == "no_proof"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda s, f, u: actions.dismiss_signal(s, actor=u, reason="  "), "no_reason"),
        (lambda s, f, u: actions.cancel_finding(f, actor=u, reason=""), "no_reason"),
        (lambda s, f, u: actions.analyse_finding(f, actor=u, cause=["", " "]), "no_cause"),
        (lambda s, f, u: actions.analyse_finding(f, actor=u, cause=["为什么"] * 6), "long_cause"),
        (lambda s, f, u: actions.open_finding(actor=u), "no_source"),
        (lambda s, f, u: actions.assign_finding(f, actor=u, title_zh=" "), "no_title"),
    ],
)
def test_what_is_left_out_is_asked_for(people, act, code):
    signal = SignalFactory(place=people.place)
    finding = FindingFactory(place=people.place)
    with pytest.raises(Refused) as refused:
        act(signal, finding, people.quality_manager)
    assert refused.value.code == code
    assert refusals() == 1


def test_somebody_who_would_not_see_it_cannot_answer_for_it(people):
    finding = FindingFactory(place=people.place)
    with pytest.raises(Refused) as refused:
        actions.assign_finding(finding, actor=people.quality_manager, owner=people.outsider)
    assert refused.value.code == "wrong_owner"
