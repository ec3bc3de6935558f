"""Linking records, and proposing and deciding problems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.chain.models import Link, Proposal
from bihuan.base.chain.states import TRANSITIONS, ProposalState, Relation
from bihuan.base.trail.act import Refused, act, note


@act
def link(from_: tuple[str, Any], relation: str, to: tuple[str, Any], *, actor: Any) -> Link:
    """Say that one record led to another; saying it again changes nothing."""
    names = {
        "from_kind": from_[0],
        "from_id": str(from_[1]),
        "relation": Relation(relation).value,
        "to_kind": to[0],
        "to_id": str(to[1]),
    }
    found, made = Link.objects.get_or_create(**names, defaults={"created_by": actor})
    if made:
        note(actor, "chain.linked", (from_[0], str(from_[1]), ""), relation=relation, to=f"{to[0]} {to[1]}")
    return found


@act
def link_all(links: Sequence[tuple[tuple[str, Any], str, tuple[str, Any]]], *, actor: Any) -> None:
    """Link many records at once; links there are stay. What they stand for is in the caller's note."""
    Link.objects.bulk_create(
        [
            Link(
                from_kind=from_[0],
                from_id=str(from_[1]),
                relation=Relation(relation).value,
                to_kind=to[0],
                to_id=str(to[1]),
                created_by=actor,
            )
            for from_, relation, to in links
        ],
        batch_size=200,
        ignore_conflicts=True,
    )


@act
def propose(
    *,
    actor: Any,
    source: tuple[str, Any],
    place: Any,
    title_zh: str,
    title_en: str,
    dedupe_key: str,
    detail: dict[str, Any] | None = None,
) -> Proposal:
    """Put a problem before the quality manager; the same ``dedupe_key`` again gives the proposal there is."""
    proposal, made = Proposal.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "source_kind": source[0],
            "source_id": str(source[1]),
            "place_path": place.path,
            "place_code": place.code,
            "title_zh": title_zh,
            "title_en": title_en,
            "detail": detail or {},
        },
    )
    if made:
        note(actor, "proposal.made", proposal, place=place)
    return proposal


@act
def decide_proposal(proposal: Proposal, *, actor: Any, state: str, reason: str = "") -> Proposal:
    """Accept or dismiss a proposal. Who may is for the room above to check; dismissing takes a reason."""
    proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if state not in TRANSITIONS[proposal.state]:
        raise Refused(_("This has been decided already. Reload the page to see how."), code="decided")
    if state == ProposalState.DISMISSED and not reason.strip():
        raise Refused(_("Write why this is not a problem."), code="no_reason")
    proposal.state, proposal.reason = state, reason.strip()
    proposal.decided_at, proposal.decided_by = timezone.now(), actor
    proposal.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    note(actor, f"proposal.{state}", proposal, place=proposal.place_path, reason=reason)
    return proposal
