from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bihuan.base.ui.formats import cycle_name
from bihuan.standards.states import CycleState, TargetSource, Verification, VersionState


def in_language(zh: str, en: str) -> str:
    """The text in the reader's language, or in the other one where this is missing."""
    chinese = (get_language() or "zh").startswith("zh")
    return (zh or en) if chinese else (en or zh)


class StandardQuerySet(models.QuerySet):
    """Standards are common property: whoever holds any role in the company may read them."""

    def visible_to(self, user: Any) -> Self:
        """All of them to whoever holds a role, and to the system (``None``)."""
        return self if user is None or (user.is_active and user.visible_paths()) else self.none()


class Regulation(models.Model):
    """A law, standard or code that services are measured against."""

    code = models.CharField(max_length=40, unique=True)
    number = models.CharField(max_length=120, blank=True)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    issuer_zh = models.CharField(max_length=120, blank=True)
    issuer_en = models.CharField(max_length=120, blank=True)
    dates = models.CharField(max_length=200, blank=True)
    verification = models.CharField(max_length=12, choices=Verification, default=Verification.UNVERIFIED)
    source = models.CharField(max_length=300, blank=True)
    order = models.PositiveIntegerField(default=0)
    objects = StandardQuerySet.as_manager()

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("regulation")
        verbose_name_plural = _("regulations")

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_language(self.title_zh, self.title_en)

    @property
    def issuer(self) -> str:
        return in_language(self.issuer_zh, self.issuer_en)


class Clause(models.Model):
    """What one clause of a regulation asks for, in a sentence."""

    regulation = models.ForeignKey(Regulation, on_delete=models.CASCADE, related_name="clauses")
    number = models.CharField(max_length=40)
    number_en = models.CharField(max_length=60, blank=True)
    text_zh = models.CharField(max_length=400)
    text_en = models.CharField(max_length=400, blank=True)
    verification = models.CharField(max_length=12, choices=Verification, default=Verification.UNVERIFIED)
    order = models.PositiveIntegerField(default=0)
    objects = StandardQuerySet.as_manager()

    class Meta:
        ordering = ["regulation__order", "order"]
        constraints = [
            models.UniqueConstraint(fields=["regulation", "number"], name="clause_number_once_per_regulation")
        ]
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")

    def __str__(self) -> str:
        return self.reference

    @property
    def code(self) -> str:
        """How a definition names the clause: ``CN-FIRE/16(3)``."""
        return f"{self.regulation.code}/{self.number}"

    @property
    def label(self) -> str:
        """The number as people read it."""
        return in_language(self.number, self.number_en)

    @property
    def reference(self) -> str:
        return _("%(title)s, clause %(number)s") % {
            "title": self.regulation.title,
            "number": self.label,
        }

    @property
    def text(self) -> str:
        return in_language(self.text_zh, self.text_en)


class Indicator(models.Model):
    """One thing that is measured; what exactly, and against what, is in its versions."""

    code = models.CharField(max_length=40, unique=True)
    family = models.CharField(max_length=40)
    order = models.PositiveIntegerField(default=0)
    objects = StandardQuerySet.as_manager()

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")

    def __str__(self) -> str:
        return self.code


