"""Where the bytes lie: ``files/ab/cd/<fingerprint>.<ending>`` in the home folder, each content once."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from bihuan.base.trail.keyfile import sync_folder

ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "application/pdf": "pdf",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
}


def path_of(sha256: str, ending: str) -> Path:
    """Where content with this fingerprint lies."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256[2:4] / f"{sha256}.{ending}"


def thumbnail_of(sha256: str) -> Path:
    """Where the small picture of a photo lies."""
    return path_of(sha256, "small.jpg")


def put(content: bytes, ending: str) -> str:
    """Keep ``content`` and give its fingerprint; on return it is on the disk to stay."""
    sha256 = hashlib.sha256(content).hexdigest()
    write(path_of(sha256, ending), content)
    return sha256


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. One that is there already is only marked as used now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.utime(path)  # keeps the nightly clearing away from it
        return
    except FileNotFoundError:
        pass
    partial = path.with_name(f".{secrets.token_hex(8)}.part")
    with partial.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)
    sync_folder(path.parent.parent)
    sync_folder(path.parent.parent.parent)


def unused_since(moment: datetime) -> Iterator[tuple[Path, str]]:
    """Files not touched since ``moment``, with their fingerprint (empty for a half-written one)."""
    for path in Path(settings.MEDIA_ROOT).glob("??/??/*"):
        if path.stat().st_mtime < moment.timestamp():
            yield path, "" if path.name.startswith(".") else path.name.partition(".")[0]
