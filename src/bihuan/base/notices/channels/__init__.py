"""The ways out of the house: e-mail, SMS by an HTTP gateway, group robots.

A way sends one message after the other over one connection, and says of each that it was taken, or why not.

What "once" means depends on the channel. A message is marked as sent after the receiving server has taken
it, so a sender killed between the two leaves it open. E-mail is then sent again, under the same Message-ID,
by which a mail server or reader drops the second copy: at least once on the wire, once for a reader whose
mailbox compares Message-IDs (most do; one that does not shows it twice). SMS gateways and group robots cannot
tell: such a message is not sent again by itself, an administrator decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from bihuan.base.notices import setup
from bihuan.base.notices.models import Outbox
from bihuan.base.notices.states import Channel, Reason

TELLS_DUPLICATES = frozenset({Channel.EMAIL})


class NotSent(Exception):  # noqa: N818  (it is an answer more than an error)
    """A message was not sent. ``final``: trying again is of no use; ``down``: the others would fail too."""

    def __init__(self, reason: Reason, answer: str = "", *, final: bool = False, down: bool = False) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.answer = answer
        self.final = final
        self.down = down


class Way(Protocol):
    """One channel while it is open."""

    def send(self, message: Outbox) -> None:
        """Send it, or raise :class:`NotSent`."""

    def close(self) -> None:
        """Let go of the connection."""


@contextmanager
def opened(channel: str) -> Iterator[Way]:
    """The way out of this channel; it connects when the first message is sent."""
    from bihuan.base.notices.channels.email import Email  # each needs its own libraries
    from bihuan.base.notices.channels.robots import Robots
    from bihuan.base.notices.channels.sms import Sms

    makers: dict[str, Callable[[], Way]] = {Channel.EMAIL: Email, Channel.SMS: Sms, Channel.GROUP: Robots}
    way: Way = makers[Channel(channel)]()
    try:
        yield way
    finally:
        way.close()


def is_set_up(channel: str) -> bool:
    """Whether this installation has the channel."""
    return channel in setup.available()
