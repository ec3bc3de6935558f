from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs.schedule import scheduled

from . import actions


@scheduled("sheets-forget", daily="03:50", title=_("Forget rows of files that were never mended"))
def forget_rejected_rows() -> None:
    """Rows kept apart hold names and phones; after some weeks nobody mends them any more."""
    actions.forget_rejected_rows(actor=None)
