"""How places are read: everything a person is shown starts from ``visible_to``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.db.models import Q


def outermost(paths: Iterable[str]) -> list[str]:
    """The paths without those that lie inside another one of them."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not any(path.startswith(above) for above in kept):
            kept.append(path)
    return kept


def under(paths: Iterable[str], field: str = "path") -> Q | None:
    """A condition "lies under one of these paths"; ``None`` where there are none."""
    condition: Q | None = None
    for path in outermost(paths):
        part = Q(**{f"{field}__startswith": path})
        condition = part if condition is None else condition | part
    return condition


class VisibleQuerySet(models.QuerySet):
    """Rows that hang on a place; ``place_path`` names the lookup to that place's path."""

    place_path = "path"

    def visible_to(self, user: Any) -> VisibleQuerySet:
        """Rows at or under the places the user holds a role at; none for whoever is not signed in."""
        paths = user.visible_paths() if hasattr(user, "visible_paths") else []
        condition = under(paths, self.place_path)
        return self.none() if condition is None else self.filter(condition)


class PlaceQuerySet(VisibleQuerySet):
    def active(self) -> PlaceQuerySet:
        """Places that are in use."""
        return self.filter(state="active")

    def of_kind(self, *kinds: str) -> PlaceQuerySet:
        """Places of these levels."""
        return self.filter(kind__in=kinds)

    def plant(self, *, parent: Any = None, **fields: Any) -> Any:
        """Insert one place and give it its path, which holds its own id and so needs two writes."""
        with transaction.atomic(using=self.db):
            place: Any = self.create(parent=parent, **fields)
            place.path = f"{parent.path if parent else '/'}{place.pk}/"
            place.save(update_fields=["path"])
        return place


class HouseholdQuerySet(VisibleQuerySet):
    place_path = "unit__path"


class OccupancyQuerySet(VisibleQuerySet):
    place_path = "household__unit__path"

    def current(self) -> OccupancyQuerySet:
        """Who lives there now."""
        return self.filter(until=None)
