"""How work tells how far it is. Cheap enough to be called for every row: it writes twice a second at most."""

from __future__ import annotations

import threading
import time
from typing import Any
from uuid import UUID

from django.utils import timezone

WRITE_EVERY = 0.5


class Cancelled(BaseException):
    """Somebody asked the work to stop; raised where it reports its progress."""


class Stopping(BaseException):
    """The program is shutting down; the work goes back into the queue and begins again when it is back."""


class LeaseLost(BaseException):
    """This worker was held for dead and the job was given to another: this one must stop at once.

    Like ``KeyboardInterrupt`` the three are no ``Exception``: work that goes on after an error stops.
    """


class Progress:
    """What a background function is handed as ``progress``.

    Call it with whatever is known: ``progress(done, total)``, ``progress("Reading", done, total)``,
    ``progress(step=2, steps=4, unit=_("rows"))``. It raises ``Cancelled`` when somebody asked to stop.
    """

    def __init__(self, job_id: UUID, lease: UUID, stop: threading.Event | None = None) -> None:
        self.job_id, self.lease, self.stop = job_id, lease, stop
        self._waiting: dict[str, Any] = {}
        self._written = 0.0

    def __call__(self, *values: Any, **named: Any) -> None:
        numbers = iter(("done", "total"))
        for value in values:
            if isinstance(value, int | float):
                named.setdefault(next(numbers), value)
            elif value is not None:
                named.setdefault("message", value)
        changed = {name: _fit(name, value) for name, value in named.items() if value is not None}
        new_step = "step" in changed
        if new_step:
            changed = {"done": 0, "total": 0, "message": "", "step_started_at": timezone.now(), **changed}
        self._waiting |= changed
        if self.stop is not None and self.stop.is_set():
            raise Stopping
        if new_step or time.monotonic() - self._written >= WRITE_EVERY:
            self.write()

    def write(self) -> None:
        """Write now what is waiting, and learn whether to go on."""
        from bihuan.base.jobs.models import Job  # this module is imported before models load

        mine = Job.objects.filter(pk=self.job_id, lease=self.lease, state="running")
        if not mine.update(heartbeat_at=timezone.now(), **self._waiting):
            raise LeaseLost(str(self.job_id))
        self._waiting, self._written = {}, time.monotonic()
        if mine.filter(stop_asked=True).exists():
            raise Cancelled

    def unwritten(self) -> dict[str, Any]:
        """What has not been written yet."""
        return self._waiting


def _fit(name: str, value: Any) -> Any:
    if name in {"step", "steps", "done", "total"}:
        return max(int(value), 0)
    if name in {"message", "unit"}:
        return str(value)[: 300 if name == "message" else 80]
    if name == "step_started_at":
        return value
    raise TypeError(f"progress() does not know {name!r}")
