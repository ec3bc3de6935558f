"""What the forms of improvement offer: people at a place, places to compare with, indicators, cycles."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from bihuan.base.calendars import periods
from bihuan.base.people.models import RoleGrant, User
from bihuan.base.people.roles import Role
from bihuan.base.places.kinds import Kind
from bihuan.base.places.models import Place
from bihuan.base.ui import formats
from bihuan.improve import words

CYCLES_AHEAD = 6
MOST_PLACES = 200


def people_at(place: Place, *roles: str) -> QuerySet[User]:
    """People in use who work at the place, above it or under it; with roles, who hold one over it."""
    above = [int(part) for part in place.path.strip("/").split("/")]
    where = Q(place=None) | Q(place__in=above)
    grants = RoleGrant.objects.on(timezone.localdate())
    grants = (
        grants.filter(where, role__in=roles)
        if roles
        else grants.filter(where | Q(place__path__startswith=place.path))
    )
    return (
        User.objects.filter(is_active=True, pk__in=grants.values("user"))
        .select_related("department")
        .order_by("department__code", "employee_number")
    )


def leaders_of(place: Place) -> QuerySet[User]:
    """The supervising leaders over a place."""
    return people_at(place, Role.LEADER)


def person_label(user: User) -> str:
    """A person in a list of people: name and department."""
    return f"{user.get_short_name()} {user.department.name}" if user.department else user.get_short_name()


def beside(place: Place, user: Any) -> QuerySet[Place]:
    """Places of the same level that the person sees, to compare with; the same parent's come first."""
    same = Place.objects.filter(kind=place.kind).active().exclude(pk=place.pk)
    return same.visible_to(user).order_by("code")[:MOST_PLACES]


def plannable(user: Any) -> QuerySet[Place]:
    """The places the person may plan for, down to the project."""
    paths = user.paths_as(Role.QUALITY_MANAGER, Role.DEPARTMENT_HEAD)
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(path__startswith=path)
    kinds = (Kind.COMPANY, Kind.REGION, Kind.CITY, Kind.PROJECT)
    return Place.objects.filter(condition, kind__in=kinds).active().order_by("path")


def indicator_choices(cycle: str) -> list[tuple[str, str]]:
    """The indicators that count in a cycle."""
    return [(code, words.indicator_name(code, version)) for code, version in words.indicators(cycle).items()]


def cycles_after(cycle: str) -> list[tuple[str, str]]:
    """The next cycles after one, of the same length."""
    found = [periods.shift_cycle(cycle, step) for step in range(1, CYCLES_AHEAD + 1)]
    return [(code, formats.cycle_name(code)) for code in found]


def cycles_before(cycle: str) -> list[tuple[str, str]]:
    """The cycle and the ones before it."""
    found = [periods.shift_cycle(cycle, -step) for step in range(CYCLES_AHEAD)]
    return [(code, formats.cycle_name(code)) for code in found]
