"""The scale on which an indicator is charted: higher is worse, and chance is about as wide everywhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bihuan.measure.definition import Definition
from bihuan.stats import counts
from bihuan.stats.types import Floats

SHARES = frozenset({"share", "top_box", "bottom_box", "on_time"})
RATES = frozenset({"rate_per", "count"})
TIMES = frozenset({"quantile", "median_time", "event_time"})
BOUNDED = frozenset({"points", "index"})
FLOOR = 0.3
SHARE, RATE, TIME, BOUNDED_MEAN, PLAIN = "share", "rate", "time", "bounded", "plain"


@dataclass(frozen=True)
class Scale:
    """How the values of one indicator become points that can be tested.

    ``kind`` is ``share`` (misses among cases), ``rate`` (events over exposure), ``time`` (logarithms),
    ``bounded`` (roots of what is missing to 100, since points pile up there) or ``plain``; ``good`` is 1
    where higher is better; ``full`` is what a share of 1, or a rate of one event per unit, is called.
    """

    kind: str
    good: bool
    full: float
    by_denominator: bool
    counted: bool

    @classmethod
    def of(cls, definition: Definition) -> Scale:
        """The scale of an indicator."""
        kind = definition.kind
        if kind in SHARES or (kind == "ratio" and bool(definition.settings.get("counts"))):
            name = SHARE
        elif kind in RATES:
            name = RATE
        elif kind in TIMES:
            name = TIME if definition.unit in ("min", "h", "d") else PLAIN
        elif kind in BOUNDED or (kind == "ratio" and definition.unit == "%"):
            name = BOUNDED_MEAN
        else:
            name = PLAIN
        return cls(
            name, definition.direction == "up", definition.scale, kind in {"ratio", *RATES}, kind == "count"
        )

    @property
    def counts(self) -> bool:
        """Whether cases or events are counted, so that chance alone says how far they scatter."""
        return self.kind in (SHARE, RATE)

    def size(self, n: Floats, denominator: Floats) -> Floats:
        """Cases, exposure, or records under each value."""
        if not self.by_denominator:
            return n
        return np.where(denominator > 0, denominator, np.where(n > 0, n, 1.0))

    def points(self, value: Floats, size: Floats) -> Floats:
        """Values on the scale; NaN where there is none."""
        sign = -1.0 if self.good else 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.kind == SHARE:
                share = value / self.full
                return np.clip(1 - share if self.good else share, 0.0, 1.0)
            if self.kind == RATE:
                return sign * value / (size if self.counted else self.full)
            if self.kind == TIME:
                return np.where(value > 0, sign * np.log(value), np.nan)
            if self.kind == BOUNDED_MEAN:
                return -sign * np.sqrt(np.maximum(100.0 - value, 0.0))
            return sign * value

    def values(self, points: Floats, size: Floats) -> Floats:
        """Points back to values, within the bounds of the scale."""
        sign = -1.0 if self.good else 1.0
        if self.kind == SHARE:
            share = np.clip(points, 0.0, 1.0)
            return self.full * (1 - share if self.good else share)
        if self.kind == RATE:
            return np.maximum(sign * points, 0.0) * (size if self.counted else self.full)
        if self.kind == TIME:
            return np.exp(sign * points)
        if self.kind == BOUNDED_MEAN:
            return 100.0 - np.maximum(-sign * points, 0.0) ** 2
        return sign * points

    def multiplied(self, points: Floats, typical: Floats) -> Floats:
        """Shares and rates by a logarithm, ``log(x + 0.3·typical)``.

        What makes months differ by more than chance acts as a factor, and a factor has a long tail on the
        bad side that its logarithm has not; months in which hardly anything was wrong stay near the rest.
        """
        sign = -1.0 if self.kind == RATE and self.good else 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            return sign * np.log(sign * points + FLOOR * np.abs(typical))

    def exact(self, points: Floats, size: Floats, before: Floats, size_before: Floats) -> Floats:
        """Exact probability of counts so bad beside those before; only where something is counted."""
        if self.kind == SHARE:
            return counts.more_of(points * size, size, before * size_before, size_before)
        if self.good:  # the fewer the worse: as many before, or more, of all events
            return counts.more_events(-before * size_before, size_before, -points * size, size)
        return counts.more_events(points * size, size, before * size_before, size_before)

    def chance(self, center: Floats) -> Floats:
        """Variance of a point of one case by chance alone."""
        if self.kind == SHARE:
            return np.asarray(center * (1 - center))
        return np.asarray(np.abs(center) if self.kind == RATE else np.zeros_like(center))
