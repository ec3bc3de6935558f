"""How an impact will be judged, said before: what is compared, and how small a change would be found."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bihuan.improve.effects.readings import Pooled, Series, pool, series
from bihuan.improve.models import ExpectedImpact
from bihuan.standards.cycles import start_key
from bihuan.stats.effect import FEWEST_PLACEBOS, minimum_detectable_effect

POWER = 0.80


@dataclass(frozen=True)
class Design:
    """The design of one impact as the results stand now."""

    impact: ExpectedImpact
    series: Series
    before: Pooled
    detectable: float
    placebos: int

    @property
    def enough_placebos(self) -> bool:
        """Whether the places to compare with are many enough for a judgement."""
        return not self.series.beside or self.placebos >= FEWEST_PLACEBOS


def design(impact: ExpectedImpact, trigger: str) -> Design:
    """The design of an impact; where nothing is measured yet, its numbers are NaN."""
    found = series(impact, trigger)
    before = pool(found.before)
    return Design(impact, found, before, _detectable(found, before), _placebos(found, trigger))


def _detectable(found: Series, before: Pooled) -> float:
    """The change one cycle after would show with a power of 80 %, being as sure as the last one before."""
    if not found.before or found.beside:
        return math.nan
    se = math.hypot(before.se, found.before[-1].se)
    return float(minimum_detectable_effect(se, power=POWER)) if se > 0 else math.nan


def _placebos(found: Series, trigger: str) -> int:
    """How many placebo effects the comparison will have: its places times the windows there are."""
    earlier = sum(start_key(cycle) < start_key(trigger) for cycle in found.cycles)
    windows = earlier - len(found.before) + 1 if found.before else 0
    return len(found.beside) * windows if len(found.beside) > 1 else 0
