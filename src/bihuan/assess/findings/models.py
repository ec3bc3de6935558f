"""Signals and findings."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.assess.findings.states import FindingState, SignalKind, SignalState
from bihuan.base.people.models import Department
from bihuan.base.people.roles import Role
from bihuan.base.places.managers import under
from bihuan.base.places.models import Place
from bihuan.standards.models import IndicatorVersion, in_language

# Whoever answers for a place reads what is wrong there; staff and contractors only what is theirs to mend.
READERS = (
    Role.QUALITY_MANAGER,
    Role.LEADER,
    Role.DEPARTMENT_HEAD,
    Role.INSPECTOR,
    Role.ADMINISTRATOR,
)


class SignalQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> SignalQuerySet:
        """Signals of the places the person answers for."""
        places = under(user.paths_as(*READERS), "place__path") if hasattr(user, "paths_as") else None
        return self.none() if places is None else self.filter(places)


class FindingQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> FindingQuerySet:
        """Findings of the places the person answers for, and those that are the person's own to mend."""
        if not (getattr(user, "is_authenticated", False) and user.is_active):
            return self.none()
        places = under(user.paths_as(*READERS), "place__path")
        mine = Q(owner=user)
        return self.filter(mine if places is None else mine | places)

    def overdue(self, today: date | None = None) -> FindingQuerySet:
        """Findings whose cause should have been found by now."""
        return self.filter(state=FindingState.OPEN, due__lt=today or timezone.localdate())


class Finding(models.Model):
    """Something that is wrong and stays on the list until data prove that it is gone 问题."""

    code = models.CharField(_("Number"), max_length=20, unique=True)
    title_zh = models.CharField(_("Chinese title"), max_length=200)
    title_en = models.CharField(_("English title"), max_length=300, blank=True)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("Place"))
    indicator = models.CharField(_("Indicator"), max_length=40, blank=True)
    version = models.ForeignKey(
        IndicatorVersion, models.PROTECT, null=True, blank=True, related_name="findings"
    )
    cycle = models.CharField(_("Cycle"), max_length=8, blank=True)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Who answers for it"),
    )
    due = models.DateField(_("Cause found by"), null=True, blank=True)
    cause = models.JSONField(_("Cause"), default=list, blank=True)
    state = models.CharField(_("State"), max_length=10, choices=FindingState, default=FindingState.OPEN)
    state_since = models.DateTimeField()
    reason = models.CharField(_("Reason"), max_length=400, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField()
    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        indexes = [models.Index(fields=["state", "due"], name="finding_state_due")]
        verbose_name = _("finding")
        verbose_name_plural = _("findings")

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return in_language(self.title_zh, self.title_en)

    @property
    def place_path(self) -> str:
        """Where a refusal about it is filed on the trail."""
        return self.place.path

    @property
    def days_overdue(self) -> int:
        """For how many days the cause should have been found; 0 when it is not late."""
        if self.state != FindingState.OPEN or self.due is None:
            return 0
        return max((timezone.localdate() - self.due).days, 0)

    @property
    def overdue(self) -> bool:
        """Whether the cause should have been found by now."""
        return self.days_overdue > 0


class FindingCounter(models.Model):
    """The last number given in a year; locked while a finding is opened, so that none is left out."""

    year = models.PositiveIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class Signal(models.Model):
    """What an evaluation shows to be wrong with one indicator at one project in one cycle 预警信号."""

    kind = models.CharField(_("Kind"), max_length=15, choices=SignalKind)
    indicator = models.CharField(_("Indicator"), max_length=40)
    version = models.ForeignKey(IndicatorVersion, models.PROTECT, related_name="signals")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("Place"))
    cycle = models.CharField(_("Cycle"), max_length=8)
    run = models.ForeignKey("assess.EvaluationRun", models.PROTECT, related_name="signals")
    standing = models.CharField(max_length=15, blank=True)
    n = models.FloatField(default=0)
    value = models.FloatField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    target = models.FloatField(null=True)
    floor = models.FloatField(null=True)
    previous = models.FloatField(null=True)
    change = models.FloatField(null=True)
    change_low = models.FloatField(null=True)
    change_high = models.FloatField(null=True)
    test = models.JSONField(default=dict, blank=True, help_text="what the test of its series found")
    weight = models.FloatField(default=0, help_text="the indicator's share of the score")
    far = models.FloatField(default=0, help_text="how far off, in points of score")
    rank = models.FloatField(
        default=0, db_index=True, help_text="weight times how far, of both kinds the larger"
    )
    state = models.CharField(_("State"), max_length=10, choices=SignalState, default=SignalState.NEW)
    state_since = models.DateTimeField()
    reason = models.CharField(_("Reason"), max_length=400, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, blank=True, related_name="signals")
    raised_at = models.DateTimeField()
    objects = SignalQuerySet.as_manager()

    class Meta:
        ordering = ["-rank", "-far", "pk"]
        indexes = [models.Index(fields=["cycle", "state"], name="signal_cycle_state")]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "place", "cycle", "kind"], name="signal_once"),
        ]
        verbose_name = _("signal")
        verbose_name_plural = _("signals")

    def __str__(self) -> str:
        return f"{self.indicator} {self.place_id} {self.cycle} {self.kind}"

    @property
    def trail_label(self) -> str:
        """What the trail calls it."""
        return f"{self.indicator} {self.place.code} {self.cycle} {self.kind}"

    @property
    def place_path(self) -> str:
        """Where a refusal about it is filed on the trail."""
        return self.place.path
