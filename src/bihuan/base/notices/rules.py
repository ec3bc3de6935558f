"""Who may do what with messages and announcements. ``None`` is the system itself."""

from __future__ import annotations

from typing import Any

from bihuan.base.notices.models import Announcement
from bihuan.base.people import rules as people
from bihuan.base.people.roles import Role
from bihuan.base.places.models import Place

ISSUERS = (Role.QUALITY_MANAGER, Role.LEADER)


def keeps_outbox(user: Any) -> bool:
    """Administrators of a whole company see what went out, to whom, and send again."""
    return people.keeps_company(user)


def can_issue(user: Any, place: Place) -> bool:
    """Quality managers and supervising leaders of a place tell everybody there."""
    return user is None or (user.is_authenticated and user.has_any_role(*ISSUERS, place=place))


def issues_anywhere(user: Any) -> bool:
    """Whether there is a place at which the person may announce something."""
    return user.is_authenticated and user.has_any_role(*ISSUERS)


def can_follow(user: Any, announcement: Announcement) -> bool:
    """See who has read it and who has not: whoever might have issued it."""
    return can_issue(user, announcement.place)
