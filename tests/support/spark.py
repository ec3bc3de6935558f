"""A real standalone Spark cluster on loopback: a master and two workers, for the tests that need it."""

from __future__ import annotations

import importlib.util
import os
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # everything else is imported when a test asks for it: most tests need none of it
    from bihuan.measure.engine import Engine, SparkOptions

LOOPBACK = "127.0.0.1"
WORKERS, CORES, MEMORY = 2, 2, "1500m"  # for two runs at once, each with one core of every worker
SECONDS_TO_START = 120.0
QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # half the time, where little is computed
SESSION = {
    "BIHUAN_SPARK_MEMORY": "700m",
    "BIHUAN_SPARK_DRIVER_MEMORY": "700m",
    "BIHUAN_SPARK_DRIVER_HOST": LOOPBACK,
    "BIHUAN_SPARK_CORES": str(WORKERS),
    "BIHUAN_SPARK_CONF": (
        f"spark.driver.bindAddress={LOOPBACK}, spark.executor.cores=1,"
        f"spark.sql.shuffle.partitions={WORKERS},"
        f"spark.driver.extraJavaOptions={QUICK_JAVA}, spark.executor.extraJavaOptions={QUICK_JAVA}"
    ),
}


def options() -> SparkOptions:
    """The same for an engine that a test opens itself."""
    from bihuan.measure.engine import SparkOptions

    return SparkOptions(
        memory=SESSION["BIHUAN_SPARK_MEMORY"],
        driver_memory=SESSION["BIHUAN_SPARK_DRIVER_MEMORY"],
        driver_host=LOOPBACK,
        cores=int(SESSION["BIHUAN_SPARK_CORES"]),
        more=dict(pair.strip().split("=", 1) for pair in SESSION["BIHUAN_SPARK_CONF"].split(",")),
    )


def missing() -> str:
    """What a cluster lacks on this machine; empty where all is there."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark (requirements/spark.txt)"
    return "" if shutil.which("java") else "a Java runtime"


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The URL of a master with two workers; nothing of them is left when the block ends."""
    with ExitStack() as stack:
        log = _started(stack, folder, "master", "master.Master", "--port", "0")
        url = _line(log, r"Starting Spark master at (spark://\S+)")
        logs = [
            _started(
                stack, folder, f"worker-{n}", "worker.Worker", "--port", "0", "--cores", str(CORES),
                "--memory", MEMORY, "--work-dir", str(folder / f"work-{n}"), url,
            )
            for n in range(WORKERS)
        ]  # fmt: skip
        for log in logs:
            _line(log, r"(Successfully registered with master)")
        yield url


def _started(stack: ExitStack, folder: Path, name: str, kind: str, *args: str) -> Path:
    """Start one part of the cluster; it is stopped with the stack. Gives its log."""
    import pyspark

    home = Path(pyspark.__file__).parent
    log = folder / f"{name}.log"
    command = [
        "java",
        "-Xmx128m",
        *QUICK_JAVA.split(),
        "-cp",
        f"{home}/jars/*",
        f"org.apache.spark.deploy.{kind}",
    ]
    command += ["--host", LOOPBACK, "--webui-port", "0", *args]
    env = {**os.environ, "SPARK_HOME": str(home), "SPARK_SCALA_VERSION": "2.13", "SPARK_LOCAL_IP": LOOPBACK}
    with log.open("wb") as out:
        # A session of its own, so that its executors end with it whatever happens.
        process = subprocess.Popen(
            command, env=env, cwd=folder, stdout=out, stderr=out, start_new_session=True
        )
    stack.callback(_stop, process)
    return log


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def _line(log: Path, pattern: str) -> str:
    """Wait for a line in a log."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if found := re.search(pattern, log.read_text(errors="replace")):
            return found[1]
        select.select([], [], [], 0.05)
    raise AssertionError(f"{log.name} never said {pattern}:\n{log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="session")
def spark_here() -> None:
    """Skips where Spark cannot run."""
    from tests.conftest import require

    require(not missing(), missing())


@pytest.fixture(scope="session")
def spark_master(spark_here: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running cluster."""
    with cluster(tmp_path_factory.mktemp("spark")) as url:
        yield url


@pytest.fixture(scope="session")
def spark(spark_master: str) -> Iterator[Engine]:
    """One session on it for all tests."""
    from bihuan.measure.engine import open_engine

    with open_engine(spark_master, spark=options()) as engine:
        yield engine


@pytest.fixture(scope="session", params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn: what a test finds must not depend on it."""
    from bihuan.measure.engine import open_engine

    return open_engine("duckdb") if request.param == "duckdb" else request.getfixturevalue("spark")
