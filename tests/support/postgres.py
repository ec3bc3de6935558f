"""A real PostgreSQL cluster for the tests: made in a temporary folder, on a socket only, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """The folder with ``initdb`` and ``pg_ctl`` of the newest PostgreSQL on this machine, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    if found:
        return found[-1].parent
    which = shutil.which("initdb")
    return Path(which).parent if which else None


@contextmanager
def cluster() -> Iterator[str]:
    """Start a cluster and give its URL. PostgreSQL refuses to run as root: root hands it to ``postgres``."""
    folder = binaries()
    if folder is None:
        raise FileNotFoundError("PostgreSQL (initdb, pg_ctl) is not on this machine")
    home = Path(tempfile.mkdtemp(prefix="bihuan-pg-"))
    user = None
    if os.geteuid() == 0:
        user = "postgres"
        account = pwd.getpwnam(user)
        os.chown(home, account.pw_uid, account.pw_gid)
    data = home / "data"

    def run(*command: str) -> None:
        subprocess.run(
            command, user=user, cwd=home, check=True, stdout=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"}
        )

    run(
        str(folder / "initdb"),
        "-D",
        str(data),
        "-U",
        "bihuan",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "-N",
    )
    options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off -c max_connections=60"
    run(str(folder / "pg_ctl"), "-D", str(data), "-w", "-l", str(home / "log"), "-o", options, "start")
    home.chmod(0o755)
    try:
        yield f"postgresql://bihuan@{str(home).replace('/', '%2F')}/postgres"
    finally:
        run(str(folder / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)
