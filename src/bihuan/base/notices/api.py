"""The inbox, for programs of the person it belongs to."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from ninja.errors import HttpError

from bihuan.base.notices import actions, queries
from bihuan.base.notices.models import Notice
from bihuan.base.notices.states import NoticeState
from bihuan.base.trail.act import Refused

router = Router(tags=["inbox"])


class NoticeOut(Schema):
    """One notice; ``title`` and ``body`` in the language asked for."""

    id: UUID
    kind: str
    title: str
    body: str
    url: str
    state: str
    must_confirm: bool
    due: datetime | None
    created_at: datetime
    read_at: datetime | None
    confirmed_at: datetime | None


class InboxOut(Schema):
    """A stretch of the inbox, how long it is, and how much of it is unread."""

    count: int
    unread: int
    items: list[NoticeOut]


@router.get("/inbox", response=InboxOut, url_name="inbox")
def inbox(
    request: HttpRequest,
    state: NoticeState | None = None,
    kind: str = "",
    limit: int = Query(50, ge=1, le=200),
    offset: int = Query(0, ge=0, le=2**31),
) -> Any:
    """Your notices: what waits first, then the newest."""
    found = queries.inbox(request.user)
    if state:
        found = found.filter(state=state)
    if kind:
        found = queries.of_kind(found, kind)
    unread, _asking = queries.counts(request.user)
    return {"count": found.count(), "unread": unread, "items": found[offset : offset + limit]}


@router.post("/inbox/{number}/read", response=NoticeOut, url_name="notice_read")
def read(request: HttpRequest, number: UUID) -> Any:
    """Mark a notice read. Reading an announcement here writes its receipt, for ``body`` holds its text."""
    return actions.read_notice(_mine(request, number), actor=request.user)


@router.post("/inbox/{number}/confirm", response=NoticeOut, url_name="notice_confirm")
def confirm(request: HttpRequest, number: UUID) -> Any:
    """Confirm a notice that asks for it; 409 where it does not."""
    try:
        return actions.confirm_notice(_mine(request, number), actor=request.user)
    except Refused as refusal:
        raise HttpError(409, str(refusal)) from refusal


def _mine(request: HttpRequest, number: UUID) -> Notice:
    found = Notice.objects.visible_to(request.user).filter(pk=number).first()
    if found is None:
        raise Http404
    return found
