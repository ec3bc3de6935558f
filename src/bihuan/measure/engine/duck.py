"""Runs Ibis expressions over the files of a table, in pieces, always with the same digits.

A file of a partition holds whole projects, so each is a piece of its own. Every piece runs on one thread
with the same memory, and pieces run beside each other: sums come out in the same order whatever the
number of cores, and memory does not grow with the table.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import duckdb
import ibis
import pyarrow as pa

from bihuan.measure.engine.query import Engine, Query

MEMORY_A_PIECE = "1500MB"


class DuckDB(Engine):
    """The embedded engine."""

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or os.cpu_count() or 1

    @property
    def version(self) -> str:
        """Name and version, for the record of a run."""
        return f"duckdb {duckdb.__version__}, ibis {ibis.__version__}"

    def run(self, queries: Sequence[Query]) -> list[pa.Table]:
        """Run queries; each answer is the concatenation of its pieces in the order of the files."""
        pieces = [(number, files) for number, query in enumerate(queries) for files in _pieces(query)]
        texts = [str(ibis.to_sql(query.expression, dialect="duckdb")) for query in queries]
        with (
            tempfile.TemporaryDirectory(prefix="bihuan-measure-") as scratch,
            ThreadPoolExecutor(max_workers=self.threads) as pool,
        ):
            found = list(pool.map(lambda p: _answer(queries[p[0]], texts[p[0]], p[1], scratch), pieces))
        answers: list[list[pa.Table]] = [[] for _ in queries]
        for (number, _), table in zip(pieces, found, strict=True):
            answers[number].append(table)
        return [_joined(query, tables) for query, tables in zip(queries, answers, strict=True)]


def _pieces(query: Query) -> list[list[str]]:
    if query.whole:
        return [list(query.files)] if query.files else []
    return [[file] for file in query.files]


def _answer(query: Query, sql: str, files: list[str], scratch: str) -> pa.Table:
    with duckdb.connect(
        config={"threads": 1, "memory_limit": MEMORY_A_PIECE, "temp_directory": scratch}
    ) as connection:
        connection.execute("SET TimeZone = 'UTC'")  # months are added to instants in UTC on every machine
        for name, sources in {query.table: files, **query.beside}.items():
            connection.read_parquet(list(sources)).create_view(name)
        return connection.sql(sql).to_arrow_table().cast(query.expression.schema().to_pyarrow())


def _joined(query: Query, tables: list[pa.Table]) -> pa.Table:
    if tables:
        return pa.concat_tables(tables)
    return query.expression.schema().to_pyarrow().empty_table()
