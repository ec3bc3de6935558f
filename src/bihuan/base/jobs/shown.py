"""What the pages say about a job, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.jobs.models import Job
from bihuan.base.jobs.states import JobState
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Button, Progress, Verdict

STATUS = {
    JobState.QUEUED: "waiting",
    JobState.RUNNING: "in_progress",
    JobState.DONE: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
}
SURE_AFTER_SECONDS = 5


def progress(job: Job, now: datetime | None = None) -> Progress:
    """The part ``ui/parts/progress.html`` for a job; it loads itself anew until the job has ended."""
    return Progress(
        title=title(job),
        done=job.done if not job.ended else 1,
        total=job.total if not job.ended else 1,
        counted=counted(job),
        left=left(job, now or timezone.now()),
        may_leave=not job.ended,
        poll="" if job.ended else reverse("job_progress", args=[job.pk]),
    )


def title(job: Job) -> str:
    """What the job is and that it waits, runs or ended."""
    words = {
        JobState.QUEUED: _("%(name)s waits for its turn"),
        JobState.RUNNING: _("%(name)s is running"),
        JobState.DONE: _("%(name)s is finished"),
        JobState.FAILED: _("%(name)s did not come to its end"),
        JobState.CANCELLED: _("%(name)s was stopped"),
    }
    return words[JobState(job.state)] % {"name": job.name}


def counted(job: Job) -> str:
    """Step n of m, and what is counted in it."""
    what = ""
    if job.total:
        done, total = formats.number(job.done), formats.number(job.total)
        what = (
            _("%(done)s of %(total)s %(unit)s") % {"done": done, "total": total, "unit": job.unit}
            if job.unit
            else _("%(done)s of %(total)s") % {"done": done, "total": total}
        )
    elif job.done:
        what = (
            _("%(done)s %(unit)s") % {"done": formats.number(job.done), "unit": job.unit}
            if job.unit
            else formats.number(job.done)
        )
    what = what or job.message
    if not job.steps:
        return what
    if not what:
        return _("Step %(step)s of %(steps)s") % {"step": job.step, "steps": job.steps}
    return _("Step %(step)s of %(steps)s: %(what)s") % {"step": job.step, "steps": job.steps, "what": what}


def left(job: Job, now: datetime) -> str:
    """How long the step will still take, judged by how long it took so far."""
    if job.state != JobState.RUNNING or not job.total or not job.done or job.step_started_at is None:
        return ""
    passed = (now - job.step_started_at).total_seconds()
    if passed < SURE_AFTER_SECONDS:
        return ""
    seconds = passed * max(job.total - job.done, 0) / job.done
    if seconds < 60:
        return _("less than a minute left")
    return _("about %(time)s left") % {"time": formats.duration(seconds / 60)}


def took(job: Job) -> str:
    """How long a job took."""
    if job.started_at is None or job.finished_at is None:
        return ""
    seconds = (job.finished_at - job.started_at).total_seconds()
    return (
        _("%(n)s s") % {"n": formats.number(seconds, 0)} if seconds < 60 else formats.duration(seconds / 60)
    )


def verdict(job: Job, buttons: tuple[Button, ...]) -> Verdict:
    """How the job stands, and why it failed."""
    tone = {"done": "met", "failed": "miss", "queued": "acc"}.get(job.state, "none")
    detail: Any = job.error
    if job.state == JobState.DONE:
        detail = _("It took %(time)s.") % {"time": took(job)}
    elif job.state == JobState.CANCELLED:
        detail = _("What it had done before stays done.")
    elif job.stop_asked:
        detail = _("It was asked to stop and does so at the next safe point.")
    return Verdict(title(job), tone, detail=detail, buttons=buttons)


def list_verdict(running: int, failed: int) -> Verdict:
    """What runs now, and what failed lately."""
    if failed:
        sentence = ngettext(
            "[[%(n)s job failed]] in the last seven days.",
            "[[%(n)s jobs failed]] in the last seven days.",
            failed,
        )
        return Verdict(sentence % {"n": formats.number(failed)}, "miss", detail=_running(running))
    return Verdict(_running(running), "acc" if running else "met")


def _running(count: int) -> str:
    if not count:
        return _("Nothing is running in the background.")
    return ngettext("%(n)s job is running or waiting.", "%(n)s jobs are running or waiting.", count) % {
        "n": formats.number(count)
    }


def rule_text(rule: str) -> str:
    """A rule of the schedule in words."""
    kind, _space, rest = rule.partition(" ")
    if kind == "daily":
        return _("every day at %(time)s") % {"time": rest}
    return _("every %(time)s") % {"time": formats.duration(int(rest.split()[0]) / 60)}


def result_rows(job: Job) -> list[tuple[str, Any]]:
    """The result as rows to show; a text or number is one row."""
    if job.result is None:
        return []
    if isinstance(job.result, dict):
        return [
            (str(name), value) for name, value in job.result.items() if not isinstance(value, dict | list)
        ]
    return [("", job.result)]
