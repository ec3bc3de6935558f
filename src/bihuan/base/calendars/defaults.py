"""The two calendars every installation begins with: the clock, and office hours with the public holidays."""

from __future__ import annotations

from typing import Any

from bihuan.base.calendars import holidays

OFFICE_HOURS = "09:00-12:00 13:30-18:00"


def ensure(**kwargs: Any) -> None:
    """Make the calendars after the tables have been made, unless there are calendars already."""
    from bihuan.base.calendars.models import DayException, WeeklyHours, WorkingCalendar  # after the tables

    if WorkingCalendar.objects.exists():
        return
    WorkingCalendar.objects.create(
        code="24h", name_zh="全天24小时", name_en="Round the clock", always_open=True, follows_holidays=False
    )
    office = WorkingCalendar.objects.create(
        code="office", name_zh="办公时间", name_en="Office hours", is_default=True
    )
    WeeklyHours.objects.bulk_create(
        WeeklyHours(calendar=office, weekday=day, hours=OFFICE_HOURS) for day in range(5)
    )
    DayException.objects.bulk_create(
        DayException(
            calendar=office,
            day=holiday.day,
            hours=OFFICE_HOURS if holiday.works else "",
            note=holiday.name,
            origin=DayException.Origin.HOLIDAYS,
        )
        for year in holidays.known_years()
        for holiday in holidays.of_year(year)
    )
