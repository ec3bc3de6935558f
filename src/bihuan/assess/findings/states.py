"""States of signals and findings, and the moves between them: the one place to add a state.

A new state is a member of the enumeration, its look in ``LOOKS``, and the moves that lead to it and away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.chain.moves import Move, Moves


class SignalKind(models.TextChoices):
    """What raised a signal: a target surely missed, or the test that spoke most clearly for its series."""

    TARGET_MISSED = "target_missed", pgettext_lazy("signal", "Target missed")
    LEVEL = "level", pgettext_lazy("signal", "Out of its normal range")
    SHIFT = "shift", pgettext_lazy("signal", "Worse for some time")
    FALL = "fall", pgettext_lazy("signal", "Worse than before")
    TREND = "trend", pgettext_lazy("signal", "Getting worse")


class SignalState(models.TextChoices):
    """What became of a signal."""

    NEW = "new", pgettext_lazy("signal", "New")
    SEEN = "seen", pgettext_lazy("signal", "Seen")
    DISMISSED = "dismissed", pgettext_lazy("signal", "Dismissed")
    FINDING = "finding", pgettext_lazy("signal", "Made a finding")
    # A newer evaluation of the cycle no longer shows it.
    SUPERSEDED = "superseded", pgettext_lazy("signal", "No longer there")


class FindingState(models.TextChoices):
    """Where a finding stands."""

    OPEN = "open", pgettext_lazy("finding", "Awaiting analysis")
    ANALYSED = "analysed", pgettext_lazy("finding", "Cause found")
    PLANNED = "planned", pgettext_lazy("finding", "In a plan")
    VERIFIED = "verified", pgettext_lazy("finding", "Verified")
    CLOSED = "closed", pgettext_lazy("finding", "Closed")
    CANCELLED = "cancelled", pgettext_lazy("finding", "Cancelled")


class Part(models.TextChoices):
    """What a person may be to a signal or finding; :mod:`bihuan.assess.findings.rules` says who is what."""

    QUALITY = "quality", pgettext_lazy("part in a finding", "the place's quality manager")
    OWNER = "owner", pgettext_lazy("part in a finding", "the person who answers for it")
    HEAD = "head", pgettext_lazy("part in a finding", "the head of its department")
    PLANNER = "planner", pgettext_lazy("part in a finding", "whoever works on its improvement plan")


class Look(NamedTuple):
    """How a state is drawn: shape and colour; the word is the state's own."""

    glyph: str
    tone: str


S, F = SignalState, FindingState

SIGNAL_MOVES: Moves = {
    "see": Move(
        _("Mark as seen"),
        (S.NEW,),
        S.SEEN,
        (Part.QUALITY,),
        "seen",
        _("Signal seen"),
        icon="eye",
    ),
    "dismiss": Move(
        _("Dismiss"),
        (S.NEW, S.SEEN),
        S.DISMISSED,
        (Part.QUALITY,),
        "dismissed",
        _("Signal dismissed"),
        icon="x",
        needs_reason=True,
        danger=True,
        question=_("Dismiss this signal?"),
        consequence=_("It leaves the list; the reason stays on record and can be read by everybody here."),
    ),
    "open": Move(
        _("Make it a finding"),
        (S.NEW, S.SEEN),
        S.FINDING,
        (Part.QUALITY,),
        "became_finding",
        _("Signal made a finding"),
        icon="flag",
        primary=True,
        question=_("Make this a finding?"),
        consequence=_("Somebody looks for the cause, and it stays open until data prove that it is gone."),
    ),
}

FINDING_MOVES: Moves = {
    "analyse": Move(
        _("Write down the cause"),
        (F.OPEN, F.ANALYSED),
        F.ANALYSED,
        (Part.OWNER, Part.HEAD, Part.QUALITY),
        "analysed",
        _("Cause of a finding written down"),
        icon="search",
        primary=True,
    ),
    "plan": Move(
        _("Put into a plan"),
        (F.ANALYSED, F.PLANNED),
        F.PLANNED,
        (Part.PLANNER,),
        "planned",
        _("Finding put into a plan"),
        offered=False,
    ),
    "verify": Move(
        _("Verify"),
        (F.PLANNED, F.VERIFIED),
        F.VERIFIED,
        (Part.PLANNER,),
        "verified",
        _("Finding verified by its effect"),
        offered=False,
    ),
    "reopen": Move(
        _("Reopen"),
        (F.PLANNED, F.VERIFIED, F.CLOSED),
        F.ANALYSED,
        (Part.PLANNER,),
        "reopened",
        _("Finding reopened"),
        needs_reason=True,
        offered=False,
    ),
    "close": Move(
        _("Close"),
        (F.VERIFIED,),
        F.CLOSED,
        (Part.QUALITY,),
        "closed",
        _("Finding closed"),
        icon="check",
        primary=True,
        question=_("Close this finding?"),
        consequence=_("The effect evaluation is its proof; the signal may come again in a later cycle."),
    ),
    "cancel": Move(
        _("Cancel"),
        (F.OPEN, F.ANALYSED),
        F.CANCELLED,
        (Part.QUALITY,),
        "cancelled",
        _("Finding cancelled"),
        icon="x",
        needs_reason=True,
        danger=True,
        question=_("Cancel this finding?"),
        consequence=_("Nobody works on it any more; the reason stays on record."),
    ),
}

LOOKS: Mapping[str, Look] = {
    S.NEW: Look("wait", "acc"),
    S.SEEN: Look("prov", "none"),
    S.DISMISSED: Look("na", "none"),
    S.FINDING: Look("flat", "none"),
    S.SUPERSEDED: Look("na", "none"),
    F.OPEN: Look("wait", "acc"),
    F.ANALYSED: Look("prov", "none"),
    F.PLANNED: Look("prov", "none"),
    F.VERIFIED: Look("met", "met"),
    F.CLOSED: Look("met", "met"),
    F.CANCELLED: Look("na", "none"),
}

# A newer evaluation may still change or withdraw a signal that stands in one of these.
UNDECIDED = (S.NEW, S.SEEN)
# In these somebody still has to do something about the finding.
UNFINISHED = (F.OPEN, F.ANALYSED, F.PLANNED, F.VERIFIED)
