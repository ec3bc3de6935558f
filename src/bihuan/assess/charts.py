"""The charts of assessment, for pages and documents alike."""

from __future__ import annotations

import math
from collections.abc import Sequence

from django.utils.translation import gettext as _

from bihuan.assess import units
from bihuan.assess.patterns import Pattern
from bihuan.assess.queries.indicator import Detail, GroupValue, TrendPoint, unit_label
from bihuan.assess.queries.place import ScorePoint
from bihuan.assess.words import Reading
from bihuan.base.documents import drawings
from bihuan.base.documents.charts import Drawing
from bihuan.base.ui import formats

SURE = {"below": "below", "below_floor": "below", "above": "above"}


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def _factor(unit: str) -> float:
    """Minutes are drawn as hours, so that the axis stays readable."""
    return 1 / 60 if unit == "min" else 1.0


def trend(
    detail: Detail, *, width: int = 720, height: int = 250, patterns: Sequence[Pattern] | None = None
) -> Drawing | None:
    """An indicator over time with its target and breaks; nothing with fewer than two values.

    With ``patterns``, even none, it is a control chart where there is a normal range; else it has intervals.
    """
    if sum(point.reading is not None for point in detail.trend) < 2:
        return None
    factor = _factor(detail.head.unit)
    normal = [] if patterns is None else _normal(detail.trend, factor)
    target = detail.reading.target
    return drawings.trend(
        [_point(point, factor) for point in detail.trend],
        title=_axis(detail),
        target=None if math.isnan(target) else target * factor,
        target_label=_("Target %(value)s") % {"value": _short_goal(target, detail.head.unit)},
        domain=_span([p.reading for p in detail.trend if p.reading], target, detail.head.unit, normal),
        normal=normal,
        signals=[
            drawings.Signal(one.indices, one.kind, one.sentence) for one in (patterns if normal else []) or []
        ],
        breaks=[
            drawings.Break(
                index, point.break_note or _("new version v%(number)s") % {"number": point.version}
            )
            for index, point in enumerate(detail.trend)
            if point.broken
        ],
        width=width,
        height=height,
    )


def domain(values: Sequence[float | None], unit: str) -> tuple[float, float] | None:
    """The span of the value axis on round numbers; it never runs past the natural ends of the unit."""
    there = [value for value in values if value is not None]
    if unit == "nps" or not there or min(there) < 0:
        return None
    low, high = min(there), max(there)
    span = max(high - low, 0.02 * high, 1e-9)
    step = 10.0 ** math.floor(math.log10(span / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if span / (step * factor) <= 5)
    bottom = max(0.0, math.floor((low - 0.05 * span) / step) * step)
    top = math.ceil((high + 0.05 * span) / step) * step
    return bottom, max(min(top, 100.0) if unit == "%" else top, bottom + step)


def _normal(points: Sequence[TrendPoint], factor: float) -> list[drawings.Normal]:
    """What is normal for each point that has a range."""
    return [
        drawings.Normal(
            index, one.center * factor, one.low * factor, one.high * factor, provisional=one.provisional
        )
        for index, point in enumerate(points)
        if (one := point.normal) is not None
    ]


def _span(
    readings: Sequence[Reading], target: float, unit: str, normal: Sequence[drawings.Normal] = ()
) -> tuple[float, float] | None:
    """The span of values and intervals; of a normal range as much as does not dwarf the values."""
    factor = _factor(unit)
    if normal:
        values = [one.value for one in readings]
        reach = max(values) - min(values)
        least, most = (min(values) - reach) * factor, (max(values) + reach) * factor
        limits = [end for one in normal for end in (max(one.low, least), min(one.high, most))]
        ends = [*values, *(limit / factor for limit in limits)]
    else:
        ends = [end for one in readings for end in (one.value, one.low, one.high)]
    return domain([None if math.isnan(end) else end * factor for end in (*ends, target)], unit)


def _axis(detail: Detail) -> str:
    if detail.head.unit == "min":
        return _("%(name)s, hours") % {"name": detail.head.short}
    return unit_label(detail.head)


def _short_goal(value: float, unit: str) -> str:
    if math.isnan(value):
        return ""
    return formats.number(value * _factor(unit)) if unit in ("min", "%") else units.goal(value, unit)


def _point(point: TrendPoint, factor: float) -> drawings.Point:
    found = point.reading
    if found is None:
        return drawings.Point(point.label, None)
    low, high = _or_none(found.low), _or_none(found.high)
    return drawings.Point(
        point.label,
        found.value * factor,
        None if low is None else low * factor,
        None if high is None else high * factor,
    )


def groups(listed: Sequence[GroupValue], of: Reading, *, width: int = 420) -> Drawing | None:
    """Items of a breakdown, or places below, by point and interval; nothing where none has a number."""
    shown = [group for group in listed if group.reading.shown]
    if not shown:
        return None
    factor = _factor(of.unit)
    target = None if math.isnan(of.target) else of.target * factor
    return drawings.intervals(
        [
            drawings.Group(
                f"{group.label} {units.count(group.reading.n, of.table)}",
                group.reading.value * factor,
                _scaled(group.reading.low, factor),
                _scaled(group.reading.high, factor),
                SURE.get(group.reading.standing, ""),
            )
            for group in shown
        ],
        domain=_span([group.reading for group in shown], of.target, of.unit),
        target=target,
        target_label=_("Target %(value)s") % {"value": _short_goal(of.target, of.unit)}
        if target is not None
        else "",
        width=width,
    )


def _scaled(value: float, factor: float) -> float | None:
    return None if math.isnan(value) else value * factor


def score_trend(points: Sequence[ScorePoint], target: float, *, width: int = 560) -> Drawing | None:
    """A place's score over the cycles; nothing with fewer than two."""
    if sum(point.score.scored for point in points) < 2:
        return None
    ends = [end for p in points if p.score.scored for end in (p.score.value, p.score.low, p.score.high)]
    return drawings.trend(
        [
            drawings.Point(
                point.label,
                _or_none(point.score.value),
                _or_none(point.score.low),
                _or_none(point.score.high),
            )
            for point in points
        ],
        title=_("Score"),
        target=target,
        target_label=_("Target %(value)s") % {"value": formats.number(target)},
        domain=domain([_or_none(end) for end in (*ends, target)], "%"),
        breaks=[
            drawings.Break(index, _("new standard or weights"))
            for index, point in enumerate(points)
            if point.broken
        ],
        width=width,
        height=220,
    )
