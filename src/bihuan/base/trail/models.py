from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class EntryQuerySet(models.QuerySet["Entry"]):
    """Reads only: what stands on the trail is neither changed nor removed."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("The trail is only added to; its entries are never changed.")

    def delete(self) -> NoReturn:
        raise TypeError("The trail is only added to; its entries are never removed.")


class Entry(models.Model):
    """One thing that somebody did or was refused, tied to the entry before it by its hash."""

    sequence = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("time"), db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("who"),
    )
    actor_label = models.CharField(_("who, as written then"), max_length=200, blank=True)
    verb = models.CharField(_("act"), max_length=100, db_index=True)
    subject_kind = models.CharField(_("kind of thing"), max_length=100, blank=True)
    subject_id = models.CharField(_("number of the thing"), max_length=100, blank=True)
    subject_label = models.CharField(_("thing, as written then"), max_length=300, blank=True)
    place = models.CharField(_("place"), max_length=500, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)
    previous = models.CharField(_("hash before"), max_length=64, blank=True)
    hash = models.CharField(_("hash"), max_length=64)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("trail entry")
        verbose_name_plural = _("trail entries")
        ordering = ["-sequence"]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "-sequence"], name="trail_subject"),
            models.Index(fields=["actor", "-sequence"], name="trail_actor"),
            models.Index(fields=["hash"], name="trail_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.verb}"

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Entries come from note() inside an @act function.")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("The trail is only added to; its entries are never removed.")


class Head(models.Model):
    """The one row that says where the chain ends; whoever adds to the chain holds its lock until commit."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    chain = models.CharField(max_length=32)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("head of the trail")
        verbose_name_plural = _("heads of the trail")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="trail_one_head")]

    def __str__(self) -> str:
        return f"{self.chain} {self.sequence}"
