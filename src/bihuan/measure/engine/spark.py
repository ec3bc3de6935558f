"""Runs the same Ibis expressions on a standalone Apache Spark cluster, over the same Parquet files.

One evaluation is one Spark application: it holds its executors until the engine is closed, and then the Java
process of the driver ends, too. Only SQL goes to the workers, so they need Spark and no Python.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from bihuan.measure.engine.query import Engine, EngineError, Query
from bihuan.measure.engine.spark_sql import sql_of, tables_of

SCHEME = "spark"
QUERIES_AT_ONCE = 4  # the next ones fill the cores while the last tasks of one are still at work
SECONDS_TO_ANSWER = 5.0
SECONDS_FOR_A_WORKER = 60.0
LAUNCHED = ("spark.driver.", "spark.jars", "spark.submit.", "spark.log.")  # read when Java starts
# Hadoop's name of a store, by fsspec's.
STORES = {"s3": "s3a", "s3a": "s3a", "gs": "gs", "gcs": "gs", "abfs": "abfs", "abfss": "abfss"} | {
    name: name for name in ("hdfs", "oss", "cosn", "obs", "webhdfs")
}
UNREADABLE = ("FILE_NOT_EXIST", "FileNotFoundException", "PATH_NOT_FOUND", "No FileSystem for scheme")
_ALONE = threading.Lock()  # a process can hold one Spark driver


@dataclass(frozen=True)
class SparkOptions:
    """What an evaluation may take of a cluster.

    Attributes
    ----------
    memory, driver_memory : str
        Of each executor, and of the driver's Java process, such as ``4g``.
    cores : int
        Cores on all workers together; 0 takes all that are free.
    driver_host : str
        Name or address at which the workers reach this machine; empty for its host name.
    more : mapping of str
        Any other settings of Spark, which win over ours.
    """

    memory: str = "2g"
    driver_memory: str = "2g"
    cores: int = 0
    driver_host: str = ""
    more: Mapping[str, str] = field(default_factory=dict)


def masters(url: str) -> list[tuple[str, int]]:
    """Host and port of every master in ``spark://host:port[,host:port]``. Raises ``ValueError``."""
    found = []
    for part in url.removeprefix(f"{SCHEME}://").split(","):
        with suppress(ValueError):
            split = urlsplit(f"//{part}")
            if split.hostname and split.port and not split.path and not split.username:
                found.append((split.hostname, split.port))
                continue
        raise ValueError("write duckdb, or the master of a Spark cluster such as spark://host:7077")
    if not url.startswith(f"{SCHEME}://"):
        raise ValueError("write duckdb, or the master of a Spark cluster such as spark://host:7077")
    return found


def address(file: str) -> str:
    """The address of a file in Hadoop's words; what a pattern would read otherwise is escaped."""
    scheme, _, rest = file.rpartition("://")
    if scheme in ("", "file"):
        return "file://" + "".join(f"\\{c}" if c in "{}[]*?\\" else c for c in rest)
    if scheme not in STORES:
        raise EngineError(
            f"Spark cannot read {file}: keep the archive in a folder that all workers share, or in one of "
            f"the stores {', '.join(sorted(STORES))}.",
            code="unreadable",
        )
    return f"{STORES[scheme]}://{rest}"


