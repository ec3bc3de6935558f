"""What the pages say about notices, messages and announcements, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from bihuan.base.notices import kinds, receipts, setup
from bihuan.base.notices.models import Announcement, Notice, Outbox, ReadReceipt
from bihuan.base.notices.queries import Share, Standing
from bihuan.base.notices.states import Channel, MessageState, NoticeState, ReceiptState
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Button, Figure, Verdict
from bihuan.base.ui.status import overdue_by


@dataclass(frozen=True)
class Row:
    """One notice in the inbox: its look and what may be done with it."""

    notice: Notice
    glyph: str
    tone: str
    word: str
    due: str
    can_read: bool
    can_confirm: bool

    @property
    def kind(self) -> str:
        """The kind in words."""
        return kinds.label(self.notice.kind)

    @property
    def waits(self) -> bool:
        """Whether it stands among those that wait for the person."""
        return self.notice.is_unread or self.notice.asks


def row(notice: Notice, now: datetime | None = None) -> Row:
    """How a notice stands in the inbox. An announcement is confirmed where its text is read."""
    now = now or timezone.now()
    glyph, tone, word = _look(notice, now)
    own = notice.subject_kind != receipts.SUBJECT
    due = ""
    if notice.due and notice.state != NoticeState.CONFIRMED:
        due = _("by %(moment)s") % {"moment": formats.moment(notice.due)}
    return Row(
        notice, glyph, tone, word, due, notice.is_unread and not notice.asks and own, notice.asks and own
    )


def _look(notice: Notice, now: datetime) -> tuple[str, str, str]:
    if notice.state == NoticeState.CONFIRMED:
        return "met", "met", str(NoticeState.CONFIRMED.label)
    if notice.asks:
        if notice.due and notice.due < now:
            return "late", "miss", overdue(notice.due, now)
        return "wait", "acc", _("To confirm")
    if notice.is_unread:
        return "todo", "acc", str(NoticeState.UNREAD.label)
    return "met", "none", str(NoticeState.READ.label)


def overdue(due: datetime, now: datetime) -> str:
    """For how long something is overdue: whole days, or since today."""
    days = (timezone.localtime(now).date() - timezone.localtime(due).date()).days
    return overdue_by(days) if days else _("Overdue since today")


def inbox_verdict(unread: int, asking: int, url: str) -> Verdict:
    """What waits in the inbox."""
    buttons = (Button(_("Mark all as read"), url, "check", post=True),) if unread else ()
    if asking:
        sentence = ngettext(
            "[[%(n)s notice]] waits for your confirmation.",
            "[[%(n)s notices]] wait for your confirmation.",
            asking,
        ) % {"n": formats.number(asking)}
        return Verdict(sentence, "acc", detail=_unread(unread) if unread else "", buttons=buttons)
    if unread:
        return Verdict(
            _unread(unread, mark=True),
            "acc",
            detail=_("None of them asks for a confirmation."),
            buttons=buttons,
        )
    return Verdict(_("You have read everything."), "met")


def _unread(count: int, *, mark: bool = False) -> str:
    if mark:
        text = ngettext("[[%(n)s notice]] you have not read.", "[[%(n)s notices]] you have not read.", count)
    else:
        text = ngettext("%(n)s notice you have not read.", "%(n)s notices you have not read.", count)
    return text % {"n": formats.number(count)}


def receipt_status(
    announcement: Announcement, receipt: ReadReceipt | None, now: datetime
) -> tuple[str, str, str]:
    """Glyph, tone and word of how an announcement stands with its reader; nothing for one not addressed."""
    if receipt is None:
        return "", "", ""
    if receipt.confirmed_at:
        return "met", "met", str(ReceiptState.CONFIRMED.label)
    if announcement.must_confirm:
        if announcement.due and announcement.due < now:
            return "late", "miss", overdue(announcement.due, now)
        return "wait", "acc", _("To confirm")
    if receipt.read_at:
        return "met", "none", str(ReceiptState.READ.label)
    return "todo", "acc", str(ReceiptState.UNREAD.label)


def announcements_verdict(to_confirm: int, unread: int, total: int, new: Button | None) -> Verdict:
    """What of the announcements still waits for the person."""
    buttons = (new,) if new else ()
    if to_confirm:
        sentence = ngettext(
            "[[%(n)s announcement]] waits for your confirmation.",
            "[[%(n)s announcements]] wait for your confirmation.",
            to_confirm,
        )
        return Verdict(sentence % {"n": formats.number(to_confirm)}, "acc", buttons=buttons)
    if unread:
        sentence = ngettext(
            "[[%(n)s announcement]] you have not read.", "[[%(n)s announcements]] you have not read.", unread
        )
        return Verdict(sentence % {"n": formats.number(unread)}, "acc", buttons=buttons)
    if total:
        return Verdict(_("You have read every announcement."), "met", buttons=buttons)
    return Verdict(_("Nothing has been announced yet."), "none", "todo", buttons=buttons)


def reach_verdict(announcement: Announcement, all_: Share, buttons: tuple[Button, ...]) -> Verdict:
    """How far an announcement reached: in people, not in per cent."""
    left = all_.people - (all_.confirmed if announcement.must_confirm else all_.read)
    values = {
        "people": formats.number(all_.people),
        "done": formats.number(all_.confirmed if announcement.must_confirm else all_.read),
        "left": formats.number(left),
    }
    if not all_.people:
        return Verdict(_("Nobody holds a role at this place, so nobody was told."), "watch")
    if not left:
        sentence = (
            _("All %(people)s people have confirmed it.")
            if announcement.must_confirm
            else _("All %(people)s people have read it.")
        )
        return Verdict(sentence % values, "met")
    late = announcement.due is not None and announcement.due < timezone.now()
    tone = "miss" if late else "acc"
    if announcement.must_confirm:
        sentence = ngettext(
            "%(done)s of %(people)s people have confirmed it, [[%(left)s has not yet]].",
            "%(done)s of %(people)s people have confirmed it, [[%(left)s have not yet]].",
            left,
        )
    else:
        sentence = ngettext(
            "%(done)s of %(people)s people have read it, [[%(left)s has not yet]].",
            "%(done)s of %(people)s people have read it, [[%(left)s have not yet]].",
            left,
        )
    detail = _due_words(announcement)
    return Verdict(sentence % values, tone, "late" if late else "", detail=detail, buttons=buttons)


def _due_words(announcement: Announcement) -> str:
    if announcement.due is None:
        return ""
    if announcement.due < timezone.now():
        return _("It was to be confirmed by %(moment)s.") % {"moment": formats.moment(announcement.due)}
    return _("It is to be confirmed by %(moment)s.") % {"moment": formats.moment(announcement.due)}


def reach_figures(announcement: Announcement, all_: Share) -> list[Figure]:
    """Reached and confirmed, as a share of those it is for, and how many are left."""
    found = [
        Figure(_("People it is for"), formats.number(all_.people)),
        Figure(_("Have read it"), formats.number(all_.read), _of(all_.read, all_.people)),
    ]
    if announcement.must_confirm:
        found.append(
            Figure(_("Have confirmed it"), formats.number(all_.confirmed), _of(all_.confirmed, all_.people))
        )
    left = all_.people - (all_.confirmed if announcement.must_confirm else all_.read)
    return [
        *found,
        Figure(pgettext("read receipts", "Not yet"), formats.number(left), tone="watch" if left else ""),
    ]


def _of(part: int, whole: int) -> str:
    return formats.percent(part / whole, 0) if whole else ""


MESSAGE_LOOK = {
    MessageState.QUEUED: ("wait", "acc"),
    MessageState.SENDING: ("prov", "none"),
    MessageState.SENT: ("met", "met"),
    MessageState.FAILED: ("watch", "watch"),
    MessageState.GIVEN_UP: ("miss", "miss"),
}


def why(message: Outbox) -> str:
    """Why a message has not gone out, with what the server answered."""
    reason = str(message.get_reason_display()) if message.reason else ""
    if reason and message.answer:
        return _("%(reason)s It answered: %(answer)s") % {"reason": reason, "answer": message.answer}
    return reason


def receiver(message: Outbox) -> str:
    """To whom a message goes: a person by name, a robot by its service."""
    if message.user is not None:
        return str(message.user)
    return setup.robot_label(message.robot)


def outbox_verdict(found: Mapping[str, Standing], available: set[str]) -> Verdict:
    """What waits, what was given up; that there is only the inbox where no channel is set up."""
    given_up = sum(one.given_up for one in found.values())
    waiting = sum(one.waiting for one in found.values())
    if given_up:
        sentence = ngettext(
            "[[%(n)s message]] was given up.", "[[%(n)s messages]] were given up.", given_up
        ) % {"n": formats.number(given_up)}
        return Verdict(
            sentence,
            "miss",
            detail=_("Beside each stands why, and a button to send it again."),
            buttons=(Button(_("See only these"), f"{reverse('outbox')}?state=given_up"),),
        )
    if not available:
        return Verdict(
            _("No channel is set up: [[people are told in the inbox only]]."),
            "watch",
            detail=_("Whoever does not open Bihuan learns nothing. Setting up e-mail takes one setting."),
        )
    if waiting:
        sentence = ngettext("%(n)s message waits to be sent.", "%(n)s messages wait to be sent.", waiting)
        return Verdict(sentence % {"n": formats.number(waiting)}, "acc")
    return Verdict(_("Everything that was written has gone out."), "met")


@dataclass(frozen=True)
class ChannelLine:
    """One channel on the administrator's page."""

    label: str
    is_set_up: bool
    detail: str
    setting: str
    standing: Standing


SETTINGS = {
    Channel.EMAIL: "BIHUAN_SMTP_URL",
    Channel.SMS: "BIHUAN_SMS_URL",
    Channel.GROUP: "BIHUAN_APPRISE_URLS",
}


def channels(found: Mapping[str, Standing]) -> list[ChannelLine]:
    """Every channel, whether it is set up, and how it fares."""
    available = setup.available()
    return [
        ChannelLine(
            str(channel.label),
            channel in available,
            _channel_detail(channel) if channel in available else "",
            SETTINGS[channel],
            found.get(channel, Standing()),
        )
        for channel in Channel
    ]


def _channel_detail(channel: Channel) -> str:
    if channel == Channel.GROUP:
        separator = pgettext("between items of a list", ", ")
        return separator.join(setup.robot_label(name) for name in setup.robots())
    return ""


def announcement_url(announcement: Announcement) -> str:
    """Where it is read."""
    return reverse("announcement", args=[announcement.pk])
