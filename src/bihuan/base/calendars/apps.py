from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CalendarsConfig(AppConfig):
    name = "bihuan.base.calendars"
    label = "calendars"
    verbose_name = _("Calendars")

    def ready(self) -> None:
        from bihuan.base.calendars import checks, defaults, rules
        from bihuan.base.trail import verbs
        from bihuan.base.ui.nav import Entry, register

        assert checks  # it registers itself
        post_migrate.connect(defaults.ensure, sender=self)
        register(
            Entry(
                _("Working calendars"),
                "calendars",
                "calendar",
                order=85,
                allowed=rules.can_edit,
                about=_("Working hours and public holidays, by which time limits run."),
            )
        )
        verbs.register(
            {
                "calendar.created": _("Calendar made"),
                "calendar.edited": _("Calendar renamed or changed"),
                "calendar.week_set": _("Hours of the week set"),
                "calendar.day_set": _("Exceptional day entered"),
                "calendar.day_cleared": _("Exceptional day taken out"),
                "calendar.holidays_imported": _("Public holidays brought in"),
                "calendar.made_default": _("Calendar used for all places without their own"),
                "calendar.place_assigned": _("Calendar given to a place"),
                "calendar.place_released": _("Calendar taken away from a place"),
                "calendar.deleted": _("Calendar deleted"),
            }
        )
