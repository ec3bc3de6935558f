"""Runs Ibis expressions over the files of a table, in pieces, always with the same digits.

A file of a partition holds whole projects, so each is a piece of its own. Every piece runs on one thread
with the same memory, and pieces run beside each other: sums come out in the same order whatever the
number of cores, and memory does not grow with the table. What a piece answered is kept by the SHA-256 of its
file, so that a run after new facts reads the files that changed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import duckdb
import ibis
import pyarrow as pa

from bihuan.measure.engine import folding, labels, tally
from bihuan.measure.engine.cache import Cache
from bihuan.measure.engine.fold import Fold, Take, Tally
from bihuan.measure.engine.query import Engine, Query

MEMORY_A_PIECE = "1GB"
MOST_COMPILED = 1000
_COMPILED: dict[object, str] = {}


@dataclass(frozen=True)
class Piece:
    """Files that are read at once, and the queries that are asked of them, by number."""

    files: tuple[str, ...]
    asked: tuple[int, ...]


class DuckDB(Engine):
    """The embedded engine."""

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or os.cpu_count() or 1
        self.cache: Cache | None = None
        self.computed = 0

    @property
    def version(self) -> str:
        """Name and version, for the record of a run."""
        return f"duckdb {duckdb.__version__}, ibis {ibis.__version__}"

    def keep(self, cache: Cache | None) -> None:
        """Keep what pieces answer, and use what is kept."""
        self.cache, self.computed = cache, 0

    @property
    def pieces(self) -> dict[str, int]:
        """How many pieces were computed and how many were kept."""
        if self.cache is None:
            return {"computed": self.computed, "kept": 0}
        return {"computed": self.cache.computed, "kept": self.cache.kept}

    def run(self, queries: Sequence[Query]) -> list[pa.Table]:
        """Run queries; each answer is the concatenation of its pieces in the order of the files."""
        texts = [_sql(query) for query in queries]
        pieces = _pieces(queries)
        self.computed += len(pieces)
        found: dict[tuple[int, tuple[str, ...]], pa.Table] = {}
        with (
            tempfile.TemporaryDirectory(prefix="bihuan-measure-") as scratch,
            ThreadPoolExecutor(max_workers=self.threads) as pool,
        ):
            for piece, tables in zip(
                pieces, pool.map(lambda p: self._answers(p, queries, texts, scratch), pieces), strict=True
            ):
                found.update(
                    {(number, piece.files): t for number, t in zip(piece.asked, tables, strict=True)}
                )
        return [
            _joined(query, [found[number, files] for files in _files(query)])
            for number, query in enumerate(queries)
        ]

    def _answers(
        self, piece: Piece, queries: Sequence[Query], texts: Sequence[str], scratch: str
    ) -> list[pa.Table]:
        """What one piece answers to all that is asked of it, from what is kept or from its rows."""
        asked = [queries[number] for number in piece.asked]
        sql = [texts[number] for number in piece.asked]
        if self.cache is None:
            return _compute(piece.files, asked, sql, scratch)
        key = self.cache.key(
            self.version, piece.files, [_told(q, text) for q, text in zip(asked, sql, strict=True)], asked
        )
        return self.cache.get(key, lambda: _compute(piece.files, asked, sql, scratch))


def _sql(query: Query) -> str:
    """The SQL of a query, or of the rows of its fold; compiled once in this process."""
    if isinstance(query.fold, Tally):
        return ""
    expression = query.fold.rows if query.fold is not None else query.expression
    op = expression.op()
    if op not in _COMPILED:
        if len(_COMPILED) >= MOST_COMPILED:
            _COMPILED.clear()
        _COMPILED[op] = str(ibis.to_sql(expression, dialect="duckdb"))
    return _COMPILED[op]


def _told(query: Query, sql: str) -> str:
    """All that the answer of a piece depends on besides its files."""
    schema = query.expression.schema() if query.fold is None else ""
    said = query.fold.said if query.fold is not None else ""
    return f"{sql}\n{said}\n{schema}\n{query.table}"


def _files(query: Query) -> list[tuple[str, ...]]:
    if query.whole:
        return [tuple(query.files)] if query.files else []
    return [(file,) for file in query.files]


def _pieces(queries: Sequence[Query]) -> list[Piece]:
    """Queries of one file together, since reading it is half of the work."""
    asked: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for number, query in enumerate(queries):
        for files in _files(query):
            asked.setdefault((query.table, files), []).append(number)
    return [Piece(files, tuple(numbers)) for (_, files), numbers in asked.items()]


def _compute(
    files: tuple[str, ...], asked: Sequence[Query], texts: Sequence[str], scratch: str
) -> list[pa.Table]:
    answers: dict[int, pa.Table] = {}
    for k, query in enumerate(asked):
        if isinstance(query.fold, Tally):
            answers[k] = tally.answer(query.fold, files[0], query.expression.schema().to_pyarrow())
    rest = [k for k in range(len(asked)) if k not in answers]
    if rest:
        with duckdb.connect(
            config={"threads": 1, "memory_limit": MEMORY_A_PIECE, "temp_directory": scratch}
        ) as connection:
            connection.execute("SET TimeZone = 'UTC'")  # months are added to instants in UTC everywhere
            answers |= _in_sql(connection, files, {k: asked[k] for k in rest}, texts)
    return [answers[k] for k in range(len(asked))]


def _in_sql(
    connection: duckdb.DuckDBPyConnection,
    files: tuple[str, ...],
    asked: Mapping[int, Query],
    texts: Sequence[str],
) -> dict[int, pa.Table]:
    """What is asked in SQL, or in loops over the rows that SQL gives."""
    for query in asked.values():
        for name, sources in query.beside.items():
            connection.read_parquet(list(sources)).create_view(name)
    table = next(iter(asked.values())).table
    connection.read_parquet(list(files), file_row_number=True).create_view(table)
    answers: dict[int, pa.Table] = {}
    folds: dict[str, list[int]] = {}
    for k, query in asked.items():
        if query.fold is None:
            schema = query.expression.schema().to_pyarrow()
            answers[k] = connection.sql(texts[k]).to_arrow_table().cast(schema)
        else:
            folds.setdefault(texts[k], []).append(k)
    wanted = dict.fromkeys(name for of in folds.values() for k in of for name in _fold(asked[k]).labels)
    texts_of = labels.read(files[0], list(wanted)) if folds else {}
    for text, members in folds.items():
        found = connection.sql(text).to_arrow_table()
        own = {n: texts_of[n] for k in members for n in _fold(asked[k]).labels}
        rows = folding.Rows.of(found, own)
        for k in members:
            answers[k] = folding.answer(_fold(asked[k]), rows, asked[k].expression.schema().to_pyarrow())
    return answers


def _fold(query: Query) -> Fold | Take:
    assert isinstance(query.fold, Fold | Take)
    return query.fold


def _joined(query: Query, tables: list[pa.Table]) -> pa.Table:
    if tables:
        return pa.concat_tables(tables)
    return query.expression.schema().to_pyarrow().empty_table()
