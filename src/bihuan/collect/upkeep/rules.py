"""Who sees how the archive is kept, and who may say who keeps it. ``None`` is the system itself."""

from __future__ import annotations

from typing import Any

from bihuan.base.people.roles import Role

READERS = (Role.ADMINISTRATOR, Role.QUALITY_MANAGER, Role.DEPARTMENT_HEAD, Role.LEADER)
KEEPERS = (Role.ADMINISTRATOR, Role.QUALITY_MANAGER)


def may_read(user: Any) -> bool:
    """Open the pages of the archive, each for the places one sees."""
    return bool(user.is_authenticated and user.has_any_role(*READERS))


def _company_wide(user: Any) -> bool:
    """Holds a keeping role for everything, or at the company, whose path is one id between slashes."""
    return any(path.count("/") <= 2 for path in user.paths_as(*KEEPERS))


def may_see_batches(user: Any) -> bool:
    """Batches and checks concern the archive as a whole."""
    return bool(user.is_authenticated) and _company_wide(user)


def may_name_keeper(user: Any) -> bool:
    """Say who answers for a source, which serves all projects alike."""
    return user is None or _company_wide(user)
