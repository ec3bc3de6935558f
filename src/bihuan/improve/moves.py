"""The families of moves of this room, carried out by :mod:`bihuan.base.chain.moves`."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from bihuan.base.chain import moves as base
from bihuan.base.trail.act import Refused
from bihuan.improve import rules
from bihuan.improve.models import Action, ImprovementPlan, Lesson, ManagementReport
from bihuan.improve.states import FAMILIES, Part

M = TypeVar("M", bound=models.Model)
NAMES: dict[type[models.Model], str] = {
    ImprovementPlan: "plan",
    Action: "action",
    ManagementReport: "management_report",
    Lesson: "lesson",
}
BY_NAME = {
    name: base.Family(name, moves, rules.parts, rules.may_see, lambda part: Part(part).label)
    for name, moves in FAMILIES.items()
}


def family_of(subject: Any) -> base.Family:
    """The moves a record goes by."""
    return BY_NAME[NAMES[type(subject)]]


def begin(subject: M, act: str, *, actor: Any, reason: str = "") -> M:
    """Lock the row and refuse unless the act is known and the person, the state and the reason allow it."""
    family = family_of(subject)
    if act not in family.moves:
        raise Refused(
            _("There is no act “%(act)s” here. Known are: %(known)s.")
            % {"act": act, "known": ", ".join(family.moves)},
            code="no_such_act",
            subject=subject,
        )
    try:
        return base.begin(family, subject, act, actor=actor, reason=reason)
    except Refused as refusal:
        if refusal.code == "not_yours":
            _say_why(refusal, family.moves[act], actor)
        raise


def _say_why(refusal: Refused, move: base.Move, actor: Any) -> None:
    """Raise a sentence of its own where a person lacks a part only because of what they did themselves."""
    row: Any = refusal.subject
    if actor is None:
        return
    if Part.APPROVER in move.by and rules.had_a_part(actor, row):
        raise Refused(
            _("Nobody approves or returns a plan they own, wrote or submitted. Ask another leader."),
            code="own_plan",
            subject=row,
        ) from refusal
    if Part.CHECKER in move.by and actor.pk in (row.assignee_id, row.done_by_id):
        raise Refused(
            _("Nobody verifies what they carried out or reported themselves. Ask the quality manager."),
            code="own_action",
            subject=row,
        ) from refusal


def finish(row: M, act: str, *, actor: Any, fields: tuple[str, ...] = (), **detail: Any) -> M:
    """Put the row into its new state, save it, and note it on the trail; empty details are left out."""
    said = {name: value for name, value in detail.items() if value not in ("", None)}
    return base.finish(family_of(row), row, act, actor=actor, fields=fields, **said)


def advance(subject: M, act: str, *, actor: Any, reason: str = "") -> M:
    """A move that needs nothing but the row's own state."""
    row = begin(subject, act, actor=actor, reason=reason)
    return finish(row, act, actor=actor, reason=reason.strip())


def refuse_unless_seen(subject: Any, *, actor: Any) -> None:
    """To whoever may not see a record it does not exist; the page and the API answer 404."""
    if not rules.may_see(actor, subject):
        raise Refused(_("There is nothing here that you may see."), code="not_visible", subject=subject)


def acts_for(user: Any, subject: Any) -> dict[str, base.Move]:
    """The acts open to the person now, in the order of ``states.py``."""
    if isinstance(subject, Action) and not rules.under_way(subject.plan):
        return {}
    mine = rules.parts(user, subject)
    return {
        act: move
        for act, move in family_of(subject).moves.items()
        if subject.state in move.sources
        and mine & set(move.by)
        and (not isinstance(subject, ImprovementPlan) or rules.ready_for(subject, act))
    }
