from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "bihuan.base.files"
    label = "files"
    verbose_name = _("Files")

    def ready(self) -> None:
        from bihuan.base.trail import verbs

        verbs.register(
            {
                "attachment.added": _("File added"),
                "attachment.linked": _("File tied to a record"),
                "attachment.removed": _("File removed"),
            }
        )
