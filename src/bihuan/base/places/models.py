"""The place tree, its households and who lives in them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .kinds import Grade, HouseholdKind, Kind, PlaceState
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

    def subtree(self) -> PlaceQuerySet:
        """The place and everything under it."""
        return Place.objects.filter(path__startswith=self.path)

    def descendants(self) -> PlaceQuerySet:
        """Everything under the place, without itself."""
        return self.subtree().exclude(pk=self.pk)

    def ancestors(self) -> PlaceQuerySet:
        """The places above, from the top down."""
        ids = [int(part) for part in self.path.strip("/").split("/")[:-1]]
        return Place.objects.filter(pk__in=ids).order_by(models.functions.Length("path"))


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
    name = models.CharField(_("Name"), max_length=80)
    phone = models.CharField(_("Phone"), max_length=32, blank=True)
    since = models.DateField(_("Since"), null=True)
    until = models.DateField(_("Until"), null=True)

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
