from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def a_home_of_its_own(settings, tmp_path):
    """A home folder without a setup code, an archive or a trail's head of another test."""
    settings.BIHUAN_HOME = tmp_path
    settings.ARCHIVE_URL = str(tmp_path / "archive")
    settings.RESULTS_URL = str(tmp_path / "results")
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]


@pytest.fixture
def setup_code(a_home_of_its_own) -> str:
    """What `bihuan serve` makes and prints while nothing is set up."""
    from bihuan.config.start import code  # needs the apps

    return code.keep()
