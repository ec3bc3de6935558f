from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "bihuan.base.people"
    label = "people"

    def ready(self) -> None:
        from bihuan.base.ui.nav import Entry, register  # apps are loaded first

        from . import rules

        register(
            Entry(_("People"), "people", "users", "often", 82, rules.keeps_people),
            Entry(_("Departments"), "departments", "sitemap", "often", 83, rules.keeps_company),
            Entry(_("Contractors"), "contractors", "tool", "often", 84, rules.keeps_company),
        )
