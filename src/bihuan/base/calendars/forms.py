from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.base.calendars import hours
from bihuan.base.calendars.models import WorkingCalendar
from bihuan.base.calendars.shown import WEEKDAYS

EXAMPLE = "08:30-12:00 13:30-17:30"


class HoursInput(forms.CharField):
    """Opening hours as people write them."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 120)
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        try:
            return hours.tidy(super().clean(value))
        except ValueError as exc:
            raise forms.ValidationError(str(exc)) from exc


class CalendarForm(forms.ModelForm):
    """Names of a calendar, and whether it follows the public holidays."""

    class Meta:
        model = WorkingCalendar
        fields = ("code", "name_zh", "name_en", "follows_holidays")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["code"]


class WeekForm(forms.Form):
    """The usual hours of the seven weekdays."""

    def __init__(self, *args: Any, week: dict[int, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in range(7):
            field = HoursInput(label=WEEKDAYS[day], initial=(week or {}).get(day, ""))
            field.widget.attrs["placeholder"] = EXAMPLE if day == 0 else ""
            self.fields[f"day_{day}"] = field
        self.fields["day_0"].help_text = _("Several stretches are parted by a space; empty is closed.")

    @property
    def week(self) -> dict[int, str]:
        """The hours by weekday."""
        return {day: self.cleaned_data[f"day_{day}"] for day in range(7)}


class DayForm(forms.Form):
    """One day with hours of its own."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    hours = HoursInput(label=_("Hours"), help_text=_("Empty: closed on that day."))
    reason = forms.CharField(label=_("Remark"), required=False, max_length=120)


class PlaceForm(forms.Form):
    """A place that works by the calendar."""

    place = forms.CharField(label=_("Code of the place"), max_length=64)


class YearForm(forms.Form):
    """A year of public holidays."""

    year = forms.IntegerField(min_value=date.min.year, max_value=9998)
