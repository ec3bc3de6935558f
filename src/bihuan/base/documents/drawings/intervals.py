"""Groups compared by point and interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bihuan.base.documents.charts import Drawing
from bihuan.base.documents.drawings.shapes import Group, Point, round_domain
from bihuan.base.documents.theme import GRID, INK, NONE, TONES

OWN: dict[str, Any] = {"type": "nominal", "scale": None, "legend": None}


def intervals(
    groups: Sequence[Group],
    *,
    target: float | None = None,
    target_label: str = "",
    title: str = "",
    width: int = 420,
    row_height: int = 34,
    domain: tuple[float, float] | None = None,
) -> Drawing:
    """Groups compared by point and interval, in the order given (the most important first).

    A square is surely below the target, a circle surely above, a grey diamond cannot be told.
    """
    points = [Point(g.label, g.value, g.low, g.high) for g in groups]
    low, high = domain or round_domain(points, target)
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
    top = 20 if target is not None and target_label else 4

    def draw(at: int) -> dict[str, Any]:
        axes = _axes(names, (low, high), title, at)
        return {
            "width": at,
            "height": row_height * max(len(names), 1) + 34 + top,
            "autosize": {"type": "fit", "contains": "padding"},
            "padding": {"left": 2, "right": 14, "top": top, "bottom": 2},
            "layer": [*_groups(rows, axes), *_target(target, target_label, axes["x"])],
        }

    return Drawing(width, draw)


def _axes(names: list[str], domain: tuple[float, float], title: str, width: int) -> dict[str, Any]:
    """Both axes; a group's name may take two fifths of the width."""
    axis_y = {"labelColor": INK, "labelFontSize": 13, "labelLimit": 0.4 * width, "grid": False, "title": None}
    axis_x = {"grid": True, "gridColor": GRID, "tickCount": 4, "domain": False}
    scale = {"domain": list(domain), "nice": False, "zero": False}
    return {
        "y": {"field": "g", "type": "nominal", "sort": names, "axis": axis_y, "title": None},
        "x": {"field": "v", "type": "quantitative", "scale": scale, "axis": axis_x, "title": title or None},
    }


def _groups(rows: list[dict[str, Any]], axes: dict[str, Any]) -> list[dict[str, Any]]:
    """The interval as a bar behind, the value as a point in front."""
    colour = {"field": "c", **OWN}
    ends = {"y": axes["y"], "x": {**axes["x"], "field": "low"}, "x2": {"field": "high"}, "color": colour}
    return [
        {
            "data": {"values": [r for r in rows if r["low"] is not None and r["high"] is not None]},
            "mark": {"type": "rule", "strokeWidth": 5, "strokeCap": "round", "opacity": 0.28},
            "encoding": ends,
        },
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
            "encoding": {**axes, "shape": {"field": "shape", **OWN}, "color": colour},
        },
    ]


def _target(target: float | None, label: str, x: dict[str, Any]) -> list[dict[str, Any]]:
    if target is None:
        return []
    at = {"data": {"values": [{"v": target, "t": label}]}}
    rule = {"type": "rule", "color": INK, "strokeDash": [5, 3], "strokeWidth": 1.2}
    text = {"type": "text", "align": "center", "baseline": "bottom", "color": INK, "dy": -4}
    encoding = {"x": x, "y": {"value": 0}, "text": {"field": "t", "type": "nominal"}}
    named = [{**at, "mark": text, "encoding": encoding}] if label else []
    return [{**at, "mark": rule, "encoding": {"x": x}}, *named]
