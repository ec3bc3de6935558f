"""The engines that expressions run on: DuckDB inside this process, or Apache Spark on many machines."""

from __future__ import annotations

from bihuan.measure.engine.duck import DuckDB
from bihuan.measure.engine.query import Engine, EngineError, Query
from bihuan.measure.engine.spark import Spark, SparkOptions
from bihuan.measure.engine.spark import masters as spark_masters

__all__ = [
    "EMBEDDED",
    "Engine",
    "EngineError",
    "Query",
    "SparkOptions",
    "check_engine",
    "engine_name",
    "open_engine",
]

EMBEDDED = "duckdb"


def engine_name(text: str) -> str:
    """The name of an engine as it was given. Raises ``ValueError`` where there is none of that name."""
    if text != EMBEDDED:
        spark_masters(text)
    return text


def open_engine(name: str, threads: int | None = None, spark: SparkOptions | None = None) -> Engine:
    """The engine of that name, ready to be asked; close it to give back what it holds.

    Raises ``ValueError`` where there is none of that name, and `EngineError` where it does not answer.
    """
    if engine_name(name) == EMBEDDED:
        return DuckDB(threads)
    return Spark(name, spark or SparkOptions())


def check_engine(name: str) -> None:
    """Look whether the engine could be opened, without opening it; raises as `open_engine` does."""
    if engine_name(name) != EMBEDDED:
        Spark.check(name)
