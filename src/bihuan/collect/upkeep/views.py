from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.archive.errors import ArchiveError
from bihuan.archive.manifest import Line
from bihuan.archive.store import Archive
from bihuan.base.calendars import periods
from bihuan.base.people.access import require_role
from bihuan.base.ui import formats
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Crumb, Empty, Figure
from bihuan.collect.upkeep import actions, display, queries, rules, verdicts
from bihuan.collect.upkeep.forms import KeeperForm
from bihuan.collect.upkeep.models import Check, Keeper, Reminder
from bihuan.collect.upkeep.rules import READERS
from bihuan.collect.upkeep.states import Gap
from bihuan.collect.upkeep.tasks import nightly_upkeep

SHOWN_MONTHS = 12


def _place(request: HttpRequest) -> Any:
    """The place chosen in the top bar."""
    choice = request.choice.place  # type: ignore[attr-defined]
    return choice.subject if choice else None


@require_GET
@require_role(*READERS)
def overview(request: HttpRequest) -> HttpResponseBase:
    """Is the archive whole, is it up to date, what is missing and who was reminded."""
    place = _place(request)
    lines = queries.source_lines(request.user, place)
    open_ones = list(queries.reminders(request.user, place))
    check = queries.last_check()
    page = ListPage(request, lines, columns=_source_columns(), caption=_("Sources"), size=200)
    if page.wants_export:
        return page.export("archive")
    whole = rules.may_see_batches(request.user)
    context = {
        "crumbs": [Crumb(_("Data archive"))],
        "verdict": verdicts.overview(lines, open_ones, check, may_check=whole, now=timezone.now()),
        "figures": _figures(lines, open_ones, check),
        "list": page,
        "reminders": open_ones[:8],
        "more": max(0, len(open_ones) - 8),
        "check": check,
        "problems": _problems(check) if whole else [],
        "batches": _newest_batches(5) if whole else [],
        "whole": whole,
        "imports": queries.imports_with_bad_rows(request.user),
        "empty": verdicts.nothing_yet(),
    }
    return render(request, "upkeep/overview.html", context)


def _source_columns() -> list[Column]:
    return [
        Column("table", _("Kind of record"), value=lambda r: display.table(r.table), sort=lambda r: r.table),
        Column("source", _("Source"), sort=lambda r: r.source),
        Column("rows", _("Facts"), sort=lambda r: r.rows, numeric=True),
        Column(
            "complete",
            pgettext("archive", "Complete"),
            value=lambda r: display.share(r.complete, r.rows),
            numeric=True,
        ),
        Column("projects", _("Projects"), sort=lambda r: r.projects, numeric=True),
        Column("missing", _("Lacking"), sort=lambda r: r.missing, numeric=True),
        Column("last_at", _("Last fact"), sort=lambda r: r.last_at),
        Column("changed_at", _("Last arrival"), sort=lambda r: r.changed_at),
    ]


def _figures(lines: list[queries.SourceLine], open_ones: list[Reminder], check: Check | None) -> list[Figure]:
    if not lines:
        return []
    rows, complete = sum(line.rows for line in lines), sum(line.complete for line in lines)
    newest = max(line.last_at for line in lines)
    return [
        Figure(_("Facts"), formats.number(rows)),
        Figure(
            pgettext("archive", "Complete"),
            display.share(complete, rows),
            note=_("every required field is there"),
        ),
        Figure(_("Sources"), formats.number(len(lines))),
        Figure(_("Projects lacking something"), formats.number(len({r.place_id for r in open_ones}))),
        Figure(_("Last fact"), formats.moment(newest)),
        Figure(_("Snapshot"), formats.number(check.snapshot) if check else "—"),
    ]


def _problems(check: Check | None) -> list[dict[str, Any]]:
    return [{**found, "words": display.problem(found["kind"])} for found in (check.problems if check else [])]


def _history() -> list[Line]:
    """Every batch, newest first; none where the manifest cannot be read, which the check then says."""
    try:
        return Archive(settings.ARCHIVE_URL).history()[::-1]
    except ArchiveError:
        return []


