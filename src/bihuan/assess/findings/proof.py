"""What proves that a finding is gone: the room that evaluates effects says it here, being above this one."""

from __future__ import annotations

from collections.abc import Callable

from bihuan.base.chain import registry
from bihuan.base.chain.models import Link
from bihuan.base.chain.states import Relation

Proof = Callable[[str, str], bool]

_proofs: list[Proof] = []


def register_proof(proves: Proof) -> None:
    """Add a predicate ``proves(kind, id)``: whether this record proves that what it evaluates has worked."""
    if proves not in _proofs:
        _proofs.append(proves)


def proves(kind: str, number: str) -> bool:
    """Whether the record is there and somebody who knows says that it proves an effect."""
    known = registry.kind(kind)
    if known is None or known.find(str(number)) is None:
        return False
    return any(proof(kind, str(number)) for proof in _proofs)


def is_proved(code: str) -> bool:
    """Whether a finding is linked to a record that proves that it is gone."""
    links = Link.objects.filter(from_kind="finding", from_id=code, relation=Relation.PROVED_BY)
    return any(proves(link.to_kind, link.to_id) for link in links)
