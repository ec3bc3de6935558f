"""Settings every test stands on: a home folder of its own, and the chosen real database."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

pytest_plugins = ["tests.support.browser", "tests.support.demo", "tests.support.spark"]

# Django reads its settings when it is first imported, so the home folder is chosen before that. For the same
# reason the settings are named here and not in pyproject.toml, from where pytest-django reads them too early.
if "BIHUAN_TEST_ROOT" not in os.environ:
    os.environ["BIHUAN_TEST_ROOT"] = tempfile.mkdtemp(prefix="bihuan-tests-")
_home = Path(os.environ["BIHUAN_TEST_ROOT"]) / os.environ.get("PYTEST_XDIST_WORKER", "main")
_home.mkdir(parents=True, exist_ok=True)
os.environ["BIHUAN_HOME"] = str(_home)
for _name in [
    name
    for name in os.environ
    if name.startswith("BIHUAN_")
    and name
    not in {
        "BIHUAN_HOME",
        "BIHUAN_TEST_ROOT",
        "BIHUAN_TEST_DEMO",
        "BIHUAN_DATABASE",
        "BIHUAN_PUBLIC_DATA",
        "BIHUAN_TESTS_REQUIRE_ALL",
    }
]:
    del os.environ[_name]


os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.config.settings"
(_home / "static").mkdir(exist_ok=True)  # WhiteNoise warns where it is missing

from django.conf import settings as _settings  # noqa: E402

if _home.resolve() != _settings.BIHUAN_HOME:
    raise RuntimeError(f"the tests would write to {_settings.BIHUAN_HOME}: unset DJANGO_SETTINGS_MODULE")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Workers inherit the environment; with the settings named there they would be read before this file."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """What is the same on every database need not run on the second one."""
    parser.addoption("--database-only", action="store_true", help="only the tests that use the database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what no database takes part in, when asked to."""
    if config.getoption("--database-only"):
        used = [item for item in items if _uses_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if not _uses_database(item)])
        items[:] = used


def _uses_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind: the first process made the folder, and is the last to end."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ["BIHUAN_TEST_ROOT"], ignore_errors=True)


def require(present: bool, what: str) -> None:
    """Skip with a reason where a real part is missing; in CI, where all must be there, fail."""
    if present:
        return
    if os.environ.get("BIHUAN_TESTS_REQUIRE_ALL"):
        pytest.fail(f"{what} is missing, and this run may skip nothing")
    pytest.skip(f"{what} is not on this machine")


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of the public data sets."""
    folder = Path(
        os.environ.get("BIHUAN_PUBLIC_DATA", Path(__file__).parents[2] / "shared" / "data")
    ).resolve()
    require(folder.is_dir(), "the folder of public data sets (BIHUAN_PUBLIC_DATA)")
    return folder


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference numbers computed with R, beside the public data."""
    folder = (
        Path(os.environ.get("BIHUAN_PUBLIC_DATA", Path(__file__).parents[2] / "shared" / "data"))
        .resolve()
        .parent
        / "reference"
    )
    require(folder.is_dir(), "the folder of reference numbers")
    return folder


def pytest_configure() -> None:
    """A quick hash for the passwords of people who exist for one test only."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True, scope="session")
def plain_static_files():
    """Serve static files by their plain names: the hashed ones need a ``collectstatic`` first."""
    from django.test import override_settings

    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(STORAGES=storages):
        yield
