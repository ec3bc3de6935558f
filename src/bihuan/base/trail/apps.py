from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrailConfig(AppConfig):
    name = "bihuan.base.trail"
    label = "trail"
    verbose_name = _("Audit trail")

    def ready(self) -> None:
        from bihuan.base.trail import rules
        from bihuan.base.ui.nav import Entry, register

        register(
            Entry(
                _("Audit trail"),
                "trail",
                "history",
                order=95,
                allowed=rules.can_read,
                about=_("Everything people did, in a chain that shows any change."),
            )
        )
