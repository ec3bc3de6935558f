from __future__ import annotations

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs.registry import KINDS
from bihuan.base.jobs.states import ENDED, JobState


class Job(models.Model):
    """A piece of background work: what it is, how far it has come, what came of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=80, db_index=True)
    title = models.CharField(_("title"), max_length=200, blank=True)
    arguments = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("started by"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=JobState.choices, default=JobState.QUEUED, db_index=True
    )

    step = models.PositiveSmallIntegerField(_("step"), default=0)
    steps = models.PositiveSmallIntegerField(_("steps"), default=0)
    done = models.BigIntegerField(_("counted so far"), default=0)
    total = models.BigIntegerField(_("to count"), default=0)
    unit = models.CharField(_("what is counted"), max_length=80, blank=True)
    message = models.CharField(_("at work on"), max_length=300, blank=True)
    error = models.TextField(_("why it failed"), blank=True)
    result = models.JSONField(_("result"), null=True, blank=True, encoder=DjangoJSONEncoder)

    created_at = models.DateTimeField(_("ordered"), default=timezone.now, db_index=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    step_started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)

    task = models.UUIDField(null=True, editable=False, db_index=True)
    worker = models.CharField(max_length=64, blank=True, editable=False)
    lease = models.UUIDField(null=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    stop_asked = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["owner", "-created_at"], name="jobs_of_owner")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its own title, or the title of its kind in the reader's language."""
        work = KINDS.get(self.kind)
        return self.title or (str(work.title) if work else self.kind)

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in ENDED


class ScheduleEntry(models.Model):
    """When a regular piece of work is due next, and how the last time went."""

    name = models.CharField(_("name"), max_length=80, primary_key=True)
    rule = models.CharField(_("rule"), max_length=80)
    next_due = models.DateTimeField(_("next"), db_index=True)
    last_started = models.DateTimeField(_("last started"), null=True, blank=True)
    last_finished = models.DateTimeField(_("last ended"), null=True, blank=True)
    last_error = models.TextField(_("last failure"), blank=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("scheduled work")
        verbose_name_plural = _("scheduled work")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
