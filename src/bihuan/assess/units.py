"""Values with their units, as people read them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.ui import formats

WHOLE = {"times"}


def label(unit: str) -> str:
    """The unit for an axis or a column head; a unit of the company's own stands as it was written."""
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
    return known.get(unit, unit)


def value(number: Any, unit: str) -> str:
    """A value with its unit where it is short: ``86.2%``, ``26小时``, ``3次``."""
    if formats.missing(number):
        return "—"
    if unit == "%":
        return f"{formats.number(number, 1)}%"
    if unit == "min":
        return formats.duration(number)
    if unit == "h":
        return formats.duration(float(number) * 60)
    if unit == "times" and float(number) == round(float(number)):
        return ngettext("%(n)d time", "%(n)d times", round(float(number))) % {"n": round(float(number))}
    return formats.number(number, 1)


def goal(number: Any, unit: str) -> str:
    """A target or floor, without decimals it does not need: ``95%``."""
    if formats.missing(number):
        return "—"
    if unit == "%":
        return f"{formats.number(number)}%"
    return value(number, unit) if unit in ("min", "h", "times") else formats.number(number)


def cell(number: Any, unit: str) -> str:
    """A value for a narrow cell; its unit stands in the column's head."""
    if formats.missing(number):
        return ""
    if unit in ("min", "h"):
        minutes = float(number) * (60 if unit == "h" else 1)
        hours = minutes / 60
        return (
            formats.number(minutes, 0) if unit == "min" and minutes < 100 else f"{formats.number(hours, 1)}h"
        )
    if unit in WHOLE:
        return formats.number(number)
    plain = formats.number(number, 1)
    return "100" if unit == "%" and plain == "100.0" else plain


def interval(low: Any, high: Any, unit: str) -> str:
    """An interval in the value's unit."""
    if formats.missing(low) or formats.missing(high):
        return ""
    if unit in ("min", "h"):
        return _("%(low)s to %(high)s") % {"low": value(low, unit), "high": value(high, unit)}
    return formats.interval(low, high)


def difference(number: Any, unit: str) -> str:
    """A difference without its sign: ``8.8个百分点``, ``3小时``."""
    if formats.missing(number):
        return "—"
    size = abs(float(number))
    if unit == "%":
        return _("%(n)s percentage points") % {"n": formats.number(size, 1)}
    if unit in ("min", "h", "times"):
        return value(size, unit)
    return formats.number(size, 1)


def signed(number: Any, unit: str) -> str:
    """A difference with its sign; its unit is left to the label where it is a percentage."""
    if unit in ("min", "h", "times"):
        size = value(number, unit)
        return f"+{size}" if not formats.missing(number) and float(number) > 0 else size
    return formats.signed(number)


def count(n: float, table: str) -> str:
    """So many records of a table, in the words people use for them."""
    number = round(n)
    texts = {
        "answers": ngettext("%(n)s response", "%(n)s responses", number),
        "samples": ngettext("%(n)s household", "%(n)s households", number),
        "work_orders": ngettext("%(n)s order", "%(n)s orders", number),
        "feedback": ngettext("%(n)s message", "%(n)s messages", number),
        "inspections": ngettext("%(n)s inspection", "%(n)s inspections", number),
        "inspection_items": ngettext("%(n)s item", "%(n)s items", number),
        "tasks": ngettext("%(n)s task", "%(n)s tasks", number),
        "assets": ngettext("%(n)s asset", "%(n)s assets", number),
    }
    text = texts.get(table) or ngettext("%(n)s record", "%(n)s records", number)
    return text % {"n": formats.number(number)}
