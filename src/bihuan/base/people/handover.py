"""Open work that passes from one person to another, or from one department to another.

The rooms above know what is open; they register it here in ``AppConfig.ready``::

    handover.register(
        "findings", _("Findings to find the cause of"), count=open_findings_of, move=give_findings
    )

``count(giver)`` gives how many things are open; ``move(giver, taker, actor)`` passes them all on inside the
act of handing over and gives how many it moved. Nothing may be left afterwards: ``count`` is asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import Department, User

Count = Callable[[Any], int]
Move = Callable[[Any, Any, Any], int]


@dataclass(frozen=True)
class Duty:
    """One kind of open work: its name for programs, its label for people, and how it is counted and moved."""

    name: str
    label: Any
    count: Count
    move: Move


@dataclass(frozen=True)
class Open:
    """How much of one kind of work is open with somebody."""

    duty: Duty
    count: int

    @property
    def label(self) -> Any:
        """What it is, in words."""
        return self.duty.label


_of_people: dict[str, Duty] = {}
_of_departments: dict[str, Duty] = {}


def register(name: str, label: Any, *, count: Count, move: Move) -> None:
    """Say what people can have open; the same name again replaces it."""
    _of_people[name] = Duty(name, label, count, move)


def register_departments(name: str, label: Any, *, count: Count, move: Move) -> None:
    """Say what departments can have open; the same name again replaces it."""
    _of_departments[name] = Duty(name, label, count, move)


def open_with(giver: User | Department) -> list[Open]:
    """Everything that is open with a person or a department, in the order in which it was registered."""
    known = _of_people if isinstance(giver, User) else _of_departments
    found = [Open(duty, duty.count(giver)) for duty in known.values()]
    return [one for one in found if one.count]


def said(found: list[Open]) -> str:
    """What is open in one phrase: ``Findings 2, actions 3``."""
    return _(", ").join(_("%(label)s %(count)d") % {"label": one.label, "count": one.count} for one in found)


def _headed(person: User) -> int:
    return Department.objects.filter(head=person).count()


def _pass_headship(giver: User, taker: User, actor: Any) -> int:
    return Department.objects.filter(head=giver).update(head=taker)


def register_own() -> None:
    """What this room itself knows: departments need a head who is there."""
    register("departments", gettext_lazy("Departments they head"), count=_headed, move=_pass_headship)
