"""Every view asks for a sign-in unless it is marked ``public`` (see ``access``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

API = "/api/"
# Where somebody may go who still has to choose a password of their own.
BEFORE_PASSWORD = {"account_password", "signout", "set_language"}


class SignedInMiddleware(LoginRequiredMiddleware):
    """Sends strangers to the sign-in page, and holders of a one-time password to choose their own."""

    def process_view(
        self, request: HttpRequest, view_func: Callable, view_args: Any, view_kwargs: Any
    ) -> HttpResponse | None:
        if not getattr(view_func, "login_required", True):
            return None
        user: Any = request.user
        if request.path.startswith(API):
            return self._api(request, user)
        if not user.is_authenticated:
            if request.headers.get("HX-Request"):
                return HttpResponse(status=401, headers={"HX-Redirect": self.get_login_url(view_func)})
            return self.handle_no_permission(request, view_func)
        match = request.resolver_match
        if user.must_change_password and (match is None or match.url_name not in BEFORE_PASSWORD):
            return redirect("account_password")
        return None

    def _api(self, request: HttpRequest, user: Any) -> HttpResponse | None:
        """A program gets words instead of a page. A bearer token is looked at by the API itself."""
        if not user.is_authenticated:
            if request.headers.get("Authorization", "").startswith("Bearer "):
                return None
            return JsonResponse({"detail": _("Sign in, or send a token.")}, status=401)
        if user.must_change_password:
            return JsonResponse({"detail": _("Choose a password of your own first.")}, status=403)
        return None
