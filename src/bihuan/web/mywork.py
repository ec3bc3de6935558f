"""My work: what is mine to do, sorted by when, and the sentence that says how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.ui.formats import clock, day
from bihuan.base.ui.parts import Verdict
from bihuan.base.ui.work import WorkItem, work_of

GROUPS = ("overdue", "today", "week", "later", "open")


@dataclass(frozen=True)
class Row:
    """One work item as the page shows it: ``when`` and ``left`` are its date in words."""

    item: WorkItem
    group: str
    when: str
    left: str
    days_over: int = 0


@dataclass(frozen=True)
class MyWork:
    """Everything on the page: rows to do by group, and rows that wait for somebody else."""

    groups: list[tuple[str, Any, list[Row]]]
    waiting: list[Row] = field(default_factory=list)

    @property
    def to_do(self) -> int:
        """How many things are the person's own to do."""
        return sum(len(rows) for _name, _label, rows in self.groups)

    def count(self, name: str) -> int:
        """How many rows a group has."""
        return next((len(rows) for group, _label, rows in self.groups if group == name), 0)


def my_work(user: Any, now: datetime | None = None) -> MyWork:
    """The person's work at ``now`` (aware; the present when left out)."""
    now = now or timezone.now()
    rows = [_row(item, now) for item in work_of(user, now)]
    labels = {
        "overdue": _("Overdue"),
        "today": _("Today"),
        "week": _("This week"),
        "later": _("Later"),
        "open": _("Without a date"),
    }
    mine = [row for row in rows if not row.item.waiting_for]
    groups = [(name, labels[name], [row for row in mine if row.group == name]) for name in GROUPS]
    return MyWork(
        groups=[group for group in groups if group[2]], waiting=[row for row in rows if row.item.waiting_for]
    )


def _row(item: WorkItem, now: datetime) -> Row:
    if item.due is None:
        return Row(item, "open", "", "")
    due, today = timezone.localtime(item.due), timezone.localtime(now)
    days = (due.date() - today.date()).days
    if due < today:
        over = max(1, -days)
        said = ngettext("overdue by %(days)d day", "overdue by %(days)d days", over) % {"days": over}
        return Row(item, "overdue", said, _("was due %(day)s") % {"day": day(due)}, over)
    if days == 0:
        return Row(item, "today", _("today %(time)s") % {"time": clock(due)}, _hours_left(due - today))
    group = "week" if days <= 6 - today.weekday() else "later"
    left = (
        _("tomorrow")
        if days == 1
        else ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}
    )
    return Row(item, group, day(due, weekday=True), left)


def _hours_left(left: timedelta) -> str:
    hours = int(left.total_seconds() // 3600)
    if hours < 1:
        return _("less than an hour left")
    return ngettext("%(hours)d hour left", "%(hours)d hours left", hours) % {"hours": hours}


def verdict(work: MyWork, name: str) -> Verdict:
    """How it stands, in one sentence."""
    overdue, today = work.count("overdue"), work.count("today")
    if overdue:
        sentence = ngettext(
            "%(name)s: [[%(overdue)d thing is overdue]], %(today)d more for today.",
            "%(name)s: [[%(overdue)d things are overdue]], %(today)d more for today.",
            overdue,
        )
        return Verdict(
            sentence % {"name": name, "overdue": overdue, "today": today}, "miss", "late", _first(work)
        )
    if today:
        sentence = ngettext(
            "%(name)s, nothing is overdue; [[%(today)d thing is for today]].",
            "%(name)s, nothing is overdue; [[%(today)d things are for today]].",
            today,
        )
        return Verdict(sentence % {"name": name, "today": today}, "acc", "wait", _first(work))
    if work.to_do:
        sentence = ngettext(
            "%(name)s, nothing is due today; %(count)d thing lies ahead.",
            "%(name)s, nothing is due today; %(count)d things lie ahead.",
            work.to_do,
        )
        return Verdict(sentence % {"name": name, "count": work.to_do}, "met", "met", _first(work))
    return Verdict(_("%(name)s, nobody is waiting for you.") % {"name": name}, "met", "met")


def _first(work: MyWork) -> str:
    rows: Sequence[Row] = work.groups[0][2]
    return _("First: %(title)s.") % {"title": rows[0].item.title}
