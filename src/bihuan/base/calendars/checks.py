"""A warning of ``bihuan check`` when the holidays of a year are missing."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.db import DatabaseError


@checks.register(checks.Tags.database)
def holidays_known(databases: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Without them, working time on a public holiday counts as ordinary working time."""
    if not databases or "default" not in databases:
        return []
    from bihuan.base.calendars import queries  # its models are loaded when the check runs, not before
    from bihuan.base.calendars.models import WorkingCalendar

    try:
        return [
            checks.Warning(
                f"The calendar {calendar.code} has no public holidays for {year}.",
                hint="Import them under Calendars, or update the package chinesecalendar first.",
                id="calendars.W001",
            )
            for calendar in WorkingCalendar.objects.all()
            for year in queries.missing_holiday_years(calendar, queries.years_to_watch())
        ]
    except DatabaseError:  # the tables are not made yet
        return []
