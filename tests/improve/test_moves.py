"""Every state, act and part: refusals are alike on the page, in the API, in the command and in the action.

A refused act changes nothing, and stands on the trail.

What is allowed is written down here by hand, apart from the tables of ``states.py``: a slip there shows here.
"""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from django.db import transaction
from django.urls import reverse

from bihuan.base.people.actions import make_token
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from bihuan.config.commands.plans import plan as command
from bihuan.improve.actions import perform
from bihuan.improve.models import ImprovementPlan
from bihuan.improve.states import ACTION_MOVES, PLAN_MOVES, PlanState
from tests.improve import factories
from tests.improve.factories import ROLES

SEES = {"owner", "quality", "leader", "inspector", "assignee"}
# state -> act -> who may; the act's new state is what the loop's tests look at
ALLOWED = {
    "draft": {"submit": {"owner", "quality"}, "revise": {"owner", "quality"}},
    "submitted": {
        "withdraw": {"owner", "quality"},
        "approve": {"leader"},
        "return": {"leader"},
        "revise": {"owner", "quality"},
    },
    "returned": {"revise": {"owner", "quality"}},
    "approved": {"start": {"owner", "quality"}, "revise": {"owner", "quality"}},
    "executing": {"evaluate": set()},  # allowed by state, kept back by actions that are not verified
    "evaluating": {"evaluate": {"quality"}, "close": set()},  # nothing to close without proof
    "closed": {},
    "ineffective": {"revise": {"owner", "quality"}},
}
# who has the part that an act asks for, whatever the state
HAS_PART = {
    "submit": {"owner", "quality"},
    "withdraw": {"owner", "quality"},
    "approve": {"leader"},
    "return": {"leader"},
    "revise": {"owner", "quality"},
    "start": {"owner", "quality"},
    "evaluate": {"quality"},
    "close": {"quality"},
    "fail": set(),
}


def bring(world, state: str) -> ImprovementPlan:
    plan = factories.plan_in(world, "carried_out" if state == "evaluating" else state)
    if state == "evaluating":
        factories.measured(world, factories.BASE)
        plan = perform(plan, "evaluate", actor=world.quality).plan
        plan.refresh_from_db()
    assert plan.state == state
    return plan


def test_the_tables_here_name_every_state_and_act():
    assert set(ALLOWED) == set(PlanState.values)
    assert set(HAS_PART) == set(PLAN_MOVES)


@pytest.mark.parametrize("state", PlanState.values)
def test_every_act_of_everybody_in_every_state(world, state):
    """All acts times all roles; each allowed one is tried in a transaction that is then taken back."""
    plan = bring(world, state)
    outcomes, expected = {}, {}
    for act in PLAN_MOVES:
        for role in ROLES:
            expected[act, role] = _expected(state, act, role)
            before = Entry.objects.filter(verb="refused").count()
            with transaction.atomic():
                outcomes[act, role] = _try(world, plan, act, role)
                refusals = Entry.objects.filter(verb="refused").count() - before
                transaction.set_rollback(True)
            assert refusals == (0 if outcomes[act, role] == "ok" else 1), (act, role)
    assert outcomes == expected


def _expected(state: str, act: str, role: str) -> str:
    if role not in SEES:
        return "not_visible"
    if role not in HAS_PART[act]:
        # who wrote or owns a plan is told so, where only that stands in the way
        own = act in ("approve", "return") and role in ("owner", "quality")
        return "own_plan" if own else "not_yours"
    if state not in PLAN_MOVES[act].sources:
        return "wrong_state"
    if role in ALLOWED[state].get(act, set()):
        return "ok"
    return {"evaluate": "not_carried_out", "close": "no_proof"}[act]


def _try(world, plan, act: str, role: str) -> str:
    given = {"reason": "理由", "fingerprint": ""}
    if act == "approve" and plan.state == "submitted":
        given["fingerprint"] = factories.fingerprint(plan)
    try:
        perform(plan, act, actor=getattr(world, role), **given)
    except Refused as refusal:
        return refusal.code
    return "ok"


# One refusal of every kind, through every door: state, act, role, fields, code.
REFUSED = [
    ("submitted", "approve", "owner", {}, "own_plan"),
    ("submitted", "approve", "quality", {}, "own_plan"),
    ("submitted", "approve", "inspector", {}, "not_yours"),
    ("submitted", "approve", "leader", {"fingerprint": "0" * 64}, "other_version"),
    ("submitted", "approve", "leader", {"fingerprint": ""}, "other_version"),
    ("submitted", "return", "leader", {"reason": " "}, "no_reason"),
    ("draft", "approve", "leader", {}, "wrong_state"),
    ("approved", "approve", "leader", {}, "wrong_state"),
    ("approved", "start", "leader", {}, "not_yours"),
    ("executing", "submit", "owner", {}, "wrong_state"),
    ("executing", "evaluate", "quality", {}, "not_carried_out"),
    ("executing", "close", "quality", {}, "wrong_state"),
    ("closed", "revise", "owner", {}, "wrong_state"),
    ("submitted", "approve", "leader_elsewhere", {}, "not_visible"),
    ("submitted", "withdraw", "contractor", {}, "not_visible"),
    ("submitted", "return", "employee", {}, "not_visible"),
    ("submitted", "approve", "outsider", {}, "not_visible"),
]


