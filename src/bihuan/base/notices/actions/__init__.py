"""What is done with notices, messages and announcements."""

from bihuan.base.notices.actions.announcements import (
    confirm_announcement,
    issue_announcement,
    read_announcement,
    receive_announcements,
    remind_readers,
)
from bihuan.base.notices.actions.notices import (
    USUAL,
    choose_email,
    confirm_notice,
    notify,
    read_notice,
    read_notices,
)
from bihuan.base.notices.actions.outbox import clear_old, send_again

__all__ = [
    "USUAL",
    "choose_email",
    "clear_old",
    "confirm_announcement",
    "confirm_notice",
    "issue_announcement",
    "notify",
    "read_announcement",
    "read_notice",
    "read_notices",
    "receive_announcements",
    "remind_readers",
    "send_again",
]
