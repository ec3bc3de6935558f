"""Public holidays of mainland China with their swapped working days (调休), as the State Council set them.

They come from the package ``chinesecalendar``, which knows a year once it has been announced (usually in
November of the year before).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from chinese_calendar import constants
from django.utils.translation import gettext_lazy as _

FIRST_YEAR = 2010
NAMES = {
    "New Year's Day": _("New Year's Day"),
    "Spring Festival": _("Spring Festival"),
    "Tomb-sweeping Day": _("Tomb-sweeping Day"),
    "Labour Day": _("Labour Day"),
    "Dragon Boat Festival": _("Dragon Boat Festival"),
    "National Day": _("National Day"),
    "Mid-autumn Festival": _("Mid-autumn Festival"),
    "Anti-Fascist 70th Day": _("70th anniversary of the victory over Japan"),
}


@dataclass(frozen=True)
class Holiday:
    """A day off, or (``works``) a weekend day on which everybody works for it."""

    day: date
    name: str
    works: bool


def known_years() -> range:
    """The years the package has the holidays of."""
    return range(FIRST_YEAR, max(constants.holidays).year + 1)


@lru_cache(maxsize=64)
def of_year(year: int) -> tuple[Holiday, ...]:
    """The holidays and swapped working days of a year, in order; empty for a year that is not known."""
    off = [Holiday(day, name, False) for day, name in constants.holidays.items() if day.year == year]
    on = [Holiday(day, name, True) for day, name in constants.workdays.items() if day.year == year]
    return tuple(sorted(off + on, key=lambda h: h.day))
