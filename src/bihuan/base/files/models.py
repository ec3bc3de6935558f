from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: Any) -> AttachmentQuerySet:
        """What ``user`` added, and what belongs to a place the user has rights over."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        if user.has_role("administrator"):
            return self
        allowed = Q(owner=user)
        for path in user.visible_paths():
            allowed |= Q(place_path__startswith=path)
        return self.filter(allowed)

    def of(self, subject: models.Model) -> AttachmentQuerySet:
        """The attachments of one record, in the order they were added."""
        kind, number = subject._meta.label_lower, str(subject.pk)
        return self.filter(subject_kind=kind, subject_id=number).order_by("created_at")


class Attachment(models.Model):
    """A photo or document that somebody added, as it was kept: photos without place and camera data."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.BigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("fingerprint"), max_length=64, db_index=True)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("added by"),
    )
    subject_kind = models.CharField(_("kind of thing"), max_length=100, blank=True)
    subject_id = models.CharField(_("number of the thing"), max_length=100, blank=True)
    place_path = models.CharField(_("place"), max_length=500, blank=True, db_index=True)
    created_at = models.DateTimeField(_("added"), default=timezone.now)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="files_subject")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        """Whether it may be shown on a page."""
        return self.content_type.startswith("image/")
