from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet

from bihuan.base.trail.models import Entry


def visible_to(user: Any) -> QuerySet[Entry]:
    """Administrators read the whole trail; everybody else what they did themselves."""
    if not getattr(user, "is_authenticated", False):
        return Entry.objects.none()
    if user.has_role("administrator"):
        return Entry.objects.all()
    return Entry.objects.filter(actor=user)


def for_subject(obj: Model) -> QuerySet[Entry]:
    """What happened to one record, newest first: for the page of a record, shown to whoever may see that."""
    return Entry.objects.filter(subject_kind=obj._meta.label_lower, subject_id=str(obj.pk))
