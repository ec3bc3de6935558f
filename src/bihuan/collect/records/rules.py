"""Who may import what. ``None`` is the system itself."""

from __future__ import annotations

from typing import Any

from bihuan.base.people.roles import Role

from .models import IMPORTERS, ImportBatch


def can_import(user: Any) -> bool:
    """Bring in files, for the places where one is a quality manager or administrator."""
    return user is None or (user.is_authenticated and user.is_active and user.has_any_role(*IMPORTERS))


def can_make_places(user: Any) -> bool:
    """Places that a file names and nobody has entered are made only for administrators of everything."""
    return user is None or "/" in user.paths_as(Role.ADMINISTRATOR)


def can_open(user: Any, batch: ImportBatch) -> bool:
    """See an import and send its mended rows."""
    return user is None or ImportBatch.objects.visible_to(user).filter(pk=batch.pk).exists()
