from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "bihuan.base.calendars"
    label = "calendars"