class IndicatorVersion(models.Model):
    """One definition of an indicator, fixed for good once it has come into force."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=VersionState, default=VersionState.DRAFT)
    from_cycle = models.CharField(max_length=8, blank=True, help_text="empty: always")
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    short_zh = models.CharField(max_length=40, blank=True)
    short_en = models.CharField(max_length=60, blank=True)
    words_zh = models.TextField(blank=True)
    words_en = models.TextField(blank=True)
    said = models.JSONField(default=dict, blank=True, help_text="the rate as people: zh, en, counts")
    definition = models.JSONField()
    target_source = models.CharField(max_length=12, choices=TargetSource, default=TargetSource.DESIGN)
    clauses = models.ManyToManyField(Clause, related_name="indicator_versions", blank=True)
    control_chart = models.CharField(max_length=20, blank=True)
    note_zh = models.CharField(max_length=300, blank=True)
    note_en = models.CharField(max_length=300, blank=True)
    fingerprint = models.CharField(max_length=64)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    made_at = models.DateTimeField(auto_now_add=True)
    objects = StandardQuerySet.as_manager()
    change = ""  # what loading a catalogue did to it; not kept

    class Meta:
        ordering = ["indicator__order", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "number"], name="indicator_version_number_once"),
            models.UniqueConstraint(
                fields=["indicator", "from_cycle"],
                condition=Q(state__in=[VersionState.EFFECTIVE, VersionState.SUPERSEDED]),
                name="indicator_version_from_cycle_once",
            ),
        ]
        verbose_name = _("indicator version")
        verbose_name_plural = _("indicator versions")

    def __str__(self) -> str:
        return f"{self.indicator.code} v{self.number}"

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)

    @property
    def short(self) -> str:
        """A name of a few characters for the head of a column."""
        return in_language(self.short_zh, self.short_en) or self.name

    @property
    def words(self) -> str:
        return in_language(self.words_zh, self.words_en)

    @property
    def note(self) -> str:
        return in_language(self.note_zh, self.note_en)


class WeightTree(models.Model):
    """How scores are put together: one version of the weights and of the grades' thresholds."""

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=12, choices=VersionState, default=VersionState.DRAFT)
    from_cycle = models.CharField(max_length=8, blank=True, help_text="empty: always")
    grades = models.JSONField(help_text='lowest score of each grade, such as {"A": 85, "B": 75, "C": 60}')
    red_line_grade = models.CharField(max_length=1, default="C", help_text="best grade with a red line")
    note_zh = models.CharField(max_length=300, blank=True)
    note_en = models.CharField(max_length=300, blank=True)
    fingerprint = models.CharField(max_length=64)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT)
    made_at = models.DateTimeField(auto_now_add=True)
    objects = StandardQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("weights")
        verbose_name_plural = _("weights")

    def __str__(self) -> str:
        return f"v{self.number}"

    @property
    def note(self) -> str:
        return in_language(self.note_zh, self.note_en)


class WeightNode(models.Model):
    """A node of the composite tree: the total, a family, or an indicator at a leaf."""

    tree = models.ForeignKey(WeightTree, on_delete=models.CASCADE, related_name="nodes")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    code = models.CharField(max_length=40)
    name_zh = models.CharField(max_length=120, blank=True)
    name_en = models.CharField(max_length=120, blank=True)
    weight = models.FloatField(help_text="share among its siblings; they need not add up to one")
    is_indicator = models.BooleanField(default=False)
    order = models.PositiveIntegerField(default=0)
    objects = StandardQuerySet.as_manager()

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["tree", "code"], name="weight_node_once_per_tree"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="weight_not_negative"),
        ]
        verbose_name = _("weight")
        verbose_name_plural = _("weights of nodes")

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)


class MonitoringCycle(models.Model):
    """A quarter or a year in which services are monitored. Opening and closing it is an act of assessment."""

    class Kind(models.TextChoices):
        QUARTER = "quarter", _("Quarter")
        YEAR = "year", _("Year")

    code = models.CharField(max_length=8, unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    start = models.DateTimeField()
    end = models.DateTimeField()
    state = models.CharField(max_length=12, choices=CycleState, default=CycleState.PLANNED)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    objects = StandardQuerySet.as_manager()

    class Meta:
        ordering = ["-start", "kind"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="cycle_ends_later")
        ]
        verbose_name = _("monitoring cycle")
        verbose_name_plural = _("monitoring cycles")

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> str:
        return cycle_name(self.code)


from bihuan.standards.service.models import (  # noqa: E402  (they build on the models above)
    RevisionRequest,
    ServiceStandard,
    StandardClause,
    StandardVersion,
)

__all__ = [
    "Clause",
    "Indicator",
    "IndicatorVersion",
    "MonitoringCycle",
    "Regulation",
    "RevisionRequest",
    "ServiceStandard",
    "StandardClause",
    "StandardVersion",
    "WeightNode",
    "WeightTree",
]
