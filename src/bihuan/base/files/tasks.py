from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bihuan.base.files import actions
from bihuan.base.jobs.schedule import scheduled


@scheduled("files-clear-unused", daily="03:20", title=_("Clear files that nothing refers to"))
def clear_unused() -> int:
    """Delete what rolled-back uploads and removed attachments left."""
    return actions.clear_unused()
