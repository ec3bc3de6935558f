from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.jobs import actions, queries, rules, shown
from bihuan.base.jobs.models import Job
from bihuan.base.jobs.registry import KINDS
from bihuan.base.jobs.states import JobState
from bihuan.base.trail.act import Refused
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty


def _job(request: HttpRequest, number: UUID) -> Job:
    found = queries.visible_to(request.user).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


@require_GET
def jobs(request: HttpRequest) -> HttpResponseBase:
    """The person's jobs; for administrators all of them, and the schedule."""
    if not request.user.is_authenticated:
        raise Http404
    rows = queries.visible_to(request.user)
    page = ListPage(
        request,
        rows,
        columns=_columns(),
        filters=[
            Filter("state", _("State"), choices=JobState.choices),
            Filter("kind", _("Kind"), choices=_kinds(rows)),
        ],
        sort="-created_at",
        caption=_("Background work"),
    )
    if page.wants_export:
        return page.export("jobs")
    week = timezone.now() - timedelta(days=7)
    schedule = list(queries.schedule_for(request.user))
    context = {
        "list": page,
        "rows": [(row, shown.STATUS[JobState(row.state)]) for row in page.rows],
        "schedule": [(entry, _name(entry.name), shown.rule_text(entry.rule)) for entry in schedule],
        "verdict": shown.list_verdict(
            rows.filter(state__in=(JobState.QUEUED, JobState.RUNNING)).count(),
            rows.filter(state=JobState.FAILED, finished_at__gte=week).count(),
        ),
        "crumbs": [Crumb(_("Background work"))],
        "empty": Empty(
            _("Nothing has run yet"), _("Imports, evaluations and reports that take long are shown here.")
        ),
    }
    return render(request, "jobs/jobs.html", context)


def _kinds(rows: QuerySet[Job]) -> list[tuple[str, str]]:
    used = rows.order_by("kind").values_list("kind", flat=True).distinct()
    return [(kind, str(KINDS[kind].title)) for kind in used if kind in KINDS]


def _columns() -> list[Column]:
    return [
        Column("name", _("Job"), value="name", url=lambda j: reverse("job", args=[j.pk])),
        Column("state", _("State"), value=lambda j: str(JobState(j.state).label), sort="state"),
        Column("counted", _("How far"), value=shown.counted),
        Column("owner", _("Ordered by"), value=lambda j: str(j.owner) if j.owner else _("the system")),
        Column("created_at", _("Ordered"), sort="created_at"),
        Column("took", _("Took"), value=shown.took),
    ]


def _name(schedule: str) -> str:
    work = KINDS.get(f"schedule.{schedule}")
    return str(work.title) if work else schedule


@require_GET
def job(request: HttpRequest, number: UUID) -> HttpResponse:
    """One job: how far it is, what came of it, why it failed."""
    one = _job(request, number)
    context = {
        "job": one,
        "result": shown.result_rows(one),
        "crumbs": [Crumb(_("Background work"), reverse("jobs")), Crumb(one.name)],
        "verdict": shown.verdict(one, _buttons(request, one)),
    }
    return render(request, "jobs/job.html", context)


def _buttons(request: HttpRequest, one: Job) -> tuple[Button, ...]:
    if rules.can_cancel(request.user, one) and not one.stop_asked:
        return (Button(_("Stop it"), reverse("job_cancel", args=[one.pk]), "x", post=True),)
    if rules.can_retry(request.user, one):
        return (
            Button(
                _("Run it again"), reverse("job_retry", args=[one.pk]), "refresh", post=True, primary=True
            ),
        )
    return ()


@require_GET
def progress(request: HttpRequest, number: UUID) -> HttpResponse:
    """The moving part of a page that shows a job; when the job has ended, the page loads itself anew."""
    one = _job(request, number)
    response = render(request, "jobs/progress.html", {"job": one})
    if one.ended:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def cancel(request: HttpRequest, number: UUID) -> HttpResponse:
    """Stop a job."""
    return _do(request, _job(request, number), actions.cancel_job)


@require_POST
def retry(request: HttpRequest, number: UUID) -> HttpResponse:
    """Run a job again."""
    return _do(request, _job(request, number), actions.retry_job)


def _do(request: HttpRequest, one: Job, what: Any) -> HttpResponse:
    try:
        what(one, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("job", one.pk)
