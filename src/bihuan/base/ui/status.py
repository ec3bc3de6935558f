"""Status is a colour, a shape and a word, always the three together."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import ngettext, pgettext_lazy

GLYPHS = (
    "met",
    "watch",
    "miss",
    "red",
    "late",
    "stuck",
    "wait",
    "prov",
    "todo",
    "none",
    "hidden",
    "na",
    "flat",
)


class Status(NamedTuple):
    """The three things a status shows."""

    glyph: str
    tone: str
    word: Any


STATUSES: dict[str, Status] = {
    "met": Status("met", "met", pgettext_lazy("status", "Met")),
    "above": Status("met", "met", pgettext_lazy("status", "Above target")),
    "verified": Status("met", "met", pgettext_lazy("status", "Verified")),
    "effective": Status("met", "met", pgettext_lazy("status", "Effective")),
    "done": Status("met", "met", pgettext_lazy("status", "Done")),
    "accepted": Status("met", "met", pgettext_lazy("status", "Accepted")),
    "active": Status("met", "met", pgettext_lazy("status", "Active")),
    "final": Status("met", "met", pgettext_lazy("status", "Final")),
    "conforming": Status("met", "met", pgettext_lazy("status", "Conforming")),
    "watch": Status("watch", "watch", pgettext_lazy("status", "Watch")),
    "below": Status("watch", "watch", pgettext_lazy("status", "Below target")),
    "slightly_below": Status("watch", "watch", pgettext_lazy("status", "Slightly below, within error")),
    "partial": Status("watch", "watch", pgettext_lazy("status", "Partial")),
    "due_soon": Status("watch", "watch", pgettext_lazy("status", "Due soon")),
    "has_issues": Status("watch", "watch", pgettext_lazy("status", "Has issues")),
    "unverified": Status("watch", "watch", pgettext_lazy("status", "Unverified")),
    "miss": Status("miss", "miss", pgettext_lazy("status", "Missed")),
    "below_floor": Status("miss", "miss", pgettext_lazy("status", "Below the floor")),
    "non_conforming": Status("miss", "miss", pgettext_lazy("status", "Non-conforming")),
    "ineffective": Status("miss", "miss", pgettext_lazy("status", "Ineffective")),
    "failed": Status("miss", "miss", pgettext_lazy("status", "Failed")),
    "rejected": Status("miss", "miss", pgettext_lazy("status", "Rejected")),
    "red_line": Status("red", "miss", pgettext_lazy("status", "Red line")),
    "overdue": Status("late", "miss", pgettext_lazy("status", "Overdue")),
    "breached": Status("late", "miss", pgettext_lazy("status", "Breached")),
    "stuck": Status("stuck", "miss", pgettext_lazy("status", "Held up")),
    "waiting": Status("wait", "acc", pgettext_lazy("status", "Waiting")),
    "awaiting_approval": Status("wait", "acc", pgettext_lazy("status", "Awaiting approval")),
    "provisional": Status("prov", "none", pgettext_lazy("status", "Provisional")),
    "in_progress": Status("prov", "none", pgettext_lazy("status", "In progress")),
    "todo": Status("todo", "none", pgettext_lazy("status", "To do")),
    "draft": Status("todo", "none", pgettext_lazy("status", "Draft")),
    "inactive": Status("na", "none", pgettext_lazy("status", "Inactive")),
    "superseded": Status("na", "none", pgettext_lazy("status", "Superseded")),
    "cancelled": Status("na", "none", pgettext_lazy("status", "Cancelled")),
    "insufficient": Status("none", "none", pgettext_lazy("status", "Insufficient data")),
    "not_checked": Status("none", "none", pgettext_lazy("status", "Not checked")),
    "suppressed": Status("hidden", "none", pgettext_lazy("status", "Suppressed")),
    "not_applicable": Status("na", "none", pgettext_lazy("status", "Not applicable")),
    "flat": Status("flat", "none", pgettext_lazy("status", "No difference")),
}


def overdue_by(days: int) -> str:
    """Say how many days something is overdue."""
    return ngettext("%(days)d day overdue", "%(days)d days overdue", days) % {"days": days}


# The five classes of the heat map: class name, sign before the number.
HEAT = {
    "below_floor": ("bh-q1", "▼▼"),
    "below": ("bh-q2", "▼"),
    "slightly_below": ("bh-q3", "▽"),
    "met": ("bh-q4", ""),
    "above": ("bh-q5", "▲"),
}
