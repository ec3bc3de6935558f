from __future__ import annotations

import pytest

from bihuan.archive.store import Archive


@pytest.fixture
def archive(tmp_path, settings) -> Archive:
    """A real archive, the one the pages read."""
    settings.ARCHIVE_URL = str(tmp_path / "archive")
    return Archive(settings.ARCHIVE_URL)
