"""What the archive asks of a person, and what stands at stage 2 of the loop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from bihuan.base.ui.work import StageCount, WorkItem
from bihuan.collect.upkeep import display, queries
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


def gaps_stage(user: Any, place: Any, cycle: Any) -> StageCount:
    """Stage 2: what projects lack from their sources, of whatever cycle."""
    where = getattr(place, "subject", place)
    rows = queries.reminders(user, where)
    counted = rows.order_by().aggregate(n=Count("pk"), oldest=Min("made_at"))
    kept = queries.holdings(user, where).order_by().values("table", "source", "project").distinct().count()
    lacking = rows.order_by().values("table", "source", "place").distinct().count()
    oldest = counted["oldest"]
    return StageCount(
        stage=2,
        count=counted["n"],
        sentence=ngettext_lazy("gap in the data", "gaps in the data", counted["n"]),
        overdue=0,
        oldest_days=max((timezone.now() - oldest).days, 0) if oldest else 0,
        share_done=max(0.0, 1 - lacking / kept) if kept else 1.0,
        url=reverse("archive_missing") + (f"?place={where.code}" if where is not None else ""),
    )
