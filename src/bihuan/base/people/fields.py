"""A person's fields as they are stored."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bihuan.base.privacy import normalise

from .models import User

CHANGEABLE = ("name", "phone", "email", "language", "department", "contractor")


def tidy(person: User | None, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields as they are stored: phone as E.164, e-mail in small letters, and neither used by another."""
    unknown = set(fields) - set(CHANGEABLE)
    if unknown:
        raise TypeError(f"not a field of a person: {', '.join(sorted(unknown))}")
    clean = dict(fields)
    others = User.objects.exclude(pk=person.pk) if person else User.objects.all()
    if "name" in clean:
        clean["name"] = " ".join(str(clean["name"] or "").split())
        if not clean["name"]:
            raise ValidationError({"name": _("Write the name.")})
    if "phone" in clean:
        clean["phone"] = _phone(clean["phone"])
        if clean["phone"] and others.filter(phone_index=clean["phone"]).exists():
            raise ValidationError({"phone": _("Another person has this phone number. Give each their own.")})
    if "email" in clean:
        clean["email"] = (clean["email"] or "").strip().lower() or None
        if clean["email"] and others.filter(email=clean["email"]).exists():
            raise ValidationError(
                {"email": _("Another person has this e-mail address. Give each their own.")}
            )
    return clean


def with_indexes(fields: list[str]) -> list[str]:
    """The fields with the blind index of those that have one."""
    return [*fields, *(f"{field}_index" for field in fields if field in ("name", "phone"))]


def _phone(text: str | None) -> str:
    if not text:
        return ""
    try:
        return normalise.phone(text)
    except ValueError as exc:
        raise ValidationError({"phone": str(exc)}) from exc
