"""Every address of Bihuan: each room brings its own ``urls.py``."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

ROOMS = [
    "bihuan.base.ui",
    "bihuan.base.notices",
    "bihuan.base.people",
    "bihuan.base.places",
    "bihuan.base.files",
    "bihuan.base.jobs",
    "bihuan.base.calendars",
    "bihuan.base.trail",
    "bihuan.standards",
    "bihuan.collect.records",
    "bihuan.collect.upkeep",
    "bihuan.assess",
    "bihuan.improve",
    "bihuan.web",
    "bihuan.config.start",
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"{room}.urls")) for room in ROOMS if find_spec(f"{room}.urls")
]
handler400 = "bihuan.base.ui.views.bad_request"
handler403 = handler404 = "bihuan.base.ui.views.not_found"
handler500 = "bihuan.base.ui.views.server_error"
