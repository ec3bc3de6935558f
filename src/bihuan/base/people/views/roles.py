"""Who holds which role where."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Verdict

from .. import queries
from ..models import RoleGrant
from ..roles import Role
from .persons import administrator


@require_GET
def roles(request: HttpRequest) -> HttpResponseBase:
    """Every role that was given to somebody the administrator may see."""
    user = administrator(request)
    page = ListPage(
        request,
        queries.grants(user),
        columns=_columns(),
        filters=_filters(),
        sort="role",
        caption=_("Roles"),
    )
    if page.wants_export:
        return page.export("roles")
    context = {
        "list": page,
        "title": _("Roles"),
        "crumbs": [Crumb(_("Roles"))],
        "verdict": _verdict(),
        "empty": Empty(
            _("No roles given yet"),
            _("A role is given on the page of the person."),
            Button(_("See the people"), reverse("people")),
        ),
    }
    return render(request, "people/list.html", context)


def _columns() -> list[Column]:
    return [
        Column("role", _("Role"), value=lambda g: str(Role(g.role).label), sort="role"),
        Column(
            "number",
            _("Employee number"),
            value="user.employee_number",
            sort="user__employee_number",
            url=lambda g: reverse("person", args=[g.user_id]),
        ),
        Column("name", _("Name"), value="user.name"),
        Column(
            "place",
            _("Place"),
            value=lambda g: g.place.name if g.place else _("Everywhere"),
            sort="place__code",
        ),
        Column("from", _("From"), value=lambda g: g.valid_from or "—", sort="valid_from"),
        Column("to", _("To"), value=lambda g: g.valid_to or "—", sort="valid_to"),
    ]


def _filters() -> list[Filter]:
    def standing(rows: Any, state: str) -> QuerySet[RoleGrant]:
        today = rows.on(timezone.localdate())
        return today if state == "1" else rows.exclude(pk__in=today.values("pk"))

    return [
        Filter("role", _("Role"), choices=Role.choices, path="role"),
        Filter(
            "state",
            _("State"),
            choices=[("1", _("Counts today")), ("0", _("Over, or not yet"))],
            apply=standing,
        ),
    ]


def _verdict() -> Verdict:
    missing = queries.roles_of_nobody()
    if missing:
        sentence = ngettext(
            "[[%(n)d role]] that the loop needs is held by nobody.",
            "[[%(n)d roles]] that the loop needs are held by nobody.",
            len(missing),
        )
        detail = _(", ").join(str(role.label) for role in missing)
        return Verdict(sentence % {"n": len(missing)}, "watch", detail=detail)
    return Verdict(_("Every role that the loop needs is held by somebody."), "met")
