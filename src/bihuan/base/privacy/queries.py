from __future__ import annotations

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast

from bihuan.base.privacy.fields import BlindIndexField, EncryptedMixin


def encrypted_models() -> list[type[models.Model]]:
    """Every model that holds personal data of its own, in a fixed order."""
    found = [m for m in apps.get_models() if encrypted_fields(m) and not m._meta.proxy]
    return sorted(found, key=lambda m: m._meta.label)


def encrypted_fields(model: type[models.Model]) -> list[EncryptedMixin]:
    """The encrypted fields in the model's own table."""
    return [f for f in model._meta.local_concrete_fields if isinstance(f, EncryptedMixin)]


def blind_fields(model: type[models.Model]) -> list[BlindIndexField]:
    """The blind indexes in the model's own table."""
    return [f for f in model._meta.local_concrete_fields if isinstance(f, BlindIndexField)]


def outdated(model: type[models.Model], current: str) -> models.QuerySet:
    """Rows with a value that stands under another key than ``current``."""
    rows = model._base_manager.all()
    wanted = Q()
    for field in (*encrypted_fields(model), *blind_fields(model)):
        raw = f"stored_{field.attname}"
        rows = rows.alias(**{raw: Cast(field.attname, models.TextField())})
        wanted |= ~Q(**{f"{raw}__startswith": f"{current}$"}) & Q(**{f"{raw}__gt": ""})
    return rows.filter(wanted).order_by("pk")
