from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    """Hash passwords in an instant; the real hasher is the same code with more rounds."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
