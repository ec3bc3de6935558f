"""What the archive holds of each project, when it was checked, and who was reminded of what is missing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.people.models import Department
from bihuan.base.places.managers import VisibleQuerySet
from bihuan.base.places.models import Place
from bihuan.collect.upkeep.states import CheckState, Gap, ReminderState


class ProjectQuerySet(VisibleQuerySet):
    """Rows of projects; facts of a project that nobody entered are seen by whoever sees everything."""

    place_path = "place__path"

    def visible_to(self, user: Any) -> ProjectQuerySet:
        """Rows of the places where the user holds a role."""
        if hasattr(user, "visible_paths") and "/" in user.visible_paths():
            return self.all()
        return super().visible_to(user)  # type: ignore[return-value]

    def under(self, place: Place | None) -> ProjectQuerySet:
        """Rows of the place and everything below it; of all places without one or at the company."""
        if place is None or place.parent_id is None:
            return self
        return self.filter(place__path__startswith=place.path)


class Counted(models.Model):
    """A partition as it was last counted, so that only changed ones are counted again."""

    table = models.CharField(max_length=40)
    source = models.CharField(max_length=200)
    cycle = models.CharField(max_length=8)
    sha256 = models.CharField(max_length=64)
    line = models.PositiveBigIntegerField(_("Snapshot"))
    arrived_at = models.DateTimeField(_("Last arrival"))

    class Meta:
        ordering = ["table", "source", "cycle"]
        constraints = [
            models.UniqueConstraint(fields=["table", "source", "cycle"], name="upkeep_counted_once")
        ]
        verbose_name = _("counted partition")
        verbose_name_plural = _("counted partitions")

    def __str__(self) -> str:
        return f"{self.table} {self.source} {self.cycle}"


class Holding(models.Model):
    """The facts that the archive holds of one project from one source in one cycle."""

    table = models.CharField(_("Kind of record"), max_length=40)
    source = models.CharField(_("Source"), max_length=200)
    cycle = models.CharField(_("Cycle"), max_length=8)
    project = models.CharField(_("Project"), max_length=80)
    place = models.ForeignKey(Place, models.SET_NULL, null=True, related_name="+", verbose_name=_("Place"))
    rows = models.PositiveBigIntegerField(_("Facts"))
    complete = models.PositiveBigIntegerField(pgettext_lazy("archive", "Complete"))
    late = models.PositiveBigIntegerField(pgettext_lazy("archive", "Late"), default=0)
    months = models.JSONField(default=dict, help_text="facts and complete facts of each month")
    first_at = models.DateTimeField(_("First fact"))
    last_at = models.DateTimeField(_("Last fact"))
    changed_at = models.DateTimeField(_("Last arrival"))

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["table", "source", "project", "cycle"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "source", "cycle", "project"], name="upkeep_holding_once"
            )
        ]
        indexes = [models.Index(fields=["project"], name="upkeep_holding_project")]
        verbose_name = _("holding of the archive")
        verbose_name_plural = _("holdings of the archive")

    def __str__(self) -> str:
        return f"{self.table} {self.source} {self.project} {self.cycle}"


class Check(models.Model):
    """One reading of the whole archive: what was found, and the head of its manifest at that time."""

    at = models.DateTimeField(pgettext_lazy("archive", "At"), default=timezone.now, db_index=True)
    state = models.CharField(_("State"), max_length=10, choices=CheckState.choices)
    snapshot = models.PositiveBigIntegerField(_("Snapshot"))
    head = models.CharField(max_length=64)
    problems = models.JSONField(default=list)
    facts = models.PositiveBigIntegerField(_("Facts"), default=0)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("check of the archive")
        verbose_name_plural = _("checks of the archive")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.state}"


class Keeper(models.Model):
    """Who answers for a source: a department, a person, or both. At most one for a kind of record."""

    table = models.CharField(_("Kind of record"), max_length=40)
    source = models.CharField(_("Source"), max_length=200)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Person"),
    )

    class Meta:
        ordering = ["table", "source"]
        constraints = [
            models.UniqueConstraint(fields=["table", "source"], name="upkeep_keeper_once"),
            models.CheckConstraint(
                condition=Q(department__isnull=False) | Q(person__isnull=False), name="upkeep_keeper_named"
            ),
        ]
        verbose_name = _("keeper of a source")
        verbose_name_plural = _("keepers of sources")

    def __str__(self) -> str:
        return f"{self.table} {self.source}"


class Reminder(models.Model):
    """What a project lacks from a source in a cycle, and who was reminded of it in Bihuan."""

    table = models.CharField(_("Kind of record"), max_length=40)
    source = models.CharField(_("Source"), max_length=200)
    cycle = models.CharField(_("Cycle"), max_length=8)
    place = models.ForeignKey(Place, models.CASCADE, related_name="+", verbose_name=_("Project"))
    gap = models.CharField(_("What is missing"), max_length=10, choices=Gap.choices)
    detail = models.JSONField(default=dict, help_text="months without facts, or the share that is complete")
    department = models.ForeignKey(
        Department, models.SET_NULL, null=True, related_name="+", verbose_name=_("Department")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("Reminded")
    )
    state = models.CharField(
        _("State"), max_length=8, choices=ReminderState.choices, default=ReminderState.OPEN, db_index=True
    )
    made_at = models.DateTimeField(_("Reminded on"))
    ended_at = models.DateTimeField(_("Ended"), null=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "source", "cycle", "place", "gap"],
                condition=Q(state=ReminderState.OPEN),
                name="upkeep_one_open_reminder",
            )
        ]
        indexes = [models.Index(fields=["person", "state"], name="upkeep_reminder_person")]
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")

    def __str__(self) -> str:
        return f"{self.table} {self.source} {self.place_id} {self.cycle} {self.gap}"

    @property
    def trail_label(self) -> str:
        """How the trail names it."""
        return f"{self.table} {self.source} {self.cycle} {self.gap}"
