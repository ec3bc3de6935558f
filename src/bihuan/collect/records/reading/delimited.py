"""Text files: CSV and its relatives, packed or not."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv

from bihuan.collect.records.reading import chunks as base
from bihuan.collect.records.reading import sniff

if TYPE_CHECKING:
    from bihuan.collect.records.reading.chunks import Chunk, Source

BLOCK_SIZE = 2 << 20  # small blocks keep the memory small; Arrow reads some ahead


def open_csv(
    path: Path, *, encoding: str | None, delimiter: str | None, sheet: str | None, header: int
) -> Source:
    """Find encoding, delimiter and heading of a text file."""
    if encoding and not _known(encoding, path):
        raise base.UnreadableFileError("file_encoding", encoding=encoding)
    try:
        encoding = encoding or sniff.encoding_of(path)
    except (OSError, EOFError, zlib.error) as exc:  # a cut or broken .gz
        raise base.UnreadableFileError("file_broken", detail=str(exc)) from exc
    if encoding is None:
        raise base.UnreadableFileError("file_encoding", encoding="UTF-8, GB18030, UTF-16")
    text = sniff.head_text(path, encoding)
    if not text.strip():
        raise base.UnreadableFileError("file_empty", name=path.name)
    delimiter = delimiter or sniff.delimiter_of(text)
    head = sniff.records(text, delimiter, header + 30)
    if len(head) < header or not any(cell.strip() for cell in head[header - 1]):
        raise base.UnreadableFileError("file_header", row=header)
    return base.Source(
        path=path,
        kind="csv",
        columns=base.names_of(head[header - 1]),
        encoding=encoding,
        delimiter=delimiter,
        header=header,
        head=tuple(tuple(row) for row in head),
        read=chunks,
    )


def _known(encoding: str, path: Path) -> bool:
    try:
        return sniff.decodes(path, encoding)
    except (LookupError, OSError, EOFError, zlib.error):
        return False


def chunks(source: Source, size: int) -> Iterator[Chunk]:
    """Stream the rows through Arrow's CSV reader, which counts records as a spreadsheet counts rows."""
    bad: list[base.Ragged] = []

    def on_ragged(row: pcsv.InvalidRow) -> str:
        blank = not row.text.strip().strip(source.delimiter).strip()
        bad.append(
            base.Ragged(row.number, -1 if blank else row.actual_columns, row.expected_columns, row.text)
        )
        return "skip"

    stream = sniff.Transcoded(source.path, source.encoding)
    try:
        reader = pcsv.open_csv(
            stream,
            read_options=pcsv.ReadOptions(
                use_threads=False,  # only then does Arrow tell the number of a ragged row
                block_size=BLOCK_SIZE,
                column_names=list(source.columns),
                skip_rows_after_names=source.header,
            ),
            parse_options=pcsv.ParseOptions(
                delimiter=source.delimiter,
                newlines_in_values=True,
                invalid_row_handler=on_ragged,
                ignore_empty_lines=False,
            ),
            convert_options=pcsv.ConvertOptions(
                column_types=dict.fromkeys(source.columns, pa.string()), strings_can_be_null=False
            ),
        )
        yield from _numbered(reader, source, bad, size)
    except pa.ArrowInvalid as exc:
        if "Empty CSV file" not in str(exc):
            raise base.UnreadableFileError("file_broken", detail=str(exc).splitlines()[0]) from exc
    except (UnicodeError, OSError, EOFError, zlib.error) as exc:
        raise base.UnreadableFileError("file_broken", detail=str(exc)) from exc
    finally:
        stream.close()


def _numbered(
    reader: pcsv.CSVStreamingReader, source: Source, bad: list[base.Ragged], size: int
) -> Iterator[Chunk]:
    """Give each good row its number: the numbers in order, those of the ragged rows left out."""
    next_row = source.header + 1
    for batch in reader:
        for start in range(0, max(len(batch), 1), size):
            part = batch.slice(start, size)
            rows, next_row, passed = _take_numbers(len(part), next_row, bad)
            yield base.chunk_of(pa.Table.from_batches([part]), rows, passed)
    passed = tuple(r for r in bad if r.cells >= 0)
    bad.clear()
    if passed:
        empty = pa.table([pa.array([], pa.string())] * len(source.columns), names=list(source.columns))
        yield base.Chunk(empty, np.empty(0, dtype=np.int64), passed)


def _take_numbers(
    count: int, next_row: int, bad: list[base.Ragged]
) -> tuple[np.ndarray, int, tuple[base.Ragged, ...]]:
    rows = np.arange(next_row, next_row + count, dtype=np.int64)
    used = 0
    for ragged in bad:
        if count == 0 or ragged.row > rows[-1]:
            break
        rows[np.searchsorted(rows, ragged.row) :] += 1
        used += 1
    passed = tuple(r for r in bad[:used] if r.cells >= 0)
    del bad[:used]
    return rows, (int(rows[-1]) + 1 if count else next_row), passed
