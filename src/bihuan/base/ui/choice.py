"""The two choices that hold for every page: place and cycle.

The rooms above register where the choices come from, so that nothing above is imported here. A choice made
with ``?place=`` or ``?cycle=`` is kept in the session; one that the person may not see, or that does
not exist, is passed over without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property


@dataclass(frozen=True)
class Option:
    """One thing to choose: ``code`` goes into the address, ``subject`` is the object behind it."""

    code: str
    label: str
    detail: str = ""
    subject: Any = None
    depth: int = 0

    def __str__(self) -> str:
        return self.code


Search = Callable[[HttpRequest, str, int], Sequence[Option]]
Find = Callable[[HttpRequest, str], Option | None]


@dataclass(frozen=True)
class Provider:
    """Where options come from; with an empty text the first option found is the default."""

    search: Search
    find: Find


_providers: dict[str, Provider] = {}


def _register(kind: str, search: Search, find: Find | None) -> None:
    def look(request: HttpRequest, code: str) -> Option | None:
        return next((option for option in search(request, "", 10_000) if option.code == code), None)

    _providers[kind] = Provider(search, find or look)


def register_places(search: Search, find: Find | None = None) -> None:
    """``search(request, text, limit)`` gives the places this person may choose, the default first.

    ``find(request, code)`` gives one of them or nothing; without it the whole list is walked.
    """
    _register("place", search, find)


def register_cycles(search: Search, find: Find | None = None) -> None:
    """As :func:`register_places`, for monitoring cycles."""
    _register("cycle", search, find)


def options(request: HttpRequest, kind: str, text: str = "", limit: int = 50) -> Sequence[Option]:
    """What may be chosen."""
    provider = _providers.get(kind)
    return provider.search(request, text, limit) if provider else []


class Choice:
    """The place and the cycle of this page; each an :class:`Option` or None, looked up when asked for."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def place(self) -> Option | None:
        return self._resolve("place")

    @cached_property
    def cycle(self) -> Option | None:
        return self._resolve("cycle")

    def _resolve(self, kind: str) -> Option | None:
        provider = _providers.get(kind)
        if provider is None:
            return None
        request = self._request
        key = f"choice_{kind}"
        asked = request.GET.get(kind, "")
        session = getattr(request, "session", {})
        if asked and (option := provider.find(request, asked)):
            if session.get(key) != asked:
                session[key] = asked
            return option
        kept = session.get(key)
        if kept and (option := provider.find(request, kept)):
            return option
        return next(iter(provider.search(request, "", 1)), None)


class ChoiceMiddleware:
    """Gives every request its ``choice``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.choice = Choice(request)  # type: ignore[attr-defined]
        return self.get_response(request)
