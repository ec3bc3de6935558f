"""Warnings of ``bihuan check`` about the secret files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks

from bihuan.base.trail import keyfile

SECRETS = ("privacy.json", "trail.key", "secret.key")


@checks.register(checks.Tags.security)
def secret_files(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Whoever else can log in to this machine must not read the keys."""
    folder = Path(settings.BIHUAN_HOME) / "keys"
    return [
        checks.Error(
            f"Other users of this machine can read {folder / name}.",
            hint=f"Run: chmod 600 {folder / name}",
            id="privacy.E002",
        )
        for name in SECRETS
        if keyfile.open_to_others(folder / name)
    ]
