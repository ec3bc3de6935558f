"""The analysis report as blocks for the PDF: what it means, then the numbers, then how they were made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.assess import charts, queries, units
from bihuan.assess.models import EvaluationRun
from bihuan.assess.queries.indicator import Detail
from bihuan.assess.queries.place import Line, PlaceDetail
from bihuan.assess.queries.scorecard import Row, Scorecard, Wanted
from bihuan.base.documents import pdf
from bihuan.base.places.kinds import Kind
from bihuan.base.places.models import Place
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Verdict

MOST_TRENDS = 4
MOST_STRONG = 8


def analysis(
    run: EvaluationRun, place: Place, *, user: Any, made_at: datetime, language: str
) -> tuple[str, bytes]:
    """The report's summary sentence and its PDF, in the current language."""
    cycle = run.cycle.code
    detail = queries.place_detail(user, place, cycle, run_id=run.run_id)
    card = queries.scorecard(user, cycle, place, Wanted(sort="score"), run_id=run.run_id)
    if detail is None or card is None:
        raise ValueError(f"run {run.run_id} has no results")
    verdict = card.verdict if place.kind != Kind.PROJECT and card.rows else detail.verdict
    worst = [line.head.code for line in detail.weak[:MOST_TRENDS]]
    details = [
        found
        for code in worst
        if (found := queries.indicator_detail(user, code, place, cycle, run_id=run.run_id)) is not None
    ]
    drawings = _drawings(detail, details)
    title = _("%(place)s, analysis report for %(cycle)s") % {"place": place.name, "cycle": run.cycle.title}
    blocks = list(_blocks(title, verdict, detail, card, details, set(drawings)))
    document = pdf.render(
        "documents/report.typ",
        {"blocks": blocks},
        language=language,
        about=pdf.About(
            title=title,
            company=(place.ancestors().first() or place).name,
            cycle=run.cycle.title,
            standard=str(run.weights or ""),
            snapshot=run.snapshot,
            made_at=made_at,
        ),
        drawings=drawings,
    )
    return str(verdict.sentence).replace("[[", "").replace("]]", ""), document


def _drawings(detail: PlaceDetail, details: list[Detail]) -> dict[str, Any]:
    found = {"score": charts.score_trend(detail.trend, detail.target, width=640)}
    found |= {f"trend-{one.head.code}": charts.trend(one, width=640, height=220) for one in details}
    return {name: spec for name, spec in found.items() if spec is not None}


def _blocks(
    title: str,
    verdict: Verdict,
    detail: PlaceDetail,
    card: Scorecard,
    details: list[Detail],
    drawn: set[str],
) -> Iterator[dict[str, Any]]:
    yield {"kind": "text", "text": title}
    yield _verdict_block(verdict)
    yield {"kind": "figures", "items": _figures(detail)}
    yield from _points(_("What is weak"), detail.weak, "miss", _("Nothing is surely short of its target."))
    yield from _points(
        _("What is strong"),
        detail.strong[:MOST_STRONG],
        "met",
        _("Nothing is surely better than its target."),
    )
    if "score" in drawn:
        yield {"kind": "heading", "text": _("The score over the cycles")}
        label = _("Score of %(place)s over the cycles, with intervals") % {"place": detail.place.name}
        yield {"kind": "chart", "name": "score", "label": label}
    for one in details:
        yield {"kind": "heading", "level": 3, "text": f"{one.head.code} {one.head.name}"}
        yield {"kind": "text", "text": _plain(one.verdict)}
        if f"trend-{one.head.code}" in drawn:
            yield {"kind": "chart", "name": f"trend-{one.head.code}", "label": one.head.name}
    yield {"kind": "heading", "text": _("Scorecard")}
    yield from _heat(card)
    yield {"kind": "heading", "text": _("Every indicator")}
    yield _table(detail)
    yield {"kind": "heading", "text": _("How these numbers were made, and where they end")}
    yield {"kind": "notes", "items": _notes(detail)}


def _plain(verdict: Verdict) -> str:
    return f"{verdict.sentence}".replace("[[", "").replace("]]", "") + f" {verdict.detail}"


def _verdict_block(verdict: Verdict) -> dict[str, Any]:
    before, _open, rest = str(verdict.sentence).partition("[[")
    mark, _close, after = rest.partition("]]")
    return {
        "kind": "verdict",
        "glyph": verdict.shape,
        "tone": verdict.tone,
        "before": before,
        "mark": mark,
        "after": after,
        "detail": str(verdict.detail),
    }


