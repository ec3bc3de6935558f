from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from bihuan.base.jobs import engine, rules
from bihuan.base.jobs.models import Job
from bihuan.base.jobs.states import ENDED, JobState
from bihuan.base.trail.act import Refused, act, note

KEEP_ENDED = timedelta(days=90)


@act
def cancel_job(job: Job, *, actor: Any) -> Job:
    """Take a waiting job out of the queue; ask a running one to stop at its next word of progress."""
    job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if not rules.can_cancel(actor, job):
        raise Refused(_("This job has ended, or it is not yours to stop."), code="job_not_stoppable")
    if job.state == JobState.QUEUED:
        job.state, job.finished_at = JobState.CANCELLED, timezone.now()
    job.stop_asked = True
    job.save(update_fields=["state", "finished_at", "stop_asked"])
    note(actor, "job.cancelled", job, kind=job.kind)
    return job


@act
def retry_job(job: Job, *, actor: Any) -> Job:
    """Order a job that failed or was cancelled once more, with what it was given the first time."""
    job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if not rules.can_retry(actor, job):
        raise Refused(_("Only a job that failed or was stopped is run again."), code="job_not_retriable")
    engine.enqueue_again(job)
    note(actor, "job.retried", job, kind=job.kind)
    job.refresh_from_db()
    return job


def clear_old(*, now: datetime | None = None) -> int:
    """Delete jobs that ended more than 90 days ago, and give their number."""
    old = (now or timezone.now()) - KEEP_ENDED
    with transaction.atomic():
        jobs = Job.objects.filter(state__in=ENDED, finished_at__lt=old)
        DBTaskResult.objects.filter(pk__in=jobs.exclude(task=None).values("task")).delete()
        DBTaskResult.objects.filter(finished_at__lt=old).delete()
        count, _models = jobs.delete()
    return count
