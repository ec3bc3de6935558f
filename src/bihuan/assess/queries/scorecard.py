"""The scorecard: places down, indicators across, each cell against its floor, target and interval."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc

from bihuan.assess import stores, words
from bihuan.assess.models import EvaluationRun
from bihuan.assess.queries.measured import SHOWN, Cell, Head, by_place, cell, heads, number
from bihuan.assess.queries.runs import run_for
from bihuan.assess.queries.visible import projects_under, visible_places
from bihuan.base.places.kinds import Kind
from bihuan.base.places.models import Place
from bihuan.base.ui.lists import Pager
from bihuan.base.ui.parts import Verdict
from bihuan.standards import queries as standards

DEFAULT_GRADES = {"A": 85.0, "B": 75.0, "C": 60.0}
WORSE = ("below_floor", "below")
CAPPED = (Kind.PROJECT, Kind.BUILDING)  # a red line caps the grade of a project, not of what is above it


@dataclass(frozen=True)
class Score:
    """A place's score at one node of the tree."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    grade: str = ""
    red_line: bool = False
    red_below: bool = False
    status: str = "insufficient"
    present: float = 0.0

    @property
    def scored(self) -> bool:
        """Whether there is a score."""
        return not math.isnan(self.value)

    @property
    def glyph(self) -> str:
        """The glyph of the grade."""
        if not self.scored:
            return "none"
        if self.red_line:
            return "red"
        return {"A": "met", "B": "watch"}.get(self.grade, "miss")

    @property
    def tone(self) -> str:
        """The tone of the grade."""
        return "miss" if self.glyph == "red" else self.glyph


@dataclass(frozen=True)
class Bar:
    """A score's interval as positions in a drawing 100 wide."""

    at: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """How wide the interval is drawn."""
        return max(self.high - self.low, 1.0)


@dataclass(frozen=True)
class Row:
    """One place of the scorecard."""

    place: Place
    score: Score
    cells: list[Cell]
    bar: Bar | None = None


@dataclass(frozen=True)
class Family:
    """A group of columns."""

    code: str
    name: str
    heads: list[Head]


@dataclass
class Scorecard:
    """A scorecard as one person sees it."""

    run: EvaluationRun
    place: Place
    families: list[Family]
    every_family: list[tuple[str, str]]
    grades: dict[str, float]
    target_at: float
    verdict: Verdict
    top: Row | None
    rows: list[Row]
    pager: Pager | None
    total: int
    regions: list[Place] = field(default_factory=list)

    @property
    def heads(self) -> list[Head]:
        """All columns in order."""
        return [head for family in self.families for head in family.heads]


@dataclass(frozen=True)
class Wanted:
    """What the page asks for."""

    family: str = ""
    region: str = ""
    problems: bool = False
    sort: str = "score"


def score_of(row: dict[str, Any] | None) -> Score:
    """A row of scores."""
    if row is None:
        return Score()
    return Score(
        value=number(row, "score"),
        low=number(row, "low"),
        high=number(row, "high"),
        grade=row["grade"] or "",
        red_line=bool(row["red_line"]) and row["level"] in CAPPED,
        red_below=bool(row["red_line"]) and row["level"] not in CAPPED,
        status=row["status"],
        present=number(row, "weight_present"),
    )


def scorecard(
    user: Any, cycle: str, place: Place, wanted: Wanted, *, run_id: str = "", pager: Any = None
) -> Scorecard | None:
    """The scorecard under a place the person sees; nothing where the cycle has no finished run.

    ``pager(total)`` gives the page of rows to show; without it all are given.
    """
    run = run_for(user, cycle, run_id)
    if run is None:
        return None
    store = stores.results()
    grades = dict(run.weights.grades) if run.weights else DEFAULT_GRADES
    regions = list(
        visible_places(user)
        .filter(kind__in=[Kind.REGION, Kind.CITY], path__startswith=place.path)
        .exclude(pk=place.pk)
    )
    under = next((region for region in regions if region.code == wanted.region), place)
    projects = projects_under(user, under)
    codes = [project.code for project in projects]
    scores = {
        row["place"]: score_of(row)
        for row in store.scores([run.run_id], places=[*codes, place.code], nodes=["total"]).to_pylist()
    }
    shown = _columns(run, cycle, wanted.family, store)
    table = store.measurements([run.run_id], places=codes, breakdown="", periods=[""])
    standings = list(
        zip(*(table.column(name).to_pylist() for name in ("place", "indicator", "standing")), strict=True)
    )
    ordered = _ordered(
        projects, scores, standings, wanted, table, {h.code: h for f in shown for h in f.heads}
    )
    page = pager(len(ordered)) if pager else None
    part = ordered[page.offset : page.offset + page.size] if page else ordered
    keep = [project.code for project in part]
    cells = by_place(table.filter(pc.is_in(table.column("place"), value_set=_strings(keep))).to_pylist())
    low, high = _range(scores.values(), grades)
    flat = [head for family in shown for head in family.heads]
    return Scorecard(
        run=run,
        place=place,
        families=shown,
        every_family=_families(run, cycle),
        grades=grades,
        target_at=_at(next(iter(grades.values())), low, high),
        verdict=_verdict(projects, scores, grades, standings, {head.code: head for head in heads(run)}),
        top=_top(store, run, place, scores, flat, (low, high)) if place.kind != Kind.PROJECT else None,
        rows=[_row(project, scores, cells.get(project.code, {}), flat, (low, high)) for project in part],
        pager=page,
        total=len(ordered),
        regions=regions,
    )


