"""The simulated company, set up once for all browser tests and served by the real ``bihuan serve``."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a command that works in ``home`` alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BIHUAN_", "PYTEST_"))}
    return {**kept, "BIHUAN_HOME": str(home), **more}


def command(home: Path, *args: str, status: int = 0) -> str:
    """Run ``bihuan`` in ``home``; the status must be as told. Gives what it wrote."""
    done = subprocess.run(
        [str(BIN / "bihuan"), *args], cwd=ROOT, env=environment(home), capture_output=True, text=True
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def demo_template() -> Path:
    """A home folder with the whole demo, made by the first worker that needs it; never changed by a test.

    ``BIHUAN_TEST_DEMO`` names a folder in which it outlives one run of pytest, for the parts of the suite.
    """
    root = Path(os.environ.get("BIHUAN_TEST_DEMO") or os.environ["BIHUAN_TEST_ROOT"])
    home = root / "demo"
    with FileLock(root / "demo.lock"):
        if not (home / "made").exists():
            shutil.rmtree(home, ignore_errors=True)
            command(home, "demo", "--no-serve")
            (home / "made").touch()
    return home


@pytest.fixture(scope="session")
def demo_home(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo that this worker's tests may change."""
    home = tmp_path_factory.mktemp("demo") / "home"
    shutil.copytree(demo_template, home)
    return home


class Server:
    """A running ``bihuan serve``."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = (home / "serve.log").open("wb")
        self.process = subprocess.Popen(
            [str(BIN / "bihuan"), "serve", "--bind", f"127.0.0.1:{self.port}", "--workers", "1"],
            cwd=ROOT,
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        assert self.process.stdout is not None
        self.process.stdout.readline()  # it says where it is once the parts have been started
        self._until_it_answers()

    def _until_it_answers(self) -> None:
        request = urllib.request.Request(f"{self.url}/health")
        for _attempt in range(3000):
            assert self.process.poll() is None, (self.home / "serve.log").read_text()
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    assert answer.status == 200
                    return
            except (ConnectionRefusedError, urllib.error.URLError):
                select_briefly()
        raise AssertionError("the server did not answer")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; gives the exit status."""
        self.process.send_signal(number)
        status = self.process.wait(timeout=60)
        self.log.close()
        return status


def select_briefly() -> None:
    """Give the other process the processor for a moment."""
    import select

    select.select([], [], [], 0.05)


@pytest.fixture(scope="session")
def demo_server(demo_home: Path) -> Iterator[Server]:
    """The demo, served."""
    server = Server(demo_home)
    yield server
    assert server.stop() == 0


def addresses(home: Path) -> list[dict[str, Any]]:
    """Every address of the program with records of the demo in it; see ``tests.support.addresses``."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.addresses"],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
