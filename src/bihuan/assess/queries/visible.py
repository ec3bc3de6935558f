"""Which places a person may see results of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from bihuan.base.places import queries as place_queries
from bihuan.base.places.kinds import RANK, Kind
from bihuan.base.places.models import Place
from bihuan.base.ui.choice import Option


def visible_places(user: Any) -> QuerySet[Place]:
    """Places above the unit that the person may see; ``None`` is the system, which sees all."""
    places = Place.objects.exclude(kind=Kind.UNIT)
    return places if user is None else places.visible_to(user)


def projects_under(user: Any, place: Place) -> list[Place]:
    """The projects under a place (or itself) that the person may see."""
    return list(
        visible_places(user).filter(kind=Kind.PROJECT, path__startswith=place.path).select_related("parent")
    )


def place_choices(request: HttpRequest, text: str, limit: int) -> Sequence[Option]:
    """The places of the top bar, the highest first."""
    if not request.user.is_authenticated:
        return []
    found = place_queries.choices(request.user, text, limit)
    top = min((RANK[place.kind] for place in found), default=0)
    return [
        Option(
            place.code,
            place.name,
            str(place.get_kind_display()),
            place,
            0 if text else RANK[place.kind] - top,
        )
        for place in found
    ]


def find_place(request: HttpRequest, code: str) -> Option | None:
    """One place the person may see, by its code; buildings may be named too."""
    if not request.user.is_authenticated:
        return None
    place = visible_places(request.user).filter(code=code).first()
    return Option(place.code, place.name, str(place.get_kind_display()), place) if place else None
