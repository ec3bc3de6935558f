"""Where a person lands, and the answer for whatever watches the server."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bihuan.base.people.access import public, require_role, signed_in
from bihuan.base.people.roles import Role
from bihuan.base.ui import work as registry
from bihuan.base.ui.formats import cycle_name
from bihuan.base.ui.parts import Button, Empty, Verdict
from bihuan.web import board as ring
from bihuan.web import landing, mywork, search
from bihuan.web.rules import BOARD_ROLES


def home(request: HttpRequest) -> HttpResponse:
    """The first page: the board for who steers the loop, their own work for everybody else."""
    person: Any = request.user
    return redirect("board" if person.has_any_role(Role.QUALITY_MANAGER, Role.LEADER) else "my_work")


@require_GET
@signed_in
def my_work(request: HttpRequest) -> HttpResponse:
    """What is mine, by when, and one tap to act."""
    person: Any = request.user
    work = mywork.my_work(person)
    cycle = _cycle(request)
    return render(
        request,
        "web/mywork.html",
        {
            "work": work,
            "verdict": mywork.verdict(work, person.get_short_name()),
            "waiting_shown": request.GET.get("show") == "waiting",
            "nothing_to_do": Empty(
                _("Nothing to do"),
                _("What others ask of you appears here, with its date and one button."),
                Button(_("Look at the scorecard"), reverse("scorecard")),
            ),
            "nothing_waiting": Empty(
                _("You wait for nobody"), _("What you have handed on and others must still do appears here.")
            ),
            "scores": landing.place_scores(request.user, cycle),
            "cycle": cycle_name(cycle) if cycle else "",
        },
    )


@require_GET
@require_role(*BOARD_ROLES)
def board(request: HttpRequest) -> HttpResponse:
    """One ring with what stands at each stage, what is overdue, and what holds the loop back."""
    place = landing.chosen_place(request.user, request.choice.place)  # type: ignore[attr-defined]
    cycle = _cycle(request)
    stages = registry.stages(request.user, place, cycle)
    work = mywork.my_work(request.user)
    verdict = ring.verdict(stages, cycle_name(cycle) if cycle else _("The loop"))
    segments = ring.ring(stages)
    return render(
        request,
        "web/board.html",
        {
            "verdict": verdict,
            "ring": segments,
            "ring_label": _ring_label(segments),
            "closed": landing.closing(request.user, place),
            "signals": landing.top_signals(request.user, place, cycle),
            "signals_url": reverse("signals"),
            "work": work,
            "first_rows": [row for _name, _label, rows in work.groups for row in rows][:6],
            "score": landing.place_score(request.user, place, cycle),
        },
    )


def _cycle(request: HttpRequest) -> str:
    """The code of the cycle chosen in the top bar, or an empty text."""
    choice = request.choice.cycle  # type: ignore[attr-defined]
    return choice.code if choice else ""


def _ring_label(segments: list[ring.Segment]) -> str:
    parts = [
        _("%(stage)s %(count)d, %(overdue)d overdue")
        % {"stage": s.label, "count": s.stage.count, "overdue": s.stage.overdue}
        for s in segments
        if s.stage
    ]
    return "; ".join(parts) or _("The loop")


@require_GET
@signed_in
def find(request: HttpRequest) -> HttpResponse:
    """Everything the person may see that fits the words."""
    text = request.GET.get("q", "").strip()[:80]
    groups = search.find(request.user, text)
    count = sum(len(group.hits) for group in groups)
    if not text:
        verdict = Verdict(_("Write what you look for."), "none", "todo")
    elif groups:
        verdict = Verdict(_("%(count)d found for “%(text)s”.") % {"count": count, "text": text}, "acc", "met")
    else:
        verdict = Verdict(_("Nothing found for “%(text)s”.") % {"text": text}, "none", "none")
    why = _("Places, indicators, findings, plans and clauses are found by code or by words of their title.")
    empty = Empty(_("Try a code or a shorter word"), why)
    return render(
        request, "web/search.html", {"verdict": verdict, "groups": groups, "empty": empty, "text": text}
    )


@public
def health(request: HttpRequest) -> JsonResponse:
    """Whether the server and its database answer; says nothing else to whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
