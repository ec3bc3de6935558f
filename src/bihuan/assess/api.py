"""Scorecards, indicators, results and runs for programs: the same reads and acts as the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status

from bihuan.assess import actions, queries, rules, tasks
from bihuan.assess.findings.api import router as findings
from bihuan.assess.models import EvaluationRun
from bihuan.assess.queries.scorecard import Row
from bihuan.base.people.access import get_or_404
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused
from bihuan.base.ui.lists import MAX_PAGE_SIZE, Pager
from bihuan.standards.models import MonitoringCycle

router = Router(tags=["assess"])
router.add_router("", findings)


class Refusal(Schema):
    """Why something was refused."""

    detail: str


class RunOut(Schema):
    """One evaluation run."""

    run: str
    cycle: str
    state: str
    snapshot: int | None
    as_of: datetime
    revises: str | None
    repeats: str | None
    result_hash: str
    seconds: float | None
    record: dict[str, Any]


class EvaluationIn(Schema):
    """What to evaluate; ``snapshot`` is the newest and ``as_of`` ten days after the end unless given."""

    cycle: str
    as_of: datetime | None = None
    snapshot: int | None = None


class ScoreOut(Schema):
    """A place's score with its interval."""

    value: float | None
    low: float | None
    high: float | None
    grade: str
    red_line: bool
    status: str


class CellOut(Schema):
    """One value of the scorecard; without a value, ``standing`` says why there is none."""

    indicator: str
    value: float | None
    standing: str


class RowOut(Schema):
    """One place of the scorecard."""

    place: str
    name: str
    score: ScoreOut
    cells: list[CellOut]


class ScorecardOut(Schema):
    """The scorecard under a place."""

    run: str
    cycle: str
    snapshot: int | None
    verdict: str
    total: int
    top: RowOut | None
    rows: list[RowOut]


class IndicatorOut(Schema):
    """One indicator at one place."""

    run: str
    indicator: str
    version: str
    place: str
    verdict: str
    detail: str
    row: dict[str, Any]
    trend: list[dict[str, Any]]
    groups: list[dict[str, Any]]


def _reader(request: HttpRequest) -> Any:
    user: Any = request.user
    if not rules.may_read(user):
        raise Http404
    return user


def _place(user: Any, code: str) -> Place:
    places = queries.visible_places(user)
    if code:
        return get_or_404(places, code=code)
    found = places.order_by("path").first()
    if found is None:
        raise Http404
    return found


def _run_out(run: EvaluationRun) -> dict[str, Any]:
    return {
        "run": run.run_id,
        "cycle": run.cycle.code,
        "state": run.state,
        "snapshot": run.snapshot,
        "as_of": run.as_of,
        "revises": run.revises.run_id if run.revises else None,
        "repeats": run.repeats.run_id if run.repeats else None,
        "result_hash": run.result_hash,
        "seconds": run.seconds,
        "record": run.record,
    }


def _finite(value: float) -> float | None:
    return value if value == value else None


