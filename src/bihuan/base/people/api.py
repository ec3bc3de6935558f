"""Who is asking: sign-in of the API, and the person's own record."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from ninja.security import HttpBearer, SessionAuth

from . import tokens
from .models import RoleGrant


class TokenAuth(HttpBearer):
    """``Authorization: Bearer bihuan_...``"""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Let the token's owner be the one who asks."""
        user = tokens.owner(token)
        if user is not None:
            request.user = user
        return user


# A session comes with a cookie, so it also needs the CSRF token; a bearer token does not.
auth = [TokenAuth(), SessionAuth(csrf=True)]
router = Router(tags=["people"])


class RoleOut(Schema):
    """One role; ``place`` is the code of the place it counts at, null for everywhere."""

    role: str
    place: str | None


class MeOut(Schema):
    """The person who asks."""

    employee_number: str
    name: str
    language: str
    department: str | None
    roles: list[RoleOut]


@router.get("/me", response=MeOut, url_name="me")
def me(request: HttpRequest) -> Any:
    """Who am I, and what may I do where."""
    user: Any = request.user
    grants = RoleGrant.objects.on(timezone.localdate()).filter(user=user)
    return {
        "employee_number": user.employee_number,
        "name": user.name,
        "language": user.language,
        "department": user.department.code if user.department else None,
        "roles": [{"role": role, "place": code} for role, code in grants.values_list("role", "place__code")],
    }
