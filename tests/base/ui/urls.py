"""Addresses that only the tests have: every part of a page on one sheet, and pages that fail."""

from django.urls import path

from bihuan.base.ui import urls
from tests.base.ui import pages

urlpatterns = [
    *urls.urlpatterns,
    path("", pages.home, name="home"),
    path("parts/", pages.parts, name="parts"),
    path("bare/", pages.bare, name="bare"),
    path("list/", pages.rows, name="rows"),
    path("map/", pages.heat, name="heat"),
    path("form/", pages.form, name="form"),
    path("wait/", pages.wait, name="wait"),
    path("poll/", pages.poll, name="poll"),
    path("unsafe/", pages.unsafe, name="unsafe"),
    path("broken/", pages.broken, name="broken"),
    path("denied/", pages.denied, name="denied"),
    path("signout/", pages.bare, name="signout"),
    path("search/", pages.bare, name="search"),
]
handler400 = "bihuan.base.ui.views.bad_request"
handler403 = handler404 = "bihuan.base.ui.views.not_found"
handler500 = "bihuan.base.ui.views.server_error"
