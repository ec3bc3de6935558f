"""What the pages of signals and of findings share."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy

from bihuan.assess.findings import rules

ALL = ("all", gettext_lazy("all"))


def reader(request: HttpRequest) -> Any:
    """The user, who may read findings somewhere; for anybody else the page is not there."""
    if not rules.may_read_some(request.user):
        raise Http404
    return request.user


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """The list the person came from, with its filters."""
    address = request.POST.get("next", "")
    safe = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return redirect(address if safe else otherwise)


def says(request: HttpRequest, name: str, states: Any) -> bool:
    """Whether the address chooses states itself; otherwise only what waits is shown."""
    return request.GET.get(name, "") in {"all", *states.values}
