"""Who is what to a signal or a finding; which act needs which part stands in ``states.py``.

``None`` is the system itself, which may do what the table allows to anybody.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bihuan.assess.findings.models import READERS, Finding, Signal
from bihuan.assess.findings.states import FINDING_MOVES, SIGNAL_MOVES, Part
from bihuan.base.chain.moves import Family
from bihuan.base.people.models import User
from bihuan.base.people.roles import Role
from bihuan.base.places.models import Place

ALL_PARTS = frozenset(Part.values)


def may_read_some(user: Any) -> bool:
    """Whether the pages of signals and findings are there for the person at all."""
    return bool(user.is_authenticated and user.is_active and user.visible_paths())


def reads_place(user: Any, place: Place) -> bool:
    """Whether the person answers for the place and so reads what is wrong there."""
    return bool(user.has_any_role(*READERS, place=place))


def sees_signal(user: Any, signal: Signal) -> bool:
    """Whether the signal is there for the person."""
    return reads_place(user, signal.place)


def sees_finding(user: Any, finding: Finding) -> bool:
    """Whether the finding is there for the person."""
    return user.is_active and (finding.owner_id == user.pk or reads_place(user, finding.place))


def signal_parts(user: Any, signal: Signal) -> frozenset[str]:
    """What the person is to a signal."""
    if user is None:
        return ALL_PARTS
    return frozenset({Part.QUALITY} if opens_findings_at(user, signal.place) else ())


def finding_parts(user: Any, finding: Finding) -> frozenset[str]:
    """What the person is to a finding."""
    if user is None:
        return ALL_PARTS
    if not user.is_active:
        return frozenset()
    found = {
        Part.QUALITY: opens_findings_at(user, finding.place),
        Part.OWNER: finding.owner_id == user.pk,
        Part.HEAD: _heads(user, finding),
        # Who may act on a plan is for the plan to say; that it moves its findings is checked there.
        Part.PLANNER: True,
    }
    return frozenset(part for part, is_so in found.items() if is_so)


def _heads(user: User, finding: Finding) -> bool:
    """The head of the finding's department at its place; before one is named, any department head there."""
    if not user.has_role(Role.DEPARTMENT_HEAD, finding.place):
        return False
    return finding.department_id is None or user.department_id in (None, finding.department_id)


def opens_findings_at(user: Any, place: Place) -> bool:
    """Who decides at a place what is a finding."""
    return user is None or bool(user.has_role(Role.QUALITY_MANAGER, place))


def may_plan(user: Any, finding: Finding) -> bool:
    """Who is offered to draw up a plan for it; the plan's own room checks again."""
    return bool(user.has_any_role(Role.QUALITY_MANAGER, Role.DEPARTMENT_HEAD, place=finding.place))


def may_answer_for(user: User, place: Place) -> bool:
    """Whether a finding of the place may be given to this person: somebody in use who works there."""
    return user.is_active and user.sees(place)


SIGNALS = Family("signal", SIGNAL_MOVES, signal_parts, sees_signal, lambda part: Part(part).label)
FINDINGS = Family("finding", FINDING_MOVES, finding_parts, sees_finding, lambda part: Part(part).label)
# What a plan does to its findings: that the person may act on the plan was checked there.
OF_PLANS = replace(FINDINGS, sees=lambda user, _finding: user.is_active)
