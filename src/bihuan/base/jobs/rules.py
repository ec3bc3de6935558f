from __future__ import annotations

from typing import Any

from bihuan.base.jobs.models import Job


def can_see(user: Any, job: Job) -> bool:
    """Whoever ordered it, and administrators; the system (``None``) too."""
    return user is None or job.owner_id == user.pk or user.has_role("administrator")


def can_cancel(user: Any, job: Job) -> bool:
    """As long as it has not ended."""
    return can_see(user, job) and not job.ended


def can_retry(user: Any, job: Job) -> bool:
    """When it failed or was cancelled."""
    return can_see(user, job) and job.state in {"failed", "cancelled"}