class Spark(Engine):
    """A session on a cluster, open from the beginning."""

    remote = True

    def __init__(self, master: str, options: SparkOptions) -> None:
        self.check(master)
        self._held = ExitStack()
        self._found: dict[tuple[tuple[str, ...], ibis.Schema], Any] = {}
        try:
            self._held.enter_context(_ALONE)
            folder = self._held.enter_context(tempfile.TemporaryDirectory(prefix="bihuan-spark-"))
            self._log = Path(folder) / "driver.log"
            self._session = self._started(master, options)
            self._wait_for_a_worker(master, options)
        except BaseException:
            self.close()
            raise

    @property
    def version(self) -> str:
        """Name and version, for the record of a run."""
        import pyspark  # an extra that this engine alone needs

        return f"spark {pyspark.__version__}, ibis {ibis.__version__}"

    @staticmethod
    def check(master: str) -> None:
        """Raise `EngineError` where Python's or Java's side of Spark is missing, or no master answers."""
        try:
            import pyspark  # noqa: F401  (an extra that this engine alone needs)
        except ImportError as exc:
            raise EngineError(
                f"BIHUAN_ENGINE is {master}, but pyspark is not installed; "
                "install it with: pip install 'bihuan[spark]'",
                code="no_pyspark",
            ) from exc
        home = os.environ.get("JAVA_HOME")
        if shutil.which(str(Path(home, "bin", "java")) if home else "java") is None:
            raise EngineError(
                f"BIHUAN_ENGINE is {master}, but there is no Java on this machine; install a Java runtime of "
                "version 17 or 21, or let JAVA_HOME name its folder.",
                code="no_java",
            )
        if not any(_answers(*where) for where in masters(master)):
            raise EngineError(
                f"The Spark master {master} does not answer; start it, or set BIHUAN_ENGINE to where it is.",
                code="no_master",
            )

    def run(self, queries: Sequence[Query]) -> list[pa.Table]:
        """Run queries, several beside each other."""
        frames = [self._frame(query) for query in queries]
        with ThreadPoolExecutor(QUERIES_AT_ONCE) as pool:
            return list(pool.map(self._answer, queries, frames))

    def close(self) -> None:
        """Give the executors back and end the driver's Java process."""
        self._held.close()

    def _started(self, master: str, options: SparkOptions) -> Any:
        from pyspark import SparkConf, SparkContext  # as above
        from pyspark.java_gateway import launch_gateway
        from pyspark.sql import SparkSession

        wanted = _settings(master, options)
        launch = SparkConf(loadDefaults=False)
        launch.setAll([(k, v) for k, v in wanted.items() if k.startswith(LAUNCHED)])
        try:
            with self._log.open("wb") as log:
                gateway = launch_gateway(launch, {"stdout": log, "stderr": log})
            self._held.callback(_end_java, gateway)
            conf = SparkConf(_jvm=gateway.jvm).setAll(list(wanted.items()))
            context = SparkContext(gateway=gateway, conf=conf)
            self._held.callback(context.stop)
            return SparkSession(context)
        except Exception as exc:
            raise self._not_taken(master, _reason(exc)) from exc

    def _not_taken(self, master: str, usual: str) -> EngineError:
        why = _last_error(self._log.read_text(errors="replace"), usual)
        return EngineError(f"The Spark master {master} does not take this run: {why}", code="no_session")

    def _wait_for_a_worker(self, master: str, options: SparkOptions) -> None:
        """Wait until a first executor is there: without one Spark would wait for ever."""
        context, pause = self._session.sparkContext, threading.Event()
        deadline = time.monotonic() + SECONDS_FOR_A_WORKER
        while not context._jsc.sc().isStopped():
            if context._jsc.sc().getExecutorMemoryStatus().size() > 1:  # the driver counts as one
                self._session.conf.set("spark.sql.shuffle.partitions", self._partitions(options))
                return
            if time.monotonic() > deadline:
                raise EngineError(
                    f"No worker of {master} has {options.memory} of memory and a core to spare; start "
                    "workers, wait for other runs to end, or lower BIHUAN_SPARK_MEMORY.",
                    code="no_worker",
                )
            pause.wait(0.05)
        raise self._not_taken(master, "it ended the run")

    def _partitions(self, options: SparkOptions) -> str:
        """Into how many pieces grouped rows go: two a core, so that one that is slow is made up for."""
        usual = str(2 * max(self._session.sparkContext.defaultParallelism, 1))
        return options.more.get("spark.sql.shuffle.partitions", usual)

    def _frame(self, query: Query) -> Any:
        """The answer to come; what is not known of the files is found out here."""
        if not query.files:
            return None
        try:
            for name, schema in tables_of(query.expression).items():
                if name in query.beside:
                    rows = pa.concat_tables([pq.read_table(file) for file in query.beside[name]])
                    frame = self._session.createDataFrame(rows.cast(schema.to_pyarrow()))
                else:
                    frame = self._files(tuple(query.files), schema)
                frame.createOrReplaceTempView(name)
            return self._session.sql(sql_of(query.expression))
        except Exception as exc:
            raise _told(exc) from exc

    def _files(self, files: tuple[str, ...], schema: ibis.Schema) -> Any:
        """Files of the archive as a table. They never change, so they are looked for once."""
        from ibis.backends.pyspark.datatypes import PySparkSchema  # as above

        if (files, schema) not in self._found:
            reader = self._session.read.schema(PySparkSchema.from_ibis(schema))
            self._found[files, schema] = reader.parquet(*map(address, files))
        return self._found[files, schema]

    def _answer(self, query: Query, frame: Any) -> pa.Table:
        schema = query.expression.schema().to_pyarrow()
        if frame is None:
            return schema.empty_table()
        try:
            return frame.toArrow().cast(schema)
        except Exception as exc:
            raise _told(exc) from exc


