"""The engines that expressions run on."""

from __future__ import annotations

from bihuan.measure.engine.duck import DuckDB
from bihuan.measure.engine.query import Engine, Query

__all__ = ["Engine", "Query", "open_engine"]

ENGINES = ("duckdb",)


def open_engine(name: str, threads: int | None = None) -> Engine:
    """The engine of that name. Raises ``ValueError`` for one that is not there."""
    if name not in ENGINES:
        raise ValueError(f"There is no engine {name!r}; there is {', '.join(ENGINES)}.")
    return DuckDB(threads)
