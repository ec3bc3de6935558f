"""Notices to people, the messages that carry them outside, announcements and their receipts."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bihuan.base.files.models import Attachment
from bihuan.base.notices.managers import AnnouncementQuerySet, NoticeQuerySet, ReceiptQuerySet
from bihuan.base.notices.states import Channel, MessageState, NoticeState, Reason, ReceiptState
from bihuan.base.places.models import Place


def in_language(first: str, second: str) -> str:
    """The Chinese or the English text, whichever the page speaks; the other one where it is empty."""
    english = (get_language() or "").startswith("en")
    return (second or first) if english else (first or second)


class Texts(models.Model):
    """A title and a text in both languages."""

    title_zh = models.CharField(_("Chinese title"), max_length=300, blank=True)
    title_en = models.CharField(_("English title"), max_length=300, blank=True)
    body_zh = models.TextField(_("Chinese text"), blank=True)
    body_en = models.TextField(_("English text"), blank=True)

    class Meta:
        abstract = True

    @property
    def title(self) -> str:
        """The title in the language of the page."""
        return in_language(self.title_zh, self.title_en)

    @property
    def body(self) -> str:
        """The text in the language of the page."""
        return in_language(self.body_zh, self.body_en)


class Notice(Texts):
    """One thing one person is told 通报; the same ``dedupe_key`` reaches a person once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(_("Kind"), max_length=60)
    url = models.CharField(max_length=500, blank=True)
    subject_kind = models.CharField(max_length=30, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    due = models.DateTimeField(_("Due"), null=True, blank=True)
    must_confirm = models.BooleanField(_("Must be confirmed"), default=False)
    state = models.CharField(_("State"), max_length=10, choices=NoticeState, default=NoticeState.UNREAD)
    dedupe_key = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["user", "state", "-created_at"], name="notice_of_user"),
            models.Index(fields=["subject_kind", "subject_id", "user"], name="notice_subject"),
        ]
        constraints = [
            models.UniqueConstraint(name="notice_once", fields=["user", "dedupe_key"]),
            models.CheckConstraint(name="notice_state", condition=Q(state__in=NoticeState.values)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_unread(self) -> bool:
        """Whether the person has not looked at it yet."""
        return self.state == NoticeState.UNREAD

    @property
    def asks(self) -> bool:
        """Whether the person still has to confirm it."""
        return self.must_confirm and self.state != NoticeState.CONFIRMED


class Outbox(models.Model):
    """One message to the outside, written in the transaction of what it tells.

    Its text is kept as it was then, in the receiver's language. Addresses are looked up when it is sent and
    never copied here. ``message_id`` is what lets a receiver tell that two messages are one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=300, unique=True)
    channel = models.CharField(_("Channel"), max_length=10, choices=Channel)
    notice = models.ForeignKey(Notice, models.CASCADE, null=True, related_name="messages")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    # Of a group robot: the fingerprint of its address, which itself is a secret.
    robot = models.CharField(max_length=16, blank=True)
    language = models.CharField(max_length=10)
    title = models.CharField(_("Title"), max_length=300)
    body = models.TextField(_("Text"), blank=True)
    url = models.CharField(max_length=500, blank=True)
    due = models.DateTimeField(null=True)
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(_("State"), max_length=10, choices=MessageState, default=MessageState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(_("Next attempt"))
    lease = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(_("Why not"), max_length=20, choices=Reason, blank=True)
    answer = models.CharField(_("Answer of the server"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "channel", "next_attempt_at"], name="outbox_due"),
            models.Index(fields=["-created_at"], name="outbox_newest"),
        ]
        constraints = [
            models.CheckConstraint(name="outbox_state", condition=Q(state__in=MessageState.values)),
            models.CheckConstraint(
                name="outbox_lease_while_sending",
                condition=Q(state=MessageState.SENDING, lease__isnull=False)
                | (~Q(state=MessageState.SENDING) & Q(lease=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.message_id


class MailOff(models.Model):
    """A person wants no e-mail for this kind of notice; what must be confirmed is sent all the same."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)

    class Meta:
        ordering = ["kind"]
        constraints = [models.UniqueConstraint(name="mail_off_once", fields=["user", "kind"])]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"


class Announcement(Texts):
    """What everybody at a place learns 通报: results of a cycle, a changed standard."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    cycle = models.CharField(max_length=10, blank=True)
    url = models.CharField(_("Where to read more"), max_length=500, blank=True)
    must_confirm = models.BooleanField(_("Must be confirmed"), default=False)
    due = models.DateTimeField(_("Confirm by"), null=True, blank=True)
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Attachment")
    )
    issued_at = models.DateTimeField(default=timezone.now)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        ordering = ["-issued_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def code(self) -> str:
        """What people call it by."""
        return f"TB-{self.pk}"

    @property
    def place_path(self) -> str:
        """Where it belongs; a refused attempt is put on the trail there."""
        return self.place.path


class ReadReceipt(models.Model):
    """That an announcement reached one person 已阅回执: asked for, read, confirmed."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="receipts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="read_receipts")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("read receipt")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="receipt_once", fields=["announcement", "user"]),
            models.CheckConstraint(
                name="receipt_read_before_confirmed",
                condition=Q(confirmed_at=None) | Q(read_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} {self.user_id}"

    @property
    def state(self) -> Any:
        """Unread, read or confirmed."""
        if self.confirmed_at:
            return ReceiptState.CONFIRMED
        return ReceiptState.READ if self.read_at else ReceiptState.UNREAD