def _row_out(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    score = row.score
    return {
        "place": row.place.code,
        "name": row.place.name,
        "score": {
            "value": _finite(score.value),
            "low": _finite(score.low),
            "high": _finite(score.high),
            "grade": score.grade,
            "red_line": score.red_line,
            "status": score.status,
        },
        "cells": [{"indicator": cell.code, "value": cell.value, "standing": cell.look} for cell in row.cells],
    }


def _plain(sentence: Any) -> str:
    return str(sentence).replace("[[", "").replace("]]", "")


@router.get("/scorecard", response=ScorecardOut, url_name="scorecard")
def scorecard(
    request: HttpRequest,
    cycle: str,
    place: str = "",
    family: str = "",
    problems: bool = False,
    sort: str = "score",
    page: int = 1,
    size: int = 100,
) -> Any:
    """The scorecard of a cycle under a place: every project with its score and every indicator's standing."""
    user = _reader(request)
    wanted = queries.Wanted(family=family, problems=problems, sort=sort)
    size = min(max(size, 1), MAX_PAGE_SIZE)

    def pager(total: int) -> Pager:
        return Pager(total, min(max(page, 1), max(1, -(-total // size))), size)

    card = queries.scorecard(user, cycle, _place(user, place), wanted, pager=pager)
    if card is None:
        raise Http404
    return {
        "run": card.run.run_id,
        "cycle": cycle,
        "snapshot": card.run.snapshot,
        "verdict": _plain(card.verdict.sentence),
        "total": card.total,
        "top": _row_out(card.top),
        "rows": [_row_out(row) for row in card.rows],
    }


@router.get("/indicators/{code}", response=IndicatorOut, url_name="indicator")
def indicator(request: HttpRequest, code: str, cycle: str, place: str = "", breakdown: str = "") -> Any:
    """One indicator at one place: its value, how it moved, and one breakdown."""
    user = _reader(request)
    found = queries.indicator_detail(user, code, _place(user, place), cycle, breakdown=breakdown)
    if found is None:
        raise Http404
    row = next(
        iter(queries.results_rows(user, cycle=cycle, place=found.place.code, indicator=code)),
    )
    return {
        "run": found.run.run_id,
        "indicator": code,
        "version": found.head.version,
        "place": found.place.code,
        "verdict": _plain(found.verdict.sentence),
        "detail": str(found.verdict.detail),
        "row": row,
        "trend": [
            {
                "period": point.period,
                "version": point.version,
                "broken": point.broken,
                "value": _finite(point.reading.value) if point.reading else None,
                "low": _finite(point.reading.low) if point.reading else None,
                "high": _finite(point.reading.high) if point.reading else None,
            }
            for point in found.trend
        ],
        "groups": [
            {
                "item": group.label,
                "n": group.reading.n if group.reading.status != "suppressed" else None,
                "value": _finite(group.reading.value),
                "low": _finite(group.reading.low),
                "high": _finite(group.reading.high),
                "status": group.reading.status,
                "standing": group.reading.standing,
            }
            for group in found.groups
        ],
    }


@router.get("/results", response=list[dict[str, Any]], url_name="results")
def results(
    request: HttpRequest,
    cycle: str,
    place: str | None = None,
    indicator: str | None = None,
    breakdown: str | None = None,
    period: str = "",
) -> Any:
    """The measured values of a cycle, each with its interval; ``period=*`` gives the months."""
    user = _reader(request)
    if place is not None:
        _place(user, place)
    return queries.results_rows(
        user, cycle=cycle, place=place, indicator=indicator, breakdown=breakdown, period=period
    )


@router.get("/evaluations", response=list[RunOut], url_name="evaluations")
def evaluations(request: HttpRequest, cycle: str = "") -> Any:
    """The newest 100 evaluation runs."""
    found = queries.runs(_reader(request))
    if cycle:
        found = found.filter(cycle__code=cycle)
    return [_run_out(run) for run in found[:100]]


@router.get("/evaluations/{run_id}", response=RunOut, url_name="evaluation")
def evaluation(request: HttpRequest, run_id: str) -> Any:
    """One evaluation run."""
    return _run_out(get_or_404(queries.runs(_reader(request)), run_id=run_id))


@router.post("/evaluations", response={202: RunOut, 409: Refusal}, url_name="start_evaluation")
def start_evaluation(request: HttpRequest, given: EvaluationIn) -> Any:
    """Order an evaluation of a cycle; it is carried out in the background."""
    user: Any = request.user
    if not rules.may_evaluate(user):
        raise Http404
    get_or_404(MonitoringCycle.objects.visible_to(user), code=given.cycle)
    try:
        run = actions.order_evaluation(
            cycle=given.cycle, actor=user, as_of=given.as_of, snapshot=given.snapshot
        )
    except Refused as refusal:
        return Status(409, {"detail": str(refusal)})
    tasks.carry_out.enqueue(owner=user, run=run.pk)
    return Status(202, _run_out(run))
