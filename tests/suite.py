"""The whole test suite, part by part, with the time each part took: what ``make test`` runs.

``python tests/suite.py [part ...]`` runs only those parts. Every part runs even when an earlier one failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from tests.support import postgres  # noqa: E402  (the tests are not an installed package)

BIN = Path(sys.executable).parent
REQUIRE_ALL = bool(os.environ.get("BIHUAN_TESTS_REQUIRE_ALL"))
DATABASE_ROOMS = ["base", "standards", "collect", "assess", "improve", "web", "config"]


def call(*command: str, **env: str) -> bool:
    """Run one command in the checkout; true when it ended well."""
    sys.stdout.flush()
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **env}).returncode == 0


def pytest(*args: str, **env: str) -> bool:
    """Run pytest on both cores."""
    return call(str(BIN / "pytest"), "-q", "-n", "2", "--dist", "loadfile", *args, **env)


def lint() -> bool:
    """Style, types, layers, and that the migrations tell the models' whole story."""
    checks = [
        call(str(BIN / "ruff"), "check", "src", "tests", "benchmarks", "hatch_build.py"),
        call(
            str(BIN / "ruff"), "format", "--check", "--quiet", "src", "tests", "benchmarks", "hatch_build.py"
        ),
        call(str(BIN / "lint-imports"), "--no-logo"),
        call(str(BIN / "mypy"), "--no-error-summary"),
        migrations_tell_all(),
    ]
    return all(checks)


def migrations_tell_all() -> bool:
    """Whether no model has changed since its migrations were written."""
    with tempfile.TemporaryDirectory() as home:
        command = (sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run")
        return call(*command, BIHUAN_HOME=home, DJANGO_SETTINGS_MODULE="bihuan.config.settings")


def numbers() -> bool:
    """The rooms without a database: statistics, archive, engine."""
    return pytest("-m", "not spark", "tests/stats", "tests/archive", "tests/measure")


def sqlite() -> bool:
    """Everything that stands on the database, on SQLite."""
    return pytest("-m", "not browser and not spark", *rooms())


def on_postgres() -> bool:
    """What uses the database, on a real PostgreSQL; the long ones ask the archive instead."""
    if postgres.binaries() is None:
        print("skipped: PostgreSQL is not on this machine")
        return not REQUIRE_ALL
    with postgres.cluster() as url:
        chosen = "not browser and not slow and not public_data and not spark"
        return pytest("--database-only", "-m", chosen, *rooms(), BIHUAN_DATABASE=url)


def browser() -> bool:
    """The pages in a real Chromium, in both languages, at phone and desktop width."""
    return pytest("-m", "browser", "tests")


def spark() -> bool:
    """Evaluations on a real Spark master with two workers, beside the same on DuckDB."""
    # No workers of pytest: one cluster fills both cores.
    return call(str(BIN / "pytest"), "-q", "-m", "spark", "tests/measure", "tests/config")


def rooms() -> list[str]:
    """The test folders that need the database."""
    return [f"tests/{room}" for room in DATABASE_ROOMS if (ROOT / "tests" / room).is_dir()]


PARTS: dict[str, Callable[[], bool]] = {
    "lint": lint,
    "numbers": numbers,
    "sqlite": sqlite,
    "postgres": on_postgres,
    "browser": browser,
    "spark": spark,
}


def main(names: list[str]) -> int:
    """Run the named parts, or all; print what each took; 1 when any failed."""
    results = []
    with tempfile.TemporaryDirectory(prefix="bihuan-suite-") as shared:
        os.environ["BIHUAN_TEST_DEMO"] = shared  # the demo is made once for all parts
        for name in names or list(PARTS):
            print(f"\n=== {name}: {PARTS[name].__doc__}", flush=True)
            started = time.monotonic()
            passed = PARTS[name]()
            results.append((name, passed, time.monotonic() - started))
    print("\nWhat each part took:")
    for name, passed, seconds in results:
        print(f"  {name:<10} {seconds:7.1f} s  {'passed' if passed else 'FAILED'}")
    return 0 if all(passed for _, passed, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
