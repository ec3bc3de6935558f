"""Numbers, times and names as people read them, in the current language."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

MINUS = "−"
DASH = "–"
WEEKDAYS_ZH = "一二三四五六日"
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def chinese() -> bool:
    """Whether the current language is Chinese."""
    return (get_language() or "").startswith("zh")


def missing(value: Any) -> bool:
    """Whether there is no number: None or NaN."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def number(value: Any, digits: int | None = None) -> str:
    """A number with thousands separators and a real minus; ``digits`` decimals, or one where needed."""
    if missing(value):
        return "—"
    if digits is None:
        digits = 0 if float(value) == round(float(value)) else 1
    text = f"{abs(round(float(value), digits)):,.{digits}f}"
    negative = float(value) < 0 and any(figure in "123456789" for figure in text)
    return f"{MINUS}{text}" if negative else text


def signed(value: Any, digits: int = 1) -> str:
    """A difference with its sign: ``+1.4``, ``−5.4``, ``0.0``."""
    text = number(value, digits)
    positive = not missing(value) and float(value) > 0 and any(figure in "123456789" for figure in text)
    return f"+{text}" if positive else text


def percent(share: Any, digits: int = 1) -> str:
    """A share between 0 and 1 as a percentage: ``86.2%``."""
    return "—" if missing(share) else f"{number(100 * float(share), digits)}%"


def interval(low: Any, high: Any, digits: int = 1) -> str:
    """An interval: ``83.8–88.3``; below zero ``−8.1 至 −2.7``, because a dash would read as a minus."""
    if missing(low) or missing(high):
        return ""
    one, other = number(low, digits), number(high, digits)
    if float(low) < 0 or float(high) < 0:
        return _("%(low)s to %(high)s") % {"low": one, "high": other}
    return f"{one}{DASH}{other}"


def duration(minutes: Any) -> str:
    """Minutes as people say them, in at most two units: ``13天7小时``, ``2 h 5 min``."""
    if missing(minutes):
        return "—"
    total = round(abs(float(minutes)))
    sign = MINUS if float(minutes) < 0 and total else ""
    days, rest = divmod(total, 1440)
    hours, left = divmod(rest, 60)
    parts = [
        ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else "",
        _("%(n)d h") % {"n": hours} if hours else "",
        _("%(n)d min") % {"n": left} if left and not days else "",
    ]
    joined = ("" if chinese() else " ").join(part for part in parts if part)
    return sign + (joined or _("%(n)d min") % {"n": 0})


def _local(value: Any) -> Any:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def day(value: date | datetime | None, *, weekday: bool = False, year: bool | None = None) -> str:
    """A day: ``10月15日``, ``15 Oct``; with the year when it is not this one, with the weekday when asked."""
    if value is None:
        return "—"
    local = _local(value)
    with_year = local.year != timezone.localdate().year if year is None else year
    if chinese():
        text = (f"{local.year}年" if with_year else "") + f"{local.month}月{local.day}日"
        return f"{text} 周{WEEKDAYS_ZH[local.weekday()]}" if weekday else text
    text = f"{local.day} {MONTHS_EN[local.month - 1]}" + (f" {local.year}" if with_year else "")
    return f"{WEEKDAYS_EN[local.weekday()]} {text}" if weekday else text


def clock(value: datetime | None) -> str:
    """A time of day: ``18:00``."""
    return "—" if value is None else f"{_local(value):%H:%M}"


def moment(value: datetime | None, *, year: bool | None = None) -> str:
    """A day and a time: ``10月15日 18:00``, ``15 Oct 18:00``."""
    return "—" if value is None else f"{day(value, year=year)} {clock(value)}"


def stamp(value: datetime | None) -> str:
    """A day and a time for dense tables, the same in every language: ``2026-09-11 19:20``."""
    return "—" if value is None else f"{_local(value):%Y-%m-%d %H:%M}"


_QUARTER = re.compile(r"^(\d{4})Q([1-4])$")
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")


def cycle_name(code: str) -> str:
    """A cycle in words: ``2026Q3`` is ``2026年第三季度``, ``2026 Q3``; a year and a month likewise."""
    if match := _QUARTER.match(code):
        year, quarter = match[1], int(match[2])
        return f"{year}年第{'一二三四'[quarter - 1]}季度" if chinese() else f"{year} Q{quarter}"
    if match := _MONTH.match(code):
        year, month = match[1], int(match[2])
        return f"{year}年{month}月" if chinese() else f"{MONTHS_EN[month - 1]} {year}"
    return f"{code}年" if chinese() and code.isdecimal() else code


def cycle_short(code: str) -> str:
    """A cycle on an axis: ``26Q3``, ``9月`` or ``Sep``."""
    if match := _QUARTER.match(code):
        return f"{match[1][2:]}Q{match[2]}"
    if match := _MONTH.match(code):
        return f"{int(match[2])}月" if chinese() else MONTHS_EN[int(match[2]) - 1]
    return code


def both(subject: Any, field: str) -> tuple[str, str]:
    """The text of a field kept in two languages, and its language; the other one where it is empty."""
    first, second = ("zh", "en") if chinese() else ("en", "zh")
    for code in (first, second):
        text = (
            subject.get(f"{field}_{code}")
            if isinstance(subject, dict)
            else getattr(subject, f"{field}_{code}", "")
        )
        if text:
            return str(text), "zh-Hans" if code == "zh" else "en"
    nested = subject.get(field) if isinstance(subject, dict) else getattr(subject, field, None)
    if isinstance(nested, dict):
        for code in (first, second):
            if nested.get(code):
                return str(nested[code]), "zh-Hans" if code == "zh" else "en"
    return "", "zh-Hans" if first == "zh" else "en"
