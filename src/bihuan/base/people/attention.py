"""What needs a look among people, roles and departments, for the page of administration."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import ngettext

from . import queries


def people(request: HttpRequest) -> str:
    """People who cannot sign in."""
    count = queries.without_password(queries.people(request.user)).count()
    text = ngettext("%(n)d cannot sign in yet", "%(n)d cannot sign in yet", count)
    return text % {"n": count} if count else ""


def roles(request: HttpRequest) -> str:
    """People who see nothing, else roles that nobody holds."""
    idle = queries.without_role(queries.people(request.user)).count()
    if idle:
        return ngettext("%(n)d person without a role", "%(n)d people without a role", idle) % {"n": idle}
    missing = len(queries.roles_of_nobody())
    text = ngettext("%(n)d role held by nobody", "%(n)d roles held by nobody", missing)
    return text % {"n": missing} if missing else ""


def departments(request: HttpRequest) -> str:
    """Departments without a head."""
    count = queries.headless().count()
    text = ngettext("%(n)d department without a head", "%(n)d departments without a head", count)
    return text % {"n": count} if count else ""
