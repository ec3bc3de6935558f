from __future__ import annotations

import math

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bihuan.assess import charts, queries, rules
from bihuan.assess.findings import queries as findings
from bihuan.assess.queries.place import PlaceDetail, change_of_score
from bihuan.assess.views import chosen
from bihuan.base.people.access import get_or_404, signed_in
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Button, Crumb, Figure, Verdict


@require_GET
@signed_in
def place(request: HttpRequest, code: str) -> HttpResponse:
    """One place: its score and how it moved, what is strong and what is weak."""
    user = chosen.reader(request)
    found = get_or_404(queries.visible_places(user), code=code)
    if request.GET.get("place", code) != code:  # another place was chosen in the top bar: go there
        query = request.GET.copy()
        other = str(query.pop("place")[-1])
        return redirect(f"{reverse('place_results', args=[other])}?{query.urlencode()}")
    chosen.stay_at(request, found)
    cycle = chosen.cycle(request)
    detail = queries.place_detail(user, found, cycle, run_id=request.GET.get("run", "")) if cycle else None
    if detail is None:
        if request.GET.get("run"):
            raise Http404
        return render(
            request, "assess/empty.html", {**chosen.nothing_yet(request, cycle), "title": found.name}
        )
    verdict = detail.verdict
    context = {
        "detail": detail,
        "title": found.name,
        "verdict": Verdict(
            verdict.sentence, verdict.tone, verdict.glyph, verdict.detail, _buttons(request, detail)
        ),
        "crumbs": [Crumb(_("Scorecard"), chosen.scorecard_url(user, cycle)), Crumb(found.name)],
        "figures": _figures(detail),
        "trend": charts.score_trend(detail.trend, detail.target),
        "trend_label": _("Score of %(place)s over the cycles, with intervals") % {"place": found.name},
        "cycle": cycle,
        "signals": findings.shown_at(user, found, cycle),
    }
    return render(request, "assess/place.html", context)


def _buttons(request: HttpRequest, detail: PlaceDetail) -> tuple[Button, ...]:
    if not rules.may_report(request.user, detail.place):
        return ()
    return (
        Button(
            _("Draft the report"),
            reverse("draft_report") + f"?place={detail.place.code}&cycle={detail.run.cycle.code}",
            icon="file-analytics",
            post=True,
        ),
    )


def _figures(detail: PlaceDetail) -> list[Figure]:
    score = detail.score
    figures = [
        Figure(
            _("Score"),
            formats.number(score.value, 1) if score.scored else _("Insufficient data"),
            formats.interval(score.low, score.high),
            tone=score.tone if score.scored else "none",
        ),
        Figure(_("Grade"), score.grade or "—", _("red line") if score.red_line else ""),
        Figure(_("Target"), formats.number(detail.target)),
    ]
    difference = change_of_score(detail.trend)
    if not math.isnan(difference):
        figures.append(Figure(_("Against last cycle"), formats.signed(difference)))
    if not math.isnan(score.present):
        figures.append(Figure(_("Weight with data"), formats.percent(score.present, 0)))
    figures.append(Figure(_("Surely short of the target"), formats.number(len(detail.weak))))
    return figures
