"""How a definition reads: its target, floor, unit, kind and computation in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from bihuan.base.ui import formats
from bihuan.standards.models import IndicatorVersion

GRADES = ("一级", "二级", "三级")

TABLES = {
    "answers": gettext_lazy("survey answers"),
    "samples": gettext_lazy("sample households"),
    "work_orders": gettext_lazy("work orders"),
    "feedback": gettext_lazy("customer feedback"),
    "inspection_items": gettext_lazy("check items"),
    "tasks": gettext_lazy("planned tasks"),
    "assets": gettext_lazy("assets"),
    "measurements": gettext_lazy("values from other systems"),
}
KINDS = {
    "mean": gettext_lazy("mean"),
    "share": gettext_lazy("share"),
    "top_box": gettext_lazy("share of good marks"),
    "bottom_box": gettext_lazy("share of bad marks"),
    "nps": gettext_lazy("net promoter score"),
    "index": gettext_lazy("weighted index"),
    "ratio": gettext_lazy("ratio"),
    "rate_per": gettext_lazy("rate"),
    "count": gettext_lazy("count"),
    "on_time": gettext_lazy("share in time"),
    "quantile": gettext_lazy("quantile"),
    "median_time": gettext_lazy("median time"),
    "event_time": gettext_lazy("time per event"),
    "points": gettext_lazy("points"),
}
BREAKDOWNS = {
    "building": gettext_lazy("Building"),
    "service_area": gettext_lazy("Service area"),
    "contractor": gettext_lazy("Team"),
    "channel": gettext_lazy("Channel"),
    "category": gettext_lazy("Category"),
    "asset_type": gettext_lazy("Asset type"),
    "point": gettext_lazy("Point"),
    "level": gettext_lazy("Level of check"),
    "inspector": gettext_lazy("Inspector (pseudonym)"),
    "mode": gettext_lazy("Mode"),
    "dimension": gettext_lazy("Dimension"),
    "question": gettext_lazy("Question"),
    "priority": gettext_lazy("Priority"),
    "kind": gettext_lazy("Kind"),
    "item": gettext_lazy("Item"),
    "severity": gettext_lazy("Severity"),
    "source": gettext_lazy("Source"),
}
PERIODS = {"month": gettext_lazy("monthly"), "quarter": gettext_lazy("quarterly")}


def unit(name: str) -> str:
    """The unit in words; a unit of the company's own stands as it was written."""
    known = {
        "%": "%",
        "min": _("minutes"),
        "h": _("hours"),
        "d": _("days"),
        "points": _("points"),
        "nps": _("points, −100 to 100"),
        "times": _("times"),
        "per_1000_household_months": _("per 1,000 households and month"),
        "per_100_asset_months": _("per 100 units and month"),
    }
    return known.get(name, name)


def goal(given: Any, unit_name: str, direction: str) -> str:
    """A target or floor: ``≥95%``; by service grade ``≥80/75/70%``; a share of its own past in words."""
    if given is None:
        return "—"
    sign = "≥" if direction == "up" else "≤"
    if isinstance(given, dict) and "of_baseline" in given:
        return _("%(sign)s%(share)s of its own past") % {
            "sign": sign,
            "share": formats.percent(given["of_baseline"], 0),
        }
    numbers = [given] if not isinstance(given, dict) else [given[grade] for grade in sorted(given, key=_rank)]
    if unit_name in ("min", "h"):
        factor = 60 if unit_name == "h" else 1
        return sign + " / ".join(formats.duration(number * factor) for number in numbers)
    text = "/".join(formats.number(number) for number in numbers)
    short = {"%": "%", "per_1000_household_months": "‰"}.get(unit_name, "")
    return (sign if given != 0 or direction == "up" else "") + text + short


def _rank(grade: str) -> int:
    return GRADES.index(grade) if grade in GRADES else len(GRADES)


def target(version: IndicatorVersion) -> str:
    """The target of a version."""
    given = version.definition
    return goal(given.get("target"), given["unit"], given["direction"])


def floor(version: IndicatorVersion) -> str:
    """The floor of a version."""
    given = version.definition
    return goal(given.get("floor"), given["unit"], given["direction"])


def since(version: IndicatorVersion) -> str:
    """From which cycle a version counts, in words."""
    if not version.from_cycle:
        return _("from the start")
    return _("from %(cycle)s") % {"cycle": formats.cycle_name(version.from_cycle)}


def breakdowns(version: IndicatorVersion) -> str:
    """What it can be broken down by, in words."""
    names = [str(BREAKDOWNS.get(name, name)) for name in version.definition.get("breakdowns") or ()]
    return pgettext("between names", ", ").join(names)
