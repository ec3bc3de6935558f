"""Telling everybody at a place, and holding fast who has read and confirmed it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from bihuan.base.files.models import Attachment
from bihuan.base.notices import queries, receipts, rules, texts
from bihuan.base.notices.actions.notices import USUAL, notify
from bihuan.base.notices.models import Announcement, Notice, ReadReceipt
from bihuan.base.notices.states import Channel
from bihuan.base.people.models import User
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused, act, note

KIND = "announcement"


@act
def issue_announcement(
    *,
    actor: Any,
    place: Place,
    title: Any,
    body: Any,
    cycle: str = "",
    url: str = "",
    must_confirm: bool = False,
    due: datetime | None = None,
    attachment: Attachment | None = None,
) -> Announcement:
    """Tell everybody who holds a role at the place or under it; each gets a notice and a receipt.

    Parameters
    ----------
    title, body: ``{"zh": ..., "en": ...}`` or a lazy string; Chinese must be there.
    url: where to read more, an address within Bihuan.
    must_confirm, due: everybody is asked to confirm it, until then.
    """
    if not rules.can_issue(actor, place):
        raise Refused(
            _("Only a quality manager or supervising leader of this place announces something to it."),
            code="not_your_place",
            subject=place,
        )
    titles = {code: texts.cut(texts.without_phones(text)) for code, text in texts.both(title).items()}
    bodies = {code: text.strip() for code, text in texts.both(body).items()}
    _check(titles, bodies, must_confirm, due)
    announcement = Announcement.objects.create(
        title_zh=titles["zh"],
        title_en=titles["en"],
        body_zh=bodies["zh"],
        body_en=bodies["en"],
        place=place,
        cycle=cycle,
        url=url,
        must_confirm=must_confirm,
        due=due,
        attachment=attachment,
        issued_by=actor,
    )
    people = list(queries.people_at(place))
    receipts.make(announcement, people)
    _tell(announcement, people, titles, "", actor, groups=True)
    note(
        actor, "announcement.issued", announcement, place=place, people=len(people), must_confirm=must_confirm
    )
    return announcement


def _check(titles: dict[str, str], bodies: dict[str, str], must_confirm: bool, due: datetime | None) -> None:
    wrong: dict[str, str] = {}
    if not titles["zh"]:
        wrong["title_zh"] = _("Write what it is about, in one line.")
    if not bodies["zh"]:
        wrong["body_zh"] = _("Write what people should know and do.")
    if due is not None and not must_confirm:
        wrong["due"] = _(
            "A day to confirm by is only for what must be confirmed: ask for it, or leave the day out."
        )
    elif due is not None and due <= timezone.now():
        wrong["due"] = _("This is in the past; give a later moment.")
    if wrong:
        raise ValidationError(wrong)


def _tell(
    announcement: Announcement,
    people: list[User],
    titles: dict[str, str],
    key: str,
    actor: Any,
    *,
    groups: bool = False,
) -> list[Notice]:
    return notify(
        people,
        kind=KIND,
        title=titles,
        body={"zh": announcement.body_zh, "en": announcement.body_en},
        url=reverse("announcement", args=[announcement.pk]),
        subject=(receipts.SUBJECT, announcement.pk),
        due=announcement.due,
        must_confirm=announcement.must_confirm,
        dedupe_key=f"announcement:{announcement.pk}{key}",
        channels=(USUAL, Channel.GROUP) if groups else None,
        actor=actor,
    )


@act
def remind_readers(announcement: Announcement, *, actor: Any) -> int:
    """Tell those again who have not read it, or not confirmed what must be; at most once a day."""
    if not rules.can_follow(actor, announcement):
        raise Refused(
            _("Only a quality manager or supervising leader of this place reminds its people."),
            code="not_your_place",
        )
    people = [receipt.user for receipt in queries.waiting(announcement)]
    if not people:
        raise Refused(_("Nobody is left to remind."), code="nobody_left")
    titles = {}
    for code, language in texts.LANGUAGES.items():
        with translation.override(language):
            titles[code] = texts.cut(_("Reminder: %(title)s") % {"title": announcement.title})
    made = _tell(announcement, people, titles, f":{timezone.localdate():%Y-%m-%d}", actor)
    if not made:
        raise Refused(_("They were reminded today. Tomorrow is soon enough."), code="reminded_today")
    note(actor, "announcement.reminded", announcement, place=announcement.place, people=len(made))
    return len(made)


@act
def read_announcement(announcement: Announcement, *, actor: Any) -> ReadReceipt | None:
    """The person has it before them. Who only looks after the place, unaddressed, gets no receipt."""
    if not receipts.is_addressed(announcement, actor):
        return None
    return receipts.mark_read(announcement, actor, timezone.now())


@act
def confirm_announcement(announcement: Announcement, *, actor: Any) -> ReadReceipt:
    """The person confirms having read it; confirming again changes nothing."""
    if not receipts.is_addressed(announcement, actor):
        raise Refused(_("This announcement is not addressed to you."), code="not_yours")
    if not announcement.must_confirm:
        raise Refused(
            _("This announcement needs no confirmation; reading it is enough."), code="nothing_to_confirm"
        )
    before = ReadReceipt.objects.filter(announcement=announcement, user=actor).first()
    receipt = receipts.mark_confirmed(announcement, actor, timezone.now())
    if before is None or before.confirmed_at is None:
        note(actor, "announcement.confirmed", announcement, place=announcement.place)
    return receipt


@act
def receive_announcements(*, actor: Any) -> int:
    """Who joined later gets the receipts of the last quarter's announcements; gives how many."""
    return receipts.make_missing(actor, timezone.now())
