from __future__ import annotations

import math
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from bihuan.assess import charts, queries, units, words
from bihuan.assess.findings import queries as findings
from bihuan.assess.findings.chained import signals_on
from bihuan.assess.patterns import patterns
from bihuan.assess.queries.indicator import Detail
from bihuan.assess.queries.opened import OUTCOMES, Column, open_records
from bihuan.assess.views import chosen
from bihuan.base.chain.strips import links_of
from bihuan.base.documents import excel
from bihuan.base.people.access import signed_in
from bihuan.base.places.kinds import Kind
from bihuan.base.ui import formats
from bihuan.base.ui.lists import Head, Pager
from bihuan.base.ui.parts import Button, Crumb, Figure, Verdict
from bihuan.base.ui.status import STATUSES
from bihuan.base.ui.templatetags.bh import with_query
from bihuan.standards import display

SIZE = 20
MOST_EXPORTED = 100_000


@require_GET
@signed_in
def indicator(request: HttpRequest, code: str) -> HttpResponseBase:
    """One indicator at one place: so what, how it moved, where it comes from, and the records under it."""
    found = _detail(request, code)
    if not isinstance(found, Detail):
        return found
    if request.GET.get("export") in ("xlsx", "csv"):
        return _export(found, request)
    return render(request, "assess/indicator.html", {**_page(request, found), **_records(request, found)})


@require_GET
@signed_in
def records(request: HttpRequest, code: str) -> HttpResponseBase:
    """The records under a number alone, for turning their pages without loading the rest."""
    found = _detail(request, code)
    if not isinstance(found, Detail):
        raise Http404
    return render(request, "assess/parts/records.html", _records(request, found))


def _detail(request: HttpRequest, code: str) -> Detail | HttpResponseBase:
    user = chosen.reader(request)
    place, cycle = chosen.place(request), chosen.cycle(request)
    if place is None:
        raise Http404
    if not cycle or queries.latest_run(cycle) is None:
        return render(request, "assess/empty.html", {**chosen.nothing_yet(request, cycle), "title": code})
    by = request.GET.get("period", "")
    found = queries.indicator_detail(
        user,
        code,
        place,
        cycle,
        run_id=request.GET.get("run", ""),
        breakdown=request.GET.get("by", ""),
        by_month={"month": True, "cycle": False}.get(by),
    )
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, detail: Detail) -> dict[str, Any]:
    head, place = detail.head, detail.place
    here = f"?place={place.code}&cycle={detail.run.cycle.code}"
    verdict = detail.verdict
    buttons = (
        Button(_("How it is defined"), reverse("standard_indicator", args=[head.code]), icon="file-text"),
        Button(
            _("See %(place)s") % {"place": place.name}, reverse("place_results", args=[place.code]) + here
        ),
    )
    shown = patterns(detail.trend)
    trend = charts.trend(detail, patterns=shown)
    groups = charts.groups(detail.groups, detail.reading)
    return {
        "title": f"{head.code} {head.name}",
        "verdict": Verdict(verdict.sentence, verdict.tone, verdict.glyph, verdict.detail, buttons),
        "chain": links_of(
            request.user,
            "indicator",
            head.code,
            onward=signals_on(request.user, head.code, place, detail.run.cycle.code),
        ),
        "crumbs": [
            Crumb(_("Scorecard"), chosen.scorecard_url(request.user, detail.run.cycle.code)),
            Crumb(place.name, reverse("place_results", args=[place.code]) + here),
            Crumb(f"{head.code} {head.name}"),
        ],
        "figures": _figures(detail),
        "trend": trend,
        "trend_label": _trend_label(detail),
        "patterns": [(f"{'①②③④'[k]}", one) for k, one in enumerate(shown)],
        "normal": _normal(detail),
        "period_tabs": _period_tabs(request, detail),
        "groups": groups,
        "groups_label": _("%(name)s by %(breakdown)s, with intervals")
        % {"name": head.name, "breakdown": display.BREAKDOWNS.get(detail.breakdown, detail.breakdown)},
        "groups_sentence": _groups_sentence(detail),
        "group_tabs": [
            (display.BREAKDOWNS.get(name, name), with_query(request, by=name), name == detail.breakdown)
            for name in head.breakdowns
        ],
        "children": charts.groups(detail.children, detail.reading, width=720) if detail.children else None,
        "children_label": _("%(name)s of the places under %(place)s")
        % {"name": head.name, "place": place.name},
        "how": _how(detail),
        "own": place.kind == Kind.PROJECT,  # a parent's list of many signals stays short
        "signals": findings.shown_at(request.user, place, detail.run.cycle.code, indicator=head.code),
    }


def _figures(detail: Detail) -> list[Figure]:
    found, head = detail.reading, detail.head
    tone = STATUSES[found.standing].tone if found.standing and found.shown else ""
    value = units.value(found.value, found.unit) if found.shown else str(STATUSES[found.status].word)
    figures = [
        Figure(_("This cycle"), value, units.interval(found.low, found.high, found.unit), tone=tone),
        Figure(
            _("Target / floor"),
            units.goal(found.target, found.unit),
            f"/ {units.goal(found.floor, found.unit)}" if not math.isnan(found.floor) else "",
        ),
        Figure(_("Counted"), units.count(found.n, head.noun)),
    ]
    if detail.missed is not None and found.shown:
        figures.append(Figure(_("Missed"), units.count(detail.missed, head.noun)))
    if found.comparable and not math.isnan(found.change):
        note = {"better": _("surely better"), "worse": _("surely worse"), "same": _("within error")}
        label = _("Against last cycle, percentage points") if found.unit == "%" else _("Against last cycle")
        figures.append(
            Figure(
                label,
                units.signed(found.change, found.unit),
                words.signed_interval(found),
                note.get(words.moved(found), ""),
            )
        )
    if detail.rank:
        figures.append(
            Figure(_("Rank in the company"), formats.number(detail.rank[0]), f"/ {detail.rank[1]}")
        )
    return figures


