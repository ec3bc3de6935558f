"""What is done with notices, messages and announcements."""

from bihuan.base.notices.actions.notices import (
    choose_email,
    confirm_notice,
    notify,
    read_notice,
    read_notices,
)

__all__ = ["choose_email", "confirm_notice", "notify", "read_notice", "read_notices"]
