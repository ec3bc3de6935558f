from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest


@pytest.fixture
def stores(settings, tmp_path: Path) -> Path:
    """Results and files of this test alone."""
    settings.RESULTS_URL = str(tmp_path / "results")
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


@pytest.fixture
def world(db, stores: Path) -> SimpleNamespace:
    """The small company of :mod:`tests.improve.factories`."""
    from tests.improve import factories

    return factories.plant()
