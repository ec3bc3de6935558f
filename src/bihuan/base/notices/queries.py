"""Reads of notices, messages, announcements and receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, Max, OuterRef, Prefetch, Q, QuerySet, When
from django.utils import timezone

from bihuan.base.notices import kinds, rules
from bihuan.base.notices.models import Announcement, Notice, Outbox, ReadReceipt, in_language
from bihuan.base.notices.states import MessageState, NoticeState
from bihuan.base.people.models import RoleGrant, User
from bihuan.base.places.models import Place


def inbox(user: Any) -> QuerySet[Notice]:
    """The person's notices: those to confirm first, then unread ones, then the rest; the newest first."""
    asks = Q(must_confirm=True) & ~Q(state=NoticeState.CONFIRMED)
    rank = Case(When(asks, then=0), When(state=NoticeState.UNREAD, then=1), default=2)
    return Notice.objects.visible_to(user).order_by(rank, "-created_at", "-pk")


def of_kind(notices: QuerySet[Notice], kind: str) -> QuerySet[Notice]:
    """Those of one kind; ``other`` are all that nobody registered."""
    if kind == kinds.OTHER:
        return notices.exclude(kind__in=set(kinds.known()) - {kinds.OTHER})
    return notices.filter(kind=kind)


def counts(user: Any) -> tuple[int, int]:
    """How many notices are unread, and how many must still be confirmed."""
    found = Notice.objects.visible_to(user).aggregate(
        unread=Count("pk", filter=Q(state=NoticeState.UNREAD)),
        asking=Count("pk", filter=Q(must_confirm=True) & ~Q(state=NoticeState.CONFIRMED)),
    )
    return found["unread"], found["asking"]


def people_at(place: Place) -> QuerySet[User]:
    """Everybody in use who holds a role at the place or under it; everywhere counts as the top."""
    there = Q(place__path__startswith=place.path)
    if place.parent_id is None:
        there |= Q(place=None)
    grants = RoleGrant.objects.on(timezone.localdate()).filter(there, user=OuterRef("pk"))
    return User.objects.filter(Exists(grants), is_active=True)


def announcements(user: Any) -> Any:
    """Announcements the person may read, each with the person's own receipt and how far it came."""
    mine = Prefetch("receipts", ReadReceipt.objects.filter(user=user), to_attr="mine")
    living = Q(receipts__user__is_active=True)
    return (
        Announcement.objects.visible_to(user)
        .select_related("place", "issued_by")
        .prefetch_related(mine)
        .annotate(
            people=Count("receipts", filter=living),
            readers=Count("receipts", filter=living & Q(receipts__read_at__isnull=False)),
            confirmers=Count("receipts", filter=living & Q(receipts__confirmed_at__isnull=False)),
        )
        .order_by("-issued_at", "-pk")
    )


def to_confirm(user: Any, now: datetime | None = None) -> QuerySet[Announcement]:
    """Announcements the person has still to confirm, whether or not there is a receipt yet."""
    from bihuan.base.notices import receipts  # which reads with the help of this module's models

    open_ones = user.read_receipts.filter(confirmed_at=None, announcement__must_confirm=True)
    lacking = receipts.lacking(user, now or timezone.now()).filter(must_confirm=True)
    return (
        Announcement.objects.filter(
            Q(pk__in=open_ones.values("announcement")) | Q(pk__in=lacking.values("pk"))
        )
        .select_related("place")
        .order_by("due", "pk")
    )


@dataclass(frozen=True)
class Share:
    """How far an announcement came in one department."""

    name: str
    people: int
    read: int
    confirmed: int

    @property
    def waiting(self) -> int:
        """Who has not read it."""
        return self.people - self.read


def shares(announcement: Announcement) -> list[Share]:
    """How far it came, department by department; people without one come last, under an empty name."""
    rows = (
        announcement.receipts.counted()
        .values("user__department__code", "user__department__name_zh", "user__department__name_en")
        .annotate(
            people=Count("pk"),
            read=Count("pk", filter=Q(read_at__isnull=False)),
            confirmed=Count("pk", filter=Q(confirmed_at__isnull=False)),
        )
        .order_by("user__department__code")
    )
    found = [
        Share(
            in_language(row["user__department__name_zh"] or "", row["user__department__name_en"] or ""),
            row["people"],
            row["read"],
            row["confirmed"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda share: share.name == "")


def totals(parts: Sequence[Share]) -> Share:
    """All departments together."""
    return Share(
        "", sum(p.people for p in parts), sum(p.read for p in parts), sum(p.confirmed for p in parts)
    )


def waiting(announcement: Announcement) -> QuerySet[ReadReceipt]:
    """Receipts of those who have not read it, or not confirmed what must be confirmed."""
    undone = Q(confirmed_at=None) if announcement.must_confirm else Q(read_at=None)
    return (
        announcement.receipts.counted()
        .filter(undone)
        .select_related("user__department")
        .order_by("user__department__code", "user__employee_number")
    )


def outbox(user: Any) -> QuerySet[Outbox]:
    """Messages to the outside, for those who keep the outbox."""
    rows = Outbox.objects.select_related("user")
    return rows if rules.keeps_outbox(user) else rows.none()


@dataclass(frozen=True)
class Standing:
    """How a channel fares: what waits, what was given up lately, what went out today, the last success."""

    waiting: int = 0
    given_up: int = 0
    sent_today: int = 0
    last_sent: datetime | None = None


def standings(now: datetime | None = None) -> dict[str, Standing]:
    """How each channel fares that has any message."""
    day = (now or timezone.now()) - timedelta(days=1)
    unsent = (MessageState.QUEUED, MessageState.SENDING, MessageState.FAILED)
    rows = (
        Outbox.objects.order_by()
        .values("channel")
        .annotate(
            waiting=Count("pk", filter=Q(state__in=unsent)),
            given_up=Count("pk", filter=Q(state=MessageState.GIVEN_UP)),
            sent_today=Count("pk", filter=Q(sent_at__gte=day)),
            last_sent=Max("sent_at"),
        )
    )
    return {
        row["channel"]: Standing(row["waiting"], row["given_up"], row["sent_today"], row["last_sent"])
        for row in rows
    }
