"""What the archive asks of a person: the data they answer for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.ui.work import WorkItem
from bihuan.collect.upkeep import display
from bihuan.collect.upkeep.models import Reminder
from bihuan.collect.upkeep.states import ReminderState


def reminders_of(user: Any, now: datetime) -> Iterator[WorkItem]:
    """The open reminders that name this person."""
    mine = Reminder.objects.filter(person=user, state=ReminderState.OPEN).select_related("place")
    for reminder in mine:
        yield WorkItem(
            key=f"upkeep-{reminder.pk}",
            title=_("%(project)s: data from %(source)s missing")
            % {"project": reminder.place.name, "source": reminder.source},
            detail=display.gap(reminder),
            url=reverse("archive_project", args=[reminder.table, reminder.source, reminder.place.code]),
            verb=gettext_lazy("See what is missing"),
            stage=2,
            glyph="watch",
        )
