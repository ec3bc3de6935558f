"""How the archive is kept, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema

from bihuan.base.places.models import Place
from bihuan.collect.upkeep import queries, rules

router = Router(tags=["archive"])


class SourceOut(Schema):
    """One kind of record from one source, over the places you may see."""

    table: str
    source: str
    facts: int
    complete: int
    projects: int
    projects_lacking: int
    last_fact: datetime
    last_arrival: datetime


class GapOut(Schema):
    """What one project lacks; ``gap`` is ``cycle``, ``months`` or ``incomplete``."""

    table: str
    source: str
    cycle: str
    project: str
    gap: str
    detail: dict[str, Any]
    reminded_at: datetime


class GapsOut(Schema):
    """A stretch of the list, and how long the whole list is."""

    count: int
    items: list[GapOut]


@router.get("/archive/sources", response=list[SourceOut], url_name="archive_sources")
def sources(request: HttpRequest, under: str = "") -> Any:
    """Sources of the archive, each with how fresh and complete it is; ``under`` is the code of a place."""
    return [
        {
            "table": line.table,
            "source": line.source,
            "facts": line.rows,
            "complete": line.complete,
            "projects": line.projects,
            "projects_lacking": line.missing,
            "last_fact": line.last_at,
            "last_arrival": line.changed_at,
        }
        for line in queries.source_lines(_reader(request), _place(request, under))
    ]


@router.get("/archive/missing", response=GapsOut, url_name="archive_gaps")
def missing(
    request: HttpRequest,
    under: str = "",
    limit: int = Query(100, ge=1, le=1000),
    offset: int = Query(0, ge=0),
) -> Any:
    """What projects lack that they used to have, the oldest first."""
    found = queries.reminders(_reader(request), _place(request, under))
    items = [
        {
            "table": reminder.table,
            "source": reminder.source,
            "cycle": reminder.cycle,
            "project": reminder.place.code,
            "gap": reminder.gap,
            "detail": reminder.detail,
            "reminded_at": reminder.made_at,
        }
        for reminder in found[offset : offset + limit]
    ]
    return {"count": found.count(), "items": items}


def _reader(request: HttpRequest) -> Any:
    if not rules.may_read(request.user):
        raise Http404
    return request.user


def _place(request: HttpRequest, code: str) -> Place | None:
    if not code:
        return None
    found = Place.objects.visible_to(request.user).filter(code=code).first()
    if found is None:
        raise Http404
    return found
