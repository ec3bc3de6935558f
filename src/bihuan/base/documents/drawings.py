"""The charts that several rooms draw: a trend with intervals, and groups compared by their intervals."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bihuan.base.documents.theme import ACCENT, GRID, INK, INK_2, MISS, NONE, TONES, WATCH

LABEL_GAP = 16  # pixels between two labels at the end of their lines


@dataclass(frozen=True)
class Point:
    """One period of a trend; without a value the line has a gap there."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Break:
    """The standard, weight or definition changed before the point at ``index``: no comparison across it."""

    index: int
    reason: str = ""


@dataclass(frozen=True)
class Signal:
    """A signal at the points ``indices``: ``run`` (a rule over several points) or ``outside`` the limits."""

    indices: Sequence[int]
    kind: str
    sentence: str = ""


@dataclass(frozen=True)
class Group:
    """One group compared with the rest. ``sure``: ``below``, ``above`` or ``""`` where it cannot be told."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    sure: str = ""


def text_width(text: str, size: float = 12) -> float:
    """About how many pixels a text takes: a wide character is a square, a narrow one a good half of it."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return size * (wide + 0.58 * (len(text) - wide))


def trend(
    points: Sequence[Point],
    *,
    title: str = "",
    target: float | None = None,
    target_label: str = "",
    end_label: str = "",
    breaks: Sequence[Break] = (),
    signals: Sequence[Signal] = (),
    width: int = 640,
    height: int = 230,
    domain: tuple[float, float] | None = None,
    digits: int = 1,
) -> dict[str, Any]:
    """A value over time with its interval, target, breaks and signals, as a Vega-Lite spec.

    ``title`` stands over the value axis. ``target_label`` and ``end_label`` (the last value unless given)
    stand at the right end of their lines.
    """
    low, high = domain or _domain(points, target)
    shown = [(i, p) for i, p in enumerate(points) if p.value is not None]
    last = shown[-1] if shown else None
    end = end_label or (f"{last[1].value:.{digits}f}".replace("-", "−") if last else "")
    room = max([text_width(text, 13) for text in (end, target_label) if text], default=0) + 14
    left = max(text_width(f"{low:g}"), text_width(f"{high:g}")) + 10
    over = 34 if title else 8  # the title over the axis and some air
    scales = _Scales([p.label for p in points], low, high, title, width - room - left, height - over - 30)
    shift = _shift(target, last, scales)
    layers = [
        *_bands(points, breaks, scales),
        *_target(target, target_label, scales, shift),
        *_breaks(breaks, scales),
        _line(points, breaks, scales),
        _dots(points, signals, scales),
        *_sentences(points, signals, breaks, scales),
    ]
    if last:
        layers.append(_end(last, end, scales, -shift))
    return {
        "width": width,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 2, "right": round(room), "top": 8, "bottom": 2},
        "layer": layers,
    }


