from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext

from bihuan.base.jobs.models import Job, ScheduleEntry
from bihuan.base.jobs.states import JobState


def visible_to(user: Any) -> QuerySet[Job]:
    """Administrators see every job, everybody else what they ordered."""
    rows = Job.objects.select_related("owner")
    if not getattr(user, "is_authenticated", False):
        return rows.none()
    return rows if user.has_role("administrator") else rows.filter(owner=user)


def schedule_for(user: Any) -> QuerySet[ScheduleEntry]:
    """The regular work, for administrators."""
    rows = ScheduleEntry.objects.select_related("job")
    allowed = getattr(user, "is_authenticated", False) and user.has_role("administrator")
    return rows if allowed else rows.none()


def unfinished(user: Any) -> int:
    """How many of the person's jobs wait or run."""
    waiting = (JobState.QUEUED, JobState.RUNNING)
    return Job.objects.filter(owner=user, state__in=waiting).count() if user.is_authenticated else 0


def attention(request: HttpRequest) -> str:
    """Work that failed in the last week, as one phrase; empty when none did."""
    since = timezone.now() - timedelta(days=7)
    count = visible_to(request.user).filter(state=JobState.FAILED, created_at__gte=since).count()
    text = ngettext("%(n)d failed this week", "%(n)d failed this week", count)
    return text % {"n": count} if count else ""
