"""What passes on when somebody hands over: reminders of missing data, and the sources they answer for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.base.people import handover
from bihuan.collect.upkeep.models import Keeper, Reminder
from bihuan.collect.upkeep.states import ReminderState


def register() -> None:
    """Tell the page of handing over; called once the apps are loaded."""
    for field, tell in (("person", handover.register), ("department", handover.register_departments)):
        tell(
            "reminders", _("Reminders of missing data"), count=_count(_open, field), move=_pass(_open, field)
        )
        tell("sources", _("Sources they answer for"), count=_count(_kept, field), move=_pass(_kept, field))


def _open() -> Any:
    return Reminder.objects.filter(state=ReminderState.OPEN)


def _kept() -> Any:
    return Keeper.objects.all()


def _count(rows: Callable[[], Any], field: str) -> handover.Count:
    return lambda giver: rows().filter(**{field: giver}).count()


def _pass(rows: Callable[[], Any], field: str) -> handover.Move:
    return lambda giver, taker, actor: rows().filter(**{field: giver}).update(**{field: taker})
