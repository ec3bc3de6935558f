"""A small company for every test that asks for it. Models load after this file, hence the inner imports."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest


@pytest.fixture
def stores(settings, tmp_path: Path) -> Path:
    """An archive and results folder of this test alone."""
    settings.ARCHIVE_URL = str(tmp_path / "archive")
    settings.RESULTS_URL = str(tmp_path / "results")
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


@pytest.fixture
def company(db, stores: Path) -> SimpleNamespace:
    """The company with its archive and the catalogue, not evaluated yet."""
    from tests.assess import world

    return world.plant(stores)


@pytest.fixture(scope="session")
def kept(tmp_path_factory) -> Path:
    """Where the files of the one real evaluation are kept for the other tests."""
    return tmp_path_factory.mktemp("assess")


@pytest.fixture
def evaluated(company: SimpleNamespace, stores: Path, kept: Path) -> SimpleNamespace:
    """The same company with both quarters evaluated."""
    from tests.assess import world

    return world.evaluate(company, stores, kept)
