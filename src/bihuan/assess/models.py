from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.assess.findings.models import Finding, FindingCounter, Signal
from bihuan.assess.states import ReportState, RunState
from bihuan.base.places.managers import VisibleQuerySet
from bihuan.base.places.models import Place
from bihuan.standards.models import MonitoringCycle, StandardQuerySet, WeightTree

__all__ = ["AnalysisReport", "EvaluationRun", "Finding", "FindingCounter", "Signal"]


class RunQuerySet(StandardQuerySet):
    """A run is open to whoever holds a role; the results under it are cut to the places they may see."""

    def usable(self) -> Self:
        """Runs whose results may be shown."""
        return self.filter(state__in=[RunState.DONE, RunState.ISSUED])


class EvaluationRun(models.Model):
    """One evaluation of a cycle: what it used and where its results, which are Parquet, lie."""

    run_id = models.CharField(max_length=60, unique=True)
    cycle = models.ForeignKey(MonitoringCycle, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=8, choices=RunState, default=RunState.QUEUED)
    snapshot = models.PositiveIntegerField(null=True, blank=True)
    as_of = models.DateTimeField()
    weights = models.ForeignKey(WeightTree, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    definitions = models.JSONField(default=list, help_text="the definitions used, whole")
    history = models.JSONField(
        default=list, help_text="numbers of the runs that earlier cycles were taken from"
    )
    record = models.JSONField(default=dict)
    result_hash = models.CharField(max_length=64, blank=True)
    revises = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="revisions"
    )
    repeats = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="repetitions"
    )
    error = models.TextField(blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("evaluation run")
        verbose_name_plural = _("evaluation runs")

    def __str__(self) -> str:
        return self.run_id

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


class ReportQuerySet(VisibleQuerySet):
    place_path = "place__path"


class AnalysisReport(models.Model):
    """A report on one place, cycle and language; issuing freezes it with the fingerprint of its file."""

    number = models.CharField(max_length=60, unique=True)
    run = models.ForeignKey(EvaluationRun, on_delete=models.PROTECT, related_name="reports")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ReportState, default=ReportState.DRAFT)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    summary = models.CharField(max_length=600, blank=True)
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="reports/", max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField(null=True, blank=True)
    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "place"],
                condition=Q(state=ReportState.ISSUED),
                name="report_issued_once_per_run",
            ),
        ]
        verbose_name = _("analysis report")
        verbose_name_plural = _("analysis reports")

    def __str__(self) -> str:
        return self.number

    @property
    def place_path(self) -> str:
        """Where a refusal about it is filed on the trail."""
        return self.place.path

    def read_pdf(self) -> bytes:
        """The file as it was made."""
        with self.file.open("rb") as source:
            return bytes(source.read())
