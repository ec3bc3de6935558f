"""The kinds of notices in words. Each room registers its own in ``ready()``::

    kinds.register({"plan_submitted": _("Plans to approve")})

A kind that nobody registered counts as ``other``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

OTHER = "other"
_kinds: dict[str, Any] = {}


def register(words: Mapping[str, Any]) -> None:
    """Say what kinds mean, in words that are translated when shown."""
    _kinds.update(words)


def label(kind: str) -> str:
    """The kind in words."""
    return str(_kinds.get(kind, _("Other notices")))


def known() -> dict[str, str]:
    """Every kind there is in words, ``other`` last."""
    return {**{kind: str(word) for kind, word in _kinds.items()}, OTHER: label(OTHER)}


def choice_of(kind: str) -> str:
    """Under which kind a person's choice for it is kept."""
    return kind if kind in _kinds else OTHER
