"""Who may do what with evaluations, cycles and reports."""

from __future__ import annotations

from typing import Any

from bihuan.assess.states import REPORT_TRANSITIONS, RUN_TRANSITIONS
from bihuan.base.people.roles import Role
from bihuan.standards.rules import may_edit as answers_for_quality
from bihuan.standards.states import CYCLE_TRANSITIONS

__all__ = ["answers_for_quality", "may_evaluate", "may_move_cycle", "may_read", "may_report"]


def may_read(user: Any) -> bool:
    """Whoever holds a role may open the pages; each sees the places of the role."""
    return bool(user.is_authenticated and user.is_active and user.visible_paths())


def may_evaluate(user: Any) -> bool:
    """An evaluation covers the whole company, so whoever answers for quality in all of it starts one."""
    return answers_for_quality(user)


def may_report(user: Any, place: Any) -> bool:
    """Who may draft and issue a report on a place."""
    return bool(user.is_authenticated) and user.has_any_role(
        Role.QUALITY_MANAGER, Role.ADMINISTRATOR, place=place
    )


def may_move_cycle(state: str, to: str) -> bool:
    """Whether a cycle may go from one state to another."""
    return to in CYCLE_TRANSITIONS[state]


def may_move_run(state: str, to: str) -> bool:
    """Whether a run may go from one state to another."""
    return to in RUN_TRANSITIONS[state]


def may_move_report(state: str, to: str) -> bool:
    """Whether a report may go from one state to another."""
    return to in REPORT_TRANSITIONS[state]
