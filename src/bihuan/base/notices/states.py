"""States of notices and messages, and how each may change."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class NoticeState(models.TextChoices):
    UNREAD = "unread", pgettext_lazy("notice", "Unread")
    READ = "read", pgettext_lazy("notice", "Read")
    CONFIRMED = "confirmed", pgettext_lazy("notice", "Confirmed")


NOTICE_TRANSITIONS: dict[str, frozenset[str]] = {
    NoticeState.UNREAD: frozenset({NoticeState.READ, NoticeState.CONFIRMED}),
    NoticeState.READ: frozenset({NoticeState.CONFIRMED}),
    NoticeState.CONFIRMED: frozenset(),
}


class MessageState(models.TextChoices):
    """A message to the outside: ``failed`` is tried again by itself, ``given_up`` when a person says so."""

    QUEUED = "queued", pgettext_lazy("message", "Waiting")
    SENDING = "sending", pgettext_lazy("message", "Being sent")
    SENT = "sent", pgettext_lazy("message", "Sent")
    FAILED = "failed", pgettext_lazy("message", "Failed, tried again")
    GIVEN_UP = "given_up", pgettext_lazy("message", "Given up")


MESSAGE_TRANSITIONS: dict[str, frozenset[str]] = {
    MessageState.QUEUED: frozenset({MessageState.SENDING}),
    MessageState.SENDING: frozenset({MessageState.SENT, MessageState.FAILED, MessageState.GIVEN_UP}),
    MessageState.FAILED: frozenset({MessageState.SENDING, MessageState.QUEUED}),
    MessageState.GIVEN_UP: frozenset({MessageState.QUEUED}),
    MessageState.SENT: frozenset(),
}
TO_SEND = (MessageState.QUEUED, MessageState.FAILED)


class Channel(models.TextChoices):
    """The ways out of the house. The inbox is no channel: it always has the notice."""

    EMAIL = "email", pgettext_lazy("channel", "E-mail")
    SMS = "sms", _("SMS")
    GROUP = "group", _("Group robot")


class Reason(models.TextChoices):
    """Why a message was not sent."""

    UNREACHABLE = "unreachable", _("The server of this channel could not be reached. It is tried again.")
    REFUSED_FOR_NOW = "refused_for_now", _("The server did not take it for now. It is tried again.")
    REFUSED = "refused", _("The server refused it for good. Mend the address, then send it again.")
    SIGN_IN = "sign_in", _("The server did not accept our user name and password. Mend the setting.")
    NO_ADDRESS = (
        "no_address",
        _("The person has no address for this channel any more. Add one, then send again."),
    )
    NOT_SET_UP = "not_set_up", _("This channel is not set up any more. Set it up, then send again.")
    LEFT_OPEN = (
        "left_open",
        _(
            "The sender was stopped, or the answer never came, so nobody knows whether it went out. "
            "Ask the receiver before sending it again."
        ),
    )
    STOPPED = "stopped", _("The sender was stopped half-way. It is tried again.")


class ReceiptState(models.TextChoices):
    """How far an announcement came with one person; derived from the receipt's two instants."""

    UNREAD = "unread", pgettext_lazy("notice", "Unread")
    READ = "read", pgettext_lazy("notice", "Read")
    CONFIRMED = "confirmed", pgettext_lazy("notice", "Confirmed")
