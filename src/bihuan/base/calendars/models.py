from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bihuan.base.calendars import hours


class HoursField(models.CharField):
    """Opening hours of one day; kept in the usual way of writing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 120)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        if not value:
            return ""
        try:
            return hours.tidy(value)
        except ValueError as exc:
            raise ValidationError(str(exc), code="hours") from exc


class WorkingCalendar(models.Model):
    """When work is done: by this clock the limits of ordinary jobs run."""

    code = models.CharField(
        _("code"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^(?!new$)[A-Za-z0-9][A-Za-z0-9_-]*$")],
        help_text=_("Letters, digits and hyphens; imported records name the calendar by it."),
    )
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    always_open = models.BooleanField(
        _("round the clock"), default=False, help_text=_("Every minute counts; it has no hours of its own.")
    )
    follows_holidays = models.BooleanField(
        _("closed on public holidays"),
        default=True,
        help_text=_("Public holidays and swapped working days are brought in from the national calendar."),
    )
    is_default = models.BooleanField(_("for all places without their own"), default=False)

    class Meta:
        verbose_name = _("working calendar")
        verbose_name_plural = _("working calendars")
        ordering = ["-is_default", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="calendars_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return (self.name_en or self.name_zh) if (get_language() or "").startswith("en") else self.name_zh


class WeeklyHours(models.Model):
    """The usual hours of one weekday; a weekday without a row is closed."""

    calendar = models.ForeignKey(WorkingCalendar, on_delete=models.CASCADE, related_name="week")
    weekday = models.PositiveSmallIntegerField(_("weekday"), validators=[MaxValueValidator(6)])
    hours = HoursField(_("opening hours"))

    class Meta:
        verbose_name = _("hours of a weekday")
        verbose_name_plural = _("hours of the week")
        ordering = ["calendar", "weekday"]
        constraints = [models.UniqueConstraint(fields=["calendar", "weekday"], name="calendars_one_weekday")]

    def __str__(self) -> str:
        return f"{self.weekday} {self.hours}"


class DayException(models.Model):
    """A day that is not like its weekday: closed, or open with hours of its own."""

    class Origin(models.TextChoices):
        HOLIDAYS = "holidays", _("national calendar")
        MANUAL = "manual", _("entered by hand")

    calendar = models.ForeignKey(WorkingCalendar, on_delete=models.CASCADE, related_name="exceptions")
    day = models.DateField(_("day"))
    hours = HoursField(_("opening hours"))
    note = models.CharField(_("note"), max_length=120, blank=True)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.MANUAL)

    class Meta:
        verbose_name = _("exceptional day")
        verbose_name_plural = _("exceptional days")
        ordering = ["calendar", "day"]
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="calendars_one_exception")]

    def __str__(self) -> str:
        return f"{self.day} {self.hours}"

    @property
    def is_open(self) -> bool:
        """Whether work is done on this day."""
        return bool(self.hours)


class PlaceCalendar(models.Model):
    """The calendar that a place, and every place under it without its own, works by."""

    place_code = models.CharField(_("place code"), max_length=64, unique=True)
    calendar = models.ForeignKey(WorkingCalendar, on_delete=models.PROTECT, related_name="places")

    class Meta:
        verbose_name = _("calendar of a place")
        verbose_name_plural = _("calendars of places")
        ordering = ["place_code"]

    def __str__(self) -> str:
        return f"{self.place_code} {self.calendar_id}"
