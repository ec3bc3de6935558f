"""Where the archive lies: a local folder (files forced to disk), or any other fsspec address.

A local folder admits one writer at a time through a lock file. Other stores have no such lock and
are written by one process only; that the process is alone there is for its operator to see to.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import fsspec
from filelock import FileLock, Timeout

from bihuan.archive.errors import ArchiveError

WRITING = "writing"  # folder of what is not yet visible
TARGETS = "targets.txt"  # in there: the files a batch is about to place
CACHE = "bihuan-archive-cache"


def sha256_of(path: Path) -> str:
    """SHA-256 of a local file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def force_to_disk(path: Path) -> None:
    """Do not return before the file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Storage(ABC):
    """The store that every archive needs: whole files under relative names, written once."""

    url: str
    local: bool

    @abstractmethod
    def address(self, name: str) -> str:
        """The full address of a file, for readers."""

    @abstractmethod
    def here(self, name: str, *, fresh: bool = False) -> Path:
        """A local copy of a file, to read only; ``fresh`` fetches it again where it is a copy."""

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Whether there is such a file."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """All bytes of a file; ``b""`` when there is none."""

    @abstractmethod
    def place(self, source: Path, name: str) -> None:
        """Move a finished local file into the store."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove a file; no error when it is gone already."""

    @abstractmethod
    def listing(self, folder: str) -> list[str]:
        """Every file below a folder, by relative name, sorted."""

    @abstractmethod
    def append(self, name: str, keep: int, data: bytes) -> None:
        """Cut a file to its first ``keep`` bytes and add ``data``, on the disk when this returns."""

    @abstractmethod
    def replace(self, name: str, data: bytes) -> None:
        """Write a small file whole, so that readers see the old or the new one."""

    @abstractmethod
    def lock(self, timeout: float) -> AbstractContextManager[None]:
        """Be the only writer inside the block."""

    @abstractmethod
    def workshop(self, batch: str) -> AbstractContextManager[Path]:
        """A local folder for files in the making; it is gone after the block."""


class LocalStorage(Storage):
    """A folder on this machine or on a mounted disk."""

    local = True

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = str(root)

    def address(self, name: str) -> str:
        return str(self.root / name)

    def here(self, name: str, *, fresh: bool = False) -> Path:
        return self.root / name

    def exists(self, name: str) -> bool:
        return (self.root / name).is_file()

    def read(self, name: str) -> bytes:
        try:
            return (self.root / name).read_bytes()
        except FileNotFoundError:
            return b""

    def place(self, source: Path, name: str) -> None:
        target = self.root / name
        self._make_folder(target.parent)
        force_to_disk(source)
        os.replace(source, target)
        force_to_disk(target.parent)

    def _make_folder(self, folder: Path) -> None:
        """Create a folder whose own entry also survives a power cut."""
        missing = []
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            force_to_disk(path.parent)

    def delete(self, name: str) -> None:
        path = self.root / name
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            force_to_disk(path.parent)

    def listing(self, folder: str) -> list[str]:
        return sorted(
            path.relative_to(self.root).as_posix()
            for path in (self.root / folder).rglob("*")
            if path.is_file()
        )

    def append(self, name: str, keep: int, data: bytes) -> None:
        path = self.root / name
        is_new = not path.exists()
        with path.open("ab") as file:
            file.truncate(keep)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            force_to_disk(self.root)

    def replace(self, name: str, data: bytes) -> None:
        partial = self.root / f"{name}.partial"
        partial.write_bytes(data)
        force_to_disk(partial)
        os.replace(partial, self.root / name)
        force_to_disk(self.root)

    @contextmanager
    def lock(self, timeout: float) -> Iterator[None]:
        self._make_folder(self.root)
        lock = FileLock(self.root / ".lock", timeout=timeout)
        try:
            lock.acquire()
        except Timeout as exc:
            raise ArchiveError(
                f"Another process has been writing to the archive {self.url} for more than "
                f"{timeout:g} seconds; wait until it is done, then do it again.",
                code="locked",
            ) from exc
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def workshop(self, batch: str) -> Iterator[Path]:
        folder = self.root / WRITING / batch  # on the same disk, so that a move is one step
        folder.mkdir(parents=True)
        try:
            yield folder
        except BaseException:
            if not (folder / TARGETS).exists():  # else files are being placed: the next writer tidies up
                shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(folder, ignore_errors=True)


class RemoteStorage(Storage):
    """Any other address fsspec knows, such as ``s3://bucket/archive``; one writing process only."""

    local = False

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.fs, self.root = fsspec.core.url_to_fs(self.url)
        mark = hashlib.sha256(self.url.encode()).hexdigest()[:16]
        self.cache = Path(tempfile.gettempdir()) / f"{CACHE}-{os.getuid()}" / mark

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"

    def address(self, name: str) -> str:
        return f"{self.url}/{name}"

    def here(self, name: str, *, fresh: bool = False) -> Path:
        """Fetch a file once; files never change, so the size tells whether a copy is whole."""
        copy = self.cache / name
        if not fresh and copy.is_file() and copy.stat().st_size == self.fs.size(self._path(name)):
            return copy
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=copy.parent, delete=False) as partial:
            pass
        self.fs.get_file(self._path(name), partial.name)
        os.replace(partial.name, copy)
        return copy

    def exists(self, name: str) -> bool:
        return bool(self.fs.isfile(self._path(name)))

    def read(self, name: str) -> bytes:
        self.fs.invalidate_cache()
        try:
            return bytes(self.fs.cat_file(self._path(name)))
        except FileNotFoundError:
            return b""

    def place(self, source: Path, name: str) -> None:
        path = self._path(name)
        self.fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        self.fs.put_file(str(source), path)

    def delete(self, name: str) -> None:
        if self.exists(name):
            self.fs.rm_file(self._path(name))
        (self.cache / name).unlink(missing_ok=True)

    def listing(self, folder: str) -> list[str]:
        self.fs.invalidate_cache()
        try:
            found = self.fs.find(self._path(folder))
        except FileNotFoundError:
            return []
        start = len(self._path("").lstrip("/"))
        return sorted(path.lstrip("/")[start:] for path in found)

    def append(self, name: str, keep: int, data: bytes) -> None:
        self.replace(name, self.read(name)[:keep] + data)

    def replace(self, name: str, data: bytes) -> None:
        self.fs.makedirs(self.root, exist_ok=True)
        self.fs.pipe_file(self._path(name), data)

    @contextmanager
    def lock(self, timeout: float) -> Iterator[None]:
        yield

    @contextmanager
    def workshop(self, batch: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="bihuan-archive-") as folder:
            yield Path(folder)


def open_storage(url: str | Path) -> Storage:
    """The store at ``url``: a folder, or an address with a scheme."""
    text = str(url)
    if "://" in text and not text.startswith("file://"):
        return RemoteStorage(text)
    folder = Path(text.removeprefix("file://")).expanduser().resolve()
    if set(str(folder)) & set("*?["):
        raise ArchiveError(
            f"The archive cannot lie in {folder}: choose a folder without *, ? and [ in its name.",
            code="folder",
        )
    return LocalStorage(folder)
