"""What people do with messages that did not go out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.jobs.models import Job
from bihuan.base.jobs.states import JobState
from bihuan.base.notices import rules, tasks
from bihuan.base.notices.models import Outbox
from bihuan.base.notices.states import MESSAGE_TRANSITIONS, MessageState
from bihuan.base.trail.act import Refused, act, note

KEEP_SENT = timedelta(days=90)
KEEP_GIVEN_UP = timedelta(days=400)


@act
def send_again(message: Outbox, *, actor: Any) -> Outbox:
    """Put a message that failed or was given up back into the queue, with all its attempts before it."""
    message = Outbox.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if not rules.keeps_outbox(actor):
        raise Refused(_("Only administrators of the company send messages again."), code="not_yours")
    if MessageState.QUEUED not in MESSAGE_TRANSITIONS[message.state]:
        raise Refused(_("This message went out, or is on its way. Load the page anew."), code="not_failed")
    message.state, message.attempts, message.next_attempt_at = MessageState.QUEUED, 0, timezone.now()
    message.save(update_fields=["state", "attempts", "next_attempt_at"])
    note(actor, "message.sent_again", message, channel=message.channel, reason=message.reason)
    order_sending()
    return message


def order_sending() -> None:
    """Have the outbox sent as soon as this transaction is committed, once for all that wait.

    Should the job found here end a moment too early, the regular one sends what it missed.
    """
    if not Job.objects.filter(kind=tasks.send.kind, state=JobState.QUEUED).exists():
        tasks.send.enqueue()


def clear_old(*, now: datetime | None = None) -> int:
    """Delete messages sent 90 days ago, or given up 400 days ago, and give their number."""
    now = now or timezone.now()
    sent = Outbox.objects.filter(state=MessageState.SENT, sent_at__lt=now - KEEP_SENT)
    given_up = Outbox.objects.filter(state=MessageState.GIVEN_UP, created_at__lt=now - KEEP_GIVEN_UP)
    return int(sent.delete()[0]) + int(given_up.delete()[0])
