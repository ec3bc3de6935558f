"""Announcements: reading and confirming them, issuing them, seeing whom they reached."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from bihuan.base.files import actions as files
from bihuan.base.files import store
from bihuan.base.notices import actions, queries, rules, shown
from bihuan.base.notices.forms import AnnouncementForm
from bihuan.base.notices.models import Announcement
from bihuan.base.people.access import get_or_404, signed_in
from bihuan.base.trail.act import Refused
from bihuan.base.ui import formats
from bihuan.base.ui.lists import ListPage, Pager
from bihuan.base.ui.parts import Button, Crumb, Empty, Verdict


@signed_in
@require_GET
def announcements(request: HttpRequest) -> HttpResponse:
    """What was announced to one, the newest first."""
    user: Any = request.user
    actions.receive_announcements(actor=user)
    page = ListPage(
        request,
        queries.announcements(request.user),
        columns=[],
        caption=_("Announcements"),
        size=20,
        exports=False,
    )
    now = timezone.now()
    rows = [_row(request, announcement, now) for announcement in page.rows]
    context = {
        "list": page,
        "rows": rows,
        "verdict": shown.announcements_verdict(
            queries.to_confirm(user, now).count(),
            user.read_receipts.filter(read_at=None).count(),
            page.total,
            _new_button(request),
        ),
        "empty": Empty(
            _("Nothing has been announced yet"),
            _("Results of a cycle and changes of a standard are told here to everybody they concern."),
        ),
    }
    return render(request, "notices/announcements.html", context)


def _row(request: HttpRequest, announcement: Any, now: Any) -> dict[str, Any]:
    mine = announcement.mine[0] if announcement.mine else None
    glyph, tone, word = shown.receipt_status(announcement, mine, now)
    done = announcement.confirmers if announcement.must_confirm else announcement.readers
    return {
        "announcement": announcement,
        "glyph": glyph,
        "tone": tone,
        "word": word,
        "follows": rules.can_follow(request.user, announcement),
        "done": done,
    }


def _new_button(request: HttpRequest) -> Button | None:
    if not rules.issues_anywhere(request.user):
        return None
    return Button(_("Announce something"), reverse("announcement_new"), "plus")


def _found(request: HttpRequest, number: int) -> Any:
    return get_or_404(queries.announcements(request.user), pk=number)


@signed_in
@require_GET
def announcement(request: HttpRequest, number: int) -> HttpResponse:
    """The text; opening it is reading it."""
    one = _found(request, number)
    receipt = actions.read_announcement(one, actor=request.user)
    glyph, tone, word = shown.receipt_status(one, receipt, timezone.now())
    follows = rules.can_follow(request.user, one)
    context = {
        "announcement": one,
        "receipt": receipt,
        "confirms": receipt is not None and one.must_confirm and receipt.confirmed_at is None,
        "follows": follows,
        "verdict": Verdict(one.title, tone or "none", glyph or "flat", detail=_facts(one)),
        "word": word,
        "tone": tone,
        "glyph": glyph,
        "crumbs": [Crumb(_("Announcements"), reverse("announcements")), Crumb(one.code)],
    }
    return render(request, "notices/announcement.html", context)


def _facts(one: Announcement) -> str:
    values = {
        "place": one.place.name,
        "day": formats.day(one.issued_at),
        "who": str(one.issued_by) if one.issued_by else _("the system"),
        "cycle": formats.cycle_name(one.cycle),
    }
    if one.cycle:
        return _("%(place)s, %(cycle)s, issued on %(day)s by %(who)s") % values
    return _("%(place)s, issued on %(day)s by %(who)s") % values


@signed_in
@require_POST
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Confirm having read it."""
    one = _found(request, number)
    try:
        actions.confirm_announcement(one, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("announcement", one.pk)


@signed_in
@require_safe
def attachment(request: HttpRequest, number: int) -> HttpResponseBase:
    """What is attached, for everybody who may read the announcement."""
    one = _found(request, number)
    if one.attachment is None:
        raise Http404
    kept = one.attachment
    try:
        file = store.path_of(kept.sha256, store.ENDINGS[kept.content_type]).open("rb")
    except FileNotFoundError as exc:
        raise Http404 from exc
    response = FileResponse(file, content_type=kept.content_type, as_attachment=True, filename=kept.name)
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@signed_in
@require_GET
def reach(request: HttpRequest, number: int) -> HttpResponse:
    """Whom it reached, department by department, and who has not read it yet."""
    one = _followed(request, number)
    parts = queries.shares(one)
    all_ = queries.totals(parts)
    waiting = queries.waiting(one)
    pager = Pager.of(request, waiting.count())
    buttons = (
        Button(
            _("Remind them"), reverse("announcement_remind", args=[one.pk]), "bell", post=True, primary=True
        ),
    )
    context = {
        "announcement": one,
        "shares": parts,
        "figures": shown.reach_figures(one, all_),
        "waiting": waiting[pager.offset : pager.offset + pager.size],
        "pager": pager,
        "verdict": shown.reach_verdict(one, all_, buttons),
        "crumbs": [
            Crumb(_("Announcements"), reverse("announcements")),
            Crumb(one.code, shown.announcement_url(one)),
            Crumb(_("Whom it reached")),
        ],
    }
    return render(request, "notices/reach.html", context)


@signed_in
@require_POST
def remind(request: HttpRequest, number: int) -> HttpResponse:
    """Tell those again who have not read or confirmed it."""
    one = _followed(request, number)
    try:
        count = actions.remind_readers(one, actor=request.user)
        said = ngettext("%(n)s person reminded.", "%(n)s people reminded.", count)
        messages.success(request, said % {"n": formats.number(count)})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("announcement_reach", one.pk)


def _followed(request: HttpRequest, number: int) -> Any:
    one = _found(request, number)
    if not rules.can_follow(request.user, one):
        raise Http404
    return one


@signed_in
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Announce something; other pages lead here with ``?place=&cycle=&title_zh=&body_zh=...&url=``."""
    if not rules.issues_anywhere(request.user):
        raise Http404
    if request.method == "POST":
        form = AnnouncementForm(request.POST, request.FILES, user=request.user)
        if form.is_valid() and (made := _issue(request, form)):
            return redirect("announcement_reach", made.pk)
    else:
        place = str(request.choice.place or "")  # type: ignore[attr-defined]
        asked = {name: request.GET[name] for name in AnnouncementForm.base_fields if name in request.GET}
        form = AnnouncementForm(initial={"place": place, **asked}, user=request.user)
    context = {
        "form": form,
        "verdict": Verdict(
            _("What should everybody know?"),
            "acc",
            "wait",
            detail=_("Everybody with a role at the place is told, and you see who has read it."),
        ),
        "crumbs": [Crumb(_("Announcements"), reverse("announcements")), Crumb(_("Announce something"))],
    }
    return render(request, "notices/announcement_new.html", context)


def _issue(request: HttpRequest, form: AnnouncementForm) -> Announcement | None:
    given = form.cleaned_data
    try:
        with transaction.atomic():
            file = given["file"]
            kept = files.attach(file, actor=request.user, place=given["place"]) if file else None
            return actions.issue_announcement(
                actor=request.user,
                place=given["place"],
                title={"zh": given["title_zh"], "en": given["title_en"]},
                body={"zh": given["body_zh"], "en": given["body_en"]},
                cycle=given["cycle"],
                url=given["url"],
                must_confirm=given["must_confirm"],
                due=given["due"],
                attachment=kept,
            )
    except ValidationError as wrong:
        form.add_error(None, wrong)
    except ValueError as wrong:
        form.add_error("file", str(wrong))
    except Refused as refusal:
        form.add_error(None, str(refusal))
    return None
