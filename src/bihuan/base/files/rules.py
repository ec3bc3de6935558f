from __future__ import annotations

from typing import Any

from bihuan.base.files.models import Attachment


def can_remove(user: Any, attachment: Attachment) -> bool:
    """Whoever added it, and administrators."""
    return user is None or attachment.owner_id == user.pk or user.has_role("administrator")
