"""The pages of signals."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bihuan.assess import queries as results
from bihuan.assess.findings import actions, queries, verdicts, words
from bihuan.assess.findings.forms import Why
from bihuan.assess.findings.models import Finding, Signal
from bihuan.assess.findings.states import UNDECIDED, SignalKind, SignalState
from bihuan.assess.findings.views.common import ALL, back, reader, says
from bihuan.assess.views import chosen
from bihuan.base.people.access import attempt, get_or_404, signed_in
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty


@require_GET
@signed_in
def signals(request: HttpRequest) -> HttpResponseBase:
    """What an evaluation shows to be wrong, the gravest first; one tap decides each."""
    user = reader(request)
    place, cycle = chosen.place(request), chosen.cycle(request)
    rows = queries.signals(user, place=place, cycle=cycle)
    shown = queries.matters(rows)
    page = ListPage(
        request,
        shown if says(request, "state", SignalState) else shown.filter(state__in=UNDECIDED),
        columns=_signal_columns(),
        filters=_signal_filters(rows),
        sort="-rank",
        caption=_("Signals"),
    )
    if page.wants_export:
        return page.export(f"signals-{cycle}")
    listed = queries.signal_rows(user, page.rows)
    counted = queries.undecided(rows)
    first = next((one.signal for one in listed if one.signal.state == SignalState.NEW), None)
    evaluated = bool(cycle) and results.latest_run(cycle) is not None
    context = {
        "list": page,
        "rows": listed,
        "verdict": verdicts.signals(counted, first, cycle, evaluated),
        "crumbs": [Crumb(_("Signals"))],
        "empty": _no_signal(request, cycle, evaluated),
        "why": Why(prefix="dismiss", auto_id=False),
        "orders": _orders(page),
    }
    return render(request, "assess/findings/signals.html", context)


def _orders(page: ListPage) -> list[tuple[str, Any, bool]]:
    named = (("-rank", _("gravest first")), ("-far", _("furthest off")), ("place", _("by place")))
    return [(key, label, page.sort == key) for key, label in named]


def _signal_columns() -> list[Column]:
    def number(name: str, label: Any) -> Column:
        return Column(name, label, numeric=True)

    return [
        Column("sentence", _("Signal"), value=words.sentence),
        Column("kind", _("Kind"), value="get_kind_display"),
        Column("place", _("Place"), value="place.name", sort="place__path"),
        Column(
            "indicator", _("Indicator"), value=lambda s: f"{s.indicator} {s.version.name}", sort="indicator"
        ),
        number("value", _("Value")),
        number("low", _("Low end")),
        number("high", _("High end")),
        number("target", _("Target")),
        number("floor", _("Floor")),
        number("change", _("Change")),
        number("n", _("Number")),
        Column("far", _("Points off"), numeric=True, sort="far"),
        Column("rank", _("Gravity"), numeric=True, sort="rank"),
        Column("state", _("State"), value="get_state_display"),
        Column("reason", _("Reason")),
        Column("finding", _("Finding"), value="finding.code"),
    ]


def _signal_filters(rows: Any) -> list[Filter]:
    measured = dict(rows.order_by("indicator").values_list("indicator", "version__pk").distinct())
    versions = {v.pk: v for v in words.versions(measured.values())}
    return [
        Filter(
            "state",
            _("State"),
            choices=[ALL, *SignalState.choices],
            all=_("to decide"),
            apply=lambda found, value: found if value == "all" else found.filter(state=value),
        ),
        Filter(
            "of",
            _("Indicator"),
            choices=[(code, f"{code} {versions[pk].short}") for code, pk in measured.items()],
            path="indicator",
        ),
        Filter("kind", _("Kind"), choices=SignalKind.choices, apply=queries.of_kind),
    ]


def _no_signal(request: HttpRequest, cycle: str, evaluated: bool) -> Empty:
    if not evaluated:
        empty: Empty = chosen.nothing_yet(request, cycle)["empty"]
        return empty
    return Empty(
        _("Nothing to decide here"),
        _("No target was surely missed and no series is getting worse, or everything is decided."),
        Button(_("See the scorecard"), f"{reverse('scorecard')}?cycle={cycle}"),
    )


def _signal(request: HttpRequest, number: int) -> Signal:
    return get_or_404(queries.signals(reader(request)), pk=number)


@require_POST
@signed_in
def see(request: HttpRequest, number: int) -> HttpResponse:
    """Mark a signal as seen."""
    signal = _signal(request, number)
    attempt(request, lambda: actions.see_signal(signal, actor=request.user))
    return back(request, "signals")


@require_POST
@signed_in
def dismiss(request: HttpRequest, number: int) -> HttpResponse:
    """Dismiss a signal with a reason."""
    signal = _signal(request, number)
    reason = request.POST.get("dismiss-reason", "")
    attempt(
        request,
        lambda: actions.dismiss_signal(signal, actor=request.user, reason=reason),
        _("The signal is dismissed; its reason is on record."),
    )
    return back(request, "signals")


@require_POST
@signed_in
def open_(request: HttpRequest, number: int) -> HttpResponse:
    """Make a signal a finding and go there."""
    signal = _signal(request, number)
    made: list[Finding] = []
    if attempt(request, lambda: made.append(actions.open_finding(signals=[signal], actor=request.user))):
        return redirect("finding", code=made[0].code)
    return back(request, "signals")
