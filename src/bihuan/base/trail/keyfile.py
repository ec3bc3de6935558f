"""Secret files of this installation: made on first use, whole or not at all, read by their owner alone."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path


def make_once(path: Path, content: str) -> bool:
    """Write ``content`` to ``path`` unless the file is there already; ``True`` when this call made it.

    Of several processes that try at once, one wins and the others read what it wrote.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = _partial(path, content)
    try:
        path.hardlink_to(partial)
    except FileExistsError:
        return False
    finally:
        partial.unlink()
    sync_folder(path.parent)
    return True


def replace(path: Path, content: str) -> None:
    """Put ``content`` in place of the file's content in one step that a crash cannot split."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _partial(path, content).replace(path)
    sync_folder(path.parent)


def open_to_others(path: Path) -> bool:
    """Whether people other than the owner may read or change the file; ``False`` when there is none."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return bool(mode & (stat.S_IRWXG | stat.S_IRWXO))


def sync_folder(folder: Path) -> None:
    """Make new names in ``folder`` survive a power cut, where the system can do that."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except (PermissionError, IsADirectoryError):  # Windows opens no folders
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _partial(path: Path, content: str) -> Path:
    partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return partial
