"""``{% load jobs %}``: a job as the progress part of a page."""

from __future__ import annotations

from django import template

from bihuan.base.jobs import shown
from bihuan.base.jobs.models import Job
from bihuan.base.ui.parts import Progress

register = template.Library()


@register.simple_tag
def progress_of(job: Job) -> Progress:
    """What ``ui/parts/progress.html`` shows."""
    return shown.progress(job)


register.filter("job_took", shown.took)
register.filter("job_counted", shown.counted)
