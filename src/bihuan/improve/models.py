"""Plans with their versions and approvals, actions with their notes, checks, effects, reports and lessons."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.base.people.models import Department
from bihuan.base.places.models import Place
from bihuan.improve.choices import CheckVerdict, Decision, Effect, NoteKind, Proof
from bihuan.improve.managers import LessonQuerySet, OfPlanQuerySet, PlanQuerySet
from bihuan.improve.states import ActionState, LessonState, PlanState, ReportState

PERSON = settings.AUTH_USER_MODEL


def person(**given: Any) -> Any:
    """A foreign key to a person who stays on record."""
    return models.ForeignKey(PERSON, models.PROTECT, related_name="+", **given)


class ImprovementPlan(models.Model):
    """What will be done about findings 改进计划. The content is here and in actions and impacts.

    Submitting freezes it into a :class:`PlanVersion`; until then, and again after any edit, it is a draft.
    """

    code = models.CharField(_("Number"), max_length=20, unique=True)
    title = models.CharField(_("Title"), max_length=120)
    findings = models.ManyToManyField("assess.Finding", related_name="plans", verbose_name=_("Findings"))
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("Where"))
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    owner = person(verbose_name=_("Responsible"))
    leader = person(verbose_name=_("Approved by"), null=True, blank=True)
    why = models.TextField(_("Why it happens"), blank=True)
    resources = models.TextField(_("People and means needed"), blank=True)
    cost = models.DecimalField(_("Budget, yuan"), max_digits=12, decimal_places=2, null=True, blank=True)
    trigger_cycle = models.CharField(_("Cycle that led to it"), max_length=8)
    due = models.DateField(_("Done by"), null=True)
    state = models.CharField(_("State"), max_length=12, choices=PlanState, default=PlanState.DRAFT)
    state_since = models.DateTimeField()
    decide_by = models.DateTimeField(null=True, blank=True)
    # Everybody who ever wrote in it or submitted it, by primary key: none of them may approve it.
    editors = models.JSONField(default=list)
    created_by = person(null=True)
    created_at = models.DateTimeField()
    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("improvement plan")
        verbose_name_plural = _("improvement plans")

    def __str__(self) -> str:
        return self.code

    @property
    def place_path(self) -> str:
        """Where a refusal about it is filed on the trail."""
        return self.place.path


class PlanVersion(models.Model):
    """The content of a plan as it was submitted, with its fingerprint 计划版本."""

    plan = models.ForeignKey(ImprovementPlan, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    submitted_by = person(null=True)
    submitted_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="plan_version_number_once")]
        verbose_name = _("plan version")
        verbose_name_plural = _("plan versions")

    def __str__(self) -> str:
        return f"{self.plan.code} v{self.number}"


class Approval(models.Model):
    """What a leader decided about one version, and the fingerprint of what was decided on 审批."""

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="approvals")
    decision = models.CharField(max_length=10, choices=Decision)
    sha256 = models.CharField(max_length=64)
    by = person()
    reason = models.TextField(blank=True)
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            # However many leaders press at the same instant, one version is decided once.
            models.UniqueConstraint(fields=["version"], name="version_decided_once"),
        ]
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")

    def __str__(self) -> str:
        return f"{self.version_id} {self.decision}"


class Action(models.Model):
    """One measure of a plan 改进措施: who does what by when, and how it is proved."""

    plan = models.ForeignKey(ImprovementPlan, models.CASCADE, related_name="actions")
    order = models.PositiveIntegerField(default=1)
    title = models.CharField(_("Action"), max_length=160)
    assignee = person(verbose_name=_("Who does it"))
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    proof = models.CharField(_("Proof to hand in"), max_length=120, blank=True)
    proof_kind = models.CharField(_("Kind of proof"), max_length=8, choices=Proof, default=Proof.FILE)
    starts = models.DateField(_("Begins"))
    due = models.DateField(_("Until"))
    checkpoints = models.JSONField(default=list, blank=True)
    training = models.BooleanField(_("It is a training"), default=False)
    attendees = models.PositiveIntegerField(_("People trained"), null=True, blank=True)
    state = models.CharField(_("State"), max_length=12, choices=ActionState, default=ActionState.TODO)
    state_since = models.DateTimeField()
    percent = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    done_by = person(null=True)
    verified_at = models.DateTimeField(null=True)
    verified_by = person(null=True)
    objects = OfPlanQuerySet.as_manager()

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(due__gte=models.F("starts")), name="action_days_in_order"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="action_percent_up_to_100"),
        ]
        verbose_name = _("action of a plan")
        verbose_name_plural = _("actions of plans")

    def __str__(self) -> str:
        return f"{self.plan.code}-{self.order}"

    @property
    def place_path(self) -> str:
        """Where a refusal about it is filed on the trail."""
        return self.plan.place.path


class ActionNote(models.Model):
    """What somebody reported about an action; photos and files hang on it as attachments."""

    action = models.ForeignKey(Action, models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=10, choices=NoteKind)
    percent = models.PositiveIntegerField(null=True)
    text = models.TextField(blank=True)
    by = person(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("note on an action")
        verbose_name_plural = _("notes on actions")

    def __str__(self) -> str:
        return f"{self.action_id} {self.kind}"


class ProgressCheck(models.Model):
    """A regular look at a plan under way, or at one of its actions 执行检查."""

    plan = models.ForeignKey(ImprovementPlan, models.CASCADE, related_name="checks")
    action = models.ForeignKey(Action, models.CASCADE, null=True, blank=True, related_name="checks")
    verdict = models.CharField(_("How it stands"), max_length=10, choices=CheckVerdict)
    note = models.TextField(_("What was seen"))
    next_check = models.DateField(_("Next check"), null=True, blank=True)
    by = person(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("progress check")
        verbose_name_plural = _("progress checks")

    def __str__(self) -> str:
        return f"{self.plan_id} {self.verdict}"


class ExpectedImpact(models.Model):
    """What a plan promises to change: an indicator at a place, by how much, from which cycle on.

    ``promised`` is in the indicator's unit and always above 0: better by so much, whichever way that is.
    """

    plan = models.ForeignKey(ImprovementPlan, models.CASCADE, related_name="impacts")
    order = models.PositiveIntegerField(default=1)
    indicator = models.CharField(_("Indicator"), max_length=40)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("Where"))
    direction = models.CharField(max_length=4)
    promised = models.DecimalField(_("Promised improvement"), max_digits=10, decimal_places=3)
    measured_from = models.CharField(_("Measured from"), max_length=8)
    comparison = models.ManyToManyField(
        Place, blank=True, related_name="+", verbose_name=_("Places to compare with")
    )

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(promised__gt=0), name="impact_promises_something"),
        ]
        verbose_name = _("expected impact")
        verbose_name_plural = _("expected impacts")

    def __str__(self) -> str:
        return f"{self.plan_id} {self.indicator}"


class EffectEvaluation(models.Model):
    """What the data said about a plan at one time 效果评估; its verdict is the worst of its impacts'."""

    plan = models.ForeignKey(ImprovementPlan, models.CASCADE, related_name="effects")
    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="effects")
    number = models.PositiveIntegerField()
    verdict = models.CharField(max_length=12, choices=Effect)
    record = models.JSONField()
    sha256 = models.CharField(max_length=64)
    made_by = person(null=True)
    made_at = models.DateTimeField()
    objects = OfPlanQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="effect_number_once")]
        verbose_name = _("effect evaluation")
        verbose_name_plural = _("effect evaluations")

    def __str__(self) -> str:
        return f"{self.plan.code} E{self.number}"

    @property
    def place_path(self) -> str:
        """Where a refusal about it is filed on the trail."""
        return self.plan.place.path


