from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "bihuan.web"
    label = "web"

    def ready(self) -> None:
        from bihuan.base.ui import marks  # rooms with models are imported once the apps are there
        from bihuan.base.ui.nav import Entry, register
        from bihuan.web import rules

        register(
            Entry(
                _("Loop board"), "board", icon="layout-dashboard", stage="top", order=1, allowed=rules.steers
            ),
            Entry(
                _("My work"),
                "my_work",
                icon="clipboard-check",
                stage="top",
                order=2,
                phone=True,
                count=rules.work_count,
            ),
        )
        marks.register_search("find")
