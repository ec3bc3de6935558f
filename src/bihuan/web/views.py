"""Where a person lands, and the answer for whatever watches the server."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from bihuan.base.people.access import public


def home(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    return redirect("scorecard")


@public
def health(request: HttpRequest) -> JsonResponse:
    """Whether the server and its database answer; says nothing else to whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
