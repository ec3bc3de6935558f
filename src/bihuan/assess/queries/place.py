"""One place: its score and trend, what is strong and weak, its families, indicators and places below."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bihuan.assess import stores, words
from bihuan.assess.models import EvaluationRun
from bihuan.assess.queries.measured import Cell, Head, by_place, cell, heads, number, reading
from bihuan.assess.queries.runs import run_for
from bihuan.assess.queries.scorecard import DEFAULT_GRADES, Score, score_of, standing_of
from bihuan.assess.queries.visible import visible_places
from bihuan.base.places.models import Place
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Verdict
from bihuan.standards import queries as standards


@dataclass(frozen=True)
class Line:
    """One indicator at the place."""

    head: Head
    cell: Cell
    reading: words.Reading | None


@dataclass(frozen=True)
class ScorePoint:
    """The score of one cycle; ``broken`` where the weights or definitions changed before it."""

    cycle: str
    label: str
    score: Score
    broken: bool


@dataclass(frozen=True)
class Child:
    """A place below with its score."""

    place: Place
    score: Score


@dataclass
class PlaceDetail:
    """A place as one person sees it."""

    run: EvaluationRun
    place: Place
    score: Score
    verdict: Verdict
    grades: dict[str, float]
    trend: list[ScorePoint]
    families: list[tuple[str, str, Score]]
    lines: list[Line]
    weak: list[Line]
    strong: list[Line]
    children: list[Child]

    @property
    def target(self) -> float:
        """The score from which the best grade is given."""
        return next(iter(self.grades.values()))


def place_detail(user: Any, place: Place, cycle: str, *, run_id: str = "") -> PlaceDetail | None:
    """A place the person sees; nothing where the cycle has no finished run."""
    run = run_for(user, cycle, run_id)
    if run is None:
        return None
    store = stores.results()
    grades = dict(run.weights.grades) if run.weights else DEFAULT_GRADES
    nodes = {
        row["node"]: score_of(row) for row in store.scores([run.run_id], places=[place.code]).to_pylist()
    }
    score = nodes.get("total", Score())
    lines = _lines(store, run, place)
    weak = [line for line in lines if line.cell.look in ("below_floor", "below")]
    weak.sort(key=lambda line: line.cell.look != "below_floor")
    strong = [line for line in lines if line.cell.look == "above"]
    verdict = words.place(
        standing_of(place, score),
        grades,
        [x.head.name for x in weak],
        [x.head.name for x in strong],
        red_below=score.red_below,
    )
    names = standards.family_names(cycle)
    families = dict.fromkeys(given["family"] for given in run.definitions)
    return PlaceDetail(
        run=run,
        place=place,
        score=score,
        verdict=verdict,
        grades=grades,
        trend=_trend(store, run, place),
        families=[(code, names.get(code, code), nodes[code]) for code in families if code in nodes],
        lines=lines,
        weak=weak,
        strong=strong,
        children=_children(store, user, run, place),
    )


def _lines(store: Any, run: EvaluationRun, place: Place) -> list[Line]:
    rows = store.measurements([run.run_id], places=[place.code], breakdown="", periods=[""]).to_pylist()
    measured = by_place(rows).get(place.code, {})
    return [
        Line(head, cell(measured[head.code], head), reading(measured[head.code], head, place.name))
        for head in heads(run)
        if head.code in measured
    ]


def _trend(store: Any, run: EvaluationRun, place: Place) -> list[ScorePoint]:
    """The total of earlier cycles and of this one."""
    earlier = {
        r.run_id: r for r in EvaluationRun.objects.filter(run_id__in=run.history).select_related("cycle")
    }
    runs = [*(earlier[run_id] for run_id in run.history if run_id in earlier), run]
    table = store.scores([r.run_id for r in runs], places=[place.code], nodes=["total"])
    rows = {row["run"]: row for row in table.to_pylist()}
    points: list[ScorePoint] = []
    before: EvaluationRun | None = None
    for one in runs:
        if one.run_id not in rows:
            continue
        code = one.cycle.code
        points.append(
            ScorePoint(code, formats.cycle_short(code), score_of(rows[one.run_id]), _broken(before, one))
        )
        before = one
    return points


def _broken(before: EvaluationRun | None, now: EvaluationRun) -> bool:
    """Whether two runs' scores are made differently: other weights, or other versions of the indicators."""
    if before is None:
        return False
    versions = [{given["code"]: given["version"] for given in run.definitions} for run in (before, now)]
    return before.weights_id != now.weights_id or versions[0] != versions[1]


def _children(store: Any, user: Any, run: EvaluationRun, place: Place) -> list[Child]:
    below = list(visible_places(user).filter(parent=place))
    if not below:
        return []
    rows = store.scores([run.run_id], places=[p.code for p in below], nodes=["total"]).to_pylist()
    scores = {row["place"]: score_of(row) for row in rows}
    found = [Child(p, scores[p.code]) for p in below if p.code in scores]
    return sorted(
        found, key=lambda c: (not c.score.scored, c.score.value if c.score.scored else 0.0, c.place.code)
    )


def change_of_score(trend: list[ScorePoint]) -> float:
    """The score's difference to the cycle before; NaN where the two are not made alike."""
    if len(trend) < 2 or trend[-1].broken:
        return math.nan
    return number({"d": trend[-1].score.value - trend[-2].score.value}, "d")
