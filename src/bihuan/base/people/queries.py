"""Reads of people; each starts from whom the administrator may see."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from bihuan.base.places.managers import under

from .models import EVERYWHERE, Contractor, Department, RoleGrant, User
from .roles import Role


def people(user: Any) -> QuerySet[User]:
    """People the administrator may see: all, or those with a role at the kept places or with none at all."""
    if not user.is_authenticated:
        return User.objects.none()
    paths = user.paths_as(Role.ADMINISTRATOR)
    if EVERYWHERE in paths:
        return User.objects.all()
    condition = under(paths, "place__path")
    if condition is None:
        return User.objects.none()
    theirs = RoleGrant.objects.filter(user=OuterRef("pk"))
    return User.objects.filter(Exists(theirs.filter(condition)) | ~Exists(theirs))


def with_roles(found: QuerySet[User]) -> QuerySet[User]:
    """The people with department, contractor and the roles that count today, in a fixed number of queries."""
    today = RoleGrant.objects.on(timezone.localdate()).select_related("place")
    return found.select_related("department", "contractor").prefetch_related(
        Prefetch("role_grants", today, to_attr="roles_today")
    )


def search(found: QuerySet[User], text: str) -> QuerySet[User]:
    """Employee number or e-mail by part, name and phone only as a whole: they are encrypted."""
    return found.filter(
        Q(employee_number__icontains=text)
        | Q(email__icontains=text)
        | Q(name_index=text)
        | Q(phone_index=text)
    )


def holding(found: QuerySet[User], role: str) -> QuerySet[User]:
    """Those who hold a role today."""
    grants = RoleGrant.objects.on(timezone.localdate()).filter(user=OuterRef("pk"), role=role)
    return found.filter(Exists(grants))


def without_role(found: QuerySet[User]) -> QuerySet[User]:
    """Those in use who hold no role today."""
    grants = RoleGrant.objects.on(timezone.localdate()).filter(user=OuterRef("pk"))
    return found.filter(~Exists(grants), is_active=True)


def departments() -> QuerySet[Department]:
    """Every department with the number of its people in use."""
    living = Count("people", filter=Q(people__is_active=True))
    return Department.objects.select_related("parent", "head").annotate(headcount=living)


def contractors() -> QuerySet[Contractor]:
    """Every contractor with the number of its people in use."""
    return Contractor.objects.annotate(headcount=Count("people", filter=Q(people__is_active=True)))
