"""A file as a stream of chunks: text columns and, for each row, the number it has in the file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CHUNK_ROWS = 50_000


class UnreadableFileError(Exception):
    """The file as a whole cannot be read: ``code`` and ``params`` name the sentence for it."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"{code} {params}")
        self.code, self.params = code, params


@dataclass(frozen=True)
class Ragged:
    """A row whose number of cells is not that of the heading."""

    row: int
    cells: int
    wanted: int
    text: str


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file.

    ``table`` has one text column per column of the file, cells as they stand; ``rows`` the number of each row
    as a spreadsheet would count it (the heading is row 1); ``ragged`` the rows in between that could not be
    cut into columns.
    """

    table: pa.Table
    rows: np.ndarray
    ragged: tuple[Ragged, ...] = ()


@dataclass(frozen=True)
class Source:
    """An opened file: its columns, and what was found out about it. Iterate ``chunks()``."""

    path: Path
    kind: str
    columns: tuple[str, ...]
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header: int = 1
    rows_hint: int | None = None
    head: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    read: Callable[[Source, int], Iterator[Chunk]] | None = field(default=None, repr=False)

    def chunks(self, size: int = CHUNK_ROWS) -> Iterator[Chunk]:
        """The rows below the heading, blank rows left out."""
        assert self.read is not None
        return self.read(self, size)

    @property
    def fingerprint(self) -> str:
        """What files of the same make have in common: the headings, in order."""
        return hashlib.sha256("\x1f".join(self.columns).encode()).hexdigest()


def names_of(cells: list[Any]) -> tuple[str, ...]:
    """Column names from a heading row: line breaks out, empty ones and repeated ones numbered."""
    names: list[str] = []
    seen: set[str] = set()
    for number, cell in enumerate(cells, 1):
        base = " ".join(str(cell if cell is not None else "").split()) or f"#{number}"
        name, n = base, 2
        while name in seen:
            name, n = f"{base} ({n})", n + 1
        seen.add(name)
        names.append(name)
    return tuple(names)


def not_blank(table: pa.Table) -> np.ndarray:
    """Which rows have at least one filled cell."""
    filled = np.zeros(len(table), dtype=bool)
    for column in table.columns:
        if filled.all():
            break
        text = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(column), ""), False)
        filled |= text.to_numpy(zero_copy_only=False)
    return filled


def chunk_of(table: pa.Table, rows: np.ndarray, ragged: tuple[Ragged, ...] = ()) -> Chunk:
    """A chunk without its blank rows."""
    keep = not_blank(table)
    if not keep.all():
        table, rows = table.filter(pa.array(keep)), rows[keep]
    return Chunk(table, rows, ragged)
