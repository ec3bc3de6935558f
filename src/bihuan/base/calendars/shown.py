"""What the pages say about calendars, in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from bihuan.base.calendars import holidays, hours, queries
from bihuan.base.calendars.models import DayException, WorkingCalendar
from bihuan.base.calendars.stretches import unroll
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Button, Figure, Verdict

WEEKDAYS = (
    pgettext_lazy("weekday", "Monday"),
    pgettext_lazy("weekday", "Tuesday"),
    pgettext_lazy("weekday", "Wednesday"),
    pgettext_lazy("weekday", "Thursday"),
    pgettext_lazy("weekday", "Friday"),
    pgettext_lazy("weekday", "Saturday"),
    pgettext_lazy("weekday", "Sunday"),
)
SHORT = (
    pgettext_lazy("weekday", "Mon"),
    pgettext_lazy("weekday", "Tue"),
    pgettext_lazy("weekday", "Wed"),
    pgettext_lazy("weekday", "Thu"),
    pgettext_lazy("weekday", "Fri"),
    pgettext_lazy("weekday", "Sat"),
    pgettext_lazy("weekday", "Sun"),
)


def list_verdict(rows: list[WorkingCalendar], buttons: tuple[Button, ...]) -> Verdict:
    """Whether a calendar lacks the holidays of a year that matters now."""
    for calendar in rows:
        if missing := queries.missing_holiday_years(calendar, queries.years_to_watch()):
            return Verdict(
                _("“%(name)s” [[has no public holidays for %(year)s]].")
                % {"name": calendar.name, "year": missing[0]},
                "watch",
                detail=_("Without them a holiday counts as working time, and jobs seem late that are not."),
                buttons=buttons,
            )
    year = queries.years_to_watch()[-1]
    return Verdict(
        _("Every calendar has its public holidays up to %(year)s.") % {"year": year}, "met", buttons=buttons
    )


def verdict(calendar: WorkingCalendar) -> Verdict:
    """Whether the calendar is open today, and why not."""
    today = timezone.localdate()
    if calendar.always_open:
        return Verdict(_("Every minute counts, day and night."), "met")
    if missing := queries.missing_holiday_years(calendar, queries.years_to_watch()):
        return Verdict(
            _("[[The public holidays of %(year)s are missing]].") % {"year": missing[0]},
            "watch",
            detail=_("Bring them in below, or enter them by hand."),
        )
    own = calendar.exceptions.filter(day=today).first()
    usual = calendar.week.filter(weekday=today.weekday()).first()
    text = own.hours if own else usual.hours if usual else ""
    if text:
        return Verdict(_("Open today: %(hours)s.") % {"hours": hours_text(text)}, "met", detail=reason(own))
    return Verdict(_("Closed today."), "none", detail=reason(own))


def reason(day: DayException | None) -> str:
    """Why a day is exceptional: the holiday's name, or what was entered."""
    if day is None:
        return ""
    return str(holidays.NAMES.get(day.note, day.note)) if day.origin == "holidays" else day.note


def figures(calendar: WorkingCalendar, year: int) -> list[Figure]:
    """Open days and hours of a year, and the places that work by the calendar."""
    places = Figure(_("Places of its own"), formats.number(calendar.places.count()))
    if calendar.always_open:
        return [places]
    rows = unroll([calendar], date(year, 1, 1), date(year, 12, 31))
    open_hours = float((rows.closed - rows.opened).sum()) / 3.6e9
    days = len({int(day) for day in rows.day})
    return [
        Figure(_("Open days in %(year)s") % {"year": year}, formats.number(days)),
        Figure(_("Open hours in %(year)s") % {"year": year}, formats.number(open_hours, 0)),
        places,
    ]


def week_rows(week: dict[int, str]) -> list[tuple[Any, str]]:
    """The weekdays with their hours."""
    return [(WEEKDAYS[day], hours_text(week[day]) if week.get(day) else _("closed")) for day in range(7)]


def week_line(calendar: WorkingCalendar) -> str:
    """The usual hours in one line: days that are alike are joined."""
    if calendar.always_open:
        return _("round the clock")
    by_hours: dict[str, list[int]] = {}
    for row in calendar.week.all():
        if row.hours:
            by_hours.setdefault(row.hours, []).append(row.weekday)
    lines = [f"{_days(days)} {hours_text(text)}" for text, days in by_hours.items()]
    return pgettext("between hours of different weekdays", "; ").join(lines) or _("no hours yet")


def _days(days: list[int]) -> str:
    first, last = days[0], days[-1]
    if len(days) > 2 and days == list(range(first, last + 1)):
        return _("%(first)s to %(last)s") % {"first": SHORT[first], "last": SHORT[last]}
    return pgettext("between weekdays", ", ").join(str(SHORT[day]) for day in days)


def hours_text(text: str) -> str:
    """Hours as people read them: ``08:30–12:00, 13:30–17:30``."""
    parts = hours.write(hours.parse(text)).replace("-", formats.DASH).split()
    return pgettext("between stretches of hours", ", ").join(parts)


def used_for(calendar: WorkingCalendar) -> str:
    """What uses the calendar besides the places that name it."""
    if calendar.is_default:
        return _("all places without their own")
    return _("emergencies") if calendar.always_open else ""


def year_asked(text: str | None) -> int:
    """The year in the address, or this one."""
    if text and text.isdecimal() and len(text) == 4 and text != "0000":
        return int(text)
    return timezone.localdate().year


def years_around(calendar: WorkingCalendar, year: int) -> list[int]:
    """The years to choose from: five around the one shown."""
    return list(range(max(year - 2, 1), min(year + 2, 9998) + 1))


def is_known(year: int) -> bool:
    """Whether the public holidays of the year can be brought in."""
    return year in holidays.known_years()


def imported_sentence(added: int, changed: int, kept: int) -> str:
    """What an import of holidays did."""
    return ngettext(
        "%(added)s day added, %(changed)s changed, %(kept)s entered by hand kept.",
        "%(added)s days added, %(changed)s changed, %(kept)s entered by hand kept.",
        added,
    ) % {"added": added, "changed": changed, "kept": kept}
