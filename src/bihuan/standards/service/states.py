"""States of versions and of revision requests, and the moves between them: the one place to add a state.

A new state is a member of the enumeration, its look in ``LOOKS``, and the moves that lead to it and away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.chain.moves import Move, Moves
from bihuan.standards.states import VersionState


class StandardKind(models.TextChoices):
    """What the clauses are: promises of a service, or the steps of how it is done."""

    STANDARD = "standard", pgettext_lazy("service", "Service standard")
    PROCEDURE = "procedure", pgettext_lazy("service", "Procedure")


class RevisionState(models.TextChoices):
    """Where a revision request stands."""

    SUBMITTED = "submitted", pgettext_lazy("revision", "Submitted")
    IN_REVIEW = "in_review", pgettext_lazy("revision", "In review")
    ADOPTED = "adopted", pgettext_lazy("revision", "Adopted")
    PUBLISHED = "published", pgettext_lazy("revision", "Published")
    DECLINED = "declined", pgettext_lazy("revision", "Not adopted")


class Part(models.TextChoices):
    """What a person may be to a revision request or a draft version."""

    EDITOR = "editor", pgettext_lazy("part in a revision", "a leader or quality manager of the whole company")
    JUDGE = (
        "judge",
        pgettext_lazy(
            "part in a revision", "a leader or quality manager of the company who did not ask for it"
        ),
    )
    PUBLISHER = "publisher", pgettext_lazy("part in a revision", "the publishing of a version")


class Look(NamedTuple):
    """How a state is drawn: shape and colour; the word is the state's own."""

    glyph: str
    tone: str


R, V = RevisionState, VersionState

REVISION_MOVES: Moves = {
    "take_up": Move(
        _("Take up"),
        (R.SUBMITTED,),
        R.IN_REVIEW,
        (Part.EDITOR,),
        "taken_up",
        _("Revision taken up"),
        icon="eye",
        primary=True,
    ),
    "adopt": Move(
        _("Adopt"),
        (R.IN_REVIEW,),
        R.ADOPTED,
        (Part.JUDGE,),
        "adopted",
        _("Revision adopted"),
        icon="check",
        primary=True,
        question=_("Adopt this wording?"),
        consequence=_(
            "It goes into the draft of the next version; it counts once that version is published."
        ),
    ),
    "decline": Move(
        _("Decline"),
        (R.SUBMITTED, R.IN_REVIEW),
        R.DECLINED,
        (Part.EDITOR,),
        "declined",
        _("Revision declined"),
        icon="x",
        needs_reason=True,
        danger=True,
        question=_("Decline this revision?"),
        consequence=_("The clause stays as it is; whoever asked for it reads the reason."),
    ),
    "publish": Move(
        _("Publish"),
        (R.ADOPTED,),
        R.PUBLISHED,
        (Part.PUBLISHER,),
        "published",
        _("Revision published"),
        offered=False,
    ),
}

VERSION_MOVES: Moves = {
    "publish": Move(
        _("Publish"),
        (V.DRAFT, V.IN_REVIEW),
        V.EFFECTIVE,
        (Part.EDITOR,),
        "published",
        _("Version of a standard published"),
        icon="send",
        primary=True,
        question=_("Publish this version?"),
        consequence=_("It is in force from the next cycle; the present version counts until then."),
    ),
}

LOOKS: Mapping[str, Look] = {
    R.SUBMITTED: Look("wait", "acc"),
    R.IN_REVIEW: Look("prov", "none"),
    R.ADOPTED: Look("prov", "none"),
    R.PUBLISHED: Look("met", "met"),
    R.DECLINED: Look("na", "none"),
    V.DRAFT: Look("todo", "none"),
    V.EFFECTIVE: Look("met", "met"),
    V.SUPERSEDED: Look("na", "none"),
    V.WITHDRAWN: Look("na", "none"),
}

# In these a clause is under revision.
OPEN = (R.SUBMITTED, R.IN_REVIEW, R.ADOPTED)
