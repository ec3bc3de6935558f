from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bihuan.base.calendars import holidays, hours, rules
from bihuan.base.calendars.models import DayException, PlaceCalendar, WeeklyHours, WorkingCalendar
from bihuan.base.trail.act import Refused, act, note

Origin = DayException.Origin


@dataclass(frozen=True)
class HolidayImport:
    """What an import of holidays did: days added, days changed, and days entered by hand that were kept."""

    added: int
    changed: int
    kept: int


@act
def create_calendar(
    *,
    actor: Any,
    code: str,
    name_zh: str,
    name_en: str = "",
    follows_holidays: bool = True,
    week: Mapping[int, str] | None = None,
) -> WorkingCalendar:
    """Make a calendar; one that follows the holidays gets those of every year that is known."""
    _allow(actor)
    calendar = WorkingCalendar(code=code, name_zh=name_zh, name_en=name_en, follows_holidays=follows_holidays)
    calendar.full_clean()
    calendar.save()
    note(actor, "calendar.created", calendar, code=code)
    set_week(calendar, actor=actor, week=week or {})
    if follows_holidays:
        import_holidays(calendar, actor=actor, years=holidays.known_years())
    return calendar


@act
def edit_calendar(
    calendar: WorkingCalendar, *, actor: Any, name_zh: str, name_en: str, follows_holidays: bool
) -> WorkingCalendar:
    """Rename a calendar, or let it follow the public holidays or not; not following takes them out."""
    _allow(actor)
    calendar = _locked(calendar)
    calendar.name_zh, calendar.name_en, calendar.follows_holidays = name_zh, name_en, follows_holidays
    calendar.full_clean()
    calendar.save()
    if not follows_holidays:
        calendar.exceptions.filter(origin=Origin.HOLIDAYS).delete()
    note(actor, "calendar.edited", calendar, name_zh=name_zh, follows_holidays=follows_holidays)
    return calendar


@act
def set_week(calendar: WorkingCalendar, *, actor: Any, week: Mapping[int, str]) -> None:
    """Set the usual hours by weekday (0 is Monday); a weekday that is not named, or empty, is closed."""
    _allow(actor)
    calendar = _with_hours(_locked(calendar))
    rows = {day: _tidy(text) for day, text in week.items()}
    calendar.week.all().delete()
    WeeklyHours.objects.bulk_create(
        WeeklyHours(calendar=calendar, weekday=day, hours=text) for day, text in sorted(rows.items()) if text
    )
    note(actor, "calendar.week_set", calendar, week={str(day): text for day, text in sorted(rows.items())})


@act
def set_day(
    calendar: WorkingCalendar, *, actor: Any, day: date, hours: str, reason: str = ""
) -> DayException:
    """Give one day hours of its own; empty hours close it. An import of holidays leaves it as it is."""
    _allow(actor)
    calendar = _with_hours(_locked(calendar))
    fields = {"hours": _tidy(hours), "note": reason[:120], "origin": Origin.MANUAL}
    row, _made = DayException.objects.update_or_create(calendar=calendar, day=day, defaults=fields)
    note(actor, "calendar.day_set", calendar, day=day, hours=row.hours, reason=row.note)
    return row


@act
def clear_day(calendar: WorkingCalendar, *, actor: Any, day: date) -> None:
    """Make a day like its weekday again."""
    _allow(actor)
    calendar = _locked(calendar)
    gone, _models = calendar.exceptions.filter(day=day).delete()
    if gone:
        note(actor, "calendar.day_cleared", calendar, day=day)