class ImpactEffect(models.Model):
    """What became of one expected impact; ``change`` is signed so that more is better."""

    evaluation = models.ForeignKey(EffectEvaluation, models.CASCADE, related_name="impacts")
    impact = models.ForeignKey(ExpectedImpact, models.SET_NULL, null=True, related_name="effects")
    before = models.FloatField(null=True)
    after = models.FloatField(null=True)
    change = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    verdict = models.CharField(max_length=12, choices=Effect)
    record = models.JSONField()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("effect on an indicator")
        verbose_name_plural = _("effects on indicators")

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.verdict}"


class ManagementReport(models.Model):
    """What leaders read about a plan and what came of it 管理层报告, as PDF in both languages."""

    code = models.CharField(_("Number"), max_length=20, unique=True)
    plan = models.ForeignKey(ImprovementPlan, models.PROTECT, related_name="reports")
    effect = models.ForeignKey(EffectEvaluation, models.PROTECT, related_name="reports")
    state = models.CharField(_("State"), max_length=12, choices=ReportState, default=ReportState.DRAFT)
    state_since = models.DateTimeField()
    message = models.TextField(_("What the leader must know"), blank=True)
    pdf_zh = models.FileField(upload_to="management/", max_length=200)
    pdf_en = models.FileField(upload_to="management/", max_length=200)
    sha256_zh = models.CharField(max_length=64)
    sha256_en = models.CharField(max_length=64)
    made_by = person(null=True)
    made_at = models.DateTimeField()
    reviewed_by = person(null=True)
    reviewed_at = models.DateTimeField(null=True)
    review = models.TextField(blank=True)
    objects = OfPlanQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("management report")
        verbose_name_plural = _("management reports")

    def __str__(self) -> str:
        return self.code

    @property
    def place_path(self) -> str:
        """Where a refusal about it is filed on the trail."""
        return self.plan.place.path

    def read_pdf(self, language: str) -> bytes:
        """The file in a language, as it was made."""
        chosen = self.pdf_zh if language.startswith("zh") else self.pdf_en
        with chosen.open("rb") as source:
            return bytes(source.read())


class Lesson(models.Model):
    """What others should know from a plan 经验教训."""

    plan = models.ForeignKey(ImprovementPlan, models.CASCADE, related_name="lessons")
    title = models.CharField(_("Lesson"), max_length=120)
    text = models.TextField(_("What others should know"))
    state = models.CharField(_("State"), max_length=12, choices=LessonState, default=LessonState.DRAFT)
    state_since = models.DateTimeField()
    by = person(null=True)
    at = models.DateTimeField()
    objects = LessonQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    def __str__(self) -> str:
        return self.title

    @property
    def place_path(self) -> str:
        """Where a refusal about it is filed on the trail."""
        return self.plan.place.path


class Numbering(models.Model):
    """The last number given in a series such as GJ-2026."""

    series = models.CharField(max_length=20, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.series
