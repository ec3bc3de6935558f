"""The charts of improvement, for pages and documents alike."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from bihuan.assess import units
from bihuan.base.documents import drawings
from bihuan.base.ui import formats


def before_after(record: dict[str, Any], unit: str, *, width: int = 560) -> Any:
    """Every cycle an effect rests on with its interval, against what was promised."""
    factor = 1 / 60 if unit == "min" else 1.0
    sign = 1.0 if record["direction"] == "up" else -1.0
    before = record["before"]["value"]
    wanted = None if before is None else before + sign * record["promised"]
    groups = [_group(one, factor, _("%(cycle)s, before"), "") for one in record["before"]["cycles"]] + [
        _group(one, factor, _("%(cycle)s, after"), _sure(one, wanted, sign))
        for one in record["after"]["cycles"]
    ]
    return drawings.intervals(
        groups,
        target=None if wanted is None else wanted * factor,
        target_label=_("as promised"),
        title=units.label("h" if unit == "min" else unit),
        width=width,
    )


def _sure(one: dict[str, Any], wanted: float | None, sign: float) -> str:
    """Whether a cycle after is surely better or worse than what was promised."""
    low, high = one["low"], one["high"]
    if wanted is None or low is None or high is None:
        return ""
    worst, best = (low, high) if sign > 0 else (-high, -low)
    if worst > sign * wanted:
        return "above"
    return "below" if best < sign * wanted else ""


def _group(one: dict[str, Any], factor: float, words: str, sure: str) -> drawings.Group:
    def turned(name: str) -> float | None:
        return None if one[name] is None else one[name] * factor

    return drawings.Group(
        words % {"cycle": formats.cycle_short(one["cycle"])},
        one["value"] * factor,
        turned("low"),
        turned("high"),
        sure,
    )
