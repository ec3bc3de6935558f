"""Excel files, old and new, through calamine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from bihuan.collect.records.reading import chunks as base

if TYPE_CHECKING:
    from bihuan.collect.records.reading.chunks import Chunk, Source


def open_sheet(
    path: Path, *, encoding: str | None, delimiter: str | None, sheet: str | None, header: int
) -> Source:
    """Open a workbook at ``sheet``, or at the first sheet that holds anything."""
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            names = list(book.sheet_names)
            if sheet is not None and sheet not in names:
                raise base.UnreadableFileError("file_sheet", sheet=sheet, sheets=", ".join(names))
            chosen = sheet or next((n for n in names if book.get_sheet_by_name(n).total_height), None)
            if chosen is None:
                raise base.UnreadableFileError("file_empty", name=path.name)
            data = book.get_sheet_by_name(chosen)
            top = [[text(cell) for cell in row] for row in islice(_rows(data), header + 30)]
    except CalamineError as exc:
        raise base.UnreadableFileError("file_broken", detail=str(exc)) from exc
    if len(top) < header or not any(top[header - 1]):
        raise base.UnreadableFileError("file_header", row=header)
    heading = top[header - 1]
    while heading and not heading[-1]:
        heading.pop()  # formatted but empty columns on the right
    return base.Source(
        path=path,
        kind="sheet",
        columns=base.names_of(heading),
        sheet=chosen,
        sheets=tuple(names),
        header=header,
        rows_hint=max(data.total_height - header, 0),
        head=tuple(tuple(c or "" for c in row) for row in top),
        read=chunks,
    )


def _rows(data: Any) -> Iterator[list[Any]]:
    """Rows from row 1 on: calamine starts at the first row that holds anything."""
    if data.start is None:
        return
    for _ in range(data.start[0]):
        yield []
    left = [None] * data.start[1]
    for row in data.iter_rows():
        yield left + row


def text(cell: Any) -> str | None:
    """A cell as the text a person sees: whole numbers without ``.0``, times as ISO."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return _stamp(cell)
    if isinstance(cell, (dt.date, dt.time)):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return str(round(cell.total_seconds() / 60, 6))
    return str(cell)


@lru_cache(maxsize=4096)
def _stamp(moment: dt.datetime) -> str:
    # Excel keeps days as fractions: what is within a millisecond of a second is that second.
    rounded = (moment + dt.timedelta(microseconds=500)).replace(microsecond=0)
    close = abs((rounded - moment).total_seconds()) < 0.001
    return (rounded if close else moment).isoformat(sep=" ")


def chunks(source: Source, size: int) -> Iterator[Chunk]:
    """The rows below the heading as text."""
    width = len(source.columns)
    with CalamineWorkbook.from_path(str(source.path)) as book:
        rows = islice(_rows(book.get_sheet_by_name(source.sheet)), source.header, None)
        number = source.header + 1
        while part := list(islice(rows, size)):
            columns = [
                pa.array([text(row[i]) if i < len(row) else None for row in part], pa.string())
                for i in range(width)
            ]
            numbers = np.arange(number, number + len(part), dtype=np.int64)
            number += len(part)
            yield base.chunk_of(pa.table(columns, names=list(source.columns)), numbers)
