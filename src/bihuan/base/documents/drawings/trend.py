"""A value over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bihuan.base.documents.charts import Drawing
from bihuan.base.documents.drawings.sentences import fits, sentences, text_layer
from bihuan.base.documents.drawings.shapes import (
    Break,
    Normal,
    Point,
    Scales,
    Signal,
    round_domain,
    text_width,
)
from bihuan.base.documents.theme import ACCENT, CENTER, INK, INK_2, MISS, RANGE, WATCH

LABEL_GAP = 16  # pixels between two labels at the end of their lines


def trend(
    points: Sequence[Point],
    *,
    title: str = "",
    target: float | None = None,
    target_label: str = "",
    end_label: str = "",
    breaks: Sequence[Break] = (),
    signals: Sequence[Signal] = (),
    normal: Sequence[Normal] = (),
    width: int = 640,
    height: int = 230,
    domain: tuple[float, float] | None = None,
    digits: int = 1,
) -> Drawing:
    """A value over time with its interval or its normal range, target, breaks and signals.

    Where there is a normal range the intervals are left out: two bands in one chart cannot be told apart.
    ``title`` stands over the value axis. ``target_label`` and ``end_label`` (the last value unless given)
    stand at the right end of their lines. A sentence or a reason for which a narrow chart has no room is
    left to the text beside it; its number and its line stay.
    """
    low, high = domain or round_domain(points, target)
    shown = [(i, p) for i, p in enumerate(points) if p.value is not None]
    last = shown[-1] if shown else None
    end = end_label or (f"{last[1].value:.{digits}f}".replace("-", "−") if last else "")
    room = max([text_width(text, 13) for text in (end, target_label) if text], default=0) + 14
    left = max(text_width(f"{low:g}"), text_width(f"{high:g}")) + 10
    over = 34 if title else 8  # the title over the axis and some air

    def draw(at: int) -> dict[str, Any]:
        scales = Scales([p.label for p in points], low, high, title, at - room - left, height - over - 30)
        shift = _shift(target, last, scales)
        layers = [
            *(_ranges(normal, scales) if normal else _bands(points, breaks, scales)),
            *_target(target, target_label, scales, shift),
            *_breaks(breaks, scales),
            _line(points, breaks, scales),
            _dots(points, signals, scales),
            *sentences(points, signals, breaks, target, scales),
        ]
        if last:
            layers.append(_end(last, end, scales, -shift))
        return {
            "width": at,
            "height": height,
            "autosize": {"type": "fit", "contains": "padding"},
            "padding": {"left": 2, "right": round(room), "top": 8, "bottom": 2},
            "layer": layers,
        }

    return Drawing(width, draw)


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


def _bands(points: Sequence[Point], breaks: Sequence[Break], scales: Scales) -> list[dict[str, Any]]:
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


def _ranges(normal: Sequence[Normal], scales: Scales) -> list[dict[str, Any]]:
    """The normal range as a stepped band with its centre; by its dashed edges alone where provisional."""
    rows = [
        {
            "x": max(one.index - 0.5, -0.35),
            "x2": min(one.index + 0.5, scales.edge),
            "center": one.center,
            "low": min(max(one.low, scales.low), scales.high),
            "high": max(min(one.high, scales.high), scales.low),
            "sure": not one.provisional,
        }
        for one in normal
    ]
    layers = []
    if sure := [row for row in rows if row["sure"]]:
        encoding = {"x": scales.x(), "x2": {"field": "x2"}, "y": scales.y("low"), "y2": {"field": "high"}}
        mark = {"type": "rect", "color": RANGE, "opacity": 0.2}
        layers.append({"data": {"values": sure}, "mark": mark, "encoding": encoding})
    if unsure := [row for row in rows if not row["sure"]]:
        layers += [_steps(unsure, end, scales, RANGE, [3, 3]) for end in ("low", "high")]
        layers.append(_steps(unsure, "center", scales, CENTER, [3, 3]))
    if inside := [row for row in rows if row["sure"] and scales.low <= row["center"] <= scales.high]:
        layers.append(_steps(inside, "center", scales, CENTER, [1, 0]))
    return layers


def _steps(
    rows: list[dict[str, Any]], field: str, scales: Scales, colour: str, dash: list[int]
) -> dict[str, Any]:
    """One short level line for each point."""
    mark = {"type": "rule", "color": colour, "strokeWidth": 1.2, "strokeDash": dash}
    encoding = {"x": scales.x(), "x2": {"field": "x2"}, "y": scales.y(field)}
    return {"data": {"values": rows}, "mark": mark, "encoding": encoding}


def _line(points: Sequence[Point], breaks: Sequence[Break], scales: Scales) -> dict[str, Any]:
    return {
        "data": {"values": _stretches(points, breaks)},
        "mark": {"type": "line", "color": ACCENT, "strokeWidth": 1.6},
        "encoding": {"x": scales.x(), "y": scales.y(), "detail": {"field": "s", "type": "nominal"}},
    }


def _dots(points: Sequence[Point], signals: Sequence[Signal], scales: Scales) -> dict[str, Any]:
    """Points; amber diamonds under a run rule, red squares outside the limits."""
    ordered = sorted(signals, key=lambda signal: signal.kind == "outside")  # which wins over a run
    kinds = {i: signal.kind for signal in ordered for i in signal.indices}
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


def _target(target: float | None, label: str, scales: Scales, shift: float) -> list[dict[str, Any]]:
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
        layers.append(
            text_layer([{"x": scales.edge, "y": target, "t": label}], scales, dx=6, dy=shift, color=INK)
        )
    return layers


def _shift(target: float | None, last: tuple[int, Point] | None, scales: Scales) -> float:
    """How far the target's label moves (up is negative) so that it does not lie on the last value's."""
    if target is None or last is None or last[1].value is None:
        return 0.0
    apart = scales.at(0, target)[1] - scales.at(0, last[1].value)[1]  # positive: the value is above
    missing = LABEL_GAP - abs(apart)
    if missing <= 0:
        return 0.0
    return missing / 2 if apart > 0 else -missing / 2


def _end(last: tuple[int, Point], label: str, scales: Scales, shift: float) -> dict[str, Any]:
    index, point = last
    at_end = index == scales.count - 1
    row = {"x": scales.edge if at_end else index, "y": point.value, "t": label}
    return text_layer([row], scales, dx=6, dy=shift, color=ACCENT, fontWeight="bold", fontSize=13)


def _breaks(breaks: Sequence[Break], scales: Scales) -> list[dict[str, Any]]:
    if not breaks:
        return []
    rows: list[dict[str, Any]] = [
        {"x": b.index - 0.5, "y": scales.low, "top": scales.high, "t": b.reason} for b in breaks
    ]
    rule = {"type": "rule", "color": INK_2, "strokeDash": [2, 2], "strokeWidth": 1.2}
    encoding = {"x": scales.x(), "y": scales.y(), "y2": {"field": "top"}}
    layers = [{"data": {"values": rows}, "mark": rule, "encoding": encoding}]
    for late in (False, True):  # the reason stands on the side where there is room
        some = [row for row in rows if fits(row["t"], scales) and (row["x"] > scales.count / 2) == late]
        if some:
            layers.append(
                text_layer(
                    some, scales, dx=-5 if late else 5, dy=-9, align="right" if late else "left", color=INK_2
                )
            )
    return layers