@dataclass(frozen=True)
class _Scales:
    """The plot's size and axes; every layer of a chart needs the same scales, axes and titles."""

    names: Sequence[str]
    low: float
    high: float
    title: str
    width: float
    height: float

    @property
    def count(self) -> int:
        return len(self.names)

    @property
    def edge(self) -> float:
        """The right end of the time axis, a little behind the last point."""
        return max(self.count - 1, 0) + 0.35

    def x(self, field: str = "x") -> dict[str, Any]:
        widest = max((text_width(name) for name in self.names), default=0) + 10
        every = max(1, -(-round(widest * self.count) // max(round(self.width), 1)))
        quoted = ",".join("'" + name.replace("\\", "").replace("'", "’") + "'" for name in self.names)
        axis = {
            "values": list(range((self.count - 1) % every, self.count, every)),
            "labelExpr": f"[{quoted}][datum.value]",
            "grid": False,
            "labelOverlap": False,
        }
        scale = {"domain": [-0.35, self.edge], "nice": False, "zero": False}
        return {"field": field, "type": "quantitative", "title": None, "axis": axis, "scale": scale}

    def y(self, field: str = "y") -> dict[str, Any]:
        scale = {"domain": [self.low, self.high], "nice": False, "zero": False}
        axis = {"grid": True, "gridColor": GRID, "tickCount": 4}
        own = {"title": self.title or None, "axis": axis, "scale": scale}
        return {"field": field, "type": "quantitative", **own}

    def at(self, index: float, value: float) -> tuple[float, float]:
        """About where a point stands, in pixels from the plot's top left corner."""
        across = (index + 0.35) / (self.edge + 0.35) * self.width
        return across, (self.high - value) / (self.high - self.low) * self.height


def _domain(points: Sequence[Point], target: float | None) -> tuple[float, float]:
    """The values, the intervals and the target with some air, on round numbers."""
    values = [v for p in points for v in (p.value, p.low, p.high) if v is not None]
    values += [] if target is None else [target]
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    span = max(high - low, 0.02 * abs(high), 1e-9)
    step = _step(span / 4)
    return step * ((low - 0.06 * span) // step), step * -((-high - 0.06 * span) // step)


def _step(rough: float) -> float:
    """The next round step: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** len(str(int(rough))) / 10 if rough >= 1 else 1.0
    while power > rough:
        power /= 10
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)


def _stretches(points: Sequence[Point], breaks: Sequence[Break]) -> list[dict[str, Any]]:
    """The points that have a value, numbered by the unbroken stretch they belong to."""
    cuts = {b.index for b in breaks}
    rows, stretch, joined = [], 0, False
    for i, point in enumerate(points):
        if point.value is None or i in cuts:
            stretch += joined
            joined = False
        if point.value is not None:
            rows.append({"x": i, "y": point.value, "low": point.low, "high": point.high, "s": stretch})
            joined = True
    return rows


def _bands(points: Sequence[Point], breaks: Sequence[Break], scales: _Scales) -> list[dict[str, Any]]:
    """The interval as an area; where a stretch is one point alone, as a bar behind it."""
    rows = [r for r in _stretches(points, breaks) if r["low"] is not None and r["high"] is not None]
    lonely = {s for s in {r["s"] for r in rows} if sum(r["s"] == s for r in rows) == 1}
    layers = []
    encoding = {"x": scales.x(), "y": scales.y("low"), "y2": {"field": "high"}}
    if joined := [r for r in rows if r["s"] not in lonely]:
        layers.append(
            {
                "data": {"values": joined},
                "mark": {"type": "area", "color": ACCENT, "opacity": 0.13},
                "encoding": {**encoding, "detail": {"field": "s", "type": "nominal"}},
            }
        )
    if alone := [r for r in rows if r["s"] in lonely]:
        bar = {"type": "rule", "color": ACCENT, "opacity": 0.28, "strokeWidth": 5, "strokeCap": "round"}
        layers.append({"data": {"values": alone}, "mark": bar, "encoding": encoding})
    return layers


def _line(points: Sequence[Point], breaks: Sequence[Break], scales: _Scales) -> dict[str, Any]:
    return {
        "data": {"values": _stretches(points, breaks)},
        "mark": {"type": "line", "color": ACCENT, "strokeWidth": 1.6},
        "encoding": {"x": scales.x(), "y": scales.y(), "detail": {"field": "s", "type": "nominal"}},
    }


def _dots(points: Sequence[Point], signals: Sequence[Signal], scales: _Scales) -> dict[str, Any]:
    """Points; amber diamonds under a run rule, red squares outside the limits."""
    kinds = {i: signal.kind for signal in signals for i in signal.indices}
    looks = {"run": ("diamond", WATCH, 52), "outside": ("square", MISS, 70), "": ("circle", ACCENT, 26)}
    rows = []
    for i, point in enumerate(points):
        if point.value is not None:
            shape, colour, size = looks[kinds.get(i, "")]
            rows.append({"x": i, "y": point.value, "shape": shape, "colour": colour, "size": size})
    own: dict[str, Any] = {"type": "nominal", "scale": None, "legend": None}
    return {
        "data": {"values": rows},
        "mark": {"type": "point", "filled": True, "opacity": 1},
        "encoding": {
            "x": scales.x(),
            "y": scales.y(),
            "shape": {"field": "shape", **own},
            "color": {"field": "colour", **own},
            "size": {"field": "size", "type": "quantitative", "scale": None, "legend": None},
        },
    }


def _target(target: float | None, label: str, scales: _Scales, shift: float) -> list[dict[str, Any]]:
    if target is None:
        return []
    line = {"x": -0.35, "x2": scales.edge, "y": target}
    rule = {"type": "rule", "color": INK, "strokeDash": [5, 3], "strokeWidth": 1.2}
    layers = [
        {
            "data": {"values": [line]},
            "mark": rule,
            "encoding": {"x": scales.x(), "x2": {"field": "x2"}, "y": scales.y()},
        }
    ]
    if label:
        layers.append(_text([{"x": scales.edge, "y": target, "t": label}], scales, dx=6, dy=shift, color=INK))
    return layers


def _text(rows: list[dict[str, Any]], scales: _Scales, **mark: Any) -> dict[str, Any]:
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "align": "left", "baseline": "middle", **mark},
        "encoding": {"x": scales.x(), "y": scales.y(), "text": {"field": "t", "type": "nominal"}},
    }


def _shift(target: float | None, last: tuple[int, Point] | None, scales: _Scales) -> float:
    """How far the target's label moves (up is negative) so that it does not lie on the last value's."""
    if target is None or last is None or last[1].value is None:
        return 0.0
    apart = scales.at(0, target)[1] - scales.at(0, last[1].value)[1]  # positive: the value is above
    missing = LABEL_GAP - abs(apart)
    if missing <= 0:
        return 0.0
    return missing / 2 if apart > 0 else -missing / 2


def _end(last: tuple[int, Point], label: str, scales: _Scales, shift: float) -> dict[str, Any]:
    index, point = last
    at_end = index == scales.count - 1
    row = {"x": scales.edge if at_end else index, "y": point.value, "t": label}
    return _text([row], scales, dx=6, dy=shift, color=ACCENT, fontWeight="bold", fontSize=13)


def _breaks(breaks: Sequence[Break], scales: _Scales) -> list[dict[str, Any]]:
    if not breaks:
        return []
    rows = [{"x": b.index - 0.5, "y": scales.low, "top": scales.high, "t": b.reason} for b in breaks]
    rule = {"type": "rule", "color": INK_2, "strokeDash": [2, 2], "strokeWidth": 1.2}
    encoding = {"x": scales.x(), "y": scales.y(), "y2": {"field": "top"}}
    layers = [{"data": {"values": rows}, "mark": rule, "encoding": encoding}]
    for late in (False, True):  # the reason stands on the side where there is room
        some = [row for row in rows if row["t"] and (row["x"] > scales.count / 2) == late]
        if some:
            layers.append(
                _text(
                    some, scales, dx=-5 if late else 5, dy=-9, align="right" if late else "left", color=INK_2
                )
            )
    return layers


Box = tuple[float, float, float, float]


def _sentences(
    points: Sequence[Point], signals: Sequence[Signal], breaks: Sequence[Break], scales: _Scales
) -> list[dict[str, Any]]:
    """At most three numbered sentences, each near its signal where it covers least of what is drawn."""
    drawn = _ink(points, scales)
    taken = [_reason_box(one, scales) for one in breaks if one.reason]
    layers = []
    for number, signal in enumerate([s for s in signals if s.sentence and s.indices][:3]):
        text = f"{'①②③'[number]} {signal.sentence}"
        size = text_width(text) * 1.06
        spots = [
            (x + dx, y + dy)
            for i in signal.indices
            if (value := points[i].value) is not None
            for x, y in [scales.at(i, value)]
            for dy in (20, -20, 34, -34, 48, -48)
            for dx in (-size - 10, -size / 2, 10)
        ]
        if not spots:
            continue
        left, middle = min(spots, key=lambda spot: _cost(spot, size, drawn, taken, scales))
        taken.append((left, middle - 9, left + size, middle + 9))
        colour = MISS if signal.kind == "outside" else WATCH
        row = {"x": -0.35, "y": scales.high, "t": text}
        layers.append(_text([row], scales, dx=round(left), dy=round(middle), color=colour, fontWeight="bold"))
    return layers


def _ink(points: Sequence[Point], scales: _Scales) -> list[tuple[float, float]]:
    """Spots along the line, in pixels, a few between each two points."""
    spots: list[tuple[float, float]] = []
    shown = [scales.at(i, p.value) for i, p in enumerate(points) if p.value is not None]
    for (x1, y1), (x2, y2) in pairwise(shown):
        spots += [(x1 + (x2 - x1) * k / 8, y1 + (y2 - y1) * k / 8) for k in range(9)]
    return spots


def _reason_box(one: Break, scales: _Scales) -> Box:
    x, bottom = scales.at(one.index - 0.5, scales.low)
    wide = text_width(one.reason) + 8
    left = x - wide if one.index - 0.5 > scales.count / 2 else x
    return left, bottom - 18, left + wide, bottom


def _cost(
    spot: tuple[float, float],
    size: float,
    drawn: list[tuple[float, float]],
    taken: list[Box],
    scales: _Scales,
) -> float:
    """How bad a place for a text is: the texts and the line it covers, and how far it leaves the plot."""
    left, middle = spot
    right, top, bottom = left + size, middle - 11, middle + 11
    outside = (
        max(0, -left) + max(0, right - scales.width - 40) + max(0, -top) + max(0, bottom - scales.height + 2)
    )
    covered = sum(left - 4 < x < right + 4 and top < y < bottom for x, y in drawn)
    crossed = sum(left < b[2] and right > b[0] and top < b[3] and bottom > b[1] for b in taken)
    return 50 * crossed + 5 * covered + 4 * outside


def intervals(
    groups: Sequence[Group],
    *,
    target: float | None = None,
    target_label: str = "",
    title: str = "",
    width: int = 420,
    row_height: int = 34,
    domain: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Groups compared by point and interval, in the order given (the most important first).

    A square is surely below the target, a circle surely above, a grey diamond cannot be told.
    """
    points = [Point(g.label, g.value, g.low, g.high) for g in groups]
    low, high = domain or _domain(points, target)
    looks = {"below": ("square", TONES["miss"]), "above": ("circle", TONES["met"]), "": ("diamond", NONE)}
    rows = [
        {
            "g": g.label,
            "v": g.value,
            "low": g.low,
            "high": g.high,
            "shape": looks[g.sure][0],
            "c": looks[g.sure][1],
        }
        for g in groups
    ]
    names = list(dict.fromkeys(g.label for g in groups))
    axis_y = {"labelColor": INK, "labelFontSize": 13, "labelLimit": 180, "grid": False, "title": None}
    y = {"field": "g", "type": "nominal", "sort": names, "axis": axis_y, "title": None}
    scale = {"domain": [low, high], "nice": False, "zero": False}
    axis_x = {"grid": True, "gridColor": GRID, "tickCount": 4, "domain": False}
    x = {"field": "v", "type": "quantitative", "scale": scale, "axis": axis_x, "title": title or None}
    own: dict[str, Any] = {"type": "nominal", "scale": None, "legend": None}
    bar = {"type": "rule", "strokeWidth": 5, "strokeCap": "round", "opacity": 0.28}
    point = {"type": "point", "filled": True, "size": 80, "opacity": 1}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": [r for r in rows if r["low"] is not None and r["high"] is not None]},
            "mark": bar,
            "encoding": {
                "y": y,
                "x": {**x, "field": "low"},
                "x2": {"field": "high"},
                "color": {"field": "c", **own},
            },
        },
        {
            "data": {"values": rows},
            "mark": point,
            "encoding": {"y": y, "x": x, "shape": {"field": "shape", **own}, "color": {"field": "c", **own}},
        },
    ]
    if target is not None:
        rule = {"type": "rule", "color": INK, "strokeDash": [5, 3], "strokeWidth": 1.2}
        at = {"data": {"values": [{"v": target, "t": target_label}]}}
        layers.append({**at, "mark": rule, "encoding": {"x": x}})
        if target_label:
            text = {"type": "text", "align": "center", "baseline": "bottom", "color": INK, "dy": -4}
            encoding = {"x": x, "y": {"value": 0}, "text": {"field": "t", "type": "nominal"}}
            layers.append({**at, "mark": text, "encoding": encoding})
    top = 20 if target is not None and target_label else 4
    return {
        "width": width,
        "height": row_height * max(len(names), 1) + 34 + top,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 2, "right": 14, "top": top, "bottom": 2},
        "layer": layers,
    }
