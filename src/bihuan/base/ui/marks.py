"""Bands over every page, such as the one that says a company is simulated, and the company's name."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

_bands: list[Callable[[HttpRequest], str | None]] = []
_company: list[Callable[[HttpRequest], str]] = []
_search: list[str] = []


def register(band: Callable[[HttpRequest], str | None]) -> None:
    """``band(request)`` gives the sentence that stands over the page, or nothing."""
    if band not in _bands:
        _bands.append(band)


def bands(request: HttpRequest) -> list[str]:
    """The sentences that stand over this page."""
    return [text for band in _bands if (text := band(request))]


def register_company(name: Callable[[HttpRequest], str]) -> None:
    """``name(request)`` gives the short name of the company, shown beside the product's."""
    _company[:] = [name]


def company(request: HttpRequest) -> str:
    """The company's short name, or an empty text."""
    return _company[0](request) if _company else ""


def register_search(url_name: str) -> None:
    """Name the page that finds things (``?q=``); the top bar shows the box once there is one."""
    _search[:] = [url_name]


def search_url_name() -> str:
    """The name of the search page's address, or an empty text."""
    return _search[0] if _search else ""
