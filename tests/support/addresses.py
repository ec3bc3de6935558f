"""Every address of the program, filled with records of the demo company: what the tests walk.

Run as ``python -m tests.support.addresses`` with ``BIHUAN_HOME`` at a demo; writes JSON, one entry an
address: ``route``, ``name`` and ``path`` (null where the demo has no such record).
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

FOREIGN = "P01"  # the project whose records stand in the addresses; the outsider sees P02 only
PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")


def routes(resolver: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every route with its name, in the order of the resolver."""
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern, route)
        else:
            yield route, pattern.name or ""


def first(rows: Any, field: str = "pk") -> str | None:
    """The field of the first row, or nothing."""
    value = rows.values_list(field, flat=True).first()
    return None if value is None else str(value)


def fillers() -> list[tuple[str, Callable[[], str | None]]]:
    """Which record stands for a parameter, by the beginning of the route up to it; the longest fits."""
    from bihuan.assess.findings.models import Finding, Signal
    from bihuan.assess.models import AnalysisReport, EvaluationRun
    from bihuan.base.calendars.models import WorkingCalendar
    from bihuan.base.files.models import Attachment
    from bihuan.base.jobs.models import Job
    from bihuan.base.notices.models import Announcement, Notice
    from bihuan.base.people.models import ApiToken, Contractor, Department, User
    from bihuan.base.places.models import Household, Place, SheetImport
    from bihuan.collect.records.models import ImportBatch, Mapping
    from bihuan.improve.models import Action, EffectEvaluation, ImprovementPlan, Lesson, ManagementReport
    from bihuan.standards.service.models import RevisionRequest, ServiceStandard

    other = User.objects.filter(role_grants__place__code=FOREIGN)
    plans = ImprovementPlan.objects.filter(place__code=FOREIGN)
    here = Place.objects.get(code=FOREIGN).path
    return [
        ("people/<", lambda: first(other)),
        ("people/sheets/<", lambda: first(SheetImport.objects.filter(kind="people"))),
        ("departments/sheets/<", lambda: first(SheetImport.objects.filter(kind="structure"))),
        ("places/tree/sheets/<", lambda: first(SheetImport.objects.filter(kind="places"))),
        ("account/tokens/<", lambda: first(ApiToken.objects.exclude(user__employee_number="E010"))),
        ("start/files/<", lambda: "tree"),
        ("people/<int:number>/roles/<", lambda: first(other, "role_grants__pk")),
        ("departments/<", lambda: first(Department.objects.order_by("code"), "code")),
        ("contractors/<", lambda: first(Contractor.objects.order_by("code"), "code")),
        ("places/tree/at/<", lambda: FOREIGN),
        ("places/tree/residents/<", lambda: first(Household.objects.filter(unit__code__startswith=FOREIGN))),
        ("places/<", lambda: FOREIGN),
        ("api/v1/places/<", lambda: FOREIGN),
        ("calendars/<", lambda: first(WorkingCalendar.objects.order_by("pk"), "code")),
        ("standards/indicators/<", lambda: "R03"),
        ("standards/cycles/<", lambda: "2026Q3"),
        ("standards/service/<", lambda: first(ServiceStandard.objects.all(), "code")),
        ("service-standards/<", lambda: first(ServiceStandard.objects.all(), "code")),
        ("revisions/<", lambda: first(RevisionRequest.objects.all())),
        ("standards/revisions/<", lambda: first(RevisionRequest.objects.all())),
        ("indicators/<", lambda: "R03"),
        ("api/v1/indicators/<", lambda: "R03"),
        ("evaluations/<", lambda: first(EvaluationRun.objects.order_by("-pk"), "run_id")),
        ("api/v1/evaluations/<", lambda: first(EvaluationRun.objects.order_by("-pk"), "run_id")),
        ("reports/<", lambda: first(AnalysisReport.objects.filter(place__code=FOREIGN), "number")),
        ("archive/<", lambda: "work_orders"),
        ("archive/<slug:table>/<", lambda: "工单系统"),
        ("archive/<slug:table>/<path:source>/projects/<", lambda: FOREIGN),
        ("imports/mappings/<", lambda: first(Mapping.objects.all(), "name")),
        ("imports/<", lambda: first(ImportBatch.objects.all())),
        ("jobs/<", lambda: first(Job.objects.all())),
        ("files/<", lambda: first(Attachment.objects.filter(place_path__startswith=here))),
        ("signals/<", lambda: first(Signal.objects.filter(place__code=FOREIGN))),
        ("findings/<", lambda: first(Finding.objects.filter(place__code=FOREIGN), "code")),
        ("plans/<", lambda: first(plans, "code")),
        ("plans/<str:code>/<", lambda: "approve"),
        ("plans/<str:code>/versions/<", lambda: "1"),
        ("actions/<int:number>/<", lambda: "verify"),
        ("management-reports/<str:code>/<", lambda: "review"),
        ("lessons/<int:number>/<", lambda: "publish"),
        ("actions/<", lambda: first(Action.objects.filter(plan__place__code=FOREIGN))),
        ("effects/<", lambda: first(EffectEvaluation.objects.filter(plan__place__code=FOREIGN))),
        ("management-reports/<", lambda: first(ManagementReport.objects.filter(plan__place__code=FOREIGN))),
        ("lessons/<", lambda: first(Lesson.objects.filter(plan__place__code=FOREIGN))),
        ("announcements/<", lambda: first(Announcement.objects.filter(place__code=FOREIGN))),
        # The demo sends nothing outside, so there is no message; only who keeps the outbox gets this far.
        ("notices/outbox/<", lambda: "00000000-0000-0000-0000-000000000000"),
        ("inbox/<", lambda: first(Notice.objects.exclude(user__employee_number="E010"))),
    ]


def fill(route: str, known: list[tuple[str, Callable[[], str | None]]]) -> str | None:
    """The route with a record for each parameter; None where one is missing from the demo."""
    path = route
    for match in PARAMETER.finditer(route):
        before = route[: match.start()] + "<"
        bare = before.removeprefix("api/v1/")
        fitting = [value for start, value in known if before.startswith(start) or bare.startswith(start)]
        value = next((v for start, v in known if start in (before, bare)), fitting[-1] if fitting else None)
        found = value() if value else None
        if found is None:
            return None
        path = path.replace(match.group(0), found, 1)
    return "/" + path


def main() -> None:
    """Write every address as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
    import django

    django.setup()
    from django.urls import get_resolver

    known = fillers()
    listed = [
        {"route": route, "name": name, "path": fill(route, known)} for route, name in routes(get_resolver())
    ]
    json.dump(listed, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
