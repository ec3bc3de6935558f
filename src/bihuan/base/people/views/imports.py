"""Excel files of people."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.base.places import sheets
from bihuan.base.places.models import SheetImport
from bihuan.base.places.queries import imports
from bihuan.base.places.views import sheet_pages
from bihuan.base.ui.parts import Button, Crumb, Verdict

from .. import actions, import_people, import_structure
from ..access import get_or_404
from ..models import User
from .organisation import company_keeper
from .persons import administrator


@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Send a file of people."""
    user = administrator(request)
    return sheet_pages.send(
        request,
        take=lambda content, name: actions.take_in_people(actor=user, content=content, filename=name),
        result=_address,
        verdict=Verdict(
            _("Send your people as an Excel file."),
            "acc",
            detail=_("Then hand out the one-time passwords. Sending it twice changes nothing."),
        ),
        crumbs=[Crumb(_("People"), reverse("people")), Crumb(_("Import"))],
        history=imports(user, "people"),
        template=reverse("people_template"),
    )


@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The empty sheet."""
    administrator(request)
    return sheet_pages.download(sheets.template(import_people.form()), "people")


@require_GET
def outcome(request: HttpRequest, number: int) -> HttpResponse:
    """What came of a file, and the way to the passwords of those who are new."""
    taken = _taken(request, number)
    waiting = User.objects.filter(
        employee_number__in=taken.made, is_active=True, password__startswith="!"
    ).count()
    more = []
    if waiting:
        text = ngettext(
            "%(n)d person has no password yet. The list is made once: print it or hand it on safely.",
            "%(n)d people have no password yet. The list is made once: print it or hand it on safely.",
            waiting,
        ) % {"n": waiting}
        paper = Button(_("Print on paper"), reverse("people_slips", args=[taken.pk]), "printer", post=True)
        more.append((_("One-time passwords"), text, paper))
        sheet = Button(
            _("Make an Excel list"), reverse("people_passwords", args=[taken.pk]), "key", post=True
        )
        more.append((_("Or as a list"), _("For handing them on in another safe way."), sheet))
    again = reverse("people_import")
    crumbs = [Crumb(_("People"), reverse("people")), Crumb(_("Import"), again), Crumb(taken.filename)]
    rows_url = reverse("people_rows", args=[taken.pk])
    return sheet_pages.outcome(request, taken, crumbs=crumbs, again=again, rows_url=rows_url, more=more)


@require_GET
def rows(request: HttpRequest, number: int) -> HttpResponse:
    """The rows to mend, as an Excel file that can be sent back."""
    taken = _taken(request, number)
    apart = taken.apart
    content = sheets.rejected_rows(import_people.form(), apart["rows"], apart["problems"])
    return sheet_pages.download(content, f"people-{taken.pk}-to-mend")


@never_cache
@require_POST
def passwords(request: HttpRequest, number: int) -> HttpResponse:
    """The one-time passwords of those who are new, as an Excel file; they are kept nowhere."""
    taken = _taken(request, number)
    made = actions.issue_first_passwords(taken, actor=request.user)
    head = [_("Employee number"), _("Name"), _("One-time password")]
    lines = [[person.employee_number, person.name, password] for person, password in made]
    return sheet_pages.download(sheets.write(head, lines, name=_("One-time passwords")), "one-time-passwords")


@require_http_methods(["GET", "POST"])
def structure(request: HttpRequest) -> HttpResponse:
    """Send a file of departments and contractors."""
    user = company_keeper(request)
    return sheet_pages.send(
        request,
        take=lambda content, name: actions.take_in_structure(actor=user, content=content, filename=name),
        result=_structure_address,
        verdict=Verdict(
            _("Send your departments and contractors as an Excel file."),
            "acc",
            detail=_("Then the people who work in them. Sending it twice changes nothing."),
        ),
        crumbs=[Crumb(_("Departments"), reverse("departments")), Crumb(_("Import"))],
        history=imports(user, SheetImport.Kind.STRUCTURE),
        template=reverse("structure_template"),
    )


@require_GET
def structure_template(request: HttpRequest) -> HttpResponse:
    """The empty sheet."""
    company_keeper(request)
    return sheet_pages.download(sheets.template(import_structure.form()), "departments")


@require_GET
def structure_outcome(request: HttpRequest, number: int) -> HttpResponse:
    """What came of a file of departments and contractors."""
    taken = _structure(request, number)
    again = reverse("structure_import")
    crumbs = [
        Crumb(_("Departments"), reverse("departments")),
        Crumb(_("Import"), again),
        Crumb(taken.filename),
    ]
    rows_url = reverse("structure_rows", args=[taken.pk])
    return sheet_pages.outcome(request, taken, crumbs=crumbs, again=again, rows_url=rows_url)


@require_GET
def structure_rows(request: HttpRequest, number: int) -> HttpResponse:
    """The rows to mend, as an Excel file that can be sent back."""
    taken = _structure(request, number)
    apart = taken.apart
    content = sheets.rejected_rows(import_structure.form(), apart["rows"], apart["problems"])
    return sheet_pages.download(content, f"departments-{taken.pk}-to-mend")


def _structure(request: HttpRequest, number: int) -> SheetImport:
    return get_or_404(imports(company_keeper(request), SheetImport.Kind.STRUCTURE), pk=number)


def _structure_address(taken: SheetImport) -> str:
    return reverse("structure_outcome", args=[taken.pk])


def _taken(request: HttpRequest, number: int) -> SheetImport:
    return get_or_404(imports(administrator(request), "people"), pk=number)


def _address(taken: SheetImport) -> str:
    return reverse("people_outcome", args=[taken.pk])
