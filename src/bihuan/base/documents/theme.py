"""Colours and the Vega-Lite theme that page, PDF and Excel share."""

from __future__ import annotations

from typing import Any

FONT = "Noto Sans SC"

INK = "#1a2230"
INK_2 = "#465063"
INK_3 = "#646e7f"
GRID = "#edf0f4"
LINE = "#c6cdd8"
ACCENT = "#2b4a9b"
MET = "#0a6f65"
WATCH = "#8f5600"
MISS = "#b0271c"
NONE = "#5d6675"
RANGE = "#8fa3cf"
CENTER = "#8a97b5"
TONES = {"met": MET, "watch": WATCH, "miss": MISS, "acc": ACCENT, "none": NONE}

THEME: dict[str, Any] = {
    "font": FONT,
    "background": "transparent",
    "padding": 2,
    "view": {"stroke": None},
    "axis": {
        "labelFont": FONT,
        "titleFont": FONT,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelColor": INK_3,
        "titleColor": INK_3,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domainColor": LINE,
        "tickColor": LINE,
        "tickSize": 4,
        "labelPadding": 4,
    },
    "axisX": {"grid": False, "labelAngle": 0},
    "axisY": {
        "domain": False,
        "ticks": False,
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "end",
        "titleX": 0,
        "titleY": -12,
    },
    "text": {"font": FONT, "fontSize": 12},
    "legend": {"disable": True},
}
