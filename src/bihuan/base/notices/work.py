"""What notices and announcements ask of a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bihuan.base.notices import kinds, queries, receipts
from bihuan.base.notices.models import Notice
from bihuan.base.ui.work import WorkItem

# Announcements tell what was found at the fourth step of the loop.
STAGE = 4


def to_do(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Announcements to confirm, and notices with a day by which they must be confirmed."""
    for announcement in queries.to_confirm(user, now):
        yield WorkItem(
            key=f"announcement-{announcement.pk}",
            title=announcement.title,
            detail=f"{announcement.code} {announcement.place.name}",
            url=reverse("announcement", args=[announcement.pk]),
            verb=_("Read and confirm"),
            stage=STAGE,
            due=announcement.due,
        )
    asking = Notice.objects.visible_to(user).asking().filter(due__isnull=False)
    for notice in asking.exclude(subject_kind=receipts.SUBJECT).order_by("due", "pk"):
        yield WorkItem(
            key=f"notice-{notice.pk}",
            title=notice.title,
            detail=kinds.label(notice.kind),
            url=reverse("notice", args=[notice.pk]),
            verb=_("Read and confirm"),
            stage=STAGE,
            due=notice.due,
        )
