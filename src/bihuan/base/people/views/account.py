"""One's own account: roles, language, tokens."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bihuan.base.places.forms import tried
from bihuan.base.privacy.masks import mask_phone
from bihuan.base.ui.parts import Button, Crumb, Verdict

from .. import actions
from ..access import get_or_404
from ..forms import TokenForm
from ..models import RoleGrant


@never_cache
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Who I am here, and the tokens of my programs. A new token is shown in the answer to its form, once."""
    user: Any = request.user
    form = TokenForm(request.POST or None)
    token = ""
    if request.method == "POST" and form.is_valid():
        last_day = form.cleaned_data["expires"]
        expires = timezone.make_aware(datetime.combine(last_day, time.max)) if last_day else None
        name = form.cleaned_data["name"]
        if made := tried(form, lambda: actions.make_token(actor=user, name=name, expires=expires)):
            token, form = made[1], TokenForm()
    grants = RoleGrant.objects.on(timezone.localdate()).filter(user=user).select_related("place")
    number = len(grants)
    sentence = ngettext(
        "%(name)s, you have %(n)d role here.", "%(name)s, you have %(n)d roles here.", number
    ) if number else _("%(name)s, you have no role yet. Ask your administrator.")  # fmt: skip
    context = {
        "form": form,
        "token": token,
        "grants": grants,
        "tokens": user.api_tokens.all(),
        "phone": mask_phone(user.phone),
        "crumbs": [Crumb(_("My account"))],
        "verdict": Verdict(
            sentence % {"name": user.get_short_name(), "n": number},
            "met" if number else "watch",
            buttons=(Button(_("Change password"), reverse("account_password"), "key"),),
        ),
    }
    return render(request, "people/account.html", context, status=422 if form.errors else 200)


@require_POST
def revoke_token(request: HttpRequest, number: int) -> HttpResponse:
    """End one of my tokens."""
    user: Any = request.user
    actions.revoke_token(get_or_404(user.api_tokens.all(), pk=number), actor=user)
    messages.success(request, _("The token has ended."))
    return redirect("account")
