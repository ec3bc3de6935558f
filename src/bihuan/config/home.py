"""The home folder: everything an installation keeps, made ready before anything uses it."""

from __future__ import annotations

import json

from django.conf import settings
from django.core.management import call_command
from filelock import FileLock

import bihuan


def prepare(*, static: bool = False) -> None:
    """Make the folders, bring the database to this version, and load the catalogue of indicators.

    Does nothing where that has been done for this version; two processes at once do it one after the other.
    ``static`` also gathers the files that the web server hands out.
    """
    home = settings.BIHUAN_HOME
    for folder in ("keys", "log", "files", "results"):
        (home / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(home / "prepare.lock"):
        call_command("migrate", verbosity=0, interactive=False)
        _load_catalogue()
        if static:
            call_command("collectstatic", verbosity=0, interactive=False)


def _load_catalogue() -> None:
    from bihuan.standards.actions import load_catalogue  # models are ready only now

    marker = settings.BIHUAN_HOME / "catalogue.json"
    if marker.exists() and json.loads(marker.read_text()).get("version") == bihuan.__version__:
        return
    load_catalogue(actor=None)
    marker.write_text(json.dumps({"version": bihuan.__version__}))
