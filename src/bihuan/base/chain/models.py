from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import get_language

from bihuan.base.chain.states import ProposalState, Relation


class Link(models.Model):
    """One record led to another. Records are named by kind and id, so that a link may point upward."""

    from_kind = models.CharField(max_length=30)
    from_id = models.CharField(max_length=64)
    relation = models.CharField(max_length=20, choices=Relation)
    to_kind = models.CharField(max_length=30)
    to_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="link_once", fields=["from_kind", "from_id", "relation", "to_kind", "to_id"]
            ),
        ]
        indexes = [models.Index(fields=["to_kind", "to_id"], name="link_backwards")]

    def __str__(self) -> str:
        return f"{self.from_kind} {self.from_id} {self.relation} {self.to_kind} {self.to_id}"


class Proposal(models.Model):
    """A problem that a lower stage saw 问题线索, for the quality manager to accept or dismiss."""

    source_kind = models.CharField(max_length=30)
    source_id = models.CharField(max_length=64)
    place_path = models.CharField(max_length=160, db_index=True)
    place_code = models.CharField(max_length=40)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.NEW)
    reason = models.CharField(max_length=400, blank=True)
    # Whoever sees the same thing twice proposes it once.
    dedupe_key = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.dedupe_key

    @property
    def title(self) -> str:
        """The title in the language of the page."""
        if (get_language() or "").startswith("en") and self.title_en:
            return self.title_en
        return self.title_zh
