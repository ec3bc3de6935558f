"""Handing a person's or a department's open work over: what will move is shown before the button."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from bihuan.base.places.forms import tried
from bihuan.base.trail.act import Refused
from bihuan.base.ui.parts import Crumb, Verdict

from .. import actions, handover, queries, rules
from ..access import get_or_404
from ..models import Department, RoleGrant, User
from .organisation import company_keeper
from .persons import administrator


class PersonForm(forms.Form):
    """Who takes over from a person."""

    taker = forms.CharField(label=gettext_lazy("Employee number of who takes over"), max_length=40)
    roles = forms.BooleanField(
        label=gettext_lazy("Pass the roles on too"),
        required=False,
        help_text=gettext_lazy("Then the first person has none of them any more."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_taker(self) -> User:
        number = self.cleaned_data["taker"].strip()
        found = queries.people(self.user).filter(employee_number=number, is_active=True).first()
        if found is None:
            raise forms.ValidationError(
                _("Nobody in use has this employee number. Look it up on the page of people.")
            )
        return found


class DepartmentForm(forms.Form):
    """Which department takes over from another."""

    taker = forms.ModelChoiceField(
        Department.objects.none(), label=gettext_lazy("Department that takes over"), empty_label="—"
    )
    people = forms.BooleanField(
        label=gettext_lazy("Its people and the departments below it move too"), required=False
    )
    close = forms.BooleanField(label=gettext_lazy("Then take it out of use"), required=False)

    def __init__(self, *args: Any, giver: Department, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["taker"]
        field.queryset = Department.objects.filter(is_active=True).exclude(pk=giver.pk)
        field.label_from_instance = lambda found: found.name


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, number: int) -> HttpResponse:
    """Hand over what is open with a person."""
    user = administrator(request)
    found = get_or_404(queries.people(user), pk=number)
    if not rules.keeps_person(user, found):
        raise Http404
    form = PersonForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        moved = _handed(form, lambda: actions.hand_over_person(found, actor=user, **form.cleaned_data))
        if moved is not None:
            messages.success(request, _said(moved, form.cleaned_data["taker"].name))
            return redirect("person", found.pk)
    roles = RoleGrant.objects.filter(user=found).exclude(valid_to__lt=timezone.localdate())
    return _page(
        request,
        form,
        found,
        crumbs=[Crumb(_("People"), reverse("people")), Crumb(found.name, reverse("person", args=[found.pk]))],
        more=[(_("Roles"), roles.count(), _("only when you tick it"))],
        back=reverse("person", args=[found.pk]),
    )


@require_http_methods(["GET", "POST"])
def department(request: HttpRequest, code: str) -> HttpResponse:
    """Hand over what is open with a department."""
    user = company_keeper(request)
    found = get_or_404(Department.objects.all(), code=code)
    form = DepartmentForm(request.POST or None, giver=found)
    if request.method == "POST" and form.is_valid():
        moved = _handed(form, lambda: actions.hand_over_department(found, actor=user, **form.cleaned_data))
        if moved is not None:
            messages.success(request, _said(moved, form.cleaned_data["taker"].name))
            return redirect("departments")
    ticked = _("only when you tick it")
    address = reverse("department", args=[found.code])
    return _page(
        request,
        form,
        found,
        crumbs=[Crumb(_("Departments"), reverse("departments")), Crumb(found.name, address)],
        more=[
            (_("People in it"), found.people.count(), ticked),
            (_("Departments below it"), found.children.count(), ticked),
        ],
        back=address,
    )


def _handed(form: forms.Form, call: Callable[[], dict[str, int]]) -> dict[str, int] | None:
    try:
        return tried(form, call)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None


def _said(moved: dict[str, int], name: str) -> str:
    count = sum(moved.values())
    return ngettext(
        "%(n)d thing passed to %(name)s; the trail says which.",
        "%(n)d things passed to %(name)s; the trail says which.",
        count,
    ) % {"n": count, "name": name}


def _page(
    request: HttpRequest,
    form: forms.Form,
    giver: User | Department,
    *,
    crumbs: list[Crumb],
    more: list[tuple[str, int, str]],
    back: str,
) -> HttpResponse:
    found = handover.open_with(giver)
    count = sum(one.count for one in found)
    if count:
        sentence = ngettext(
            "[[%(n)d open thing]] of %(name)s passes on.", "[[%(n)d open things]] of %(name)s pass on.", count
        )
        verdict = Verdict(
            sentence % {"n": count, "name": giver.name},
            "watch",
            detail=_("All of it moves at once, or nothing does."),
        )
    else:
        verdict = Verdict(_("Nothing is open with %(name)s.") % {"name": giver.name}, "met")
    context = {
        "form": form,
        "verdict": verdict,
        "crumbs": [*crumbs, Crumb(_("Hand over"))],
        "found": found,
        "more": [line for line in more if line[1]],
        "back": back,
    }
    return render(request, "people/hand_over.html", context, status=422 if form.errors else 200)
