"""Words for what the pages of the archive show."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from bihuan.base.ui import formats
from bihuan.collect.upkeep.models import Reminder
from bihuan.collect.upkeep.states import CheckState, Gap, ReminderState

TABLES: dict[str, Any] = {
    "answers": gettext_lazy("Survey answers"),
    "samples": gettext_lazy("Sample households"),
    "work_orders": gettext_lazy("Work orders"),
    "feedback": gettext_lazy("Customer feedback"),
    "inspection_items": gettext_lazy("Check items"),
    "tasks": gettext_lazy("Planned tasks"),
    "assets": gettext_lazy("Assets"),
    "exposure": gettext_lazy("Size of projects"),
    "measurements": gettext_lazy("Values from other systems"),
}
PROBLEMS: dict[str, Any] = {
    "missing": gettext_lazy("a file is missing"),
    "changed": gettext_lazy("a file is not the one that was published"),
    "size": gettext_lazy("a file is half-written"),
    "rows": gettext_lazy("a file has another number of rows"),
    "schema": gettext_lazy("a file has other columns"),
    "unreadable": gettext_lazy("a line of the manifest cannot be read"),
    "chain": gettext_lazy("a line of the manifest was altered"),
    "altered": gettext_lazy("the end of the manifest was altered"),
    "cut": gettext_lazy("the end of the manifest was cut off"),
    "not_erased": gettext_lazy("a purged file is still there"),
    "stray": gettext_lazy("a file that no batch published"),
    "torn": gettext_lazy("an unfinished last line"),
    "unfinished": gettext_lazy("files of an interrupted batch"),
}
CHECK_STATUS = {CheckState.SOUND: "met", CheckState.LEFTOVERS: "watch", CheckState.DAMAGED: "miss"}
REMINDER_STATUS = {
    ReminderState.OPEN: "waiting",
    ReminderState.FILLED: "done",
    ReminderState.DROPPED: "not_applicable",
}


def table(name: str) -> str:
    """The kind of record, in words."""
    return str(TABLES.get(name, name))


def problem(kind: str) -> str:
    """What is wrong with the archive, in words."""
    return str(PROBLEMS.get(kind, kind))


def share(part: int | None, whole: int | None) -> str:
    """A share of rows, rounded down so that 100% means all."""
    if not whole:
        return "—"
    return formats.percent(int(1000 * (part or 0) / whole) / 1000)


def gap(reminder: Reminder) -> str:
    """What a project lacks, in a sentence without its name."""
    cycle = formats.cycle_name(reminder.cycle)
    if reminder.gap == Gap.CYCLE:
        return _("No facts in %(cycle)s") % {"cycle": cycle}
    if reminder.gap == Gap.MONTHS:
        months = [formats.cycle_short(month) for month in reminder.detail.get("months", [])]
        return _("No facts for %(months)s") % {"months": pgettext("archive", ", ").join(months)}
    complete = share(reminder.detail.get("complete"), reminder.detail.get("rows"))
    return _("Only %(share)s of the rows in %(cycle)s are complete") % {"share": complete, "cycle": cycle}


def reminded(reminder: Reminder) -> str:
    """Who was reminded."""
    if reminder.person is not None and reminder.department is not None:
        return _("%(person)s, %(department)s") % {
            "person": reminder.person,
            "department": reminder.department.name,
        }
    if reminder.person is not None:
        return str(reminder.person)
    if reminder.department is not None:
        return str(reminder.department.name)
    return _("nobody answers for it yet")


def days(count: int) -> str:
    """A number of days, in words."""
    return ngettext("%(n)d day", "%(n)d days", count) % {"n": count}
