from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.files import images, kinds, rules, store
from bihuan.base.files.models import Attachment
from bihuan.base.trail.act import Refused, act, note

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]+')
KEEP_UNUSED = timedelta(days=2)


@act
def attach(
    file: BinaryIO | bytes,
    *,
    actor: Any,
    name: str = "",
    subject: models.Model | None = None,
    place: Any = None,
) -> Attachment:
    """Take in a photo or document.

    Parameters
    ----------
    file: an uploaded file, an open binary file, or bytes.
    name: its name; by default the uploaded file's own.
    subject: the record it belongs to.
    place: the place (or its path) whose people may see it; without one only ``actor`` and administrators do.

    Raises
    ------
    NotTakenError
        A ``ValueError`` whose sentence says why the file is not taken and what to send instead.
    """
    name = tidy_name(name or str(getattr(file, "name", "") or ""))
    content = file if isinstance(file, bytes) else _read(file)
    kind = kinds.kind_of(content, name)
    width = height = None
    ending, content_type = kind.ending, kind.content_type
    if kind.is_image:
        picture = images.remade(content, name)
        content, ending, content_type = picture.content, picture.ending, picture.content_type
        width, height = picture.width, picture.height
    sha256 = store.put(content, ending)
    if kind.is_image:
        store.write(store.thumbnail_of(sha256), picture.thumbnail)
    attachment = Attachment.objects.create(
        name=_with_ending(name, ending),
        content_type=content_type,
        size=len(content),
        sha256=sha256,
        width=width,
        height=height,
        owner=actor,
        place_path=str(getattr(place, "path", place) or ""),
        **_subject_fields(subject),
    )
    note(actor, "attachment.added", attachment, place=attachment.place_path, sha256=sha256, **_about(subject))
    return attachment


@act
def link(attachment: Attachment, *, actor: Any, subject: models.Model, place: Any = None) -> Attachment:
    """Tie an attachment that was added before its record to that record: once, by who added it."""
    if attachment.owner_id != getattr(actor, "pk", None) or attachment.subject_id:
        raise Refused(_("Only who added a file ties it to a record, and only once."), code="not_yours")
    for field, value in _subject_fields(subject).items():
        setattr(attachment, field, value)
    attachment.place_path = str(getattr(place, "path", place) or attachment.place_path)
    attachment.save(update_fields=["subject_kind", "subject_id", "place_path"])
    note(actor, "attachment.linked", attachment, place=attachment.place_path, **_about(subject))
    return attachment


@act
def remove(attachment: Attachment, *, actor: Any, reason: str = "") -> None:
    """Remove an attachment; its bytes go at night unless another attachment has the same."""
    if not rules.can_remove(actor, attachment):
        raise Refused(_("Only who added a file, or an administrator, removes it."), code="not_yours")
    note(actor, "attachment.removed", attachment, place=attachment.place_path, reason=reason)
    attachment.delete()


def clear_unused(*, now: datetime | None = None) -> int:
    """Delete files that no attachment has had for two days, and give their number.

    They come from uploads that were rolled back and attachments that were removed.
    """
    count = 0
    for path, sha256 in list(store.unused_since((now or timezone.now()) - KEEP_UNUSED)):
        if not Attachment.objects.filter(sha256=sha256).exists():
            path.unlink(missing_ok=True)
            count += 1
    return count


def tidy_name(name: str) -> str:
    """A name without path, control characters, or marks that turn the reading direction."""
    flat = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    return _UNSAFE.sub("_", flat).strip(" .")[:150] or "file"


def _with_ending(name: str, ending: str) -> str:
    stem, dot, old = name.rpartition(".")
    same = {ending, "jpeg"} if ending == "jpg" else {ending}
    if dot and old.lower() in same:
        return name
    return f"{stem if dot and len(old) <= 5 else name}.{ending}"


def _read(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(max(kinds.MOST_DOCUMENT_BYTES, kinds.MOST_IMAGE_BYTES) + 1)


def _subject_fields(subject: models.Model | None) -> dict[str, str]:
    if subject is None:
        return {}
    return {"subject_kind": subject._meta.label_lower, "subject_id": str(subject.pk)}


def _about(subject: models.Model | None) -> dict[str, str]:
    return {"of": f"{subject._meta.label_lower}:{subject.pk}"} if subject is not None else {}
