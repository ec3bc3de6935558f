from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "bihuan.base.people"
    label = "people"

    def ready(self) -> None:
        from bihuan.base.trail import verbs  # apps are loaded first
        from bihuan.base.ui.nav import Entry, register

        from . import attention, handover, rules
        from .verbs import VERBS

        verbs.register(VERBS)
        handover.register_own()
        register(
            Entry(_("Overview"), "manage", "settings", "often", 80, rules.keeps_people),
            Entry(
                _("People"), "people", "users", "often", 82, rules.keeps_people,
                about=_("Who can sign in, their roles and passwords, and handing over."),
                attention=attention.people,
            ),
            Entry(
                _("Roles"), "roles", "shield", "often", 82, rules.keeps_people,
                about=_("Who holds which role at which place."), attention=attention.roles,
            ),
            Entry(
                _("Departments"), "departments", "sitemap", "often", 83, rules.keeps_company,
                about=_("Who answers for what: departments and their heads."),
                attention=attention.departments,
            ),
            Entry(
                _("Contractors"), "contractors", "tool", "often", 84, rules.keeps_company,
                about=_("Outside firms and the services they do."),
            ),
        )  # fmt: skip
