"""Whether a plan worked.

A plan starts from a bad period, and what was bad by chance gets better by itself: the cycle that
triggered the plan never counts as its baseline. All effects are taken so that more is better; turn the
sign of indicators where less is.
"""

from bihuan.stats.effect.panel import (
    FEWEST_PLACEBOS,
    panel_effect,
    placebo_check,
    pre_trend,
    randomisation,
)
from bihuan.stats.effect.rows import (
    FEW_CLUSTERS,
    FEWEST_TREATED,
    Effect,
    before_after,
    difference_in_differences,
    minimum_detectable_effect,
    verdict,
)

__all__ = [
    "FEWEST_PLACEBOS",
    "FEWEST_TREATED",
    "FEW_CLUSTERS",
    "Effect",
    "before_after",
    "difference_in_differences",
    "minimum_detectable_effect",
    "panel_effect",
    "placebo_check",
    "pre_trend",
    "randomisation",
    "verdict",
]
