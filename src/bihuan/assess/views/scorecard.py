from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bihuan.assess import queries
from bihuan.assess.queries.scorecard import Row, Scorecard, Wanted
from bihuan.assess.views import chosen
from bihuan.base.documents import excel
from bihuan.base.people.access import signed_in
from bihuan.base.places.kinds import Kind
from bihuan.base.ui import formats
from bihuan.base.ui.lists import Pager
from bihuan.base.ui.parts import Button
from bihuan.base.ui.templatetags.bh import with_query

SIZE = 50


@require_GET
@signed_in
def scorecard(request: HttpRequest) -> HttpResponseBase:
    """Places down, indicators across: who is on target, who is not, and how sure that is."""
    user = chosen.reader(request)
    place, cycle = chosen.place(request), chosen.cycle(request)
    exporting = request.GET.get("export") in ("xlsx", "csv")
    card = None
    if place is not None and cycle:
        pager = None if exporting else lambda total: Pager.of(request, total, SIZE)
        card = queries.scorecard(
            user, cycle, place, _wanted(request), run_id=request.GET.get("run", ""), pager=pager
        )
    if card is None:
        return render(
            request, "assess/empty.html", {**chosen.nothing_yet(request, cycle), "title": _("Scorecard")}
        )
    if exporting:
        return _export(card, request.GET["export"])
    return render(request, "assess/scorecard.html", _context(request, card))


def _wanted(request: HttpRequest) -> Wanted:
    return Wanted(
        family=request.GET.get("family", "")[:40],
        region=request.GET.get("region", "")[:40],
        problems=request.GET.get("problems") == "1",
        sort=request.GET.get("sort", "score")[:41],
    )


def _context(request: HttpRequest, card: Scorecard) -> dict[str, Any]:
    wanted = _wanted(request)
    verdict = card.verdict
    whole = chosen.scorecard_url(request.user, card.run.cycle.code)
    above = (Button(_("See all projects"), whole),) if card.place.kind == Kind.PROJECT else ()
    buttons = (
        *above,
        Button("Excel", with_query(request, export="xlsx"), icon="download"),
        Button("CSV", with_query(request, export="csv"), icon="download"),
    )
    return {
        "verdict": type(verdict)(verdict.sentence, verdict.tone, verdict.glyph, verdict.detail, buttons),
        "card": card,
        "wanted": wanted,
        "pager": card.pager,
        "cycle": card.run.cycle,
        "tabs": _tabs(request, card, wanted),
        "sort": _Sort(request, wanted.sort),
        "made": formats.moment(card.run.made_at),
        "run_url": reverse("run", args=[card.run.run_id]),
    }


def _tabs(request: HttpRequest, card: Scorecard, wanted: Wanted) -> list[tuple[str, str, bool]]:
    every = [(_("All indicators"), with_query(request, family=""), not wanted.family)]
    return every + [
        (f"{code} {name}", with_query(request, family=code), wanted.family == code)
        for code, name in card.every_family
    ]


class _Sort:
    """The heads' addresses and arrows; a sorted column turns round when it is chosen again."""

    def __init__(self, request: HttpRequest, now: str) -> None:
        self._request, self._now = request, now

    def __getitem__(self, key: str) -> dict[str, str]:
        up, down = self._now == key, self._now == f"-{key}"
        return {
            "url": with_query(self._request, sort=f"-{key}" if up else key),
            "sorted": "ascending" if up else "descending" if down else "",
        }


def _export(card: Scorecard, kind: str) -> HttpResponseBase:
    heads = [
        _("Place"),
        _("Code"),
        _("Grade"),
        _("Score"),
        _("Interval from"),
        _("Interval to"),
        _("Red line"),
    ]
    for head in card.heads:
        heads += [f"{head.code} {head.name}", f"{head.code} {_('Against the target')}"]
    run = card.run
    notes = [
        (_("Cycle"), formats.cycle_name(run.cycle.code)),
        (_("Snapshot"), run.snapshot),
        (_("Judged at"), run.as_of),
        (_("Run"), run.run_id),
        (_("Weights"), str(run.weights or "")),
        (_("Result fingerprint"), run.result_hash),
    ]
    rows = [row for row in (card.top, *card.rows) if row is not None]
    name = f"scorecard-{run.cycle.code}-snapshot-{run.snapshot}"
    return excel.download(name, heads, (list(_line(row)) for row in rows), kind=kind, notes=notes)


def _line(row: Row) -> Iterator[Any]:
    score = row.score
    yield from (
        row.place.name,
        row.place.code,
        score.grade,
        score.value,
        score.low,
        score.high,
        score.red_line,
    )
    for cell in row.cells:
        yield cell.value
        yield cell.word
