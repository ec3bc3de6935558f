"""Telling people, and what they do with what they are told."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.notices import kinds, receipts, setup, texts
from bihuan.base.notices.actions.outbox import order_sending
from bihuan.base.notices.models import MailOff, Notice, Outbox
from bihuan.base.notices.states import Channel, NoticeState
from bihuan.base.people.models import User
from bihuan.base.trail.act import Refused, act, note

BATCH = 500
USUAL = "usual"


@act
def notify(
    recipients: Iterable[User],
    *,
    kind: str,
    title: Any,
    dedupe_key: str,
    actor: Any = None,
    body: Any = "",
    url: str = "",
    subject: tuple[str, Any] | None = None,
    due: datetime | None = None,
    must_confirm: bool = False,
    channels: Collection[str] | None = None,
) -> list[Notice]:
    """Tell people something, inside the caller's transaction: all of it is committed together or not at all.

    Parameters
    ----------
    recipients: whom to tell; each once, and only those who still sign in.
    kind: what sort of notice, such as ``plan_submitted``; register its words with ``notices.kinds.register``.
    title, body: a lazy string, ``{"zh": ..., "en": ...}`` or plain text. A title hides mobile numbers.
    dedupe_key: the same key reaches the same person once, however often it is sent.
    url: where the notice leads, an address within Bihuan.
    subject: kind and id of the record it is about.
    must_confirm: the person has to confirm it; it is then e-mailed even to those who switched e-mail off.
    channels: of ``inbox`` (always), ``email``, ``sms``, ``group`` (robots of chat groups), ``usual``, which
        is the default: e-mail, and SMS to those without e-mail for what must be confirmed. Only channels
        that are set up are used.

    Returns
    -------
    The notices that are new.
    """
    telling = _Telling(
        kind, _title(title), texts.both(body), url, due, must_confirm, dedupe_key, actor, subject
    )
    people = {user.pk: user for user in recipients if user.is_active}
    made = _write_notices(telling, people)
    _write_messages(telling, made, people, channels)
    return made


@dataclass(frozen=True)
class _Telling:
    """What is told, apart from to whom."""

    kind: str
    title: dict[str, str]
    body: dict[str, str]
    url: str
    due: datetime | None
    must_confirm: bool
    dedupe_key: str
    actor: Any
    subject: tuple[str, Any] | None

    def notice(self, user: User) -> Notice:
        subject_kind, subject_id = self.subject or ("", "")
        return Notice(
            user=user,
            kind=self.kind,
            title_zh=self.title["zh"],
            title_en=self.title["en"],
            body_zh=self.body["zh"],
            body_en=self.body["en"],
            url=self.url,
            subject_kind=subject_kind,
            subject_id=str(subject_id),
            due=self.due,
            must_confirm=self.must_confirm,
            dedupe_key=self.dedupe_key,
            by=self.actor,
        )

    def message(self, channel: str, key: str, language: str, **whose: Any) -> Outbox:
        number = uuid.uuid4()
        return Outbox(
            id=number,
            key=f"{channel}:{key}",
            channel=channel,
            language=language,
            title=texts.in_language(self.title, language),
            body=texts.in_language(self.body, language),
            url=self.url,
            due=self.due,
            message_id=f"<{number}@bihuan>",
            next_attempt_at=timezone.now(),
            **whose,
        )


def _title(title: Any) -> dict[str, str]:
    return {code: texts.cut(texts.without_phones(text)) for code, text in texts.both(title).items()}


def _write_notices(telling: _Telling, people: Mapping[int, User]) -> list[Notice]:
    # A notice that another transaction is writing this moment is passed over by the database, and found out
    # by its id not being there.
    told = set(
        Notice.objects.filter(dedupe_key=telling.dedupe_key, user__in=people).values_list(
            "user_id", flat=True
        )
    )
    notices = [telling.notice(user) for pk, user in people.items() if pk not in told]
    if not notices:
        return []
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=BATCH)
    there = set(
        Notice.objects.filter(dedupe_key=telling.dedupe_key, user__in=people).values_list("pk", flat=True)
    )
    return [notice for notice in notices if notice.pk in there]


def _write_messages(
    telling: _Telling, made: list[Notice], people: Mapping[int, User], channels: Collection[str] | None
) -> None:
    available = setup.available()
    if not (made and available):
        return
    off = _without_email(telling, made)
    rows = [
        telling.message(channel, str(notice.pk), user.language, notice=notice, user=user)
        for notice in made
        for user in [people[notice.user_id]]
        for channel in _ways(user, telling, channels, off)
        if channel in available
    ]
    if channels and Channel.GROUP in channels:
        rows += [
            telling.message(
                Channel.GROUP, f"{robot}:{telling.dedupe_key}", settings.LANGUAGE_CODE, robot=robot
            )
            for robot in setup.robots()
        ]
    if rows:
        Outbox.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
        order_sending()


def _without_email(telling: _Telling, made: list[Notice]) -> set[int]:
    if telling.must_confirm:
        return set()
    chosen = MailOff.objects.filter(kind=kinds.choice_of(telling.kind), user__in=[n.user_id for n in made])
    return set(chosen.values_list("user_id", flat=True))


def _ways(user: User, telling: _Telling, channels: Collection[str] | None, off: set[int]) -> list[str]:
    """The channels on which this person is told."""
    email = bool(user.email) and user.pk not in off
    if channels is None or USUAL in channels:
        sms = telling.must_confirm and not user.email and bool(user.phone)
    else:
        email = email and Channel.EMAIL in channels
        sms = bool(user.phone) and Channel.SMS in channels
    return [way.value for way, wanted in ((Channel.EMAIL, email), (Channel.SMS, sms)) if wanted]


@act
def read_notice(notice: Notice, *, actor: Any) -> Notice:
    """The person has looked at it; looking again changes nothing."""
    notice = _own(notice, actor)
    if notice.state == NoticeState.UNREAD:
        notice.state, notice.read_at = NoticeState.READ, timezone.now()
        notice.save(update_fields=["state", "read_at"])
        if announcement := receipts.of_notice(notice):
            receipts.mark_read(announcement, actor, notice.read_at)
    return notice


@act
def read_notices(notices: Iterable[Any] | None = None, *, actor: Any) -> int:
    """Mark several of one's own notices read, all of them without a list; gives how many changed.

    Announcements stay: their receipts tell who has had the text before them.
    """
    mine = Notice.objects.visible_to(actor).unread().exclude(subject_kind=receipts.SUBJECT)
    if notices is not None:
        mine = mine.filter(pk__in=list(notices))
    return int(mine.update(state=NoticeState.READ, read_at=timezone.now()))


@act
def confirm_notice(notice: Notice, *, actor: Any) -> Notice:
    """The person confirms what asks for it; the confirmation of an announcement is its receipt."""
    notice = _own(notice, actor)
    if not notice.must_confirm:
        raise Refused(
            _("This notice needs no confirmation; reading it is enough."), code="nothing_to_confirm"
        )
    if notice.state != NoticeState.CONFIRMED:
        now = timezone.now()
        notice.state, notice.read_at, notice.confirmed_at = NoticeState.CONFIRMED, notice.read_at or now, now
        notice.save(update_fields=["state", "read_at", "confirmed_at"])
        if announcement := receipts.of_notice(notice):
            receipts.mark_confirmed(announcement, actor, now)
            note(actor, "announcement.confirmed", announcement, place=announcement.place)
        else:
            note(actor, "notice.confirmed", notice, kind=notice.kind)
    return notice


def _own(notice: Notice, actor: Any) -> Notice:
    if actor is None or notice.user_id != actor.pk:
        raise Refused(_("This notice is for somebody else."), code="not_yours", subject=notice)
    return Notice.objects.select_for_update().get(pk=notice.pk)


@act
def choose_email(kinds_off: Collection[str], *, actor: Any) -> None:
    """Keep for which kinds the person wants no e-mail; what must be confirmed is e-mailed all the same."""
    wanted = set(kinds_off) & set(kinds.known())
    MailOff.objects.filter(user=actor).exclude(kind__in=wanted).delete()
    MailOff.objects.bulk_create(
        [MailOff(user=actor, kind=kind) for kind in sorted(wanted)], ignore_conflicts=True
    )
    note(actor, "notices.email_chosen", actor, off=sorted(wanted))
