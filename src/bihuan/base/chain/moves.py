"""Moving a record from state to state by a table of moves: the same for every kind of record.

A room's ``states.py`` holds the table, so that a state is added in one file; its ``rules.py`` says what a
person is to a record. Its actions call :func:`begin`, do what is their own, and call :func:`finish`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.base.trail.act import Refused, note

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Move:
    """An act that takes a record from one of some states to another.

    ``by`` lists the parts a person must have one of; ``past`` ends the verb of the trail and ``said`` is its
    wording; ``question`` and ``consequence`` stand in the dialog that asks before. ``offered`` moves are
    buttons of the page; the others belong to another room.
    """

    label: Any
    sources: tuple[str, ...]
    to: str
    by: tuple[str, ...]
    past: str
    said: Any
    icon: str = "arrow-right"
    needs_reason: bool = False
    question: Any = ""
    consequence: Any = ""
    offered: bool = True
    primary: bool = False
    danger: bool = False


Moves = Mapping[str, Move]


@dataclass(frozen=True)
class Family:
    """Records of one kind: the name their verbs begin with, their moves, and who is what to one of them.

    ``parts(user, row)`` gives the parts of a person, the words of which are in ``words``; ``sees(user, row)``
    whether the record is there for the person at all.
    """

    name: str
    moves: Moves
    parts: Callable[[Any, Any], Collection[str]]
    sees: Callable[[Any, Any], bool]
    words: Callable[[str], Any]

    def acts_for(self, user: Any, row: Any) -> dict[str, Move]:
        """The acts open to the person now, in the order of the table."""
        mine = set(self.parts(user, row))
        return {
            act: move
            for act, move in self.moves.items()
            if row.state in move.sources and mine & set(move.by) and self.sees(user, row)
        }

    def verbs(self) -> dict[str, Any]:
        """The verbs of the trail in words."""
        return {f"{self.name}.{move.past}": move.said for move in self.moves.values()}


def begin(family: Family, subject: M, act: str, *, actor: Any, reason: str = "") -> M:
    """Lock the row and refuse unless the person, the state and the reason allow the act."""
    move = family.moves[act]
    row: Any = type(subject)._default_manager.select_for_update().get(pk=subject.pk)
    refuse_unless_seen(family, row, actor=actor)
    if not set(family.parts(actor, row)) & set(move.by):
        who = pgettext("between alternatives", ", or ").join(str(family.words(part)) for part in move.by)
        raise Refused(
            _("“%(act)s” is only for %(who)s.") % {"act": move.label, "who": who}, "not_yours", subject=row
        )
    if row.state not in move.sources:
        raise Refused(
            _("“%(act)s” is not possible while it is “%(state)s”. Reload the page to see where it stands.")
            % {"act": move.label, "state": row.get_state_display()},
            "wrong_state",
            subject=row,
        )
    if move.needs_reason and not reason.strip():
        raise Refused(_("Write the reason, so that others understand it."), "no_reason", subject=row)
    return row


def finish(family: Family, row: M, act: str, *, actor: Any, fields: tuple[str, ...] = (), **detail: Any) -> M:
    """Put the row into its new state, save it, and leave the note on the trail."""
    move = family.moves[act]
    subject: Any = row
    subject.state, subject.state_since = move.to, timezone.now()
    subject.save(update_fields=["state", "state_since", *fields])
    place = getattr(subject, "place_path", None)
    note(actor, f"{family.name}.{move.past}", row, place=place, **detail)
    return row


def refuse_unless_seen(family: Family, row: Any, *, actor: Any) -> None:
    """To whoever may not see a record it does not exist; the page and the API answer 404."""
    if actor is not None and not family.sees(actor, row):
        raise Refused(_("There is nothing here that you may see."), "not_visible", subject=row)
