"""Households of a project, masked; one resident in full, on the trail."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.base.privacy.masks import mask_name, mask_phone
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Verdict

from .. import actions, queries, rules
from ..forms import ReasonForm
from ..kinds import HouseholdKind, Kind
from ..models import Household, Occupancy, Place


@require_GET
def households(request: HttpRequest, code: str) -> HttpResponseBase:
    """Who lives where, masked. Found by exact phone, exact name or room number alone."""
    user, place = _readable(request, code)
    page = ListPage(
        request,
        queries.households(user, place),
        columns=_columns(),
        filters=_filters(user, place),
        caption=_("Households"),
    )
    if page.wants_export:
        return page.export(f"households-{place.code}")
    total = queries.households(user, place).count()
    manage = rules.can_manage(user, place) and place.kind == Kind.PROJECT
    send = Button(
        _("Import households"), reverse("households_import", args=[place.code]), "upload", primary=True
    )
    sentence = ngettext("%(name)s has %(n)d household.", "%(name)s has %(n)d households.", total)
    context = {
        "place": place,
        "list": page,
        "rows": list(zip(page.rows, page.cells, strict=True)),
        "crumbs": [Crumb(place.name), Crumb(_("Households"))],
        "verdict": Verdict(
            sentence % {"name": place.name, "n": total},
            "met" if total else "none",
            detail=_("Names and phones are masked; whoever looks at one in full is on the trail."),
            buttons=(send,) if manage else (),
        ),
        "empty": Empty(
            _("No households yet"),
            _("Surveys and repeat repairs need to know the units."),
            send if manage else None,
        ),
    }
    return render(request, "places/households.html", context)


def _living(household: Household) -> Occupancy | None:
    return household.living[0] if household.living else None  # type: ignore[attr-defined]


def _columns() -> list[Column]:
    return [
        Column("building", _("Building"), value=lambda h: h.unit.parent.name, sort="unit__parent__code"),
        Column("room", _("Room"), value=lambda h: h.unit.name_zh, sort="unit__code"),
        Column("kind", _("Kind"), value=lambda h: str(HouseholdKind(h.kind).label), sort="kind"),
        Column("name", _("Name"), value=lambda h: mask_name(o.name) if (o := _living(h)) else ""),
        Column("phone", _("Phone"), value=lambda h: mask_phone(o.phone) if (o := _living(h)) else ""),
        Column("since", _("Moved in"), value=lambda h: o.since if (o := _living(h)) else None),
    ]


def _filters(user: Any, place: Place) -> list[Filter]:
    return [
        Filter(
            "q", _("Find"), "search", hint=_("Room, exact name or phone"),
            apply=lambda rows, text: queries.households(user, place, text=text),
        ),
        Filter("kind", _("Kind"), choices=HouseholdKind.choices),
    ]  # fmt: skip


@require_http_methods(["GET", "POST"])
def resident(request: HttpRequest, number: int) -> HttpResponse:
    """One resident: masked first, in full after a reason."""
    user: Any = request.user
    found = (
        Occupancy.objects.visible_to(user).select_related("household__unit__parent").filter(pk=number).first()
    )
    if found is None or not found.may_be_revealed_to(user, "name"):
        raise Http404
    unit = found.household.unit
    form = ReasonForm(request.POST or None)
    shown = None
    if request.method == "POST" and form.is_valid():
        shown = actions.reveal_occupancy(found, actor=user, reason=form.cleaned_data["reason"])
    project = unit.ancestors().filter(kind=Kind.PROJECT).first()
    context = {
        "form": form,
        "unit": unit,
        "name": shown.name if shown else mask_name(found.name),
        "phone": shown.phone if shown else mask_phone(found.phone),
        "shown": shown is not None,
        "since": found.since,
        "until": found.until,
        "crumbs": [
            Crumb(project.name, reverse("households", args=[project.code]))
            if project
            else Crumb(_("Households")),
            Crumb(unit.name),
        ],
        "verdict": Verdict(
            _("Shown in full; this look is on the trail.")
            if shown
            else _("Say why, and you see it in full."),
            "acc",
        ),
    }
    response = render(request, "places/resident.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


def _readable(request: HttpRequest, code: str) -> tuple[Any, Place]:
    user: Any = request.user
    if not user.is_authenticated:
        raise Http404
    places = Place.objects.of_kind(Kind.PROJECT, Kind.BUILDING).visible_to(user)
    place = places.filter(code=code).first()
    if place is None or not rules.can_read_households(user, place):
        raise Http404
    return user, place
