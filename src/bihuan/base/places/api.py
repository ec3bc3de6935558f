"""The places a person may see, for programs."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema

from .kinds import Kind
from .models import Place

router = Router(tags=["places"])


class PlaceOut(Schema):
    """One place; ``parent`` is the code of the place above, where the person may see that."""

    code: str
    kind: str
    parent: str | None
    name_zh: str
    name_en: str
    grade: str
    area: float | None
    state: str
    valid_from: str | None
    valid_to: str | None


class PlacesOut(Schema):
    """A stretch of the list, and how long the whole list is."""

    count: int
    items: list[PlaceOut]


def _out(place: Place, user: Any) -> dict[str, Any]:
    parent = place.parent
    return {
        "code": place.code,
        "kind": place.kind,
        "parent": parent.code if parent and user.sees(parent) else None,
        "name_zh": place.name_zh,
        "name_en": place.name_en,
        "grade": place.grade,
        "area": None if place.area is None else float(place.area),
        "state": place.state,
        "valid_from": place.valid_from and place.valid_from.isoformat(),
        "valid_to": place.valid_to and place.valid_to.isoformat(),
    }


@router.get("/places", response=PlacesOut, url_name="places")
def places(
    request: HttpRequest,
    kind: Kind | None = None,
    under: str = "",
    limit: int = Query(100, ge=1, le=1000),
    offset: int = Query(0, ge=0),
) -> Any:
    """Places you may see, down to the building unless ``kind=unit`` is asked for; ``under`` is a code."""
    user: Any = request.user
    found = Place.objects.visible_to(user).select_related("parent")
    found = found.filter(kind=kind) if kind else found.exclude(kind=Kind.UNIT)
    if under:
        found = found.filter(path__startswith=_one(user, under).path)
    rows = found.order_by("code")[offset : offset + limit]
    return {"count": found.count(), "items": [_out(place, user) for place in rows]}


@router.get("/places/{code}", response=PlaceOut, url_name="place")
def place(request: HttpRequest, code: str) -> Any:
    """One place."""
    return _out(_one(request.user, code), request.user)


def _one(user: Any, code: str) -> Place:
    found = Place.objects.visible_to(user).select_related("parent").filter(code=code).first()
    if found is None:
        raise Http404
    return found
