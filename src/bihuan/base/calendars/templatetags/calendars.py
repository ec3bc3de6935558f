"""``{% load calendars %}``: hours and reasons in words."""

from __future__ import annotations

from django import template

from bihuan.base.calendars import shown

register = template.Library()
register.filter("hours", shown.hours_text)
register.filter("reason", shown.reason)
