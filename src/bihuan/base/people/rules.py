"""Who may do what with people, departments, contractors and roles. ``None`` is the system itself."""

from __future__ import annotations

from typing import Any

from bihuan.base.places.models import Place

from .models import EVERYWHERE, RoleGrant, User
from .roles import Role


def keeps_people(user: Any) -> bool:
    """Administrators of any place keep people."""
    return user is None or (user.is_authenticated and user.has_role(Role.ADMINISTRATOR))


def keeps_company(user: Any) -> bool:
    """Administrators of everything, or of a whole company, keep departments and contractors."""
    return user is None or (
        user.is_authenticated and any(path.count("/") <= 2 for path in user.paths_as(Role.ADMINISTRATOR))
    )


def keeps_everywhere(user: Any) -> bool:
    """Administrators with no limit of place."""
    return user is None or EVERYWHERE in user.paths_as(Role.ADMINISTRATOR)


def keeps_person(user: Any, person: User) -> bool:
    """Change a person: every role of theirs must lie where the administrator's own right lies.

    Otherwise the keeper of one project could take the account of whoever stands above.
    """
    if user is None:
        return True
    if not keeps_people(user):
        return False
    own = user.paths_as(Role.ADMINISTRATOR)
    return all(any(path.startswith(above) for above in own) for path in _paths(person))


def _paths(person: User) -> list[str]:
    found = RoleGrant.objects.filter(user=person).values_list("place__path", flat=True)
    return [path or EVERYWHERE for path in found]


def gives_role_at(user: Any, place: Place | None) -> bool:
    """Give or take roles at a place; ``None`` is everywhere."""
    if user is None:
        return True
    return keeps_everywhere(user) if place is None else user.has_role(Role.ADMINISTRATOR, place)
