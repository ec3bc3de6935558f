from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    name = "bihuan.base.places"
    label = "places"

    def ready(self) -> None:
        from bihuan.base.calendars import queries as calendars  # apps are loaded first
        from bihuan.base.trail import verbs
        from bihuan.base.ui import choice, nav

        from . import queries, rules
        from .models import Place
        from .verbs import VERBS

        verbs.register(VERBS)
        nav.register(
            nav.Entry(
                _("Places"),
                "places_tree",
                "building-community",
                "often",
                81,
                rules.can_open_tree,
                about=_("The tree from company to unit, its households, and their Excel files."),
            )
        )

        def option(place: Place) -> choice.Option:
            return choice.Option(
                place.code, place.name, str(place.get_kind_display()), place, place.depth - 1
            )

        def search(request: Any, text: str, limit: int) -> list[choice.Option]:
            return [option(place) for place in queries.choices(request.user, text, limit)]

        def find(request: Any, code: str) -> choice.Option | None:
            place = queries.choice(request.user, code)
            return option(place) if place else None

        choice.register_places(search, find)
        calendars.register_ancestry(queries.codes_upwards)
