"""How notices, announcements and receipts are read: everything starts from whose they are."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from bihuan.base.notices.states import NoticeState
from bihuan.base.people.models import EVERYWHERE
from bihuan.base.places.managers import under


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> NoticeQuerySet:
        """A notice is for its person alone."""
        return self.filter(user=user) if getattr(user, "is_authenticated", False) else self.none()

    def unread(self) -> NoticeQuerySet:
        """What nobody has looked at."""
        return self.filter(state=NoticeState.UNREAD)

    def asking(self) -> NoticeQuerySet:
        """What must still be confirmed."""
        return self.filter(must_confirm=True).exclude(state=NoticeState.CONFIRMED)


def upwards(paths: list[str]) -> set[str]:
    """The paths and those of every place above them."""
    found: set[str] = set()
    for path in paths:
        parts = path.strip("/").split("/")
        found |= {f"/{'/'.join(parts[: n + 1])}/" for n in range(len(parts))} if path != EVERYWHERE else set()
    return found


class AnnouncementQuerySet(models.QuerySet):
    def addressed_to(self, user: Any) -> AnnouncementQuerySet:
        """Those meant for the person: issued at a place where, or above which, the person holds a role.

        A role everywhere counts as one at the top: its holder is told what the whole company is told.
        """
        paths = user.visible_paths() if hasattr(user, "visible_paths") else []
        condition = Q(place__path__in=upwards(paths))
        if EVERYWHERE in paths:
            condition |= Q(place__parent=None)
        return self.filter(condition)

    def visible_to(self, user: Any) -> AnnouncementQuerySet:
        """Those addressed to the person, or once received, and those of the places the person looks after."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        paths = user.visible_paths()
        condition = Q(place__path__in=upwards(paths)) | Q(pk__in=user.read_receipts.values("announcement"))
        below = under(paths, "place__path")
        return self.filter(condition if below is None else condition | below)


class ReceiptQuerySet(models.QuerySet):
    def counted(self) -> ReceiptQuerySet:
        """Those of people who still sign in: nobody waits for the others."""
        return self.filter(user__is_active=True)
