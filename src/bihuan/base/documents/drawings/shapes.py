"""What charts are made of: points, breaks, signals, groups, and the size of things."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bihuan.base.documents.theme import GRID


@dataclass(frozen=True)
class Point:
    """One period of a trend; without a value the line has a gap there."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Normal:
    """Between which limits the point at ``index`` is normal, and around which centre.

    It is ``provisional`` where too few points stand behind it.
    """

    index: int
    center: float
    low: float
    high: float
    provisional: bool = False


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


def round_domain(points: Sequence[Point], target: float | None) -> tuple[float, float]:
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


@dataclass(frozen=True)
class Scales:
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
        widest = max((text_width(name) for name in self.names), default=0) + 16  # pages draw in wider fonts
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
