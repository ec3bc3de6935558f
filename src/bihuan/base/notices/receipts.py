"""Steps that keep receipts and notices of one announcement together; they run inside an act."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from bihuan.base.notices.models import Announcement, Notice, ReadReceipt
from bihuan.base.notices.states import NoticeState

SUBJECT = "announcement"
# Who joins later is asked to read what was issued in the last quarter, not the whole past.
JOINERS_READ = timedelta(days=92)


def make(announcement: Announcement, people: list[Any]) -> None:
    """Open a receipt for each person who has none."""
    rows = [ReadReceipt(announcement=announcement, user=user) for user in people]
    ReadReceipt.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def make_missing(user: Any, now: datetime) -> int:
    """Open the receipts that a person who joined later lacks."""
    missing = list(lacking(user, now))
    rows = [ReadReceipt(announcement=announcement, user=user) for announcement in missing]
    ReadReceipt.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def lacking(user: Any, now: datetime) -> Any:
    """Recent announcements addressed to the person without a receipt yet."""
    recent = Announcement.objects.addressed_to(user).filter(issued_at__gte=now - JOINERS_READ)
    return recent.exclude(pk__in=user.read_receipts.values("announcement"))


def is_addressed(announcement: Announcement, user: Any) -> bool:
    """Whether the person is one of those it was meant for, now or when it was issued."""
    mine = Announcement.objects.filter(
        Q(pk__in=Announcement.objects.addressed_to(user).values("pk"))
        | Q(pk__in=user.read_receipts.values("announcement"))
    )
    return bool(mine.filter(pk=announcement.pk).exists())


def mark_read(announcement: Announcement, user: Any, now: datetime) -> ReadReceipt:
    """The person has seen it: the receipt says so, and no notice of it waits any more."""
    receipt, _made = ReadReceipt.objects.get_or_create(announcement=announcement, user=user)
    if receipt.read_at is None:
        receipt.read_at = now
        receipt.save(update_fields=["read_at"])
    _notices(announcement, user).filter(state=NoticeState.UNREAD).update(state=NoticeState.READ, read_at=now)
    return receipt


def mark_confirmed(announcement: Announcement, user: Any, now: datetime) -> ReadReceipt:
    """The person has confirmed it, and with it every notice of it."""
    receipt = mark_read(announcement, user, now)
    if receipt.confirmed_at is None:
        receipt.confirmed_at = now
        receipt.save(update_fields=["confirmed_at"])
    _notices(announcement, user).exclude(state=NoticeState.CONFIRMED).filter(must_confirm=True).update(
        state=NoticeState.CONFIRMED, confirmed_at=now
    )
    return receipt


def of_notice(notice: Notice) -> Announcement | None:
    """The announcement a notice tells of."""
    if notice.subject_kind != SUBJECT or not notice.subject_id.isdecimal():
        return None
    return Announcement.objects.filter(pk=int(notice.subject_id)).first()


def _notices(announcement: Announcement, user: Any) -> Any:
    return Notice.objects.filter(subject_kind=SUBJECT, subject_id=str(announcement.pk), user=user)
