"""The administrator's page of messages to the outside."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from bihuan.base.notices import actions, queries, rules, setup, shown
from bihuan.base.notices.models import Outbox
from bihuan.base.notices.states import MESSAGE_TRANSITIONS, Channel, MessageState
from bihuan.base.people.access import get_or_404
from bihuan.base.trail.act import Refused
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Crumb, Empty


def _keeper(request: HttpRequest) -> None:
    if not rules.keeps_outbox(request.user):
        raise Http404


@require_GET
def outbox(request: HttpRequest) -> HttpResponseBase:
    """What waits, what failed and why, how each channel fares."""
    _keeper(request)
    page = ListPage(
        request,
        queries.outbox(request.user),
        columns=[
            Column("title", _("Title")),
            Column("channel", _("Channel"), value=lambda m: str(Channel(m.channel).label)),
            Column("to", _("Receiver"), value=shown.receiver),
            Column("state", _("State"), value=lambda m: str(MessageState(m.state).label), sort="state"),
            Column("attempts", pgettext("message", "Attempts"), numeric=True, sort="attempts"),
            Column("why", _("Why not"), value=shown.why),
            Column("created_at", _("Written at"), sort="created_at"),
            Column("next_attempt_at", _("Next attempt"), sort="next_attempt_at"),
            Column("sent_at", pgettext("message", "Sent at"), sort="sent_at"),
        ],
        filters=[
            Filter("state", _("State"), choices=MessageState.choices),
            Filter("channel", _("Channel"), choices=Channel.choices),
        ],
        sort="-created_at",
        caption=_("Messages"),
    )
    if page.wants_export:
        return page.export("messages")
    standings = queries.standings()
    context = {
        "list": page,
        "rows": [_row(message) for message in page.rows],
        "channels": shown.channels(standings),
        "verdict": shown.outbox_verdict(standings, setup.available()),
        "crumbs": [Crumb(_("Messages"))],
        "empty": Empty(
            _("No message has been written yet"),
            _("E-mails, SMS and group messages stand here from the moment they are written."),
        ),
    }
    return render(request, "notices/outbox.html", context)


def _row(message: Outbox) -> dict[str, object]:
    glyph, tone = shown.MESSAGE_LOOK[MessageState(message.state)]
    return {
        "message": message,
        "glyph": glyph,
        "tone": tone,
        "to": shown.receiver(message),
        "why": shown.why(message),
        "again": MessageState.QUEUED in MESSAGE_TRANSITIONS[message.state],
        "waits": message.state in (MessageState.FAILED, MessageState.QUEUED),
    }


@require_POST
def send_again(request: HttpRequest, number: UUID) -> HttpResponse:
    """Put a message back into the queue."""
    _keeper(request)
    message = get_or_404(queries.outbox(request.user), pk=number)
    try:
        actions.send_again(message, actor=request.user)
        messages.success(request, _("It waits to be sent again."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("outbox")
