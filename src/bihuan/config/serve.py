"""``bihuan serve``: the web server, the background worker and the scheduler as one process tree."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
GRACE = 20  # seconds a part gets to end what it is doing


def serve(bind: str, workers: int, say: Callable[[str], None]) -> int:
    """Run until SIGTERM or SIGINT, then stop every part cleanly; returns the exit status.

    A worker that dies is started again. When the web server dies the whole tree ends with status 1, so that
    whatever supervises it notices.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    web = _start(_web_command(bind, workers))
    work = _start([sys.executable, "-m", "bihuan.cli", "work"])
    say(f"http://{bind}/")
    while not stop.wait(0.5):
        if web.poll() is not None:
            break
        if work.poll() is not None:
            work = _start([sys.executable, "-m", "bihuan.cli", "work"])
    status = 0 if stop.is_set() else 1
    _stop([web, work])
    return status


def _web_command(bind: str, workers: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "bihuan.config.wsgi:application",
        f"--bind={bind}",
        f"--workers={workers}",
        "--worker-class=gthread",
        "--threads=4",
        "--timeout=120",
        f"--graceful-timeout={GRACE - 5}",
        "--log-level=warning",
        "--preload",
    ]


def _start(command: list[str]) -> subprocess.Popen:
    # A session of its own keeps Ctrl-C for the parent, which then stops the parts in order.
    return subprocess.Popen(
        command, start_new_session=True, preexec_fn=_die_with_parent, env=os.environ.copy()
    )


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(parts: list[subprocess.Popen]) -> None:
    for part in parts:
        if part.poll() is None:
            part.terminate()
    for part in parts:
        try:
            part.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            part.kill()
            part.wait()


def work() -> int:
    """The background part: the job worker and the scheduler, until SIGTERM."""
    from bihuan.base.jobs.loops import run_scheduler, run_worker  # Django is set up only now

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    scheduler = threading.Thread(target=run_scheduler, args=(stop,), name="scheduler")
    scheduler.start()
    try:
        run_worker(stop)
    finally:
        stop.set()
        scheduler.join(timeout=GRACE)
    return 0
