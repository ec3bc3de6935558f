"""Texts inside a chart, each where it covers least."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from bihuan.base.documents.drawings.shapes import Break, Point, Scales, Signal, text_width
from bihuan.base.documents.theme import MISS, WATCH

Box = tuple[float, float, float, float]
CROWDED = 12  # a sentence that costs more gives way to its number


def text_layer(rows: list[dict[str, Any]], scales: Scales, **mark: Any) -> dict[str, Any]:
    """A layer of texts."""
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "align": "left", "baseline": "middle", **mark},
        "encoding": {"x": scales.x(), "y": scales.y(), "text": {"field": "t", "type": "nominal"}},
    }


def fits(text: str, scales: Scales) -> bool:
    """Whether there is a text and the plot has room for it."""
    return bool(text) and text_width(text) < 0.62 * scales.width


def sentences(
    points: Sequence[Point],
    signals: Sequence[Signal],
    breaks: Sequence[Break],
    target: float | None,
    scales: Scales,
) -> list[dict[str, Any]]:
    """At most three numbered sentences, each near its signal where it covers least of what is drawn."""
    drawn = _ink(points, scales)
    taken = [box for one in breaks for box in _break_boxes(one, scales)]
    if target is not None:
        height = scales.at(0, target)[1]
        taken.append((0, height - 1, scales.width, height + 1))
    layers = []
    for number, signal in enumerate([s for s in signals if s.sentence and s.indices][:3]):
        sign = "①②③"[number]
        places = [_place(f"{sign} {signal.sentence}", signal, points, drawn, taken, scales)]
        if places[0] is None or places[0][0] > CROWDED:
            places.append(_place(sign, signal, points, drawn, taken, scales))
        if places[-1] is None:
            continue
        _cost_there, text, left, middle = places[-1]
        taken.append((left, middle - 9, left + text_width(text), middle + 9))
        colour = MISS if signal.kind == "outside" else WATCH
        row = {"x": -0.35, "y": scales.high, "t": text}
        layers.append(
            text_layer([row], scales, dx=round(left), dy=round(middle), color=colour, fontWeight="bold")
        )
    return layers


def _place(
    text: str,
    signal: Signal,
    points: Sequence[Point],
    drawn: list[tuple[float, float]],
    taken: list[Box],
    scales: Scales,
) -> tuple[float, str, float, float] | None:
    """The best place for a text near its signal: cost, text, left end, middle height."""
    size = text_width(text) * 1.06  # the text is bold
    spots = [
        (x + dx, y + dy)
        for i in signal.indices
        if (value := points[i].value) is not None
        for x, y in [scales.at(i, value)]
        for dy in (20, -20, 34, -34, 48, -48)
        for dx in (-size - 10, -size / 2, 10)
    ]
    if not spots or (len(text) > 1 and not fits(text, scales)):
        return None
    costs = [(_cost(spot, size, drawn, taken, scales), text, *spot) for spot in spots]
    return min(costs, key=lambda one: one[0])


def _ink(points: Sequence[Point], scales: Scales) -> list[tuple[float, float]]:
    """Spots along the line, in pixels, a few between each two points."""
    spots: list[tuple[float, float]] = []
    shown = [scales.at(i, p.value) for i, p in enumerate(points) if p.value is not None]
    for (x1, y1), (x2, y2) in pairwise(shown):
        spots += [(x1 + (x2 - x1) * k / 8, y1 + (y2 - y1) * k / 8) for k in range(9)]
    return spots


def _break_boxes(one: Break, scales: Scales) -> list[Box]:
    """The room a break takes: its line and, where it fits, its reason at the bottom."""
    x, bottom = scales.at(one.index - 0.5, scales.low)
    line = (x - 1, 0, x + 1, bottom)
    if not fits(one.reason, scales):
        return [line]
    wide = text_width(one.reason) + 8
    left = x - wide if one.index - 0.5 > scales.count / 2 else x
    return [line, (left, bottom - 18, left + wide, bottom)]


def _cost(
    spot: tuple[float, float],
    size: float,
    drawn: list[tuple[float, float]],
    taken: list[Box],
    scales: Scales,
) -> float:
    """How bad a place for a text is: the texts and the line it covers, and how far it leaves the plot."""
    left, middle = spot
    right, top, bottom = left + size, middle - 11, middle + 11
    outside = max(0, -left) + max(0, right - scales.width) + max(0, -top) + max(0, bottom - scales.height + 2)
    covered = sum(left - 4 < x < right + 4 and top < y < bottom for x, y in drawn)
    crossed = sum(left < b[2] and right > b[0] and top < b[3] and bottom > b[1] for b in taken)
    return 50 * crossed + 5 * covered + 4 * outside
