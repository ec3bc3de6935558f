"""The numbers that the landing pages show beside the work: scores of one's places, and how findings close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.assess import charts
from bihuan.assess import queries as assess
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