def _newest_batches(limit: int) -> list[verdicts.BatchLine]:
    return [verdicts.BatchLine.of(line) for line in _history()[:limit]]


@require_POST
@require_role(*READERS)
def check_now(request: HttpRequest) -> HttpResponse:
    """Order the nightly look now."""
    if not rules.may_see_batches(request.user):
        raise Http404
    nightly_upkeep.enqueue(owner=request.user)
    messages.info(request, _("The archive is being read; the result appears here when it is done."))
    return redirect("archive")


@require_GET
@require_role(*READERS)
def missing(request: HttpRequest) -> HttpResponseBase:
    """Everything that is missing, and who was reminded of it."""
    rows = queries.reminders(request.user, _place(request))
    sources = list(rows.order_by("source").values_list("source", flat=True).distinct())
    page = ListPage(
        request,
        rows,
        columns=[
            Column("place", _("Project"), value="place.name", sort="place__code"),
            Column("table", _("Kind of record"), value=lambda r: display.table(r.table), sort="table"),
            Column("source", _("Source"), sort="source"),
            Column("gap", _("What is missing"), value=display.gap, sort="gap"),
            Column("person", _("Reminded"), value=display.reminded),
            Column("made_at", _("Reminded on"), sort="made_at"),
        ],
        filters=[
            Filter("gap", _("What is missing"), choices=Gap.choices),
            Filter("source", _("Source"), choices=[(source, source) for source in sources]),
        ],
        sort="made_at",
        caption=_("What is missing"),
    )
    if page.wants_export:
        return page.export("archive-missing")
    context = {
        "crumbs": [Crumb(_("Data archive"), reverse("archive")), Crumb(_("What is missing"))],
        "verdict": verdicts.missing(page.total),
        "list": page,
        "empty": Empty(_("Nothing is missing"), _("Every project has what its sources used to bring.")),
    }
    return render(request, "upkeep/missing.html", context)


@require_GET
@require_role(*READERS)
def batches(request: HttpRequest) -> HttpResponseBase:
    """Every batch of the archive with the snapshot it made."""
    if not rules.may_see_batches(request.user):
        raise Http404
    rows = [verdicts.BatchLine.of(line) for line in _history()]
    page = ListPage(
        request,
        rows,
        columns=[
            Column("line", _("Snapshot"), sort=lambda r: r.line, numeric=True),
            Column("at", _("Published"), sort=lambda r: r.at),
            Column("actor", pgettext("archive", "By"), sort=lambda r: r.actor),
            Column("note", _("Note")),
            Column("partitions", _("Partitions"), numeric=True),
            Column("added", pgettext("archive", "New"), sort=lambda r: r.added, numeric=True),
            Column("replaced", pgettext("archive", "Changed"), sort=lambda r: r.replaced, numeric=True),
            Column("withdrawn", _("Withdrawn"), sort=lambda r: r.withdrawn, numeric=True),
        ],
        filters=[
            Filter(
                "q",
                _("Find"),
                kind="search",
                hint=_("note or person"),
                apply=lambda found, text: [r for r in found if text.casefold() in r.words],
            )
        ],
        sort="-line",
        caption=_("Batches"),
    )
    if page.wants_export:
        return page.export("archive-batches")
    context = {
        "crumbs": [Crumb(_("Data archive"), reverse("archive")), Crumb(_("Batches"))],
        "verdict": verdicts.batches(rows),
        "list": page,
        "empty": verdicts.nothing_yet(),
    }
    return render(request, "upkeep/batches.html", context)