def _strings(values: Sequence[str]) -> Any:
    import pyarrow as pa  # only here: the rest of the module speaks of columns, not of arrays

    return pa.array(values, pa.string())


def _families(run: EvaluationRun, cycle: str) -> list[tuple[str, str]]:
    names = standards.family_names(cycle)
    return [
        (code, names.get(code, code)) for code in dict.fromkeys(given["family"] for given in run.definitions)
    ]


def _columns(run: EvaluationRun, cycle: str, family: str, store: Any) -> list[Family]:
    """The families with those indicators for which the run found anything at all."""
    table = store.measurements([run.run_id], breakdown="", periods=[""])
    found = set(pc.unique(table.column("indicator")).to_pylist())
    listed = [head for head in heads(run) if head.code in found]
    families = [
        Family(code, name, [h for h in listed if h.family == code]) for code, name in _families(run, cycle)
    ]
    return [f for f in families if f.heads and family in ("", f.code)]


def _ordered(
    projects: list[Place],
    scores: dict[str, Score],
    standings: list[tuple[str, str, str]],
    wanted: Wanted,
    table: Any,
    columns: dict[str, Head],
) -> list[Place]:
    """Projects that fit the filter, in the order asked for; what has no number comes last."""
    if wanted.problems:
        troubled = {place for place, _indicator, standing in standings if standing in WORSE}
        projects = [p for p in projects if p.code in troubled or scores.get(p.code, Score()).red_line]
    key, down = wanted.sort.removeprefix("-"), wanted.sort.startswith("-")
    if key == "name":
        return sorted(projects, key=lambda p: p.name, reverse=down)
    if key in columns:
        rows = table.filter(pc.equal(table.column("indicator"), key)).to_pylist()
        values = {row["place"]: number(row, "value") for row in rows if row["status"] in SHOWN}
    else:
        values = {code: score.value for code, score in scores.items()}
    there = [p for p in projects if not math.isnan(values.get(p.code, math.nan))]
    absent = [p for p in projects if math.isnan(values.get(p.code, math.nan))]
    return sorted(there, key=lambda p: (values[p.code], p.code), reverse=down) + absent


def _range(scores: Any, grades: dict[str, float]) -> tuple[float, float]:
    """The span of scores that the little bars are drawn in: the same for all rows, the target in it."""
    target = next(iter(grades.values()))
    ends = [end for score in scores for end in (score.value, score.low, score.high) if not math.isnan(end)]
    low, high = min([target, *ends]), max([target, *ends])
    room = max(0.08 * (high - low), 1.0)
    return low - room, high + room


def _at(value: float, low: float, high: float) -> float:
    return round(100 * (value - low) / (high - low), 1)


def _bar(score: Score, span: tuple[float, float]) -> Bar | None:
    if not score.scored:
        return None
    low = score.value if math.isnan(score.low) else score.low
    high = score.value if math.isnan(score.high) else score.high
    return Bar(_at(score.value, *span), _at(low, *span), _at(high, *span))


def _row(
    place: Place,
    scores: dict[str, Score],
    measured: dict[str, dict[str, Any]],
    columns: list[Head],
    span: tuple[float, float],
) -> Row:
    score = scores.get(place.code, Score())
    return Row(place, score, [cell(measured.get(head.code), head) for head in columns], _bar(score, span))


def _top(
    store: Any,
    run: EvaluationRun,
    place: Place,
    scores: dict[str, Score],
    columns: list[Head],
    span: tuple[float, float],
) -> Row:
    rows = store.measurements([run.run_id], places=[place.code], breakdown="", periods=[""]).to_pylist()
    return _row(place, scores, by_place(rows).get(place.code, {}), columns, span)


def _verdict(
    projects: list[Place],
    scores: dict[str, Score],
    grades: dict[str, float],
    standings: list[tuple[str, str, str]],
    columns: dict[str, Head],
) -> Verdict:
    found = [(project, scores.get(project.code, Score())) for project in projects]
    found.sort(key=lambda pair: (not pair[1].scored, pair[1].value if pair[1].scored else 0.0))
    listed = [standing_of(project, score) for project, score in found]
    losses = Counter(indicator for _place, indicator, standing in standings if standing in WORSE)
    weak = None
    if losses:
        code, count = min(losses.items(), key=lambda pair: (-pair[1], pair[0]))
        weak = (columns[code].name if code in columns else code, count)
    return words.scorecard(listed, grades, weak)


def standing_of(place: Place, score: Score) -> words.Standing:
    """A place's score as the words need it."""
    return words.Standing(place.name, score.grade, score.value, score.low, score.high, score.red_line)
