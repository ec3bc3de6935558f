"""Which worker processes are alive.

Each worker holds a lock on a file of its own in ``run/workers`` of the home folder for as long as it lives;
the system lets go of it even when the process is killed. Where the file is not to be seen (a worker on
another machine), the heartbeat in the job's row decides.
"""

from __future__ import annotations

import platform
import threading
import uuid
from pathlib import Path
from types import TracebackType

from django.conf import settings
from filelock import FileLock, Timeout


def folder() -> Path:
    """Where the lock files lie."""
    return Path(settings.BIHUAN_HOME) / "run" / "workers"


class Presence:
    """A living worker: ``with Presence() as me: me.id``. ``busy`` has the leases of what it is doing."""

    here: dict[str, Presence] = {}

    def __init__(self, stop: threading.Event | None = None) -> None:
        self.id = f"{platform.node()[:24]}-{uuid.uuid4().hex}"
        self.busy: set[uuid.UUID] = set()
        self.stop = stop or threading.Event()
        folder().mkdir(parents=True, exist_ok=True)
        self._path = folder() / f"{self.id}.lock"
        self._lock = FileLock(self._path, timeout=0, thread_local=False)

    def __enter__(self) -> Presence:
        self._lock.acquire(timeout=5)
        Presence.here[self.id] = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        Presence.here.pop(self.id, None)
        self._lock.release()
        self._path.unlink(missing_ok=True)


def is_alive(worker_id: str) -> bool | None:
    """Whether the worker lives; ``None`` where that cannot be seen from here."""
    if not worker_id:
        return None
    if worker_id in Presence.here:
        return True
    path = folder() / f"{worker_id}.lock"
    if not path.exists():
        return None
    try:
        with FileLock(path, timeout=0, thread_local=False):
            return False
    except Timeout:
        return True


def clear_dead() -> None:
    """Remove the lock files that killed workers left."""
    if folder().is_dir():
        for path in folder().glob("*.lock"):
            if is_alive(path.stem) is False:
                path.unlink(missing_ok=True)
