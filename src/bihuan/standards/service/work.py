"""What of revisions is mine to do, and what stands at stage 1 of the loop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from bihuan.base.ui.work import StageCount, WorkItem
from bihuan.standards.service import queries, rules
from bihuan.standards.service.models import RevisionRequest, StandardVersion
from bihuan.standards.service.states import OPEN, RevisionState
from bihuan.standards.states import VersionState

VERBS = {
    RevisionState.SUBMITTED: gettext_lazy("Take it up"),
    RevisionState.IN_REVIEW: gettext_lazy("Adopt or decline"),
}


def work(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Revisions to take up and to decide, drafts to publish; nobody is asked to decide on their own."""
    if not rules.may_decide(user):
        return
    waiting = RevisionRequest.objects.visible_to(user).filter(state__in=list(VERBS)).exclude(asked_by=user)
    for request in waiting.select_related("standard", "clause").order_by("asked_at"):
        named = {"standard": request.standard.title, "number": request.clause.number}
        yield WorkItem(
            f"revision-{request.pk}",
            _("Revision of %(standard)s §%(number)s") % named,
            request.reason,
            reverse("revision", args=[request.pk]),
            VERBS[RevisionState(request.state)],
            1,
        )
    drafts = (
        StandardVersion.objects.visible_to(user)
        .filter(state__in=[VersionState.DRAFT, VersionState.IN_REVIEW])
        .annotate(adopted=Count("revisions", Q(revisions__state=RevisionState.ADOPTED)))
        .filter(adopted__gt=0)
        .select_related("standard")
    )
    for draft in drafts.order_by("pk"):
        changed = ngettext("%(n)d clause changes", "%(n)d clauses change", draft.adopted) % {
            "n": draft.adopted
        }
        yield WorkItem(
            f"standard-version-{draft.pk}",
            _("%(standard)s %(number)s is ready")
            % {"standard": draft.standard.title, "number": draft.number},
            changed,
            f"{reverse('service_standard', args=[draft.standard.code])}?version={draft.number}",
            gettext_lazy("Publish it"),
            1,
        )


def stage(user: Any, place: Any, cycle: Any) -> StageCount:
    """Stage 1: clauses under revision, in the whole company."""
    rows = queries.revisions(user)
    waiting = rows.filter(state__in=OPEN)
    count = waiting.order_by().values("standard", "clause__number").distinct().count()
    total = rows.count()
    oldest = waiting.aggregate(oldest=Min("asked_at"))["oldest"]
    return StageCount(
        stage=1,
        count=count,
        sentence=ngettext_lazy("clause under revision", "clauses under revision", count),
        overdue=0,
        oldest_days=max((timezone.now() - oldest).days, 0) if oldest else 0,
        share_done=1 - waiting.count() / total if total else 1.0,
        url=reverse("revisions"),
    )