def _settings(master: str, options: SparkOptions) -> dict[str, str]:
    """Spark's settings for one evaluation."""
    wanted = {
        "spark.master": master,
        "spark.app.name": "bihuan",
        "spark.ui.enabled": "false",
        "spark.log.level": "WARN",
        "spark.driver.memory": options.driver_memory,
        "spark.driver.maxResultSize": "0",  # rows of what does not add up come to the driver
        "spark.executor.memory": options.memory,
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",  # months are added to instants in UTC on every machine
        "spark.sql.ansi.enabled": "true",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
        "spark.sql.adaptive.enabled": "true",
        "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
        "spark.sql.adaptive.advisoryPartitionSizeInBytes": "32m",
    }
    if options.cores:
        wanted["spark.cores.max"] = str(options.cores)
    if options.driver_host:
        wanted["spark.driver.host"] = options.driver_host
    return wanted | dict(options.more)


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), SECONDS_TO_ANSWER):
            return True
    except OSError:
        return False


def _end_java(gateway: Any) -> None:
    """End the driver's process; Python's side of Spark forgets it, so that a next one can begin."""
    from pyspark import SparkContext  # as above

    SparkContext._gateway = SparkContext._jvm = None
    with suppress(Exception):  # it may be dead already, which is what is wanted
        gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()


def _told(exc: Exception) -> Exception:
    """What went wrong in a sentence, where it is not a fault of ours."""
    text = str(exc)
    if isinstance(exc, EngineError):
        return exc
    if any(sign in text for sign in UNREADABLE):
        return EngineError(
            f"A Spark worker cannot read the archive ({_reason(exc)}). Keep it in a folder that every worker "
            "has under the same path, or in an object store that the cluster has access to.",
            code="unreadable",
        )
    return EngineError(f"Spark could not work out the sums: {_reason(exc)}", code="failed")


def _last_error(log: str, usual: str) -> str:
    """What Spark itself logged last as an error."""
    said = re.findall(r" ERROR [\w$]+: (.+)|(.*UnsupportedClassVersionError.*)", log)
    lines = [a or b for a, b in said]
    telling = [line for line in lines if "Reason:" in line or "unresponsive" in line or "Version" in line]
    return (telling or lines or [usual])[-1][:300]


def _reason(exc: Exception) -> str:
    """The first line that says something."""
    lines = [line.strip() for line in str(exc).splitlines() if line.strip()]
    told = [line for line in lines if "Exception" in line or "Error" in line or line.startswith("[")]
    return (told or lines or [type(exc).__name__])[0][:300]
