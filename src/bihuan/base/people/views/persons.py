"""People, kept by administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.base.places.forms import ReasonForm, tried
from bihuan.base.places.kinds import ADMINISTRATOR
from bihuan.base.privacy.masks import mask_phone
from bihuan.base.trail.act import Refused
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Verdict

from .. import actions, handover, queries, rules
from ..access import get_or_404
from ..forms import GrantForm, KeptPhoneForm, NewPersonForm
from ..models import Department, RoleGrant, User
from ..roles import Role


def administrator(request: HttpRequest) -> Any:
    """The administrator who asks; for anybody else the page is not there."""
    if not rules.keeps_people(request.user):
        raise Http404
    return request.user


@require_GET
def people(request: HttpRequest) -> HttpResponseBase:
    """Everybody the administrator may see."""
    user = administrator(request)
    found = queries.people(user)
    page = ListPage(
        request,
        queries.with_roles(found),
        columns=_columns(),
        filters=_filters(),
        sort="number",
        caption=_("People"),
    )
    if page.wants_export:
        return page.export("people")
    context = {
        "list": page,
        "crumbs": [Crumb(_("People"))],
        "verdict": _verdict(found),
        "empty": Empty(_("Nobody yet"), _("Add people one by one, or send them as an Excel file.")),
    }
    return render(request, "people/people.html", context)


def _roles(person: User) -> str:
    held = [
        _("%(role)s at %(place)s") % {"role": Role(g.role).label, "place": g.place.name}
        if g.place
        else str(Role(g.role).label)
        for g in person.roles_today  # type: ignore[attr-defined]
    ]
    return _("; ").join(dict.fromkeys(held))


def _state(person: User) -> str:
    return _("In use") if person.is_active else _("Out of use")


def _columns() -> list[Column]:
    return [
        Column("number", _("Employee number"), value="employee_number", sort="employee_number", url=_address),
        Column("name", _("Name")),
        Column("phone", _("Phone"), value=lambda p: mask_phone(p.phone)),
        Column("department", _("Department"), value="department.name", sort="department__code"),
        Column("roles", _("Roles"), value=_roles),
        Column("last_login", _("Last sign-in"), sort="last_login"),
        Column("state", _("State"), value=_state, sort="is_active"),
    ]


def in_use(rows: Any, state: str) -> Any:
    """Rows in use (1) or not (0)."""
    return rows.filter(is_active=state == "1")


def _filters() -> list[Filter]:
    states = [("1", _("In use")), ("0", _("Out of use"))]
    departments = [(d.code, d.name) for d in Department.objects.all()]
    return [
        Filter("q", _("Find"), "search", apply=queries.search, hint=_("Number, exact name or phone")),
        Filter("role", _("Role"), choices=Role.choices, apply=queries.holding),
        Filter("department", _("Department"), choices=departments, path="department__code"),
        Filter("state", _("State"), choices=states, apply=in_use),
    ]


def _address(person: User) -> str:
    return reverse("person", args=[person.pk])


def _verdict(found: Any) -> Verdict:
    buttons = (
        Button(_("Add a person"), reverse("person_new"), "plus"),
        Button(_("Passwords on paper"), reverse("people_paper"), "printer"),
        Button(_("Import people"), reverse("people_import"), "upload", primary=True),
    )
    living = found.filter(is_active=True).count()
    idle = queries.without_role(found).count()
    if idle:
        sentence = ngettext(
            "[[%(n)d person]] has no role and sees nothing.",
            "[[%(n)d people]] have no role and see nothing.",
            idle,
        )
        detail = ngettext("%(n)d person is in use.", "%(n)d people are in use.", living) % {"n": living}
        return Verdict(sentence % {"n": idle}, "watch", detail=detail, buttons=buttons)
    sentence = ngettext(
        "%(n)d person is in use and has a role.", "%(n)d people are in use, each with a role.", living
    )
    return Verdict(sentence % {"n": living}, "met", buttons=buttons)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Add one person."""
    user = administrator(request)
    form = NewPersonForm(request.POST or None, initial={"language": "zh-hans"})
    made = None
    if request.method == "POST" and form.is_valid():
        made = tried(form, lambda: actions.create_person(actor=user, **form.cleaned_data))
    if made is not None:
        said = _("%(name)s is in. Now give them a role and a one-time password.")
        messages.success(request, said % {"name": made.name})
        return redirect("person", made.pk)
    context = {
        "form": form,
        "crumbs": [Crumb(_("People"), reverse("people")), Crumb(_("New person"))],
        "verdict": Verdict(
            _("Add a person."), "acc", detail=_("They can sign in once they have a one-time password.")
        ),
    }
    return render(request, "people/new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, number: int) -> HttpResponse:
    """One person: change them, their roles and their sign-in."""
    user, found = _seen(request, number)
    form = KeptPhoneForm(request.POST or None, initial=_initial(found))
    if request.method == "POST":
        _must_keep(user, found)
        if form.is_valid() and _saved(
            form, lambda: actions.update_person(found, actor=user, **_changes(form))
        ):
            messages.success(request, _("The changes are kept."))
            return redirect("person", found.pk)
    return _page(request, user, found, form=form)


def _saved(form: Form, call: Callable[[], Any]) -> bool:
    return tried(form, call) is not None


def _initial(person: User) -> dict[str, Any]:
    return {key: getattr(person, key) for key in ("name", "email", "language", "department", "contractor")}


def _changes(form: KeptPhoneForm) -> dict[str, Any]:
    changes = dict(form.cleaned_data)
    if changes.pop("forget_phone"):
        changes["phone"] = ""
    elif not changes["phone"]:
        del changes["phone"]
    return changes


@require_POST
def grant(request: HttpRequest, number: int) -> HttpResponse:
    """Give a role."""
    user, found = _seen(request, number)
    form = _grant_form(user, request.POST)
    if form.is_valid() and _saved(form, lambda: actions.grant_role(found, actor=user, **form.cleaned_data)):
        messages.success(request, _("The role counts."))
        return redirect("person", found.pk)
    return _page(request, user, found, grant_form=form)


def _grant_form(user: Any, data: Any = None) -> GrantForm:
    return GrantForm(data, paths=user.paths_as(ADMINISTRATOR), everywhere=rules.keeps_everywhere(user))


@require_POST
def revoke(request: HttpRequest, number: int, grant: int) -> HttpResponse:
    """Take a role away."""
    user, found = _seen(request, number)
    held = get_or_404(RoleGrant.objects.select_related("place", "user").filter(user=found), pk=grant)
    if not rules.gives_role_at(user, held.place):
        raise Http404
    _done(request, lambda: actions.revoke_role(held, actor=user), _("The role is taken away."))
    return redirect("person", found.pk)


@require_POST
def deactivate(request: HttpRequest, number: int) -> HttpResponse:
    """Take a person out of use."""
    user, found = _seen(request, number)
    _must_keep(user, found)
    said = _("They cannot sign in any more; every session has ended.")
    _done(request, lambda: actions.deactivate_person(found, actor=user), said)
    return redirect("person", found.pk)


@require_POST
def reactivate(request: HttpRequest, number: int) -> HttpResponse:
    """Take a person back into use."""
    user, found = _seen(request, number)
    _must_keep(user, found)
    _done(request, lambda: actions.reactivate_person(found, actor=user), _("They can sign in again."))
    return redirect("person", found.pk)


@never_cache
@require_POST
def one_time_password(request: HttpRequest, number: int) -> HttpResponse:
    """A new one-time password, shown in this answer and never again."""
    user, found = _seen(request, number)
    _must_keep(user, found)
    if not found.is_active:
        raise Http404
    password = actions.issue_one_time_password(found, actor=user)
    return _page(request, user, found, password=password)


@never_cache
@require_POST
def phone(request: HttpRequest, number: int) -> HttpResponse:
    """The phone number in full, on the trail."""
    user, found = _seen(request, number)
    _must_keep(user, found)
    form = ReasonForm(request.POST)
    shown = ""
    if form.is_valid():
        shown = actions.reveal_phone(found, actor=user, reason=form.cleaned_data["reason"])
    return _page(request, user, found, reason=form, shown=shown)


def _page(request: HttpRequest, user: Any, found: User, **given: Any) -> HttpResponse:
    keeps = rules.keeps_person(user, found)
    bound = [form for form in given.values() if hasattr(form, "errors") and form.errors]
    grants = RoleGrant.objects.filter(user=found).select_related("place")
    context = {
        "person": found,
        "keeps": keeps,
        "form": KeptPhoneForm(initial=_initial(found)),
        "grant_form": _grant_form(user),
        "reason": ReasonForm(),
        "phone": given.get("shown") or mask_phone(found.phone),
        "open": handover.open_with(found) if keeps else [],
        "grants": [(held, rules.gives_role_at(user, held.place)) for held in grants],
        "crumbs": [Crumb(_("People"), reverse("people")), Crumb(found.name, tag=found.employee_number)],
        "verdict": _person_verdict(found, keeps),
        **given,
    }
    return render(request, "people/person.html", context, status=422 if bound else 200)


def _person_verdict(found: User, keeps: bool) -> Verdict:
    detail = "" if keeps else _("This person also has roles outside your places, so others keep the account.")
    if not found.is_active:
        return Verdict(
            _("%(name)s is out of use and cannot sign in.") % {"name": found.name}, "none", "na", detail
        )
    if not found.has_usable_password():
        return Verdict(_("%(name)s has no password yet.") % {"name": found.name}, "watch", detail=detail)
    if found.must_change_password:
        text = _("%(name)s has a one-time password and has not signed in with it.")
        return Verdict(text % {"name": found.name}, "acc", detail=detail)
    return Verdict(_("%(name)s can sign in.") % {"name": found.name}, "met", detail=detail)


def _seen(request: HttpRequest, number: int) -> tuple[Any, User]:
    user = administrator(request)
    return user, get_or_404(queries.people(user).select_related("department", "contractor"), pk=number)


def _must_keep(user: Any, found: User) -> None:
    if not rules.keeps_person(user, found):
        raise Http404


def _done(request: HttpRequest, call: Any, said: str) -> None:
    """Run an act that may be refused for a reason the administrator can mend."""
    try:
        call()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
