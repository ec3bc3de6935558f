from __future__ import annotations

from typing import Any


def can_read(user: Any) -> bool:
    """Whoever is signed in sees when work is done."""
    return bool(getattr(user, "is_authenticated", False))


def can_edit(user: Any) -> bool:
    """Administrators and quality managers; the system (``None``) too."""
    return user is None or (can_read(user) and user.has_any_role("administrator", "quality_manager"))
