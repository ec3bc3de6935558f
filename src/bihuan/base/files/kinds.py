"""Which files are taken in, told by what is in them and not by their name."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from django.utils.translation import gettext as _

MOST_IMAGE_BYTES = 25 * 2**20
MOST_DOCUMENT_BYTES = 50 * 2**20
MOST_PARTS = 20_000
_OFFICE = "application/vnd.openxmlformats-officedocument."
OOXML = {
    "word/": ("docx", _OFFICE + "wordprocessingml.document"),
    "xl/": ("xlsx", _OFFICE + "spreadsheetml.sheet"),
    "ppt/": ("pptx", _OFFICE + "presentationml.presentation"),
}
OLE = {"doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint"}
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")


class NotTakenError(ValueError):
    """The file is not taken in; the message says why and what to send instead."""


@dataclass(frozen=True)
class Kind:
    """What a file is: its usual ending and content type."""

    ending: str
    content_type: str
    is_image: bool = False


def kind_of(content: bytes, name: str) -> Kind:
    """What the file is. ``NotTakenError`` for all but photos, PDF, Word, Excel and PowerPoint."""
    kind = _kind(content, name)
    most = MOST_IMAGE_BYTES if kind.is_image else MOST_DOCUMENT_BYTES
    if len(content) > most:
        raise NotTakenError(
            _("“%(name)s” has %(size)s MB; at most %(most)s MB are taken. Send a smaller file.")
            % {"name": name, "size": -(-len(content) // 2**20), "most": most // 2**20}
        )
    return kind


def _kind(content: bytes, name: str) -> Kind:
    if not content:
        raise NotTakenError(_("“%(name)s” is empty. Choose the file again.") % {"name": name})
    if content.startswith(b"\xff\xd8\xff"):
        return Kind("jpg", "image/jpeg", True)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind("png", "image/png", True)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Kind("webp", "image/webp", True)
    if content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS:
        raise NotTakenError(
            _(
                "“%(name)s” is a HEIC photo, which other people's devices cannot show. Set the camera to "
                "“Most compatible”, or send a JPEG."
            )
            % {"name": name}
        )
    if content.startswith(b"%PDF-"):
        return Kind("pdf", "application/pdf")
    if content.startswith(b"PK\x03\x04"):
        return _ooxml(content, name)
    ending = name.rpartition(".")[2].lower()
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") and ending in OLE:
        return Kind(ending, OLE[ending])
    raise _other(name)


def _ooxml(content: bytes, name: str) -> Kind:
    """Word, Excel or PowerPoint, by the list of parts; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError) as exc:
        raise _other(name) from exc
    if "[Content_Types].xml" not in parts or len(parts) > MOST_PARTS:
        raise _other(name)
    if any(part.lower().endswith("vbaproject.bin") for part in parts):
        raise NotTakenError(
            _("“%(name)s” contains macros. Save it without them (.docx, .xlsx) and send it again.")
            % {"name": name}
        )
    for folder, (ending, content_type) in OOXML.items():
        if any(part.startswith(folder) for part in parts):
            return Kind(ending, content_type)
    raise _other(name)


def _other(name: str) -> NotTakenError:
    return NotTakenError(
        _(
            "“%(name)s” is not a kind of file that is taken. Send a photo (JPEG, PNG, WebP), a PDF, or a "
            "Word, Excel or PowerPoint file."
        )
        % {"name": name}
    )
