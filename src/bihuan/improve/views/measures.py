from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.chain.strips import links_of
from bihuan.base.files.kinds import NotTakenError
from bihuan.base.files.models import Attachment
from bihuan.base.people.access import get_or_404, signed_in
from bihuan.base.trail.act import Refused
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Crumb, Verdict
from bihuan.improve import moves, queries, rules, shown
from bihuan.improve.forms.steps import ReportForm
from bihuan.improve.models import Action, ActionNote
from bihuan.improve.states import LOOKS, ActionState
from bihuan.improve.views import common


@require_GET
@signed_in
def action(request: HttpRequest, number: int) -> HttpResponse:
    """One action: what is asked, how far it is, and the one thing to do about it."""
    return show(request, get_or_404(queries.actions(common.reader(request)), pk=number))


def show(request: HttpRequest, found: Action, *, status: int = 200, **given: Any) -> HttpResponse:
    """The page of an action, with what a refused form held."""
    user: Any = request.user
    acts = moves.acts_for(user, found)
    form = given.pop("form", None) or ReportForm(action=found)
    context = {
        "action": found,
        "plan": found.plan,
        "crumbs": [
            Crumb(_("Improvement plans"), reverse("plans")),
            Crumb(found.plan.code, reverse("plan", args=[found.plan.code])),
            Crumb(_("Action %(n)d") % {"n": found.order}),
        ],
        "chain": links_of(user, "action", found.pk),
        "verdict": _verdict(found),
        "acts": acts,
        "reports": "progress" in acts,
        "checks": "verify" in acts,
        "form": form,
        "notes": _notes(found),
        "entries": common.entries(found),
        "under_way": rules.under_way(found.plan),
        **given,
    }
    return render(request, "improve/action.html", context, status=status)


def _verdict(found: Action) -> Verdict:
    late = shown.days_late(found)
    look = LOOKS[found.state]
    given = {"title": found.title, "due": formats.day(found.due)}
    detail = _("%(name)s; proof: %(proof)s") % {
        "name": found.assignee.get_short_name(),
        "proof": found.proof or found.get_proof_kind_display(),
    }
    if late:
        text = ngettext("%(title)s is [[%(days)d day late]].", "%(title)s is [[%(days)d days late]].", late)
        return Verdict(text % {**given, "days": late}, "miss", "late", detail)
    said = {
        ActionState.TODO: _("%(title)s: [[due %(due)s]]."),
        ActionState.IN_PROGRESS: _("%(title)s: [[under way]], due %(due)s."),
        ActionState.DONE: _("%(title)s: [[done]], waits to be verified."),
        ActionState.VERIFIED: _("%(title)s: [[verified]]."),
    }
    known = said.get(ActionState(found.state), "%(title)s")
    return Verdict(known % given, look.tone, look.glyph, detail)


def _notes(found: Action) -> Sequence[tuple[ActionNote, list[Attachment]]]:
    """The notes with their photos and files, in two queries."""
    rows = list(found.notes.select_related("by"))
    files: dict[str, list[Attachment]] = {}
    for one in Attachment.objects.filter(
        subject_kind=ActionNote._meta.label_lower, subject_id__in=[str(row.pk) for row in rows]
    ).order_by("created_at"):
        files.setdefault(one.subject_id, []).append(one)
    return [(row, files.get(str(row.pk), [])) for row in rows]


@require_POST
@signed_in
def act_on_action(request: HttpRequest, number: int, act: str) -> HttpResponse:
    """Report progress or done, verify, or send back."""
    subject = get_or_404(Action.objects.select_related("plan__place", "assignee"), pk=number)
    form = ReportForm(request.POST, request.FILES, action=subject)

    def refused(_row: Any, refusal: Any) -> HttpResponse:
        row = get_or_404(queries.actions(request.user), pk=number)
        return show(request, row, status=409, refusal=str(refusal), form=form)

    if not form.is_valid():
        row = get_or_404(queries.actions(request.user), pk=number)
        return show(request, row, status=422, form=form)
    given = form.cleaned_data
    try:
        return common.act(
            request,
            Action.objects.all(),
            {"pk": number},
            act,
            lambda _row: redirect("plan_action", number=number),
            refused,
            percent=given["percent"],
            text=given["text"] or "",
            reason=given["text"] or "",
            uploads=given["uploads"],
            attendees=given["attendees"],
        )
    except NotTakenError as problem:
        return refused(subject, Refused(str(problem)))
