"""Who may do what with standards."""

from __future__ import annotations

from typing import Any

from bihuan.base.people.roles import Role
from bihuan.standards.states import VERSION_TRANSITIONS


def may_read(user: Any) -> bool:
    """Standards are common property: whoever holds any role may read them."""
    return bool(user.is_authenticated and user.is_active and user.visible_paths())


def may_edit(user: Any) -> bool:
    """Only those who answer for quality in the whole company change what it is measured by."""
    return bool(user.is_authenticated) and "/" in _company_paths(user)


def _company_paths(user: Any) -> set[str]:
    """Paths of the user's editing roles; one at the company itself counts as everywhere."""
    paths = set(user.paths_as(Role.QUALITY_MANAGER, Role.ADMINISTRATOR))
    # The company is the root of the tree: its path is a single id between slashes.
    return {"/" if path.count("/") <= 2 else path for path in paths}


def may_move(state: str, to: str) -> bool:
    """Whether a version may go from one state to another."""
    return to in VERSION_TRANSITIONS[state]
