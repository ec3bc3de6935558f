"""Which reader a file needs."""

from __future__ import annotations

from pathlib import Path

from bihuan.collect.records.reading import delimited, parquet, sheets
from bihuan.collect.records.reading.chunks import Source, UnreadableFileError

OPENERS = {"csv": delimited.open_csv, "sheet": sheets.open_sheet, "parquet": parquet.open_parquet}


def kind_of(path: Path) -> str:
    """``csv``, ``sheet`` or ``parquet``, told by the first bytes."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "sheet"
    return "csv"


def open_source(
    path: str | Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    header: int = 1,
) -> Source:
    """Open a file of records.

    Raises
    ------
    UnreadableFileError
        With the code of the sentence: ``file_missing``, ``file_empty``, ``file_encoding``, ``file_sheet``,
        ``file_header``, ``file_broken``.
    """
    path = Path(path)
    if not path.is_file():
        raise UnreadableFileError("file_missing", name=path.name)
    if path.stat().st_size == 0:
        raise UnreadableFileError("file_empty", name=path.name)
    return OPENERS[kind_of(path)](
        path, encoding=encoding or None, delimiter=delimiter or None, sheet=sheet or None, header=header
    )