@require_http_methods(["GET", "POST"])
@require_role(*READERS)
def source(request: HttpRequest, table: str, source: str) -> HttpResponseBase:
    """One source: every project with how fresh and complete it is; who answers for it."""
    lines = queries.project_lines(request.user, table, source, _place(request))
    if not lines and not queries.holdings(request.user).filter(table=table, source=source).exists():
        raise Http404
    keeper = Keeper.objects.filter(table=table, source=source).select_related("department", "person").first()
    may_name = rules.may_name_keeper(request.user)
    form = KeeperForm.of(keeper)
    if request.method == "POST":
        if not may_name:
            raise Http404
        form = KeeperForm(request.POST)
        if form.is_valid():
            actions.name_keeper(
                table=table,
                source=source,
                department=form.cleaned_data["department"],
                person=form.cleaned_data["person"],
                actor=request.user,  # type: ignore[arg-type]
            )
            return redirect("archive_source", table, source)
    page = ListPage(request, lines, columns=_project_columns(), filters=[_lacking()], caption=_("Projects"))
    if page.wants_export:
        return page.export("archive-projects")
    context = {
        "crumbs": [
            Crumb(_("Data archive"), reverse("archive")),
            Crumb(_("%(table)s, %(source)s") % {"table": display.table(table), "source": source}),
        ],
        "verdict": verdicts.source(table, source, lines),
        "list": page,
        "table": table,
        "source": source,
        "keeper": keeper,
        "form": form if may_name else None,
    }
    return render(request, "upkeep/source.html", context)


def _project_columns() -> list[Column]:
    return [
        Column("name", _("Project"), sort=lambda r: r.name),
        Column("gap", _("What is missing"), value=_gaps),
        Column("rows", _("Facts"), sort=lambda r: r.rows, numeric=True),
        Column(
            "complete",
            pgettext("archive", "Complete"),
            value=lambda r: display.share(r.complete, r.rows),
            numeric=True,
        ),
        Column("late", pgettext("archive", "Late"), sort=lambda r: r.late, numeric=True),
        Column("last_at", _("Last fact"), sort=lambda r: r.last_at),
        Column("changed_at", _("Last arrival"), sort=lambda r: r.changed_at),
    ]


def _gaps(line: queries.ProjectLine) -> str:
    return pgettext("archive", "; ").join(display.gap(reminder) for reminder in line.reminders)


def _lacking() -> Filter:
    choices = [("lacking", _("Lacking something")), ("full", _("Nothing missing"))]
    return Filter(
        "state",
        _("State"),
        choices=choices,
        apply=lambda rows, value: [row for row in rows if bool(row.reminders) == (value == "lacking")],
    )


@require_GET
@require_role(*READERS)
def project(request: HttpRequest, table: str, source: str, project: str) -> HttpResponse:
    """One project of one source: what each month and cycle holds, what is missing, who was reminded."""
    found = queries.project_line(request.user, table, source, project)
    if found is None:
        raise Http404
    line, holdings = found
    words = _("%(table)s, %(source)s") % {"table": display.table(table), "source": source}
    context = {
        "crumbs": [
            Crumb(_("Data archive"), reverse("archive")),
            Crumb(words, reverse("archive_source", args=[table, source])),
            Crumb(line.name),
        ],
        "verdict": verdicts.project(line, source),
        "figures": [
            Figure(_("Facts"), formats.number(line.rows)),
            Figure(pgettext("archive", "Complete"), display.share(line.complete, line.rows)),
            Figure(
                pgettext("archive", "Late"),
                formats.number(line.late),
                note=_("came after the cycle was closed"),
            ),
            Figure(_("Last fact"), formats.moment(line.last_at)),
            Figure(_("Last arrival"), formats.moment(line.changed_at)),
        ],
        "line": line,
        "months": _months(line),
        "cycles": holdings,
        "table": table,
        "source": source,
    }
    return render(request, "upkeep/project.html", context)


def _months(line: queries.ProjectLine) -> list[dict[str, Any]]:
    """The last year of months, newest first, the empty ones among them."""
    month = timezone.localtime().replace(day=1)
    shown = []
    first = min(line.months)
    for _step in range(SHOWN_MONTHS):
        code = periods.month_of(month)
        rows, complete = line.months.get(code, (0, 0))
        if code >= first:
            shown.append({"month": code, "rows": rows, "share": display.share(complete, rows)})
        month = (month - timedelta(days=1)).replace(day=1)
    return shown
