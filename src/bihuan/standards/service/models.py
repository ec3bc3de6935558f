"""Service standards 服务标准 and procedures 操作流程, their versions and clauses, and requests to revise.

A procedure is written, versioned and revised in the same way as a standard; its clauses are its steps.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.base.people.roles import ServiceArea
from bihuan.standards.models import Clause, Indicator, StandardQuerySet, in_language
from bihuan.standards.service.states import RevisionState, StandardKind
from bihuan.standards.states import TargetSource, VersionState


class ServiceStandard(models.Model):
    """What good service is, or how it is done; what exactly is in its versions."""

    code = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=10, choices=StandardKind, default=StandardKind.STANDARD)
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=200, blank=True)
    order = models.PositiveIntegerField(default=0)
    objects = StandardQuerySet.as_manager()

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("service standard")
        verbose_name_plural = _("service standards")

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> str:
        return in_language(self.title_zh, self.title_en)


class StandardVersion(models.Model):
    """One wording of a standard, fixed for good once it is in force 标准版本."""

    standard = models.ForeignKey(ServiceStandard, models.CASCADE, related_name="versions")
    number = models.CharField(max_length=12)
    state = models.CharField(max_length=12, choices=VersionState, default=VersionState.DRAFT)
    state_since = models.DateTimeField()
    from_cycle = models.CharField(max_length=8, blank=True, help_text="empty: always")
    note_zh = models.CharField(max_length=300, blank=True)
    note_en = models.CharField(max_length=300, blank=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    objects = StandardQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["standard", "number"], name="standard_version_number_once"),
            models.UniqueConstraint(
                fields=["standard"],
                condition=Q(state__in=[VersionState.DRAFT, VersionState.IN_REVIEW]),
                name="standard_one_draft",
            ),
            models.UniqueConstraint(
                fields=["standard"], condition=Q(state=VersionState.EFFECTIVE), name="standard_one_effective"
            ),
        ]
        verbose_name = _("version of a standard")
        verbose_name_plural = _("versions of standards")

    def __str__(self) -> str:
        return f"{self.standard.code} {self.number}"

    @property
    def note(self) -> str:
        return in_language(self.note_zh, self.note_en)


class StandardClause(models.Model):
    """One promise, or one step, in one version 标准条款."""

    version = models.ForeignKey(StandardVersion, models.CASCADE, related_name="clauses")
    number = models.CharField(max_length=12)
    area = models.CharField(_("Service area"), max_length=10, choices=ServiceArea)
    text_zh = models.CharField(max_length=400)
    text_en = models.CharField(max_length=600, blank=True)
    source = models.CharField(max_length=12, choices=TargetSource, default=TargetSource.DESIGN)
    order = models.PositiveIntegerField(default=0)
    indicators = models.ManyToManyField(Indicator, related_name="standard_clauses", blank=True)
    basis = models.ManyToManyField(Clause, related_name="standard_clauses", blank=True)
    objects = StandardQuerySet.as_manager()

    class Meta:
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="standard_clause_once")]
        verbose_name = _("clause of a standard")
        verbose_name_plural = _("clauses of standards")

    def __str__(self) -> str:
        return f"{self.version} §{self.number}"

    @property
    def code(self) -> str:
        """How the chain names the clause, whatever its version: ``FW/4.2.3``."""
        return f"{self.version.standard.code}/{self.number}"

    @property
    def text(self) -> str:
        return in_language(self.text_zh, self.text_en)


class RevisionRequest(models.Model):
    """Somebody asks for another wording of a clause, and says why 修订申请."""

    standard = models.ForeignKey(ServiceStandard, models.PROTECT, related_name="revisions")
    clause = models.ForeignKey(
        StandardClause, models.PROTECT, related_name="revisions", help_text="the clause as it was then"
    )
    text_zh = models.CharField(max_length=400)
    text_en = models.CharField(max_length=600, blank=True)
    reason = models.CharField(max_length=600)
    evidence_kind = models.CharField(max_length=30, blank=True)
    evidence_id = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=RevisionState, default=RevisionState.SUBMITTED)
    state_since = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer = models.CharField(max_length=400, blank=True)
    version = models.ForeignKey(
        StandardVersion, models.PROTECT, null=True, blank=True, related_name="revisions"
    )
    objects = StandardQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("revision request")
        verbose_name_plural = _("revision requests")

    def __str__(self) -> str:
        return f"{self.standard.code} §{self.clause.number} #{self.pk}"

    @property
    def text(self) -> str:
        return in_language(self.text_zh, self.text_en)
