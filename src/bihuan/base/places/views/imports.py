"""Excel files of places and of households."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.base.ui.parts import Crumb, Verdict

from .. import actions, import_households, import_tree, queries, sheets
from ..kinds import Kind
from ..models import SheetImport
from . import sheet_pages
from .tree import _administrator, _kept

FORMS = {"places": import_tree.form, "households": import_households.form}


@require_http_methods(["GET", "POST"])
def places(request: HttpRequest) -> HttpResponse:
    """Send a file of places."""
    user = _administrator(request)
    return sheet_pages.send(
        request,
        take=lambda content, name: actions.import_places(actor=user, content=content, filename=name),
        result=_address,
        verdict=Verdict(
            _("Send your places as an Excel file."),
            "acc",
            detail=_(
                "Good rows go in, the others come back with what to mend. Sending it twice changes nothing."
            ),
        ),
        crumbs=[Crumb(_("Places"), reverse("places_tree")), Crumb(_("Import"))],
        history=queries.imports(user, "places"),
        template=reverse("places_template"),
    )


@require_http_methods(["GET", "POST"])
def households(request: HttpRequest, code: str) -> HttpResponse:
    """Send a file of the households of one project."""
    user, project = _kept(request, code)
    if project.kind != Kind.PROJECT:
        raise Http404
    return sheet_pages.send(
        request,
        take=lambda content, name: actions.import_households_of(
            project, actor=user, content=content, filename=name
        ),
        result=_address,
        verdict=Verdict(
            _("Send the households of %(name)s as an Excel file.") % {"name": project.name},
            "acc",
            detail=_(
                "A new name in a room ends the time of the resident before. Sending it twice changes nothing."
            ),
        ),
        crumbs=[
            Crumb(project.name, reverse("place_edit", args=[code])),
            Crumb(_("Households"), reverse("households", args=[code])),
            Crumb(_("Import")),
        ],
        history=queries.imports(user, "households").filter(place=project),
        template=reverse("households_template"),
    )


@require_http_methods(["GET", "POST"])
def households_anywhere(request: HttpRequest) -> HttpResponse:
    """Send a file of the households of several projects at once."""
    user = _administrator(request)
    return sheet_pages.send(
        request,
        take=lambda content, name: actions.import_households_anywhere(
            actor=user, content=content, filename=name
        ),
        result=_address,
        verdict=Verdict(
            _("Send the households of your projects as one Excel file."),
            "acc",
            detail=_(
                "A new name in a room ends the time of the resident before. Sending it twice changes nothing."
            ),
        ),
        crumbs=[Crumb(_("Places"), reverse("places_tree")), Crumb(_("Households")), Crumb(_("Import"))],
        history=queries.imports(user, "households"),
        template=reverse("households_template"),
    )


@require_GET
def places_template(request: HttpRequest) -> HttpResponse:
    """The empty sheet of places."""
    _administrator(request)
    return sheet_pages.download(sheets.template(import_tree.form()), "places")


@require_GET
def households_template(request: HttpRequest) -> HttpResponse:
    """The empty sheet of households."""
    _administrator(request)
    return sheet_pages.download(sheets.template(import_households.form()), "households")


@require_GET
def outcome(request: HttpRequest, number: int) -> HttpResponse:
    """What came of a file."""
    taken = _taken(request, number)
    if taken.kind == SheetImport.Kind.PLACES:
        again, above = reverse("places_import"), Crumb(_("Places"), reverse("places_tree"))
    elif taken.place is None:
        again, above = reverse("households_import_all"), Crumb(_("Places"), reverse("places_tree"))
    else:
        code = taken.place.code
        again, above = (
            reverse("households_import", args=[code]),
            Crumb(_("Households"), reverse("households", args=[code])),
        )
    return sheet_pages.outcome(
        request, taken, crumbs=[above, Crumb(_("Import"), again), Crumb(taken.filename)],
        again=again, rows_url=reverse("sheet_rows", args=[taken.pk]),
    )  # fmt: skip


@require_GET
def rows(request: HttpRequest, number: int) -> HttpResponse:
    """The rows to mend, as an Excel file that can be sent back."""
    taken = _taken(request, number)
    apart = taken.apart
    content = sheets.rejected_rows(FORMS[taken.kind](), apart["rows"], apart["problems"])
    return sheet_pages.download(content, f"{taken.kind}-{taken.pk}-to-mend")


def _taken(request: HttpRequest, number: int) -> SheetImport:
    user: Any = _administrator(request)
    for kind in FORMS:
        if found := queries.imports(user, kind).filter(pk=number).first():
            return found
    raise Http404


def _address(taken: SheetImport) -> str:
    return reverse("sheet_outcome", args=[taken.pk])
