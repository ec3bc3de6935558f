"""Words for the coded values that facts carry, where people read them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ITEMS: dict[str, Any] = {
    "emergency": _("Emergency"),
    "normal": _("Normal"),
    "web": _("Online form"),
    "app": _("App"),
    "wechat": _("WeChat"),
    "phone": _("Phone"),
    "paper": _("Paper"),
    "face": _("Face to face"),
    "counter": _("Service desk"),
    "self": _("Self check"),
    "supervisor": _("Supervisor"),
    "manager": _("Manager"),
    "third_party": _("Third party"),
    "complaint": _("Complaint"),
    "inquiry": _("Inquiry"),
    "suggestion": _("Suggestion"),
    "praise": _("Praise"),
    "lift": _("Lift"),
    "fire_system": _("Fire system"),
    "maintenance": _("Maintenance"),
    "cleaning": _("Cleaning"),
    "patrol": _("Patrol"),
    "rectification": _("Rectification"),
    "training": _("Training"),
    "entrapment": _("Lift entrapment"),
    "conforming": _("Conforming"),
    "non_conforming": _("Non-conforming"),
    "not_applicable": _("Not applicable"),
    "not_checked": _("Not checked"),
    "A": _("A, red line"),
    "B": _("B, serious"),
    "C": _("C, ordinary"),
    "D": _("D, slight"),
}


def word(value: Any) -> str:
    """The word for a coded value; anything else stands as it is."""
    return str(ITEMS.get(value, value)) if isinstance(value, str) else str(value)
