"""Words that are chosen from, other than states."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class Decision(models.TextChoices):
    """What the leader decided."""

    APPROVED = "approved", pgettext_lazy("decision", "Approved")
    RETURNED = "returned", pgettext_lazy("decision", "Returned")


class Proof(models.TextChoices):
    """What must be handed in before an action counts as done."""

    FILE = "file", pgettext_lazy("proof", "a photo or file")
    NOTE = "note", pgettext_lazy("proof", "a note")
    NONE = "none", pgettext_lazy("proof", "nothing")


class CheckVerdict(models.TextChoices):
    """What a regular check found."""

    ON_TRACK = "on_track", pgettext_lazy("check", "On track")
    BEHIND = "behind", pgettext_lazy("check", "Behind")
    BLOCKED = "blocked", pgettext_lazy("check", "Blocked")


CHECK_LOOKS = {
    CheckVerdict.ON_TRACK: ("met", "met"),
    CheckVerdict.BEHIND: ("watch", "watch"),
    CheckVerdict.BLOCKED: ("stuck", "miss"),
}


class NoteKind(models.TextChoices):
    """What a note of an action says."""

    PROGRESS = "progress", pgettext_lazy("note", "Progress")
    DONE = "done", pgettext_lazy("note", "Reported as done")
    VERIFIED = "verified", pgettext_lazy("note", "Verified")
    SENT_BACK = "sent_back", pgettext_lazy("note", "Sent back")


class Effect(models.TextChoices):
    """What the data say about a plan, from the worst to the best."""

    INEFFECTIVE = "ineffective", pgettext_lazy("effect", "Ineffective")
    INCONCLUSIVE = "inconclusive", pgettext_lazy("effect", "Not enough data")
    PARTIAL = "partial", pgettext_lazy("effect", "Partly effective")
    EFFECTIVE = "effective", pgettext_lazy("effect", "Effective")


EFFECT_LOOKS = {
    Effect.INEFFECTIVE: ("miss", "miss"),
    Effect.INCONCLUSIVE: ("none", "none"),
    Effect.PARTIAL: ("watch", "watch"),
    Effect.EFFECTIVE: ("met", "met"),
}
PROOF = (Effect.EFFECTIVE, Effect.PARTIAL)
