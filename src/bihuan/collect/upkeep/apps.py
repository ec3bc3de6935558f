from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UpkeepConfig(AppConfig):
    name = "bihuan.collect.upkeep"
    label = "upkeep"
    verbose_name = _("Data archive")

    def ready(self) -> None:
        from bihuan.base.ui import nav, work  # apps are loaded now
        from bihuan.collect.upkeep import handover, rules
        from bihuan.collect.upkeep.work import gaps_stage, reminders_of

        nav.register(nav.Entry(_("Data archive"), "archive", "archive", 2, 40, rules.may_read))
        work.register_work("upkeep", reminders_of)
        work.register_stage(2, gaps_stage)
        handover.register()
