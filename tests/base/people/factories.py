"""People for tests. Nobody has a usable password unless one is given, so nothing is hashed in vain."""

from __future__ import annotations

from typing import Any

import factory
from django.contrib.auth.hashers import make_password

from bihuan.base.people.models import ApiToken, Contractor, Department, RoleGrant, SignInFailure, User
from bihuan.base.places.models import Place


class DepartmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Department

    code = factory.Sequence(lambda n: f"D{n:03d}")
    name_zh = factory.LazyAttribute(lambda d: f"部门{d.code}")


class ContractorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Contractor

    code = factory.Sequence(lambda n: f"W{n:03d}")
    name_zh = factory.LazyAttribute(lambda c: f"外包商{c.code}")


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    employee_number = factory.Sequence(lambda n: f"E{n:05d}")
    name = factory.Sequence(lambda n: f"员工{n}")
    password = factory.LazyFunction(lambda: make_password(None))


class RoleGrantFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RoleGrant

    user = factory.SubFactory(UserFactory)
    role = "employee"


class ApiTokenFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ApiToken

    user = factory.SubFactory(UserFactory)
    name = "报表程序"
    hash = factory.Sequence(lambda n: f"{n:064d}")


class SignInFailureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SignInFailure

    key = "k"
    at = "2026-10-15T00:00:00Z"


def person(role: str = "", place: Place | None = None, **fields: Any) -> User:
    """Somebody with one role at a place; without a role an outsider, without a place everywhere."""
    user = UserFactory(**fields)
    if role:
        RoleGrantFactory(user=user, role=role, place=place)
    return user
