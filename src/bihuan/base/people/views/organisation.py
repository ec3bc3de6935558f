"""Departments and contractors, kept by the administrator of the company."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.base.places.forms import tried
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Verdict

from .. import actions, queries, rules
from ..access import get_or_404
from ..forms import ContractorForm, DepartmentForm
from ..models import Contractor, Department
from ..roles import ServiceArea
from .persons import in_use


def company_keeper(request: HttpRequest) -> Any:
    """The administrator of the company who asks; for anybody else the page is not there."""
    if not rules.keeps_company(request.user):
        raise Http404
    return request.user


def _filters() -> list[Filter]:
    states = [("1", _("In use")), ("0", _("Out of use"))]
    return [
        Filter("q", _("Find"), "search", fields=["code", "name_zh", "name_en"], hint=_("Code or name")),
        Filter("state", _("State"), choices=states, apply=in_use),
    ]  # fmt: skip


def _state(found: Any) -> str:
    return _("In use") if found.is_active else _("Out of use")


@require_GET
def departments(request: HttpRequest) -> HttpResponseBase:
    """Every department."""
    company_keeper(request)
    columns = [
        Column("code", _("Code"), sort="code", url=lambda d: reverse("department", args=[d.code])),
        Column("name", pgettext("of a thing", "Name")),
        Column("parent", _("Department above"), value="parent.name"),
        Column("head", _("Head"), value="head.name"),
        Column("headcount", _("People"), sort="headcount", numeric=True),
        Column("state", _("State"), value=_state),
    ]
    page = ListPage(
        request,
        queries.departments(),
        columns=columns,
        filters=_filters(),
        sort="code",
        caption=_("Departments"),
    )
    if page.wants_export:
        return page.export("departments")
    add = Button(_("Add a department"), reverse("department_new"), "plus", primary=True)
    send = Button(_("Import departments"), reverse("structure_import"), "upload")
    headless = Department.objects.filter(is_active=True, head=None).count()
    total = Department.objects.filter(is_active=True).count()
    sentence = ngettext(
        "[[%(n)d department]] has no head: its tasks reach nobody.",
        "[[%(n)d departments]] have no head: their tasks reach nobody.", headless,
    ) if headless else ngettext(
        "%(n)d department is in use and has a head.", "%(n)d departments are in use, each with a head.", total
    )  # fmt: skip
    verdict = Verdict(
        sentence % {"n": headless or total}, "watch" if headless else "met", buttons=(send, add)
    )
    empty = Empty(_("No departments yet"), _("Findings and plans go to a department."), add)
    return _list(request, page, _("Departments"), verdict, empty)


@require_GET
def contractors(request: HttpRequest) -> HttpResponseBase:
    """Every contractor."""
    company_keeper(request)

    def areas(contractor: Contractor) -> str:
        return _(", ").join(str(ServiceArea(area).label) for area in contractor.service_areas)

    columns = [
        Column("code", _("Code"), sort="code", url=lambda c: reverse("contractor", args=[c.code])),
        Column("name", pgettext("of a thing", "Name")),
        Column("areas", _("Service areas"), value=areas),
        Column("headcount", _("People"), sort="headcount", numeric=True),
        Column("state", _("State"), value=_state),
    ]
    page = ListPage(
        request,
        queries.contractors(),
        columns=columns,
        filters=_filters(),
        sort="code",
        caption=_("Contractors"),
    )
    if page.wants_export:
        return page.export("contractors")
    add = Button(_("Add a contractor"), reverse("contractor_new"), "plus", primary=True)
    total = Contractor.objects.filter(is_active=True).count()
    sentence = ngettext("%(n)d contractor works for you.", "%(n)d contractors work for you.", total)
    verdict = Verdict(sentence % {"n": total}, "met" if total else "none", buttons=(add,))
    empty = Empty(_("No contractors yet"), _("Results can be told apart by contractor."), add)
    return _list(request, page, _("Contractors"), verdict, empty)


def _list(request: HttpRequest, page: ListPage, title: str, verdict: Verdict, empty: Empty) -> HttpResponse:
    context = {"list": page, "title": title, "crumbs": [Crumb(title)], "verdict": verdict, "empty": empty}
    return render(request, "people/list.html", context)


@require_http_methods(["GET", "POST"])
def department(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add a department, or change one."""
    user = company_keeper(request)
    found = get_or_404(Department.objects.select_related("parent", "head"), code=code) if code else None
    initial = _initial(found, ("name_zh", "name_en", "parent", "is_active"))
    if found and found.head:
        initial["head"] = found.head.employee_number
    form = DepartmentForm(request.POST or None, initial=initial, is_new=found is None)
    if request.method == "POST" and form.is_valid():

        def save() -> Department:
            if found is None:
                return actions.create_department(actor=user, **form.cleaned_data)
            return actions.update_department(found, actor=user, **form.cleaned_data)

        if tried(form, save):
            messages.success(request, _("The department is kept."))
            return redirect("departments")
    title = found.name if found else _("New department")
    more: tuple[Button, ...] = ()
    if found:
        address = reverse("department_hand_over", args=[found.code])
        more = (Button(_("Hand over"), address, "users"),)
    return _form(request, form, title, Crumb(_("Departments"), reverse("departments")), more)


@require_http_methods(["GET", "POST"])
def contractor(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add a contractor, or change one."""
    user = company_keeper(request)
    found = get_or_404(Contractor.objects.all(), code=code) if code else None
    initial = _initial(found, ("name_zh", "name_en", "service_areas", "is_active"))
    form = ContractorForm(request.POST or None, initial=initial, is_new=found is None)
    if request.method == "POST" and form.is_valid():

        def save() -> Contractor:
            if found is None:
                return actions.create_contractor(actor=user, **form.cleaned_data)
            return actions.update_contractor(found, actor=user, **form.cleaned_data)

        if tried(form, save):
            messages.success(request, _("The contractor is kept."))
            return redirect("contractors")
    title = found.name if found else _("New contractor")
    return _form(request, form, title, Crumb(_("Contractors"), reverse("contractors")))


def _initial(found: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    return {field: getattr(found, field) for field in fields} if found else {}


def _form(
    request: HttpRequest, form: Any, title: str, above: Crumb, buttons: tuple[Button, ...] = ()
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "back": above,
        "crumbs": [above, Crumb(title)],
        "verdict": Verdict(title, "acc", buttons=buttons),
    }
    return render(request, "people/form.html", context, status=422 if form.errors else 200)