def _normal(detail: Detail) -> dict[str, Any]:
    """How the control chart is to be read; empty where the chart has intervals instead."""
    ranged = [point for point in detail.trend if point.normal is not None]
    if not ranged:
        return {}
    return {
        "provisional": any(point.normal.provisional for point in ranged if point.normal),
        "sure": any(not point.normal.provisional for point in ranged if point.normal),
        "broken": any(point.broken for point in detail.trend),
    }


def _trend_label(detail: Detail) -> str:
    if any(point.normal is not None for point in detail.trend):
        return _("%(name)s at %(place)s over time, with its normal range and target") % {
            "name": detail.head.name,
            "place": detail.place.name,
        }
    return _("%(name)s at %(place)s over time, with intervals and target") % {
        "name": detail.head.name,
        "place": detail.place.name,
    }


def _period_tabs(request: HttpRequest, detail: Detail) -> list[tuple[Any, str, bool]]:
    if detail.head.definition.get("period") != "month":
        return []
    return [
        (_("By month"), with_query(request, period="month"), detail.by_month),
        (_("By cycle"), with_query(request, period="cycle"), not detail.by_month),
    ]


def _groups_sentence(detail: Detail) -> str:
    """Where most of what was missed comes from, when one item holds the greater part of it."""
    shares = [group for group in detail.groups if not math.isnan(group.share_of_misses)]
    if len(shares) < 2:
        return ""
    worst = max(shares, key=lambda group: group.share_of_misses)
    if worst.share_of_misses < 0.4:
        return _("What was missed is spread over all of them.")
    return _("%(share)s of what was missed comes from %(name)s.") % {
        "share": formats.percent(worst.share_of_misses, 0),
        "name": worst.label,
    }


def _how(detail: Detail) -> list[tuple[Any, Any]]:
    head, version = detail.head, detail.version
    clauses = [clause.reference for clause in version.clauses.select_related("regulation")] if version else []
    rows = [
        (_("Computed"), head.words or display.KINDS.get(head.definition["kind"], head.definition["kind"])),
        (_("Rests on"), "；".join(clauses) if formats.chinese() else "; ".join(clauses)),
        (_("Least number"), units.count(head.min_n, head.noun) if head.min_n else ""),
        (_("Version"), f"v{head.version}"),
        (_("Snapshot"), _("%(number)s, can be recomputed") % {"number": detail.run.snapshot}),
        (_("Judged at"), formats.moment(detail.run.as_of)),
        (_("Share of the score"), formats.percent(detail.share) if detail.share else _("no share")),
    ]
    rows += [(_("What changed"), version.note) for version in detail.changes]
    return [(label, text) for label, text in rows if text]


_TABS = {"miss": gettext_lazy("Missed"), "hit": gettext_lazy("Reached"), "out": gettext_lazy("Not counted")}


def _records(request: HttpRequest, detail: Detail) -> dict[str, Any]:
    """What the card of records shows; its links keep working without script."""
    opened = open_records(
        detail,
        outcome=request.GET.get("outcome", ""),
        order=request.GET.get("order", "")[:41],
        page=lambda total: Pager.of(request, total, SIZE),
    )
    query = request.GET.copy()
    query["place"], query["cycle"] = detail.place.code, detail.run.cycle.code
    if opened.outcome:
        query["outcome"] = opened.outcome
    base = {key: query.copy() for key in ("page", "outcome", "order")}
    for key, rest in base.items():
        rest.pop(key, None)
        rest.pop("page", None)
    base["outcome"].pop("order", None)
    code = detail.head.code
    whole, part = reverse("indicator", args=[code]), reverse("indicator_records", args=[code])
    return {
        "detail": detail,
        "opened": opened,
        "pager": Pager.of(request, opened.total, SIZE),
        "record_tabs": [
            (
                f"{_TABS[name]} {formats.number(opened.counts[name])}",
                f"{whole}?{base['outcome'].urlencode()}&outcome={name}",
                name == opened.outcome,
            )
            for name in OUTCOMES
            if name in opened.counts
        ],
        "record_heads": [
            _record_head(column, opened.order, whole, base["order"]) for column in opened.columns
        ],
        "records_base": f"{whole}?{base['page'].urlencode()}&",
        "records_part": f"{part}?{base['page'].urlencode()}&",
    }


def _record_head(column: Column, order: str, whole: str, rest: Any) -> Head:
    up, down = order == column.key, order == f"-{column.key}"
    turned = f"-{column.key}" if up else column.key
    return Head(
        column.label,
        column.numeric,
        f"{whole}?{rest.urlencode()}&order={turned}",
        "ascending" if up else "descending" if down else "",
    )


def _export(detail: Detail, request: HttpRequest) -> HttpResponseBase:
    opened = open_records(detail, outcome=request.GET.get("outcome", ""), limit=MOST_EXPORTED)
    if opened.closed:
        raise Http404
    notes = [
        (_("Place"), detail.place.name),
        (_("Cycle"), formats.cycle_name(detail.run.cycle.code)),
        (_("Snapshot"), detail.run.snapshot),
        (_("Judged at"), detail.run.as_of),
        (_("Version"), f"v{detail.head.version}"),
    ]
    name = f"{detail.head.code}-{detail.place.code}-{detail.run.cycle.code}-snapshot-{detail.run.snapshot}"
    heads = [column.label for column in opened.columns]
    rows = ([column.plain(row) for column in opened.columns] for row in opened.rows)
    return excel.download(name, heads, rows, kind=request.GET["export"], notes=notes)
