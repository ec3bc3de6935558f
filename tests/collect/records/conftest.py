"""What the tests of imports share."""

from __future__ import annotations

import pytest


@pytest.fixture
def archive(tmp_path):
    from bihuan.archive.store import Archive  # Django is not set up when this file is loaded

    return Archive(tmp_path / "archive")


@pytest.fixture
def places(db):
    from tests.collect.records.factories import company  # as above

    return company()