def _figures(detail: PlaceDetail) -> list[dict[str, str]]:
    score = detail.score
    return [
        {
            "label": _("Score"),
            "value": formats.number(score.value, 1) if score.scored else _("Insufficient data"),
            "extra": formats.interval(score.low, score.high),
            "tone": score.tone if score.scored else "none",
        },
        {"label": _("Grade"), "value": score.grade or "—", "extra": _("red line") if score.red_line else ""},
        *(
            {
                "label": name,
                "value": formats.number(one.value, 1) if one.scored else "—",
                "extra": formats.interval(one.low, one.high),
            }
            for _code, name, one in detail.families
        ),
    ]


def _points(title: str, lines: list[Line], tone: str, none: str) -> Iterator[dict[str, Any]]:
    yield {"kind": "heading", "text": title}
    if not lines:
        yield {"kind": "text", "text": none}
        return
    items = [
        {
            "glyph": tone,
            "tone": tone,
            "text": f"{line.head.code} {line.head.name}",
            "detail": _("%(value)s (%(interval)s), target %(target)s")
            % {
                "value": units.value(line.reading.value, line.head.unit),
                "interval": units.interval(line.reading.low, line.reading.high, line.head.unit) or "—",
                "target": units.goal(line.reading.target, line.head.unit),
            },
        }
        for line in lines
        if line.reading is not None
    ]
    yield {"kind": "points", "items": items}


def _heat(card: Scorecard) -> Iterator[dict[str, Any]]:
    """One heat map for each family, so that the columns fit the sheet."""
    first = 0
    for family in card.families:
        last = first + len(family.heads)
        rows = [row for row in (card.top, *card.rows) if row is not None]
        yield {"kind": "heading", "level": 3, "text": f"{family.code} {family.name}"}
        yield {
            "kind": "heat",
            "first": _("Place"),
            "heads": [head.short for head in family.heads],
            "rows": [_heat_row(row, first, last, row is card.top) for row in rows],
        }
        first = last


def _heat_row(row: Row, first: int, last: int, bold: bool) -> dict[str, Any]:
    cells = [
        {"standing": cell.look or "met", "text": cell.text or cell.word or "—"}
        for cell in row.cells[first:last]
    ]
    return {"name": row.place.name, "bold": bold, "cells": cells}


def _table(detail: PlaceDetail) -> dict[str, Any]:
    rows = []
    for line in detail.lines:
        found = line.reading
        if found is None:
            continue
        rows.append(
            [
                line.head.code,
                line.head.name,
                units.value(found.value, line.head.unit) if found.shown else line.cell.word,
                units.interval(found.low, found.high, line.head.unit) if found.shown else "",
                units.goal(found.target, line.head.unit),
                formats.number(found.n) if found.status != "suppressed" else "—",
                line.cell.word,
                f"v{line.head.version}",
            ]
        )
    return {
        "kind": "table",
        "heads": [
            *(_("Code"), _("Indicator"), _("Value"), _("Interval"), _("Target")),
            *(_("Counted"), _("Against the target"), _("Version")),
        ],
        "align": ["left", "left", "right", "left", "right", "right", "left", "left"],
        "widths": ["auto", "2.2fr", "auto", "1.5fr", "auto", "auto", "1.6fr", "auto"],
        "rows": rows,
    }


def _notes(detail: PlaceDetail) -> list[tuple[str, str]]:
    run = detail.run
    snapshot = _("%(number)s of the data archive; the same snapshot gives the same numbers.")
    judged = _("%(moment)s. Open, overdue and waiting are judged at this instant.")
    versions = _(
        "Weights %(weights)s; each indicator's version stands in the table. "
        "Across a new version nothing is compared."
    )
    return [
        (_("Snapshot"), snapshot % {"number": run.snapshot}),
        (_("Judged at"), judged % {"moment": formats.moment(run.as_of, year=True)}),
        (
            _("Intervals"),
            _(
                "95% intervals. “Surely” means that the whole interval lies on one side of the target; "
                "a difference within error is not called a change."
            ),
        ),
        (
            _("Samples"),
            _(
                "Survey answers come from probability samples and carry their weights; "
                "open links are never mixed in. The response is the unit, not the single answer."
            ),
        ),
        (
            _("Suppression"),
            _(
                "Results of fewer than 10 people are not shown, nor others from which they "
                "could be worked out. Below an indicator's least number there is no score."
            ),
        ),
        (
            _("Scores"),
            _(
                "100 at the target, 60 at the floor. A parent's score is the household-weighted mean "
                "of its projects; with under 70% of the weight present there is none."
            ),
        ),
        (_("Versions"), versions % {"weights": run.weights or "—"}),
        (_("Run"), run.run_id),
    ]
