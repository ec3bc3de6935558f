"""The numbers that the landing pages show beside the work: scores of one's places, and how findings close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, DurationField, ExpressionWrapper, F
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.assess import charts
from bihuan.assess import queries as assess
from bihuan.assess.findings import queries as findings
from bihuan.assess.findings.states import FindingState, SignalState
from bihuan.base.places.models import Place
from bihuan.base.ui.choice import Option


@dataclass(frozen=True)
class PlaceScore:
    """The total of one place in a cycle."""

    name: str
    score: float
    low: float
    high: float
    grade: str
    glyph: str
    url: str
    chart: Any = None
    label: str = ""


def chosen_place(user: Any, option: Option | None) -> Place | None:
    """The place chosen in the top bar, or the highest one the person sees."""
    places = assess.visible_places(user)
    if option is not None:
        found = places.filter(code=option.code).first()
        if found is not None:
            return found
    return places.order_by("path").first()


def place_score(user: Any, place: Place | None, cycle: str) -> PlaceScore | None:
    """The total of a place with its trend; None where the cycle has not been evaluated."""
    detail = assess.place_detail(user, place, cycle) if place and cycle else None
    if detail is None or not detail.score.scored or place is None:
        return None
    return PlaceScore(
        name=place.name,
        score=detail.score.value,
        low=detail.score.low,
        high=detail.score.high,
        grade=detail.score.grade,
        glyph=detail.verdict.glyph or detail.verdict.tone,
        url=f"{reverse('place_results', args=[place.code])}?cycle={cycle}",
        chart=charts.score_trend(detail.trend, detail.target),
        label=_("Score of %(place)s over the cycles, with intervals") % {"place": place.name},
    )


def place_scores(user: Any, cycle: str, most: int = 5) -> list[PlaceScore]:
    """The totals of the person's own places, the lowest first."""
    if not cycle:
        return []
    paths = user.visible_paths()
    above_buildings = ["company", "region", "city", "project"]
    places = list(assess.visible_places(user).filter(kind__in=above_buildings))
    own = [p for p in places if p.path in paths] or places[:1]
    found = [score for place in own[:20] if (score := place_score(user, place, cycle))]
    return sorted(found, key=lambda score: score.score)[:most]


@dataclass(frozen=True)
class Closing:
    """How many findings were closed of all that count, and how many days that took on average."""

    closed: int
    total: int
    average_days: int | None


def closing(user: Any, place: Place | None) -> Closing:
    """How findings close under a place; cancelled ones do not count."""
    rows = findings.findings(user, place=place).exclude(state=FindingState.CANCELLED)
    closed = rows.filter(state=FindingState.CLOSED)
    taken = ExpressionWrapper(F("state_since") - F("opened_at"), output_field=DurationField())
    average = closed.aggregate(average=Avg(taken))["average"]
    return Closing(
        closed.count(),
        rows.count(),
        None if average is None else max(1, round(average.total_seconds() / 86400)),
    )


@dataclass(frozen=True)
class SignalLine:
    """One signal as the board tells it."""

    sentence: str
    detail: str
    glyph: str
    url: str


def top_signals(user: Any, place: Place | None, cycle: str, most: int = 5) -> list[SignalLine]:
    """The gravest signals that nobody has decided on."""
    rows = findings.signals(user, place=place, cycle=cycle).filter(
        state__in=[SignalState.NEW, SignalState.SEEN]
    )
    leading = findings.matters(rows)[:most]
    return [_line(row, cycle) for row in findings.signal_rows(user, leading)]


def _line(row: findings.SignalRow, cycle: str) -> SignalLine:
    page = reverse("indicator", args=[row.signal.indicator])
    glyph = "miss" if row.signal.standing == "below_floor" else "watch"
    return SignalLine(row.sentence, row.detail, glyph, f"{page}?place={row.signal.place.code}&cycle={cycle}")
