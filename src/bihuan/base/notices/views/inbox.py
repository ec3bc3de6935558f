"""One's own notices."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.base.notices import actions, kinds, queries, receipts, setup, shown
from bihuan.base.notices.forms import EmailForm
from bihuan.base.notices.models import Notice
from bihuan.base.notices.states import Channel, NoticeState
from bihuan.base.people.access import get_or_404, signed_in
from bihuan.base.trail.act import Refused
from bihuan.base.ui import bell, formats
from bihuan.base.ui.lists import Column, Filter, ListPage
from bihuan.base.ui.parts import Button, Crumb, Empty, Verdict


@signed_in
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What one was told: what waits first."""
    page = ListPage(
        request,
        queries.inbox(request.user),
        columns=[Column("title", _("Notice"))],
        filters=[
            Filter("state", _("State"), choices=NoticeState.choices),
            Filter("kind", _("Kind"), choices=_kinds_of(request.user), apply=queries.of_kind),
        ],
        caption=_("Inbox"),
        size=30,
        exports=False,
    )
    context = {
        "list": page,
        "rows": [shown.row(notice) for notice in page.rows],
        "verdict": _verdict(request),
        "empty": Empty(
            _("Nobody has told you anything yet"),
            _("When something is yours to do, or results are out, it stands here."),
        ),
    }
    return render(request, "notices/inbox.html", context)


def _kinds_of(user: Any) -> list[tuple[str, str]]:
    """The kinds one has notices of, in words."""
    used = Notice.objects.visible_to(user).order_by().values_list("kind", flat=True).distinct()
    there = {kinds.choice_of(kind) for kind in used}
    return [(kind, word) for kind, word in kinds.known().items() if kind in there]


def _verdict(request: HttpRequest) -> Verdict:
    return shown.inbox_verdict(*queries.counts(request.user), reverse("inbox_read"))


@signed_in
@require_GET
def notice(request: HttpRequest, number: UUID) -> HttpResponse:
    """Open one notice: it counts as read, and leads to what it tells of unless it is confirmed here."""
    one = _mine(request, number)
    if one.subject_kind == receipts.SUBJECT and one.url:
        return redirect(one.url)  # its page writes the receipt, because it shows the text
    one = actions.read_notice(one, actor=request.user)
    if one.url and not one.asks:
        return redirect(one.url)
    row = shown.row(one)
    buttons = (Button(_("Go there"), one.url),) if one.url else ()
    context = {
        "notice": one,
        "row": row,
        "verdict": Verdict(one.title, row.tone, row.glyph, detail=row.due, buttons=buttons),
        "crumbs": [Crumb(_("Inbox"), reverse("inbox")), Crumb(row.kind)],
    }
    return render(request, "notices/notice.html", context)


@signed_in
@require_POST
def read(request: HttpRequest, number: UUID) -> HttpResponse:
    """Mark one notice read, from its row."""
    return _changed(request, number, actions.read_notice, _("Marked as read"))


@signed_in
@require_POST
def confirm(request: HttpRequest, number: UUID) -> HttpResponse:
    """Confirm one notice, from its row or its page."""
    return _changed(request, number, actions.confirm_notice, pgettext("notice", "Confirmed"))


def _changed(request: HttpRequest, number: UUID, what: Any, said: str) -> HttpResponse:
    one = _mine(request, number)
    try:
        one = what(one, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("inbox")
    if not getattr(request, "htmx", False):
        return redirect("inbox")
    context = {"row": shown.row(one), "verdict": _verdict(request), "bell": bell.of(request), "oob": True}
    response = render(request, "notices/row_changed.html", context)
    response["HX-Trigger"] = json.dumps({"bh:say": {"value": said}})
    return response


@signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything read that is not an announcement, which wants to be opened."""
    count = actions.read_notices(actor=request.user)
    said = ngettext("%(n)s notice marked as read.", "%(n)s notices marked as read.", count)
    messages.success(request, said % {"n": formats.number(count)})
    left = Notice.objects.visible_to(request.user).unread().count()
    if left:
        messages.warning(
            request,
            _("Announcements stay unread until you open them: their receipts tell who has read them."),
        )
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    asked = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return redirect(asked if safe and asked.startswith("/") else reverse("inbox"))


@signed_in
@require_http_methods(["GET", "POST"])
def email(request: HttpRequest) -> HttpResponse:
    """Which notices come by e-mail too."""
    form = EmailForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        actions.choose_email(form.off, actor=request.user)
        messages.success(request, _("Kept."))
        return redirect("inbox_email")
    context = {
        "form": form,
        "verdict": _email_verdict(request.user),
        "crumbs": [Crumb(_("Inbox"), reverse("inbox")), Crumb(_("E-mail"))],
    }
    return render(request, "notices/email.html", context)


def _email_verdict(user: Any) -> Verdict:
    if Channel.EMAIL not in setup.available():
        return Verdict(
            _("This installation sends no e-mail: [[everything is in your inbox]]."),
            "none",
            detail=_("The choice below counts as soon as the administrator sets up a mail server."),
        )
    if not user.email:
        return Verdict(
            _("We have no e-mail address of yours: [[everything is in your inbox]]."),
            "none",
            detail=_("The administrator can add one."),
        )
    return Verdict(
        _("E-mails go to %(address)s.") % {"address": user.email},
        "met",
        detail=_("What you must confirm is always sent; for the rest you choose."),
    )


def _mine(request: HttpRequest, number: UUID) -> Notice:
    return get_or_404(Notice.objects.visible_to(request.user), pk=number)
