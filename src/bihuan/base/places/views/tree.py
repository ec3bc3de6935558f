"""The tree of places: looking, adding, changing, moving, ending."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Figure, Verdict

from .. import actions, forms, queries, rules
from ..kinds import ADMINISTRATOR, Grade, Kind, PlaceState
from ..models import Place
from .sheet_pages import said_of


@require_GET
def tree(request: HttpRequest) -> HttpResponseBase:
    """Every place the administrator keeps, with its households."""
    user = _administrator(request)
    nodes = queries.tree(user)
    page = ListPage(request, nodes, columns=_columns(), filters=_filters(), caption=_("Places"), size=100)
    if page.wants_export:
        return page.export("places")
    context = {
        "verdict": _verdict(nodes, user),
        "figures": _figures(nodes),
        "list": page,
        "crumbs": [Crumb(_("Places"))],
        "empty": Empty(
            _("No places yet"),
            _("Download the template, write down company, projects and buildings, and send it."),
            Button(_("Import places"), reverse("places_import"), "upload"),
        ),
        "last_import": said_of(queries.imports(user, "places").first()),
    }
    return render(request, "places/tree.html", context)


def _columns() -> list[Column]:
    def area(node: queries.Node) -> float | None:
        return None if node.place.area is None else float(node.place.area)

    def households(node: queries.Node) -> int | None:
        return node.households

    return [
        Column("code", _("Code"), value=lambda n: n.place.code, sort=lambda n: n.place.code),
        Column(
            "name", pgettext("of a thing", "Name"), value=lambda n: n.place.name, sort=lambda n: n.place.name
        ),
        Column("kind", _("Level"), value=lambda n: str(Kind(n.place.kind).label)),
        Column("grade", _("Service grade"), value=lambda n: str(n.place.get_grade_display())),
        Column("households", _("Households"), value=households, sort=households, numeric=True),
        Column("area", _("Floor area, m²"), value=area, sort=area, numeric=True),
        Column("state", _("State"), value=lambda n: str(PlaceState(n.place.state).label)),
    ]


def _filters() -> list[Filter]:
    def keep(test: Any) -> Any:
        return lambda nodes, wanted: [node for node in nodes if test(node.place, wanted)]

    def named(place: Place, text: str) -> bool:
        return text.casefold() in f"{place.code} {place.name_zh} {place.name_en}".casefold()

    return [
        Filter("q", _("Find"), "search", apply=keep(named), hint=_("Code or name")),
        Filter("kind", _("Level"), choices=Kind.choices[:-1], apply=keep(lambda p, kind: p.kind == kind)),
        Filter("grade", _("Service grade"), choices=Grade.choices, apply=keep(lambda p, g: p.grade == g)),
        Filter("state", _("State"), choices=PlaceState.choices, apply=keep(lambda p, s: p.state == s)),
    ]


def _verdict(nodes: list[queries.Node], user: Any) -> Verdict:
    projects = [n for n in nodes if n.place.kind == Kind.PROJECT and n.place.is_active]
    unknown = [n for n in projects if n.households is None]
    ungraded = [n for n in projects if not n.place.grade]
    buttons = (
        Button(_("Add a place"), reverse("place_new"), "plus"),
        Button(_("Import places"), reverse("places_import"), "upload", primary=True),
    )
    if not projects:
        return Verdict(
            _("No project is in use yet."), "watch", detail=_("Scores begin with projects."), buttons=buttons
        )
    if unknown or ungraded:
        sentence = _no_households(len(unknown)) if unknown else _no_grade(len(ungraded))
        missing = unknown or ungraded
        return Verdict(
            sentence % {"n": len(missing), "all": len(projects)},
            "watch",
            detail=_(", ").join(n.place.name for n in missing[:5]),
            buttons=buttons,
        )
    sentence = ngettext(
        "%(n)d project is in use, with households and grade.",
        "%(n)d projects are in use, all with households and grade.", len(projects),
    )  # fmt: skip
    return Verdict(sentence % {"n": len(projects)}, "met", buttons=buttons)


def _no_households(number: int) -> str:
    return ngettext(
        "[[%(n)d project]] of %(all)d has no households: it weighs nothing in the scores.",
        "[[%(n)d projects]] of %(all)d have no households: they weigh nothing in the scores.",
        number,
    )


def _no_grade(number: int) -> str:
    return ngettext(
        "[[%(n)d project]] of %(all)d has no service grade, so it lacks the targets that go by grade.",
        "[[%(n)d projects]] of %(all)d have no service grade, so they lack the targets that go by grade.",
        number,
    )


def _figures(nodes: list[queries.Node]) -> list[Figure]:
    active = [node for node in nodes if node.place.is_active]
    kinds = {node.place.pk: node for node in active}
    roots = [node for node in active if node.place.parent_id not in kinds]
    return [
        Figure(_("Projects"), sum(n.place.kind == Kind.PROJECT for n in active)),
        Figure(_("Buildings"), sum(n.place.kind == Kind.BUILDING for n in active)),
        Figure(_("Households"), sum(n.households or 0 for n in roots)),
    ]


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Add one place."""
    user = _administrator(request)
    form = forms.NewPlaceForm(
        request.POST or None,
        paths=user.paths_as(ADMINISTRATOR),
        initial={"parent": request.GET.get("parent", "")},
    )
    if request.method == "POST" and form.is_valid():
        fields = {**form.cleaned_data, "grade": form.cleaned_data["grade"] or ""}
        made = forms.tried(form, lambda: actions.create_place(actor=user, **fields))
        if made is not None:
            messages.success(request, _("%(name)s is in the tree.") % {"name": made.name})
            return redirect("place_edit", made.code)
    crumbs = [Crumb(_("Places"), reverse("places_tree")), Crumb(_("New place"))]
    context = {"form": form, "crumbs": crumbs, "verdict": Verdict(_("Add a place to the tree."), "acc")}
    return render(
        request, "places/new.html", context, status=200 if form.is_valid() or not form.is_bound else 422
    )


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """One place: change it; move and end it from the same page."""
    user, place = _kept(request, code)
    form = forms.PlaceForm(request.POST or None, initial=_initial(place))
    if request.method == "POST" and form.is_valid():
        changes = dict(form.cleaned_data)
        since = changes.pop("since")
        if forms.tried(form, lambda: actions.update_place(place, actor=user, since=since, **changes)):
            messages.success(request, _("%(name)s is kept.") % {"name": changes["name_zh"]})
            return redirect("place_edit", place.code)
    return _place_page(request, user, place, form=form)


