from django.apps import AppConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    name = "bihuan.config"
    label = "bihuan_config"

    def ready(self) -> None:
        from bihuan.base.ui import marks  # rooms with models are imported once the apps are there

        marks.register(simulated_band)
        marks.register_company(company_name)


def simulated_band(request: HttpRequest) -> str | None:
    """The band that no page of a simulated company goes without."""
    from bihuan.config.models import Installation

    installation = Installation.current()
    if installation is None or installation.kind != Installation.Kind.SIMULATED:
        return None
    return _("Simulated data: no person, place or record here is real.")


def company_name(request: HttpRequest) -> str:
    """The name at the top of the place tree."""
    from bihuan.base.places.models import Place

    company = Place.objects.filter(kind="company").order_by("pk").first()
    return company.name if company else ""
