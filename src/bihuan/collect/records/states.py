"""States of an import and the moves between them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportState(models.TextChoices):
    """How far an import is. With bad rows kept apart it has issues until they came back mended."""

    RECEIVED = "received", _("Received")
    CHECKED = "checked", _("Checked")
    HAS_ISSUES = "has_issues", _("Has issues")
    ACCEPTED = "accepted", _("In the archive")
    REJECTED = "rejected", _("Sent back")


TRANSITIONS: dict[str, frozenset[str]] = {
    # A run that was cut off begins anew with the file it received, so checked may be reached again.
    ImportState.RECEIVED: frozenset({ImportState.RECEIVED, ImportState.CHECKED, ImportState.REJECTED}),
    ImportState.CHECKED: frozenset(
        {ImportState.CHECKED, ImportState.HAS_ISSUES, ImportState.ACCEPTED, ImportState.REJECTED}
    ),
    ImportState.HAS_ISSUES: frozenset({ImportState.ACCEPTED}),
    ImportState.ACCEPTED: frozenset(),
    ImportState.REJECTED: frozenset({ImportState.RECEIVED}),
}
ENDED = frozenset({ImportState.HAS_ISSUES, ImportState.ACCEPTED, ImportState.REJECTED})
