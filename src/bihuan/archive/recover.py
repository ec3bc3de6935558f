"""What holds a batch together across a crash.

Finished files are moved to their place only after a list of them lies on the disk, and become visible
only with the manifest's line. Whoever writes next finds the list and removes what never became visible.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from bihuan.archive.manifest import HEAD, Manifest
from bihuan.archive.storage import TARGETS, WRITING, LocalStorage, Storage, force_to_disk

FOLDERS = ("facts", "dimensions")


def place_all(storage: Storage, workshop: Path, ready: list[tuple[Path, str]]) -> None:
    """Move finished files to their place, having written down first which ones."""
    targets = workshop / TARGETS
    targets.write_text("".join(f"{name}\n" for _, name in ready))
    force_to_disk(targets)
    force_to_disk(workshop)
    for path, name in ready:
        storage.place(path, name)


def known_files(manifest: Manifest) -> tuple[set[str], set[str]]:
    """Names the manifest vouches for, and names whose erasure it has announced."""
    vouched: set[str] = set()
    erased: set[str] = set()
    for line in manifest.lines():
        for part in line.contents:
            vouched.update(file.path for file in part.files)
        for rewrite in line.rewritten:
            erased.add(rewrite.path)
            if rewrite.by:
                vouched.add(rewrite.by.path)
    return vouched - erased, erased


def finish_interrupted(storage: Storage, manifest: Manifest) -> None:
    """Undo or finish what a writer that died left behind; called by the only writer there is."""
    lines = manifest.lines()
    if lines and manifest.kept_head() != manifest.head() and manifest.kept_head()[0] == len(lines) - 1:
        storage.replace(HEAD, f"{lines[-1].line} {lines[-1].sha256}\n".encode())
    if isinstance(storage, LocalStorage):
        _clear_workshops(storage, manifest)
    if lines and lines[-1].kind == "purge":
        for rewrite in lines[-1].rewritten:
            storage.delete(rewrite.path)


def _clear_workshops(storage: LocalStorage, manifest: Manifest) -> None:
    folders = sorted((storage.root / WRITING).glob("*"))
    if not folders:
        return
    vouched, _ = known_files(manifest)
    for folder in folders:
        targets = folder / TARGETS
        # A list cut short by the crash was never acted on: moves begin after it is on the disk.
        names = targets.read_text().splitlines() if targets.is_file() else []
        for name in names:
            if name.startswith(FOLDERS) and name not in vouched:
                storage.delete(name)
        shutil.rmtree(folder)


def sweep(storage: Storage, manifest: Manifest) -> list[str]:
    """Remove every file the manifest does not vouch for; the caller is the only writer there is."""
    vouched, _ = known_files(manifest)
    stray = [name for folder in FOLDERS for name in storage.listing(folder) if name not in vouched]
    for name in stray:
        storage.delete(name)
    return stray
