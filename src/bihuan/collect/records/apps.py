from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "bihuan.collect.records"
    label = "records"

    def ready(self) -> None:
        from bihuan.base.ui import nav  # apps are loaded now
        from bihuan.collect.records import rules

        nav.register(nav.Entry(_("Imports"), "imports", "database-import", 2, 10, rules.can_import))
