from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UpkeepConfig(AppConfig):
    name = "bihuan.collect.upkeep"
    label = "upkeep"
    verbose_name = _("Data archive")

    def ready(self) -> None:
        from bihuan.base.trail import verbs  # apps are loaded now
        from bihuan.base.ui import nav, work
        from bihuan.collect.upkeep import handover, rules
        from bihuan.collect.upkeep.work import gaps_stage, reminders_of

        nav.register(nav.Entry(_("Data archive"), "archive", "archive", 2, 40, rules.may_read))
        work.register_work("upkeep", reminders_of)
        work.register_stage(2, gaps_stage)
        handover.register()
        verbs.register(
            {
                "archive.checked": _("Archive checked"),
                "reminder.made": _("Somebody reminded of data"),
                "reminder.ended": _("Reminder ended"),
                "keeper.cleared": _("Nobody answers for a source any more"),
                "upkeep.keeper": _("Somebody answers for a source"),
            }
        )
