"""States of what a standard is made of, and the moves allowed between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Verification(models.TextChoices):
    """Whether somebody read the sentence in the original text."""

    VERIFIED = "verified", _("Verified")
    UNVERIFIED = "unverified", _("Unverified")


class TargetSource(models.TextChoices):
    """Where a target comes from."""

    VERIFIED = "verified", _("Legal text, verified")
    UNVERIFIED = "unverified", _("Legal text, unverified")
    DESIGN = "design", _("Company default")


class VersionState(models.TextChoices):
    """State of one version of an indicator or of the weights."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    EFFECTIVE = "effective", _("Effective")
    SUPERSEDED = "superseded", _("Superseded")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class CycleState(models.TextChoices):
    """State of a monitoring cycle."""

    PLANNED = "planned", _("Planned")
    COLLECTING = "collecting", _("Collecting")
    ANALYSING = "analysing", _("Analysing")
    EVALUATED = "evaluated", _("Evaluated")
    CLOSED = "closed", _("Closed")


VERSION_TRANSITIONS: dict[str, frozenset[str]] = {
    VersionState.DRAFT: frozenset({VersionState.IN_REVIEW, VersionState.EFFECTIVE, VersionState.WITHDRAWN}),
    VersionState.IN_REVIEW: frozenset({VersionState.DRAFT, VersionState.EFFECTIVE, VersionState.WITHDRAWN}),
    VersionState.EFFECTIVE: frozenset({VersionState.SUPERSEDED, VersionState.WITHDRAWN}),
    VersionState.SUPERSEDED: frozenset(),
    VersionState.WITHDRAWN: frozenset(),
}

# From "evaluated" a cycle may go back to "analysing": a new run revises it until it is closed.
CYCLE_TRANSITIONS: dict[str, frozenset[str]] = {
    CycleState.PLANNED: frozenset({CycleState.COLLECTING}),
    CycleState.COLLECTING: frozenset({CycleState.ANALYSING}),
    CycleState.ANALYSING: frozenset({CycleState.COLLECTING, CycleState.EVALUATED}),
    CycleState.EVALUATED: frozenset({CycleState.ANALYSING, CycleState.CLOSED}),
    CycleState.CLOSED: frozenset(),
}
