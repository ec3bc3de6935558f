"""States of a reminder and of a check, and what can be missing."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Gap(models.TextChoices):
    """What a project lacks from a source."""

    CYCLE = "cycle", _("No facts in the cycle")
    MONTHS = "months", _("Months without facts")
    INCOMPLETE = "incomplete", _("Too many incomplete rows")


class ReminderState(models.TextChoices):
    """A reminder stands until the gap is filled or the source is not expected any more."""

    OPEN = "open", pgettext_lazy("archive", "Open")
    FILLED = "filled", pgettext_lazy("archive", "Filled")
    DROPPED = "dropped", _("No longer expected")


TRANSITIONS: dict[str, frozenset[str]] = {
    ReminderState.OPEN: frozenset({ReminderState.FILLED, ReminderState.DROPPED}),
    ReminderState.FILLED: frozenset(),
    ReminderState.DROPPED: frozenset(),
}


class CheckState(models.TextChoices):
    """What came of reading the whole archive."""

    SOUND = "sound", pgettext_lazy("archive", "Whole")
    LEFTOVERS = "leftovers", _("Whole, with leftovers of a crash")
    DAMAGED = "damaged", _("Damaged")
