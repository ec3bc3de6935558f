"""States of a proposal and the moves between them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class ProposalState(models.TextChoices):
    NEW = "new", pgettext_lazy("proposal", "New")
    ACCEPTED = "accepted", pgettext_lazy("proposal", "Made a finding")
    DISMISSED = "dismissed", pgettext_lazy("proposal", "Dismissed")


TRANSITIONS: dict[str, tuple[str, ...]] = {
    ProposalState.NEW: (ProposalState.ACCEPTED, ProposalState.DISMISSED),
    ProposalState.ACCEPTED: (),
    ProposalState.DISMISSED: (),
}


class Relation(models.TextChoices):
    """What a link says, read from its first record to its second."""

    RESTS_ON = "rests_on", pgettext_lazy("relation", "rests on")
    MEASURED_BY = "measured_by", pgettext_lazy("relation", "measured by")
    RAISED = "raised", pgettext_lazy("relation", "raised")
    BECAME = "became", pgettext_lazy("relation", "became")
    PLANNED_IN = "planned_in", pgettext_lazy("relation", "planned in")
    CARRIED_OUT_BY = "carried_out_by", pgettext_lazy("relation", "carried out by")
    PROVED_BY = "proved_by", pgettext_lazy("relation", "proved by")
    REPORTED_IN = "reported_in", pgettext_lazy("relation", "reported in")
    REVISED_BY = "revised_by", pgettext_lazy("relation", "led to the revision")
    TAUGHT = "taught", pgettext_lazy("relation", "taught")
