"""Who may open a page. Every page asks for a sign-in unless its view is marked ``public``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from bihuan.base.trail.act import Refused

View = Callable[..., HttpResponseBase]
M = TypeVar("M", bound=Model)


def public(view: View) -> View:
    """Open the page to whoever comes: signing in, the language switch."""
    return login_not_required(view)


def signed_in(view: View) -> View:
    """Open the page to whoever is signed in, which the middleware asks of every page anyway."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            raise Http404
        return view(request, *args, **kwargs)

    return run


def require_role(*roles: str) -> Callable[[View], View]:
    """Open the page to whoever holds one of the roles anywhere; for everybody else it is not there (404)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user: Any = request.user
            if not (user.is_authenticated and user.has_any_role(*roles)):
                raise Http404
            return view(request, *args, **kwargs)

        run.roles = roles  # type: ignore[attr-defined]
        return run

    return decorate


def get_or_404(queryset: QuerySet[M], **kwargs: Any) -> M:
    """The one row, or the page that is the same for "missing" and "not yours"."""
    try:
        return queryset.get(**kwargs)
    except (ObjectDoesNotExist, ValueError, OverflowError) as exc:
        raise Http404 from exc


def attempt(request: HttpRequest, act: Callable[[], Any], said: str = "") -> bool:
    """Carry out an act; what was done, or why it was refused, is said on the page that comes next."""
    try:
        act()
    except Refused as refusal:
        if refusal.code == "not_visible":
            raise Http404 from refusal
        messages.error(request, str(refusal))
        return False
    if said:
        messages.success(request, said)
    return True
