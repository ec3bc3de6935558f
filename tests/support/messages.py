"""Collect the translatable strings of each room into its own catalogue (needs GNU gettext).

``python tests/support/messages.py [room folder ...]``: all rooms when none is named.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "bihuan"


def rooms() -> list[Path]:
    """Folders that are Django apps, each with a catalogue of its own."""
    return sorted(path.parent for path in PACKAGE.rglob("apps.py"))


def collect(room: Path, others: list[Path] | None = None) -> None:
    """Run ``makemessages`` for one room; nested rooms are collected on their own."""
    (room / "locale").mkdir(exist_ok=True)
    nested = [str(r.relative_to(room)) + "/*" for r in others or rooms() if room in r.parents]
    command = [
        sys.executable,
        "-m",
        "django",
        "makemessages",
        "--locale",
        "zh_Hans",
        "--no-obsolete",
        "--add-location",
        "file",
    ]
    for pattern in nested:
        command += ["--ignore", pattern]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    subprocess.run(command, cwd=room, env=env, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    for folder in [Path(a).resolve() for a in sys.argv[1:]] or rooms():
        collect(folder)
