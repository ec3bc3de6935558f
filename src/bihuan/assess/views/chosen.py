"""Who asks, about which place and which cycle."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.assess import rules
from bihuan.assess.queries.visible import visible_places
from bihuan.base.places.models import Place
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Button, Empty, Verdict


def reader(request: HttpRequest) -> Any:
    """The user, who holds a role; for anybody else the page is not there."""
    if not rules.may_read(request.user):
        raise Http404
    return request.user


def manager(request: HttpRequest) -> Any:
    """The user, who answers for quality in the whole company; for anybody else the page is not there."""
    if not rules.may_evaluate(request.user):
        raise Http404
    return request.user


def place(request: HttpRequest) -> Place | None:
    """The place of the top bar. One that was asked for and may not be seen is not there."""
    choice = request.choice.place  # type: ignore[attr-defined]
    asked = request.GET.get("place", "")
    if asked and (choice is None or choice.code != asked):
        raise Http404
    return choice.subject if choice else None


def stay_at(request: HttpRequest, found: Place) -> None:
    """Let the top bar show the place whose page this is."""
    request.session["choice_place"] = found.code


def scorecard_url(user: Any, code: str) -> str:
    """The scorecard of everything the person sees."""
    top = visible_places(user).order_by("path").first()
    return reverse("scorecard") + (f"?place={top.code}&cycle={code}" if top else f"?cycle={code}")


def cycle(request: HttpRequest) -> str:
    """The cycle of the top bar; empty where there is none yet. One that was asked for must be there."""
    choice = request.choice.cycle  # type: ignore[attr-defined]
    asked = request.GET.get("cycle", "")
    if asked and (choice is None or choice.code != asked):
        raise Http404
    return choice.code if choice else ""


def nothing_yet(request: HttpRequest, code: str) -> dict[str, Any]:
    """What a page shows before a cycle was evaluated: what is missing, and the step before."""
    may = rules.may_evaluate(request.user)
    name = formats.cycle_name(code) if code else ""
    if not code:
        title = _("No monitoring cycle yet")
        why = _("Open the first cycle; then records can be collected for it.")
        button = Button(_("Open a cycle"), reverse("cycles"), primary=True) if may else None
        sentence = _("There is [[no cycle]] to show yet.")
    else:
        title = _("%(cycle)s has not been evaluated yet") % {"cycle": name}
        why = _("Scores appear once the records are in and the cycle has been evaluated.")
        button = (
            Button(_("Evaluate %(cycle)s") % {"cycle": name}, reverse("runs"), primary=True) if may else None
        )
        sentence = _("%(cycle)s has [[no results]] yet.") % {"cycle": name}
    return {"verdict": Verdict(sentence, tone="none", glyph="todo"), "empty": Empty(title, why, button)}
