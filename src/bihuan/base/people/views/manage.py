"""Administration on one page: what there is to keep, one line each, and what needs a look."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from bihuan.base.ui import nav
from bihuan.base.ui.parts import Crumb, Verdict

from .persons import administrator


@require_GET
def manage(request: HttpRequest) -> HttpResponse:
    """Every page of administration that this person may open."""
    administrator(request)
    lines = [line for line in nav.menu(request, attention=True).keeping if not line.current]
    count = sum(bool(line.attention) for line in lines)
    if count:
        sentence = ngettext("[[%(n)d thing]] needs a look.", "[[%(n)d things]] need a look.", count)
        verdict = Verdict(sentence % {"n": count}, "watch")
    else:
        verdict = Verdict(_("Everything is in order."), "met")
    context = {"lines": lines, "verdict": verdict, "crumbs": [Crumb(_("Administration"))]}
    return render(request, "people/manage.html", context)
