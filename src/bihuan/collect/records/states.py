"""States of an import and the moves between them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class ImportState(models.TextChoices):
    """How far an import is. With bad rows kept apart it has issues until they came back mended."""

    RECEIVED = "received", pgettext_lazy("import", "Received")
    CHECKED = "checked", pgettext_lazy("import", "Checked")
    HAS_ISSUES = "has_issues", pgettext_lazy("import", "Has issues")
    ACCEPTED = "accepted", pgettext_lazy("import", "In the archive")
    REJECTED = "rejected", pgettext_lazy("import", "Sent back")


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
