"""What the pages of improvement share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from bihuan.base.people.access import get_or_404
from bihuan.base.trail import queries as trail
from bihuan.base.trail.act import Refused
from bihuan.improve import rules
from bihuan.improve.actions import perform

NEWEST = 20


def reader(request: HttpRequest) -> Any:
    """The person, who has something to do with the company; for anybody else the page is not there."""
    if not rules.may_read_some(request.user):
        raise Http404
    return request.user


def entries(subject: Any) -> Any:
    """The newest entries of the trail about a record, for its last card."""
    return trail.for_subject(subject)[:NEWEST]


def act(
    request: HttpRequest,
    everything: Any,
    lookup: dict[str, Any],
    name: str,
    done: Callable[[Any], HttpResponse],
    refused: Callable[[Any, Refused], HttpResponse],
    **fields: Any,
) -> HttpResponse:
    """Do what a form asks. A record the person may not see is not there; the attempt stands on the trail."""
    subject = get_or_404(everything, **lookup)
    try:
        result = perform(subject, name, actor=request.user, **fields)
    except Refused as refusal:
        if refusal.code in ("not_visible", "no_such_act"):
            raise Http404 from refusal
        return refused(subject, refusal)
    return done(result)
