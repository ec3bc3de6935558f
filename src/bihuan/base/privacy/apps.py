from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "bihuan.base.privacy"
    label = "privacy"
    verbose_name = _("Personal data")

    def ready(self) -> None:
        from bihuan.base.privacy import checks  # noqa: F401  (registers itself)
