"""Robots of chat groups (DingTalk, Feishu, WeCom and what else apprise knows)."""

from __future__ import annotations

import logging
from typing import Any

from bihuan.base.notices import setup
from bihuan.base.notices.channels import NotSent, wording
from bihuan.base.notices.models import Outbox
from bihuan.base.notices.states import Reason

# It writes addresses of robots, which are secrets, into its warnings.
logging.getLogger("apprise").setLevel(logging.CRITICAL)


class Robots:
    """The robots that are set up."""

    def __init__(self) -> None:
        self._urls = setup.robots()

    def send(self, message: Outbox) -> None:
        """Send it, or raise ``NotSent``. Apprise says only yes or no, so a no is tried again."""
        url = self._urls.get(message.robot)
        robot = robot_of(url) if url else None
        if robot is None:
            raise NotSent(Reason.NOT_SET_UP, final=True)
        if not robot.notify(body=wording.long(message), title=message.title):
            raise NotSent(Reason.REFUSED_FOR_NOW)

    def close(self) -> None:
        """Nothing is kept open."""


def robot_of(url: str) -> Any | None:
    """The robot at this address, or nothing when apprise does not understand it."""
    import apprise  # half a second, and only senders need it

    asset = apprise.AppriseAsset(app_id="Bihuan", async_mode=False, secure_logging=True)
    return apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
