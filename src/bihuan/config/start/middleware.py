"""While no company is set up, every page leads to the one that sets it up."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from bihuan.config.models import Installation
from bihuan.config.start import code

OPEN = ("/start/", "/language/", "/static/")


def is_first_run() -> bool:
    """Whether a setup code waits for its company; once the company is there, the code goes."""
    if not code.waits():
        return False
    if Installation.current() is not None:
        code.forget()
        return False
    return True


class StartMiddleware:
    """Leads to ``/start/``; costs one look for a file once everything is set up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN) or not is_first_run():
            return self.get_response(request)
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": _("No company is set up yet.")}, status=503)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": "/start/"})
        return redirect("start")