@require_POST
def move(request: HttpRequest, code: str) -> HttpResponse:
    """Hang a place under another one."""
    user, place = _kept(request, code)
    form = forms.MoveForm(request.POST, paths=user.paths_as(ADMINISTRATOR))
    if form.is_valid():
        parent, since = form.cleaned_data["parent"], form.cleaned_data["since"]
        if forms.tried(form, lambda: actions.move_place(place, actor=user, parent=parent, since=since)):
            messages.success(
                request,
                _("%(name)s now stands under %(parent)s.") % {"name": place.name, "parent": parent.name},
            )
            return redirect("place_edit", place.code)
    return _place_page(request, user, place, move=form)


@require_POST
def deactivate(request: HttpRequest, code: str) -> HttpResponse:
    """Take a place, with everything under it, out of use."""
    user, place = _kept(request, code)
    form = forms.LastDayForm(request.POST)
    if form.is_valid():
        day = form.cleaned_data["last_day"]
        if forms.tried(form, lambda: actions.deactivate_place(place, actor=user, last_day=day)):
            messages.success(request, _("%(name)s is out of use.") % {"name": place.name})
            return redirect("place_edit", place.code)
    return _place_page(request, user, place, end=form)


@require_POST
def reactivate(request: HttpRequest, code: str) -> HttpResponse:
    """Take a place back into use."""
    user, place = _kept(request, code)
    form = forms.LastDayForm({})
    if forms.tried(form, lambda: actions.reactivate_place(place, actor=user)):
        messages.success(request, _("%(name)s is in use again.") % {"name": place.name})
    else:
        messages.error(request, " ".join(str(error) for error in form.non_field_errors()))
    return redirect("place_edit", place.code)


def _place_page(request: HttpRequest, user: Any, place: Place, **given: Any) -> HttpResponse:
    paths = user.paths_as(ADMINISTRATOR)
    bound = next((form for form in given.values() if form.is_bound), None)
    households = queries.household_counts().get(place.pk)
    context = {
        "place": place,
        "form": given.get("form") or forms.PlaceForm(initial=_initial(place)),
        "move": given.get("move") or forms.MoveForm(paths=paths),
        "end": given.get("end") or forms.LastDayForm(),
        "spells": place.spells.select_related("parent"),
        "under": place.descendants().active().count(),
        "crumbs": [
            Crumb(_("Places"), reverse("places_tree")),
            *(Crumb(above.name) for above in place.ancestors() if user.sees(above)),
            Crumb(place.name),
        ],
        "figures": [
            Figure(_("Level"), Kind(place.kind).label),
            Figure(_("Households"), "—" if households is None else households),
            Figure(_("State"), PlaceState(place.state).label),
        ],
        "verdict": _place_verdict(place),
        "may_move": place.parent_id is not None,
        "shows_households": place.kind in (Kind.PROJECT, Kind.BUILDING),
    }
    return render(
        request, "places/place.html", context, status=422 if bound is not None and bound.errors else 200
    )


def _place_verdict(place: Place) -> Verdict:
    if not place.is_active:
        text = _("%(name)s is out of use since its last day.") % {"name": place.name}
        return Verdict(text, "none", "na", detail=str(place.valid_to or ""))
    text = _("%(name)s is in use.") % {"name": place.name}
    return Verdict(text, "met", detail=place.code)


def _initial(place: Place) -> dict[str, Any]:
    return {key: getattr(place, key) for key in actions.CHANGEABLE}


def _administrator(request: HttpRequest) -> Any:
    if not rules.can_open_tree(request.user):
        raise Http404
    return request.user


def _kept(request: HttpRequest, code: str) -> tuple[Any, Place]:
    """The administrator and the place, which they keep; for anybody else it is not there."""
    user = _administrator(request)
    place = Place.objects.visible_to(user).select_related("parent").filter(code=code).first()
    if place is None or not rules.can_manage(user, place):
        raise Http404
    return user, place
