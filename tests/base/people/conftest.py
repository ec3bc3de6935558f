from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    """Hash passwords in an instant; the real hasher is the same code with more rounds."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]


@pytest.fixture
def own_queries():
    """Count the queries on the tables of people and places; what other rooms ask for the frame is theirs."""

    class Counting(CaptureQueriesContext):
        @property
        def number(self) -> int:
            return sum('"people_' in q["sql"] or '"places_' in q["sql"] for q in self.captured_queries)

    return Counting(connection)
