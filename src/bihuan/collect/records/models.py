"""Imports and the mappings they used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from bihuan.base.people.roles import Role
from bihuan.base.places.managers import under
from bihuan.base.places.models import Place

from .states import ENDED, ImportState

IMPORTERS = (Role.QUALITY_MANAGER, Role.ADMINISTRATOR)


class MappingQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> MappingQuerySet:
        """Mappings are common to everybody who imports."""
        return self if getattr(user, "is_active", False) and user.has_any_role(*IMPORTERS) else self.none()


class Mapping(models.Model):
    """A mapping file kept for the next file with the same headings."""

    name = models.CharField(_("Name"), max_length=60, unique=True)
    title_zh = models.CharField(_("Chinese title"), max_length=120, blank=True)
    title_en = models.CharField(_("English title"), max_length=120, blank=True)
    table = models.CharField(_("Goes into"), max_length=40)
    source = models.CharField(_("Source"), max_length=60)
    text = models.TextField(_("Mapping file"))
    fingerprint = models.CharField(max_length=64, blank=True, db_index=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    objects = MappingQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("mapping")
        verbose_name_plural = _("mappings")

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """The title in the language of the page, or the name."""
        english = (get_language() or "").startswith("en")
        return (self.title_en if english else self.title_zh) or self.title_zh or self.title_en or self.name


class ImportQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> ImportQuerySet:
        """Imports for the places where the person may import, and their own."""
        if not getattr(user, "is_active", False):
            return self.none()
        paths = user.paths_as(*IMPORTERS)
        if not paths:
            return self.none()
        if "/" in paths:
            return self
        return self.filter(Q(made_by_id=user.pk) | (under(paths, "place__path") or Q(pk=None)))


class ImportBatch(models.Model):
    """One file on its way into the archive, and what became of each of its rows."""

    made_at = models.DateTimeField(
        pgettext_lazy("import", "Received at"), default=timezone.now, db_index=True
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("Sent by")
    )
    place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+", verbose_name=_("Place"))
    state = models.CharField(
        _("State"), max_length=10, choices=ImportState.choices, default=ImportState.RECEIVED, db_index=True
    )
    file_name = models.CharField(_("File"), max_length=255)
    folder = models.CharField(max_length=80, unique=True, editable=False)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, db_index=True)
    options = models.JSONField(default=dict, help_text="encoding, delimiter, sheet, header as chosen")

    mapping = models.ForeignKey(Mapping, models.SET_NULL, null=True, related_name="+")
    mapping_text = models.TextField(blank=True)
    table = models.CharField(_("Goes into"), max_length=40, blank=True)
    source = models.CharField(_("Source"), max_length=60, blank=True)
    mends = models.ForeignKey("self", models.SET_NULL, null=True, related_name="mended_by")
    job = models.UUIDField(null=True, editable=False)

    read = models.PositiveBigIntegerField(_("Rows read"), default=0)
    accepted = models.PositiveBigIntegerField(_("Rows accepted"), default=0)
    rejected = models.PositiveBigIntegerField(_("Rows to mend"), default=0)
    skipped = models.PositiveBigIntegerField(_("Rows left out"), default=0)
    facts = models.PositiveBigIntegerField(_("Facts"), default=0)
    added = models.PositiveBigIntegerField(default=0)
    replaced = models.PositiveBigIntegerField(default=0)
    unchanged = models.PositiveBigIntegerField(default=0)
    late = models.PositiveBigIntegerField(default=0)
    reasons = models.JSONField(default=dict, help_text="how many reasons of each code")
    left_out = models.JSONField(default=dict, help_text="rows left out by each filter of the mapping")
    cycles = models.JSONField(default=list)
    new_places = models.PositiveIntegerField(default=0)
    snapshot = models.PositiveBigIntegerField(_("Snapshot"), null=True)
    archive_batch = models.CharField(max_length=60, blank=True)
    problem = models.JSONField(null=True, help_text="why the whole file was sent back: code and params")
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                name="import_every_row_accounted_for",
                condition=Q(read=models.F("accepted") + models.F("rejected") + models.F("skipped")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.file_name}"

    @property
    def trail_label(self) -> str:
        """How the trail names it."""
        return f"{self.pk} {self.table} {self.source}"

    @property
    def place_path(self) -> str:
        """Where the trail puts it."""
        return self.place.path if self.place else ""

    @property
    def path(self) -> Path:
        """The folder that keeps the file and the rows turned away."""
        return Path(settings.BIHUAN_HOME) / "imports" / self.folder

    @property
    def original(self) -> Path:
        """The file as it was received."""
        return self.path / "original"

    @property
    def ended(self) -> bool:
        """Whether the run is over."""
        return self.state in ENDED
