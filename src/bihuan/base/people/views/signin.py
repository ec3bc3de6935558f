"""Coming in and going out."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from bihuan.base.places.forms import tried
from bihuan.base.ui.parts import Crumb, Verdict

from .. import actions
from ..access import public
from ..backend import account_key, find
from ..forms import PasswordForm, SignInForm
from ..throttle import ACCOUNT_LIMIT, Attempt


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by employee number, phone or e-mail."""
    onward = _onward(request)
    if request.user.is_authenticated:
        return redirect(onward)
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = _try(request, form) if form.is_valid() else 422
        if status == 302:
            return redirect(onward)
    response = render(request, "people/signin.html", {"form": form, "next": onward}, status=status)
    if status == 429:
        response["Retry-After"] = str(form.wait_seconds)  # type: ignore[attr-defined]
    return response


def _try(request: HttpRequest, form: SignInForm) -> int:
    """Look at the password, unless there were too many attempts. The answer tells nobody who is there."""
    identifier, password = form.cleaned_data["identifier"], form.cleaned_data["password"]
    known = find(identifier)
    attempt = Attempt(account_key(identifier, known), address_of(request), timezone.now())
    if not attempt.allowed:
        form.wait_seconds = max(1, int(attempt.wait.total_seconds()))  # type: ignore[attr-defined]
        form.add_error(None, _wait_sentence(attempt.wait))
        return 429
    user: Any = authenticate(request, identifier=identifier, password=password)
    if user is None:
        if known is not None and attempt.failures == ACCOUNT_LIMIT:
            actions.record_blocked_sign_in(known, actor=None)
        sentence = _(
            "This number and password do not belong together. Check both, or ask your administrator."
        )
        form.add_error(None, sentence)
        return 422
    attempt.succeeded()
    login(request, user)
    actions.record_sign_in(user, actor=user)
    return 302


def _wait_sentence(wait: timedelta) -> str:
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    return ngettext(
        "There were too many attempts. Try again in %(n)d minute.",
        "There were too many attempts. Try again in %(n)d minutes.",
        minutes,
    ) % {"n": minutes}


def address_of(request: HttpRequest) -> str:
    """The address that attempts are counted under.

    What a proxy writes is believed only when the proxy stands on this machine; of its list the last entry is
    the one it saw itself.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    try:
        if forwarded and ip_address(peer).is_loopback:
            return str(ip_address(forwarded))
    except ValueError:
        pass
    return peer


def _onward(request: HttpRequest) -> str:
    """Where to go then: the page that was asked for, when it lies on this server."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if asked and safe else settings.LOGIN_REDIRECT_URL


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Go out."""
    logout(request)
    return redirect("signin")


@never_cache
@sensitive_post_parameters("current", "new", "again")
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Choose one's own password; after a one-time password nothing else opens before."""
    user: Any = request.user
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        current, new = form.cleaned_data["current"], form.cleaned_data["new"]
        changed = tried(form, lambda: actions.change_password(user, actor=user, current=current, new=new))
        if changed is not None:
            update_session_auth_hash(request, changed)
            messages.success(request, _("Your new password counts. Every other device was signed out."))
            return redirect(settings.LOGIN_REDIRECT_URL if user.must_change_password else "account")
    first = user.must_change_password
    context = {
        "form": form,
        "first": first,
        "verdict": Verdict(
            _("Choose a password of your own.") if first else _("Change your password."), "acc"
        ),
        "crumbs": [Crumb(_("My account")), Crumb(_("Password"))],
    }
    page = "people/first_password.html" if first else "people/password.html"
    return render(request, page, context, status=422 if form.errors else 200)
