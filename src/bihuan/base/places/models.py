"""The place tree, its households and who lives in them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bihuan.base.privacy.fields import BlindIndexField, EncryptedCharField, EncryptedTextField

from . import sheets
from .kinds import READ_HOUSEHOLDS, Grade, HouseholdKind, Kind, PlaceState
from .managers import HouseholdQuerySet, OccupancyQuerySet, PlaceQuerySet


class Place(models.Model):
    """One node of the tree from company down to unit; ``path`` joins the ids from the root to itself."""

    code = models.CharField(_("Code"), max_length=40, unique=True)
    kind = models.CharField(_("Level"), max_length=10, choices=Kind.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Place above")
    )
    path = models.CharField(max_length=160, default="", editable=False, db_index=True)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    grade = models.CharField(_("Service grade"), max_length=4, choices=Grade.choices, blank=True)
    area = models.DecimalField(_("Floor area, m²"), max_digits=12, decimal_places=2, null=True, blank=True)
    own_households = models.PositiveIntegerField(_("Households by contract"), null=True, blank=True)
    state = models.CharField(_("State"), max_length=8, choices=PlaceState.choices, default=PlaceState.ACTIVE)
    valid_from = models.DateField(_("First day"), null=True, blank=True)
    valid_to = models.DateField(_("Last day"), null=True, blank=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["kind", "state"], name="place_kind_state")]
        constraints = [
            models.CheckConstraint(
                name="place_company_is_root",
                condition=Q(kind=Kind.COMPANY, parent=None)
                | (~Q(kind=Kind.COMPANY) & Q(parent__isnull=False)),
            ),
            models.CheckConstraint(
                name="place_days_in_order",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        if (get_language() or "").startswith("en") and self.name_en:
            return self.name_en
        return self.name_zh

    @property
    def is_active(self) -> bool:
        """Whether the place is in use."""
        return self.state == PlaceState.ACTIVE

    @property
    def depth(self) -> int:
        """1 at the root, 2 right under it."""
        return self.path.count("/") - 1

    def subtree(self) -> PlaceQuerySet:
        """The place and everything under it."""
        return Place.objects.filter(path__startswith=self.path)

    def descendants(self) -> PlaceQuerySet:
        """Everything under the place, without itself."""
        return self.subtree().exclude(pk=self.pk)

    def ancestors(self) -> PlaceQuerySet:
        """The places above, from the top down."""
        ids = [int(part) for part in self.path.strip("/").split("/")[:-1]]
        return Place.objects.filter(pk__in=ids).order_by(Length("path"))


class PlaceSpell(models.Model):
    """A stretch of days in which a place hung under one parent with one grade: the tree as it was."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="spells")
    parent = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")
    grade = models.CharField(max_length=4, choices=Grade.choices, blank=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        ordering = ["place", models.F("valid_from").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(
                name="place_one_open_spell", fields=["place"], condition=Q(valid_to=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.valid_from or ''}..{self.valid_to or ''}"


class Household(models.Model):
    """One household of a unit: its owner's or its tenant's."""

    unit = models.ForeignKey(Place, models.PROTECT, related_name="households", verbose_name=_("Unit"))
    kind = models.CharField(_("Kind"), max_length=6, choices=HouseholdKind.choices)
    state = models.CharField(_("State"), max_length=8, choices=PlaceState.choices, default=PlaceState.ACTIVE)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["unit__code", "kind"]
        constraints = [models.UniqueConstraint(name="household_once_per_kind", fields=["unit", "kind"])]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.kind}"


class Occupancy(models.Model):
    """Who lived in a household from one day to another."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="occupancies")
    name = EncryptedCharField(_("Name"), max_length=80)
    name_index = BlindIndexField("name", normalise="name")
    phone = EncryptedCharField(_("Phone"), max_length=32, blank=True)
    phone_index = BlindIndexField("phone", normalise="phone")
    since = models.DateField(_("Moved in"), null=True)
    until = models.DateField(_("Moved out"), null=True)

    objects = OccupancyQuerySet.as_manager()

    class Meta:
        ordering = ["household", models.F("since").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(
                name="occupancy_one_at_a_time", fields=["household"], condition=Q(until=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.since or ''}..{self.until or ''}"

    @property
    def place_path(self) -> str:
        """Where the trail says it happened when somebody looks at the resident."""
        return self.household.unit.path

    def may_be_revealed_to(self, user: Any, field: str) -> bool:
        """Whether this person may see the resident in full."""
        return user is None or user.has_any_role(*READ_HOUSEHOLDS, place=self.household.unit)


class SheetImport(models.Model):
    """One Excel file that came in: what was taken, and the rows kept apart until they are mended."""

    class Kind(models.TextChoices):
        PLACES = "places", _("Places")
        HOUSEHOLDS = "households", _("Households")
        PEOPLE = "people", _("People")
        STRUCTURE = "structure", _("Departments and contractors")

    kind = models.CharField(_("What it held"), max_length=10, choices=Kind.choices)
    place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+", verbose_name=_("Place"))
    filename = models.CharField(_("File"), max_length=200)
    sha256 = models.CharField(max_length=64)
    by = models.CharField(_("Sent by"), max_length=40, blank=True)
    at = models.DateTimeField(_("Sent at"), auto_now_add=True)
    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    made = models.JSONField(default=list, editable=False)
    kept_apart = EncryptedTextField(default="", editable=False)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @classmethod
    def keep(
        cls,
        kind: str,
        content: bytes,
        filename: str,
        reading: sheets.Reading,
        counts: sheets.Counts,
        *,
        by: str,
        place: Place | None = None,
        made: list[str] | None = None,
    ) -> SheetImport:
        """Write down what came of a file."""
        rows = sorted(reading.rejected, key=lambda row: row.number)
        apart = {
            "rows": [{"number": row.number, "cells": row.cells} for row in rows],
            "problems": [p.as_dict() for p in sorted(reading.problems, key=lambda p: p.row)],
        }
        return cls.objects.create(
            kind=kind,
            place=place,
            filename=filename[:200],
            sha256=hashlib.sha256(content).hexdigest(),
            by=by,
            read=reading.count,
            created=counts.created,
            changed=counts.changed,
            unchanged=counts.unchanged,
            rejected=len(rows),
            made=made or [],
            kept_apart=json.dumps(apart, ensure_ascii=False) if rows else "",
        )

    @property
    def accepted(self) -> int:
        """Rows that went in, or stood there already."""
        return self.created + self.changed + self.unchanged

    @property
    def apart(self) -> dict[str, Any]:
        """The rows kept apart and what is wrong with each."""
        return json.loads(self.kept_apart) if self.kept_apart else {"rows": [], "problems": []}


class SheetLock(models.Model):
    """A row to hold while a file of one kind goes in, so that two files wait for each other."""

    kind = models.CharField(max_length=10, primary_key=True)

    def __str__(self) -> str:
        return self.kind

    @classmethod
    def take(cls, kind: str) -> None:
        """Hold the lock until the transaction ends."""
        SheetLock.objects.bulk_create([SheetLock(kind=kind)], ignore_conflicts=True)
        SheetLock.objects.select_for_update().get(pk=kind)
