"""The language of a page: what was chosen in this browser, else by the person, else the installation's own.

The browser's list of languages is not asked: many Chinese readers use machines set up in English.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

CODES = tuple(code for code, _name in settings.LANGUAGES)


def chosen(request: HttpRequest) -> str:
    """The cookie's language, else the signed-in person's, else the default."""
    for code in (request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), _of_user(request)):
        if code in CODES:
            return code
    return settings.LANGUAGE_CODE


def _of_user(request: HttpRequest) -> str:
    user: Any = getattr(request, "user", None)
    return getattr(user, "language", "") or "" if user is not None and user.is_authenticated else ""


class LanguageMiddleware:
    """Switches the language for one request; stands behind the sign-in middleware, whose user it asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code = chosen(request)
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", code)
        return response


def remember(user: Any, code: str) -> None:
    """Keep the language with a signed-in person, where the account has room for it."""
    if user.is_authenticated and hasattr(user, "language") and user.language != code:
        user.language = code
        user.save(update_fields=["language"])
