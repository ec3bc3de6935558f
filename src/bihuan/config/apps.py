from django.apps import AppConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class ConfigConfig(AppConfig):
    name = "bihuan.config"
    label = "bihuan_config"

    def ready(self) -> None:
        from bihuan.base.people import rules  # rooms with models are imported once the apps are there
        from bihuan.base.trail import verbs
        from bihuan.base.ui import marks, nav
        from bihuan.config import checks  # noqa: F401  (registers itself)

        marks.register(simulated_band)
        marks.register_company(company_name)
        verbs.register(
            {
                "company.set_up": _("Company set up"),
                "demo.places_planted": _("Simulated places made"),
                "demo.households_settled": _("Simulated households made"),
            }
        )
        nav.register(
            nav.Entry(
                _("What is still missing"),
                "start_checklist",
                "clipboard-check",
                order=80,
                allowed=rules.keeps_company,
                about=_("From an empty company to the first evaluated quarter, step by step."),
                attention=still_missing,
            )
        )


def still_missing(request: HttpRequest) -> str:
    """How many things the company lacks, as one phrase."""
    from bihuan.config.start import missing

    count = missing.count()
    return ngettext("%(n)d thing missing", "%(n)d things missing", count) % {"n": count} if count else ""


def simulated_band(request: HttpRequest) -> str | None:
    """The band that no page of a simulated company goes without."""
    from bihuan.config.models import Installation

    installation = Installation.current()
    if installation is None or installation.kind != Installation.Kind.SIMULATED:
        return None
    return str(_("Simulated data: no person, place or record here is real."))


def company_name(request: HttpRequest) -> str:
    """The name at the top of the place tree."""
    from bihuan.base.places.models import Place

    company = Place.objects.filter(kind="company").order_by("pk").first()
    return company.name if company else ""
