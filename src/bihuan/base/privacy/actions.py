from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _
from filelock import FileLock, Timeout

from bihuan.base.privacy import keys, queries
from bihuan.base.privacy.fields import EncryptedMixin
from bihuan.base.trail.act import Refused, act, note

BATCH = 500
Progress = Callable[[int, int], Any]


@act
def reveal(obj: models.Model, field: str, *, actor: Any, reason: str) -> str:
    """Give the full value of an encrypted field; that ``actor`` saw it, and why, goes on the trail.

    A model may have ``may_be_revealed_to(user, field) -> bool``; where that says no, nobody sees it. Raises
    ``Refused`` then, and when no reason is given.
    """
    if not isinstance(obj._meta.get_field(field), EncryptedMixin):
        raise TypeError(f"{obj._meta.label}.{field} is not an encrypted field")
    allowed = getattr(obj, "may_be_revealed_to", None)
    if allowed is not None and not allowed(actor, field):
        raise Refused(_("Your role does not show this in full."), code="not_yours_to_see", field=field)
    if not reason.strip():
        raise Refused(_("Say why you need to see this in full."), code="no_reason", field=field)
    place = getattr(obj, "place_path", "") or getattr(obj, "place", "")
    note(actor, "personal_data.revealed", obj, place=place, field=field, reason=reason.strip()[:500])
    return str(getattr(obj, field) or "")


def rotate_keys(*, actor: Any, progress: Progress | None = None) -> int:
    """Make a new key and write every encrypted value anew under it; gives the number of rows written.

    Killed half-way, it goes on where it stood when called again. Everything stays readable and findable
    meanwhile. Older keys stay in the file for the backups made under them. ``progress(done, total)`` is
    called after each batch.
    """
    lock = Path(settings.BIHUAN_HOME) / "keys" / "rotation.lock"
    lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with FileLock(lock, timeout=0):
            return _rotate(actor, progress)
    except Timeout as exc:
        raise Refused(
            _("The keys are being changed right now. Wait until that has ended."), code="rotation_under_way"
        ) from exc


def _rotate(actor: Any, progress: Progress | None) -> int:
    if not keys.ring().rotating:
        _begin(actor=actor)
    current = keys.ring().current
    done = 0
    # What another process wrote under the old key during the first pass is found by the next one.
    while left := sum(queries.outdated(model, current).count() for model in queries.encrypted_models()):
        total = done + left
        for model in queries.encrypted_models():
            while written := _rewrite_batch(model, current):
                done += written
                if progress is not None:
                    progress(done, max(done, total))
    _end(actor=actor, rows=done)
    return done


@act
def _begin(*, actor: Any) -> None:
    ring = keys.with_new_key(keys.ring())
    note(actor, "privacy_keys.rotation_started", None, key=ring.current)
    keys.save(ring)


@act
def _end(*, actor: Any, rows: int) -> None:
    ring = keys.settled(keys.ring())
    note(actor, "privacy_keys.rotated", None, key=ring.current, rows=rows)
    keys.save(ring)


def _rewrite_batch(model: type[models.Model], current: str) -> int:
    """Write one batch of rows under the current key; gives how many there were."""
    encrypted, blind = queries.encrypted_fields(model), queries.blind_fields(model)
    names = [field.attname for field in (*encrypted, *blind)]
    with transaction.atomic():
        rows = list(queries.outdated(model, current).select_for_update(of=("self",))[:BATCH])
        for row in rows:
            for field in blind:
                setattr(row, field.attname, field.hash(getattr(row, field.source) or ""))
        model._base_manager.bulk_update(rows, names, batch_size=100)
    return len(rows)
