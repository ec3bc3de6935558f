"""Sending what waits in the outbox.

Each message is claimed by one short transaction (of several senders only one gets it, the others pass it
by), sent outside any transaction, and marked. A claim is a lease: when a sender dies, the lease runs out and
``free_lost`` decides what becomes of the message, see ``channels`` for what each channel can promise.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from bihuan.base.notices import setup
from bihuan.base.notices.channels import TELLS_DUPLICATES, NotSent, Way, opened
from bihuan.base.notices.models import Outbox
from bihuan.base.notices.states import TO_SEND, Channel, MessageState, Reason

logger = logging.getLogger("bihuan.notices")

# Longer than the slowest message: a handful of answers, each waited for half a minute.
LEASE = timedelta(minutes=10)
# Together about three days: a mail server that is down over a weekend costs no message.
MOST_ATTEMPTS = 15
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=12)


def delay_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 1, 2, 4 … minutes, at most twelve hours."""
    return min(FIRST_DELAY * 2 ** (attempts - 1), LONGEST_DELAY)


def deliver(*, now: datetime | None = None, progress: Callable[..., Any] | None = None) -> dict[str, int]:
    """Send what is due, channel by channel; gives how many were sent, failed and given up."""
    counts = {"sent": 0, "failed": 0, "given_up": 0}
    free_lost(now=now)
    available = setup.available()
    for channel in Channel.values:
        if channel in available:
            with opened(channel) as way:
                _deliver_channel(channel, way, counts, now, progress)
    return counts


def _deliver_channel(
    channel: str,
    way: Way,
    counts: dict[str, int],
    now: datetime | None,
    progress: Callable[..., Any] | None,
) -> None:
    while True:
        if progress is not None:
            progress(sum(counts.values()))  # also where a sender that was asked to stop does so
        message = claim(channel, now or timezone.now())
        if message is None:
            return
        answer = _send(way, message)
        counts[_mark(message, answer, now or timezone.now())] += 1
        if answer is not None and answer.down:
            return


def claim(channel: str, now: datetime) -> Outbox | None:
    """Take the message that is due longest, so that no other sender does."""
    due = Outbox.objects.filter(channel=channel, state__in=TO_SEND, next_attempt_at__lte=now)
    if not due.exists():
        return None
    with transaction.atomic():
        free = due.select_for_update(skip_locked=True, of=("self",))
        message = free.order_by("next_attempt_at", "pk").first()
        if message is None:  # another sender has just taken it
            return None
        message.state = MessageState.SENDING
        message.lease, message.lease_until = uuid.uuid4(), now + LEASE
        message.attempts += 1
        message.save(update_fields=["state", "lease", "lease_until", "attempts"])
    return message


def _send(way: Way, message: Outbox) -> NotSent | None:
    try:
        way.send(message)
    except NotSent as answer:
        return answer
    except Exception as error:  # a fault of ours in one message must not hold up the others
        # Its words and its trace may hold an address, which may hold a secret: only its name is told.
        logger.error("message %s by %s met %s", message.pk, message.channel, type(error).__name__)
        if message.channel in TELLS_DUPLICATES:
            return NotSent(Reason.REFUSED_FOR_NOW, type(error).__name__)
        return NotSent(Reason.LEFT_OPEN, type(error).__name__, final=True)
    return None


def _mark(message: Outbox, answer: NotSent | None, now: datetime) -> str:
    """Write down what came of it, unless the lease has run out meanwhile. Gives the new state."""
    state: dict[str, Any] = {"state": MessageState.SENT, "sent_at": now, "reason": "", "answer": ""}
    if answer is not None:
        state = _failure(message, answer, now)
        logger.warning("message %s by %s: %s", message.pk, message.channel, answer.reason.value)
    mine = Outbox.objects.filter(pk=message.pk, lease=message.lease)
    mine.update(lease=None, lease_until=None, **state)
    return str(state["state"].value)


def _failure(message: Outbox, answer: NotSent, now: datetime) -> dict[str, Any]:
    over = answer.final or message.attempts >= MOST_ATTEMPTS
    return {
        "state": MessageState.GIVEN_UP if over else MessageState.FAILED,
        "next_attempt_at": now + delay_after(message.attempts),
        "reason": answer.reason,
        "answer": answer.answer[:300],
    }


def free_lost(*, now: datetime | None = None) -> int:
    """Take back the messages of senders that died, and give their number."""
    now = now or timezone.now()
    lost = Outbox.objects.filter(state=MessageState.SENDING, lease_until__lte=now)
    again = lost.filter(channel__in=TELLS_DUPLICATES, attempts__lt=MOST_ATTEMPTS).update(
        state=MessageState.FAILED, lease=None, lease_until=None, reason=Reason.STOPPED, next_attempt_at=now
    )
    left = lost.update(
        state=MessageState.GIVEN_UP,
        lease=None,
        lease_until=None,
        reason=Reason.LEFT_OPEN,
        next_attempt_at=now,
    )
    return again + left
