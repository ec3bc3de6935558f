"""What happens to a job from its order to its end.

Every change of state is one conditional update, so that of several workers, or a worker and a person, only
one succeeds.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from bihuan.base.jobs import workers
from bihuan.base.jobs.models import Job, ScheduleEntry
from bihuan.base.jobs.progress import Cancelled, LeaseLost, Progress, Stopping
from bihuan.base.jobs.registry import KINDS, Background
from bihuan.base.jobs.states import JobState

logger = logging.getLogger("bihuan.jobs")

LEASE = timedelta(seconds=90)
MOST_ATTEMPTS = 3
FRESH = {"step": 0, "steps": 0, "done": 0, "total": 0, "unit": "", "message": "", "error": "", "result": None}


def enqueue(work: Background, *, owner: Any, title: str, arguments: dict[str, Any]) -> Job:
    """Write the job and its task in one transaction."""
    with transaction.atomic():
        job = Job.objects.create(kind=work.kind, title=title[:200], owner=owner, arguments=arguments)
        _hand_to_worker(job)
    return job


def enqueue_again(job: Job) -> None:
    """Put an ended job back into the queue, inside the caller's transaction."""
    fresh = {**FRESH, "started_at": None, "finished_at": None, "attempts": 0, "stop_asked": False}
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, lease=None, worker="", **fresh)
    _hand_to_worker(job)


def run_now(work: Background, *, owner: Any, title: str, arguments: dict[str, Any]) -> Job:
    """Run the work in this process as a job that no worker takes."""
    job = Job.objects.create(kind=work.kind, title=title[:200], owner=owner, arguments=arguments)
    with workers.Presence() as me:
        run(job.pk, worker=me.id)
    job.refresh_from_db()
    return job


def run(job_id: Any, *, worker: str) -> None:
    """Take the job if it is still waiting, and do it."""
    lease, now = uuid.uuid4(), timezone.now()
    taken = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING,
        worker=worker,
        lease=lease,
        heartbeat_at=now,
        started_at=now,
        step_started_at=now,
        finished_at=None,
        attempts=F("attempts") + 1,
        **FRESH,
    )
    if not taken:
        return
    here = workers.Presence.here.get(worker)
    if here is not None:
        here.busy.add(lease)
    try:
        _do(Job.objects.select_related("owner").get(pk=job_id), lease, here)
    finally:
        if here is not None:
            here.busy.discard(lease)


def _do(job: Job, lease: uuid.UUID, here: workers.Presence | None) -> None:
    work = KINDS.get(job.kind)
    stop = here.stop if here and work and work.rerun else None
    progress = Progress(job.pk, lease, stop)
    with translation.override(getattr(job.owner, "language", "") or settings.LANGUAGE_CODE):
        try:
            if work is None:
                raise LookupError(f"no background work is called {job.kind}")
            result = work.call(progress, job.arguments)
            if not _end(job.pk, lease, JobState.DONE, result=result, **progress.unwritten()):
                raise LeaseLost
        except Cancelled:
            _end(job.pk, lease, JobState.CANCELLED)
        except Stopping:
            _give_back(job, lease)
        except LeaseLost:
            logger.error("job %s (%s) was given to another worker meanwhile; stopped here", job.pk, job.kind)
        except Exception as exc:
            logger.exception("job %s (%s) failed", job.pk, job.kind)
            _end(job.pk, lease, JobState.FAILED, error=sentence(exc))
            raise


def sentence(error: Exception) -> str:
    """What a person reads about ``error``: its own sentence where it was written for people."""
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, PermissionDenied | ValueError) or type(error).__module__.startswith("bihuan."):
        return str(error) or _unexpected(error)
    return _unexpected(error)


def _unexpected(error: Exception) -> str:
    return _(
        "The program met an error it did not expect (%(kind)s). Start it again; if it fails again, give the "
        "administrator the time, so that it can be found in the log."
    ) % {"kind": type(error).__name__}


def _end(
    job_id: Any, lease: uuid.UUID | None, state: str, *, result: Any = None, error: str = "", **counts: Any
) -> bool:
    """End a running job, if it is still ours."""
    now = timezone.now()
    with transaction.atomic():
        ended = Job.objects.filter(pk=job_id, lease=lease, state=JobState.RUNNING).update(
            state=state, result=result, error=error, finished_at=now, heartbeat_at=now, lease=None, **counts
        )
        if ended:
            ScheduleEntry.objects.filter(job=job_id).update(last_finished=now, last_error=error)
    return bool(ended)


