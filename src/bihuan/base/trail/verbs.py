"""The acts and things of the trail in words people read. Each room registers its own in ``ready()``::

verbs.register({"plan.approved": _("Plan approved")})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

_verbs: dict[str, Any] = {
    "refused": _("Attempt refused"),
    "personal_data.revealed": _("Personal data shown in full"),
    "privacy_keys.rotation_started": _("New key for personal data made"),
    "privacy_keys.rotated": _("Personal data written anew under the new key"),
}


def register(words: Mapping[str, Any]) -> None:
    """Say what verbs mean, in words that are translated when shown."""
    _verbs.update(words)


def name(verb: str) -> str:
    """The act in words; a verb that nobody registered stays as it is."""
    return str(_verbs.get(verb, verb))


def names() -> dict[str, str]:
    """Every registered verb in words."""
    return {verb: str(word) for verb, word in _verbs.items()}


def kind_name(kind: str) -> str:
    """The kind of thing in words: the name of its model."""
    try:
        return str(capfirst(apps.get_model(kind)._meta.verbose_name))
    except (LookupError, ValueError):
        return kind