@act
def import_holidays(calendar: WorkingCalendar, *, actor: Any, years: Iterable[int]) -> HolidayImport:
    """Bring in the public holidays and swapped working days of ``years``.

    Days entered by hand stay. A swapped working day gets the hours of the first weekday that has any. Raises
    ``ValueError`` for a year whose holidays are not known yet.
    """
    _allow(actor)
    calendar = _with_hours(_locked(calendar))
    wanted = list(years)
    for year in wanted:
        if not holidays.of_year(year):
            raise ValueError(
                _(
                    "The public holidays of %(year)s are not known yet; they are announced in November of "
                    "the year before. Enter them by hand, or update the program and try again."
                )
                % {"year": year}
            )
    usual = calendar.week.exclude(hours="").order_by("weekday").values_list("hours", flat=True).first() or ""
    result = _write_holidays(calendar, [h for year in wanted for h in holidays.of_year(year)], usual)
    note(
        actor,
        "calendar.holidays_imported",
        calendar,
        years=f"{min(wanted)}–{max(wanted)}" if len(wanted) > 1 else wanted,
        added=result.added,
        changed=result.changed,
        kept=result.kept,
    )
    return result


def _write_holidays(calendar: WorkingCalendar, days: list[holidays.Holiday], usual: str) -> HolidayImport:
    there = {row.day: row for row in calendar.exceptions.filter(day__in=[h.day for h in days])}
    fresh, changed, kept = [], [], 0
    for holiday in days:
        wanted = usual if holiday.works else ""
        row = there.get(holiday.day)
        if row is None:
            fresh.append(
                DayException(
                    calendar=calendar,
                    day=holiday.day,
                    hours=wanted,
                    note=holiday.name,
                    origin=Origin.HOLIDAYS,
                )
            )
        elif row.origin == Origin.MANUAL:
            kept += 1
        elif (row.hours, row.note) != (wanted, holiday.name):
            row.hours, row.note = wanted, holiday.name
            changed.append(row)
    DayException.objects.bulk_create(fresh)
    DayException.objects.bulk_update(changed, ["hours", "note"])
    return HolidayImport(len(fresh), len(changed), kept)


@act
def make_default(calendar: WorkingCalendar, *, actor: Any) -> None:
    """Let every place without a calendar of its own work by this one."""
    _allow(actor)
    calendar = _locked(calendar)
    WorkingCalendar.objects.filter(is_default=True).exclude(pk=calendar.pk).update(is_default=False)
    calendar.is_default = True
    calendar.save(update_fields=["is_default"])
    note(actor, "calendar.made_default", calendar)


@act
def assign_place(place_code: str, *, actor: Any, calendar: WorkingCalendar | None) -> None:
    """Give a place, and all under it without their own, a calendar; ``None`` takes it away again."""
    _allow(actor)
    code = place_code.strip()
    if not code or len(code) > 64:
        raise ValidationError(_("Write the code of the place."), code="place")
    if calendar is None:
        PlaceCalendar.objects.filter(place_code=code).delete()
        note(actor, "calendar.place_released", None, code=code)
    else:
        PlaceCalendar.objects.update_or_create(place_code=code, defaults={"calendar": calendar})
        note(actor, "calendar.place_assigned", calendar, code=code)


@act
def delete_calendar(calendar: WorkingCalendar, *, actor: Any) -> None:
    """Delete a calendar that no place works by."""
    _allow(actor)
    calendar = _locked(calendar)
    if calendar.is_default or calendar.always_open or calendar.places.exists():
        raise Refused(
            _("This calendar is in use. Give its places another one first."), code="calendar_in_use"
        )
    note(actor, "calendar.deleted", calendar, code=calendar.code)
    calendar.delete()


def _allow(actor: Any) -> None:
    if not rules.can_edit(actor):
        raise Refused(
            _("Only administrators and quality managers change calendars."), code="calendar_not_yours"
        )


def _locked(calendar: WorkingCalendar) -> WorkingCalendar:
    return WorkingCalendar.objects.select_for_update().get(pk=calendar.pk)


def _with_hours(calendar: WorkingCalendar) -> WorkingCalendar:
    if calendar.always_open:
        raise Refused(_("This calendar is the clock: it has no hours to change."), code="calendar_is_clock")
    return calendar


def _tidy(text: str) -> str:
    try:
        return hours.tidy(text)
    except ValueError as exc:
        raise ValidationError(str(exc), code="hours") from exc
