"""Language, choices of place and cycle, and the pages of errors."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template import loader
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.ui import choice, language, nav


def _own(request: HttpRequest, address: str) -> str:
    """The address when it leads to this server, else the start page."""
    fine = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if address and fine else "/"


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie and, when signed in, with the person; go back to the page."""
    response = HttpResponseRedirect(_own(request, request.POST.get("next", "")))
    code = request.POST.get("language", "")
    if code in language.CODES:
        language.remember(request.user, code)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=365 * 86400,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
    return response


@require_GET
def numbers(request: HttpRequest) -> HttpResponse:
    """The numbers beside the lines of the side bar, each into its slot."""
    return render(request, "ui/parts/numbers.html", {"numbers": nav.numbers(request)})


@require_GET
def choices(request: HttpRequest, kind: str) -> HttpResponse:
    """The list behind the place or cycle button, found by ``q``; each line leads back to the page before."""
    htmx = getattr(request, "htmx", None)
    back = _own(request, (htmx and htmx.current_url_abs_path) or request.GET.get("next", ""))
    text = request.GET.get("q", "").strip()
    found = choice.options(request, kind, text, 51) if request.user.is_authenticated else []
    lines = [(option, _with(back, kind, option.code)) for option in found[:50]]
    current = getattr(request.choice, kind)  # type: ignore[attr-defined]
    context = {
        "kind": kind,
        "lines": lines,
        "more": len(found) > 50,
        "text": text,
        "current": current and current.code,
    }
    return render(request, "ui/parts/choices.html", context)


def _with(address: str, key: str, value: str) -> str:
    """The address with one key of its query set and its page number dropped."""
    parts = urlsplit(address)
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in {key, "page"}]
    return urlunsplit(("", "", parts.path or "/", urlencode([*kept, (key, value)]), ""))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """One page for what is missing and for what this person may not see."""
    return _error(request, "ui/errors/404.html", 404)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """The request could not be read."""
    return _error(request, "ui/errors/400.html", 400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is too old to be trusted: load it again."""
    return _error(request, "ui/errors/csrf.html", 403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something of ours broke; this page asks nothing of the database."""
    return HttpResponse(loader.get_template("ui/errors/500.html").render({}), status=500)


def _error(request: HttpRequest, name: str, status: int) -> HttpResponse:
    """Errors raised before the sign-in middleware ran have no user; they get a page without a side bar."""
    base = (
        "ui/page.html"
        if getattr(request, "user", None) and request.user.is_authenticated
        else "ui/plain.html"
    )
    return render(request, name, {"base": base}, status=status)
