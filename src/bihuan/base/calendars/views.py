from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.base.calendars import actions, forms, queries, rules, shown
from bihuan.base.calendars.models import WorkingCalendar
from bihuan.base.trail.act import Refused
from bihuan.base.ui.lists import Column, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Verdict


def _editor(request: HttpRequest) -> None:
    if not rules.can_edit(request.user) or not rules.can_read(request.user):
        raise Http404


def _calendar(request: HttpRequest, code: str) -> WorkingCalendar:
    found = queries.visible_to(request.user).filter(code=code).first()
    if found is None:
        raise Http404
    return found


@require_GET
def calendars(request: HttpRequest) -> HttpResponseBase:
    """Every calendar, and whether the holidays are there."""
    rows = queries.with_places(queries.visible_to(request.user)).prefetch_related("week")
    page = ListPage(
        request,
        rows,
        columns=[
            Column("name", _("Calendar"), sort="name_zh", url=lambda c: reverse("calendar", args=[c.code])),
            Column("code", _("Code"), sort="code"),
            Column("week", _("Usual hours"), value=shown.week_line),
            Column("places", _("Places"), value=lambda c: c.place_count, sort="place_count", numeric=True),
            Column("used", _("Used for"), value=shown.used_for),
        ],
        caption=_("Working calendars"),
    )
    if page.wants_export:
        return page.export("calendars")
    editor = rules.can_edit(request.user)
    new = Button(_("New calendar"), reverse("calendar_new"), "plus", primary=True)
    context = {
        "list": page,
        "verdict": shown.list_verdict(list(rows), (new,) if editor else ()),
        "crumbs": [Crumb(_("Working calendars"))],
        "empty": Empty(_("No calendars yet"), _("Limits run on working time, and that needs hours.")),
    }
    return render(request, "calendars/calendars.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a calendar."""
    _editor(request)
    form = forms.CalendarForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = actions.create_calendar(actor=request.user, **form.cleaned_data)
        return redirect("calendar", made.code)
    context = {
        "form": form,
        "crumbs": [Crumb(_("Working calendars"), reverse("calendars")), Crumb(_("New calendar"))],
        "verdict": Verdict(_("A new calendar: first its name, then its hours."), "acc"),
    }
    return render(request, "calendars/new.html", context)


@require_GET
def calendar(request: HttpRequest, code: str) -> HttpResponse:
    """One calendar: whether it is open today, its hours, its exceptional days, its places."""
    return _show(request, _calendar(request, code))


def _show(request: HttpRequest, one: WorkingCalendar, **filled: Any) -> HttpResponse:
    year = shown.year_asked(request.GET.get("year"))
    week = dict(one.week.values_list("weekday", "hours"))
    context = {
        "calendar": one,
        "year": year,
        "years": shown.years_around(one, year),
        "days": one.exceptions.filter(day__year=year),
        "week": shown.week_rows(week),
        "places": one.places.all(),
        "editor": rules.can_edit(request.user),
        "crumbs": [Crumb(_("Working calendars"), reverse("calendars")), Crumb(one.name)],
        "verdict": shown.verdict(one),
        "figures": shown.figures(one, year),
        "names_form": forms.CalendarForm(instance=one),
        "week_form": forms.WeekForm(week=week),
        "day_form": forms.DayForm(),
        "place_form": forms.PlaceForm(),
        "holidays_known": shown.is_known(year),
        **filled,
    }
    return render(request, "calendars/calendar.html", context, status=400 if filled else 200)


@require_POST
def names(request: HttpRequest, code: str) -> HttpResponse:
    """Rename a calendar."""
    _editor(request)
    one = _calendar(request, code)
    form = forms.CalendarForm(request.POST, instance=one)
    if not form.is_valid():
        return _show(request, _calendar(request, code), names_form=form)
    return _do(request, one, lambda: actions.edit_calendar(one, actor=request.user, **form.cleaned_data))


@require_POST
def week(request: HttpRequest, code: str) -> HttpResponse:
    """Set the usual hours."""
    _editor(request)
    one = _calendar(request, code)
    form = forms.WeekForm(request.POST)
    if not form.is_valid():
        return _show(request, one, week_form=form)
    return _do(request, one, lambda: actions.set_week(one, actor=request.user, week=form.week))


@require_POST
def day(request: HttpRequest, code: str) -> HttpResponse:
    """Give one day hours of its own, or with ``clear`` make it like its weekday again."""
    _editor(request)
    one = _calendar(request, code)
    form = forms.DayForm(request.POST)
    if not form.is_valid():
        return _show(request, one, day_form=form)
    given = form.cleaned_data
    if request.POST.get("clear"):
        return _do(
            request,
            one,
            lambda: actions.clear_day(one, actor=request.user, day=given["day"]),
            given["day"].year,
        )
    return _do(request, one, lambda: actions.set_day(one, actor=request.user, **given), given["day"].year)


@require_POST
def bring_holidays(request: HttpRequest, code: str) -> HttpResponse:
    """Bring in the public holidays of a year."""
    _editor(request)
    one = _calendar(request, code)
    form = forms.YearForm(request.POST)
    if not form.is_valid():
        raise Http404
    year = form.cleaned_data["year"]

    def bring() -> None:
        done = actions.import_holidays(one, actor=request.user, years=[year])
        messages.success(request, shown.imported_sentence(done.added, done.changed, done.kept))

    return _do(request, one, bring, year)


@require_POST
def default(request: HttpRequest, code: str) -> HttpResponse:
    """Make a calendar the one of all places without their own."""
    _editor(request)
    one = _calendar(request, code)
    return _do(request, one, lambda: actions.make_default(one, actor=request.user))


@require_POST
def place(request: HttpRequest, code: str) -> HttpResponse:
    """Give a place this calendar, or with ``release`` take it away."""
    _editor(request)
    one = _calendar(request, code)
    form = forms.PlaceForm(request.POST)
    if not form.is_valid():
        return _show(request, one, place_form=form)
    wanted = None if request.POST.get("release") else one
    return _do(
        request,
        one,
        lambda: actions.assign_place(form.cleaned_data["place"], actor=request.user, calendar=wanted),
    )


@require_POST
def delete(request: HttpRequest, code: str) -> HttpResponse:
    """Delete a calendar that nothing uses."""
    _editor(request)
    one = _calendar(request, code)
    try:
        actions.delete_calendar(one, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("calendar", one.code)
    return redirect("calendars")


def _do(
    request: HttpRequest, one: WorkingCalendar, what: Callable[[], Any], year: int | None = None
) -> HttpResponseRedirect:
    try:
        what()
    except (Refused, ValueError) as exc:
        messages.error(request, str(exc))
    except ValidationError as exc:
        messages.error(request, " ".join(exc.messages))
    address = reverse("calendar", args=[one.code])
    return redirect(f"{address}?year={year}" if year else address)
