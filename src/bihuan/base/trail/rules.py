from __future__ import annotations

from typing import Any


def can_read(user: Any) -> bool:
    """Administrators read the whole trail."""
    return bool(getattr(user, "is_authenticated", False) and user.has_role("administrator"))
