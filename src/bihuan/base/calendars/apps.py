from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CalendarsConfig(AppConfig):
    name = "bihuan.base.calendars"
    label = "calendars"
    verbose_name = _("Calendars")

    def ready(self) -> None:
        from bihuan.base.calendars import checks, defaults  # checks registers itself

        assert checks
        post_migrate.connect(defaults.ensure, sender=self)
