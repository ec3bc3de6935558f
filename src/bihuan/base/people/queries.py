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


def grants(user: Any) -> QuerySet[RoleGrant]:
    """Roles of the people the administrator may see."""
    found = RoleGrant.objects.select_related("user", "place")
    return found.filter(user__in=people(user))


# What the loop cannot turn without: somebody who measures, who approves, who mends.
NEEDED = (Role.QUALITY_MANAGER, Role.LEADER, Role.DEPARTMENT_HEAD)


def roles_of_nobody() -> list[Role]:
    """The roles the loop needs that nobody in use holds today."""
    today = RoleGrant.objects.on(timezone.localdate()).filter(user__is_active=True)
    held = set(today.order_by().values_list("role", flat=True).distinct())
    return [role for role in NEEDED if role.value not in held]


def without_password(found: QuerySet[User]) -> QuerySet[User]:
    """Those in use who have no password, and so no way to sign in."""
    return found.filter(password__startswith="!", is_active=True)


def headless() -> QuerySet[Department]:
    """Departments in use without a head who is there."""
    return Department.objects.filter(Q(head=None) | Q(head__is_active=False), is_active=True)
