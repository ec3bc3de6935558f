from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "bihuan.collect.records"
    label = "records"

    def ready(self) -> None:
        from bihuan.base.trail import verbs  # apps are loaded now
        from bihuan.base.ui import nav
        from bihuan.collect.records import rules

        nav.register(nav.Entry(_("Imports"), "imports", "database-import", 2, 10, rules.can_import))
        verbs.register(
            {
                "import.received": _("File received"),
                "import.mapped": _("Columns of a file named"),
                "import.checked": _("File checked"),
                "import.has_issues": _("File taken in, some rows to mend"),
                "import.accepted": _("File taken in"),
                "import.rejected": _("File refused"),
                "import.mended": _("Rows mended"),
                "mapping.kept": _("Mapping kept"),
            }
        )