def _give_back(job: Job, lease: uuid.UUID) -> None:
    """The program is stopping: let the work begin again when it is back."""
    with transaction.atomic():
        if Job.objects.filter(pk=job.pk, lease=lease, state=JobState.RUNNING).update(
            state=JobState.QUEUED, lease=None, worker="", attempts=F("attempts") - 1
        ):
            _hand_to_worker(job)


def _hand_to_worker(job: Job) -> None:
    from bihuan.base.jobs.tasks import run_job  # tasks imports this module's callers

    result = run_job.enqueue(job_id=str(job.pk))
    Job.objects.filter(pk=job.pk).update(task=result.id)
    job.task = uuid.UUID(result.id)


def heartbeat(worker: str, now: datetime | None = None) -> None:
    """Say that the jobs this worker is doing are alive; a row that a job is writing itself needs no word."""
    with transaction.atomic():
        rows = Job.objects.select_for_update(skip_locked=True, of=("self",))
        mine = rows.filter(worker=worker, state=JobState.RUNNING, lease__in=_leases(worker))
        ids = [job.pk for job in mine.only("pk")]
        Job.objects.filter(pk__in=ids).update(heartbeat_at=now or timezone.now())


def recover(now: datetime | None = None) -> list[Job]:
    """Find the jobs whose worker died; queue them again, or fail them with a sentence. Gives those jobs."""
    now = now or timezone.now()
    found = [job for job in _possibly_orphaned(now) if _rescue(job.pk, now)]
    _release_unclaimed(now)
    workers.clear_dead()
    return found


def _leases(worker: str) -> set[uuid.UUID]:
    here = workers.Presence.here.get(worker)
    return set(here.busy) if here else set()


def _possibly_orphaned(now: datetime) -> list[Job]:
    running = Job.objects.filter(state=JobState.RUNNING).only("pk", "worker", "lease", "heartbeat_at")
    return [job for job in running if _orphaned(job, now)]


def _orphaned(job: Job, now: datetime) -> bool:
    if job.worker in workers.Presence.here:
        return job.lease not in _leases(job.worker)
    alive = workers.is_alive(job.worker)
    if alive is None:
        return job.heartbeat_at is None or now - job.heartbeat_at > LEASE
    return not alive


def _rescue(job_id: uuid.UUID, now: datetime) -> bool:
    with transaction.atomic():
        # A row that is locked is being written: its worker lives.
        rows = Job.objects.select_for_update(skip_locked=True, of=("self",))
        job = rows.filter(pk=job_id, state=JobState.RUNNING).first()
        if job is None or not _orphaned(job, now):
            return False
        if job.task is not None:
            DBTaskResult.objects.filter(pk=job.task, status=TaskResultStatus.RUNNING).update(
                status=TaskResultStatus.FAILED, finished_at=now
            )
        work = KINDS.get(job.kind)
        if job.stop_asked:
            _end(job.pk, job.lease, JobState.CANCELLED)
        elif work is not None and work.rerun and job.attempts < MOST_ATTEMPTS:
            Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, lease=None, worker="")
            _hand_to_worker(job)
        else:
            _end(job.pk, job.lease, JobState.FAILED, error=_interrupted(job))
    return True


def _interrupted(job: Job) -> str:
    if job.attempts >= MOST_ATTEMPTS:
        return _(
            "The program was stopped %(count)s times while this was running, so it is not tried again by "
            "itself. Look for what stopped it (memory, power), then start it again."
        ) % {"count": job.attempts}
    return _(
        "The program was stopped while this was running, and doing it twice could do harm. See how far it "
        "came, then start it again."
    )


def _release_unclaimed(now: datetime) -> None:
    """Tasks whose worker died between taking the task and taking the job go back into the queue."""
    waiting = Job.objects.filter(state=JobState.QUEUED).values("task")
    taken = DBTaskResult.objects.filter(~Q(status=TaskResultStatus.READY), pk__in=waiting)
    for task in taken.only("pk", "worker_ids", "started_at", "status"):
        alive = workers.is_alive(task.worker_ids[-1] if task.worker_ids else "")
        stale = task.started_at is None or now - task.started_at > LEASE
        if alive is False or (alive is None and stale):
            DBTaskResult.objects.filter(pk=task.pk, status=task.status).update(
                status=TaskResultStatus.READY, finished_at=None
            )
