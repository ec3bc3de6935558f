"""Who may do what with places and households. ``None`` is the system itself."""

from __future__ import annotations

from typing import Any

from .kinds import ADMINISTRATOR, PARENTS, READ_HOUSEHOLDS, Kind
from .models import Place


def can_open_tree(user: Any) -> bool:
    """The page of the whole tree is for administrators, of any part of it."""
    return user.is_authenticated and user.has_role(ADMINISTRATOR)


def can_manage(user: Any, place: Place | None) -> bool:
    """Change a place, or put something under it; ``None`` is the root, above every company."""
    if user is None:
        return True
    if place is None:
        return "/" in user.paths_as(ADMINISTRATOR)
    return user.has_role(ADMINISTRATOR, place)


def can_read_households(user: Any, place: Place) -> bool:
    """See the households of a place, masked, and look at one in full on the trail."""
    return user is None or user.has_any_role(*READ_HOUSEHOLDS, place=place)


def fits_under(kind: str, parent: Place | None) -> bool:
    """Whether a place of this level may stand under that one."""
    if parent is None:
        return kind == Kind.COMPANY
    return parent.kind in PARENTS[kind]
