from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StandardsConfig(AppConfig):
    name = "bihuan.standards"
    label = "standards"

    def ready(self) -> None:
        from bihuan.base.trail import verbs  # apps are loaded now
        from bihuan.base.ui import choice, nav
        from bihuan.standards import choices, rules
        from bihuan.standards.service import setup

        choice.register_cycles(choices.cycles)
        nav.register(
            nav.Entry(_("Indicators"), "standards", "list", 1, 10, rules.may_read),
            nav.Entry(_("Weights"), "weights", "adjustments", 1, 20, rules.may_read),
            nav.Entry(_("Regulations"), "regulations", "file-text", 1, 30, rules.may_read),
        )
        verbs.register(
            {
                "cycle.planned": _("Cycle planned"),
                "indicator.version_effective": _("Version of an indicator in effect"),
                "weights.version_effective": _("Weights in effect"),
                "catalogue.loaded": _("Catalogue loaded"),
                "definitions.loaded": _("Definitions loaded"),
            }
        )
        setup.register()