@pytest.mark.parametrize("door", ["action", "page", "api", "command"])
@pytest.mark.parametrize(("state", "act", "role", "fields", "code"), REFUSED)
def test_page_api_and_command_refuse_alike(client, world, door, state, act, role, fields, code):
    plan = bring(world, state)
    actor = getattr(world, role)
    assert DOORS[door](client, plan, act, actor, fields) == (
        code if door in ("action", "command") else (404, "") if code == "not_visible" else (409, code)
    )
    plan.refresh_from_db()
    assert plan.state == state
    entry = Entry.objects.filter(verb="refused").latest("sequence")
    assert (entry.actor_id, entry.subject_id, entry.detail["code"]) == (actor.pk, str(plan.pk), code)


def _by_action(client, plan, act, actor, fields):
    with pytest.raises(Refused) as refusal:
        perform(plan, act, actor=actor, **fields)
    return refusal.value.code


def _by_page(client, plan, act, actor, fields):
    client.force_login(actor)
    answer = client.post(reverse("act_on_plan", args=[plan.code, act]), fields)
    code = Entry.objects.filter(verb="refused").latest("sequence").detail["code"]
    return answer.status_code, "" if answer.status_code == 404 else code


def _by_api(client, plan, act, actor, fields):
    _row, secret = make_token(actor=actor, name="test")
    answer = client.post(
        f"/api/v1/plans/{plan.code}/{act}",
        json.dumps(fields),
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    return answer.status_code, answer.json()["code"] if answer.status_code == 409 else ""


def _by_command(client, plan, act, actor, fields):
    given = [item for name, value in fields.items() for item in (f"--{name}", value)]
    result = CliRunner().invoke(command, [plan.code, act, "--as", actor.employee_number, "--json", *given])
    assert result.exit_code == 1, result.output
    return json.loads(result.output)["refused"]


DOORS = {"action": _by_action, "page": _by_page, "api": _by_api, "command": _by_command}


def test_the_three_doors_do_the_same_where_it_is_allowed(client, world):
    plan = bring(world, "draft")
    result = CliRunner().invoke(command, [plan.code, "submit", "--as", world.owner.employee_number])
    assert result.exit_code == 0, result.output
    client.force_login(world.leader)
    answer = client.post(
        reverse("act_on_plan", args=[plan.code, "approve"]), {"fingerprint": factories.fingerprint(plan)}
    )
    assert answer.status_code == 302
    client.force_login(world.owner)
    answer = client.post(f"/api/v1/plans/{plan.code}/start", "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "executing")


CHECKERS = {"quality", "inspector"}
ACTION_ALLOWED = {
    "todo": {"progress": {"assignee", "owner"}, "finish": {"assignee", "owner"}},
    "in_progress": {"progress": {"assignee", "owner"}, "finish": {"assignee", "owner"}},
    "done": {"verify": CHECKERS, "send_back": CHECKERS},
    "verified": {},
}


@pytest.mark.parametrize("state", ACTION_ALLOWED)
def test_every_act_of_everybody_on_an_action(world, state):
    plan = factories.plan_in(world, "executing")
    action = plan.actions.last()  # its proof is a note
    if state != "todo":
        perform(action, "progress", actor=world.assignee, text="开始了")
    if state in ("done", "verified"):
        perform(action, "finish", actor=world.assignee, text="做完了")
    if state == "verified":
        perform(action, "verify", actor=world.quality)
    action.refresh_from_db()
    assert action.state == state
    allowed = set()
    for act in ACTION_MOVES:
        for role in ROLES:
            with transaction.atomic():
                try:
                    perform(action, act, actor=getattr(world, role), text="说明", reason="理由")
                    allowed.add((act, role))
                except Refused:
                    pass
                transaction.set_rollback(True)
    assert allowed == {(act, role) for act, roles in ACTION_ALLOWED[state].items() for role in roles}


def test_nobody_verifies_what_they_reported_themselves(world):
    plan = factories.plan_in(world, "executing")
    ImprovementPlan.objects.filter(pk=plan.pk).update(
        owner=world.quality
    )  # as a handover of duties leaves it
    action = plan.actions.last()
    perform(action, "finish", actor=world.quality, text="做完了")
    with pytest.raises(Refused) as refusal:
        perform(action, "verify", actor=world.quality)
    assert refusal.value.code == "own_action"
