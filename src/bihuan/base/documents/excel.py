"""Tables out to Excel and CSV, and in from Excel.

Text stays text: nothing that somebody typed into a field becomes a formula in the file of somebody else.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language, override

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MAX_WIDTH = 60
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, the heads, the rows, and lines of ``notes`` (label, value) under the table."""

    name: str
    heads: Sequence[Any]
    rows: Iterable[Sequence[Any]]
    notes: Sequence[tuple[Any, Any]] = ()
    formats: dict[int, str] = field(default_factory=dict)


def write(sheets: Sequence[Sheet]) -> bytes:
    """An Excel workbook: typed cells, a styled head that stays in view, a filter on every column."""
    import xlsxwriter

    target = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": str(sheets[0].name) if sheets else "", "author": "Bihuan 闭环"})
        for sheet in sheets:
            _write_sheet(book, sheet)
    return target.getvalue()


def _write_sheet(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(_sheet_name(sheet.name))
    head = book.add_format(
        {"bold": True, "bg_color": "#e9eef9", "bottom": 1, "valign": "top", "text_wrap": True}
    )
    styles = _Styles(book)
    widths = [_width(label) for label in sheet.heads]
    page.write_row(0, 0, [str(label) for label in sheet.heads], head)
    count = 0
    for count, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            _write_cell(page, count, column, value, styles, sheet.formats.get(column))
            if count <= 200:
                widths[column] = max(widths[column], _width(value))
    for column, width in enumerate(widths):
        page.set_column(column, column, min(width + 2, MAX_WIDTH))
    page.freeze_panes(1, 0)
    if sheet.heads:
        page.autofilter(0, 0, max(count, 1), len(sheet.heads) - 1)
    for line, (label, value) in enumerate(sheet.notes, start=count + 2):
        page.write_string(line, 0, str(label), book.add_format({"font_color": "#646e7f"}))
        _write_cell(page, line, 1, value, styles, None)


class _Styles:
    """Number formats of one workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[str, Any] = {}

    def of(self, code: str) -> Any:
        return self._made.setdefault(code, self._book.add_format({"num_format": code}))


def _write_cell(page: Any, row: int, column: int, value: Any, styles: _Styles, code: str | None) -> None:
    value = plain(value)
    style = styles.of(code) if code else None
    if value is None:
        page.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        page.write_boolean(row, column, value, style)
    elif isinstance(value, int | float | Decimal):
        page.write_number(row, column, value, style)
    elif isinstance(value, datetime):
        page.write_datetime(row, column, value, style or styles.of("yyyy-mm-dd hh:mm"))
    elif isinstance(value, date):
        page.write_datetime(row, column, datetime.combine(value, time()), style or styles.of("yyyy-mm-dd"))
    else:
        page.write_string(row, column, value[:32_767], style)


def plain(value: Any) -> Any:
    """A value as a file can hold it: local time without a zone, nothing for NaN, text for all else."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float | Decimal):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    if isinstance(value, date):
        return value
    if isinstance(value, list | tuple | set):
        return "、".join(str(part) for part in value)
    return str(value)


def _sheet_name(name: Any) -> str:
    """Excel allows 31 characters and none of ``[]:*?/\\``."""
    return "".join(" " if c in "[]:*?/\\" else c for c in str(name)).strip("' ")[:31] or "1"


def _width(value: Any) -> int:
    text = str(plain(value)) if value is not None else ""
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text.split("\n")[0])


def csv_lines(heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """CSV in UTF-8 with the mark by which Excel knows it, a line at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow([_safe(str(label)) for label in heads])
    yield _drain(buffer)
    for row in rows:
        writer.writerow([_csv_value(value) for value in row])
        yield _drain(buffer)


def _drain(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _csv_value(value: Any) -> Any:
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return _safe(value) if isinstance(value, str) else value


def _safe(text: str) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def download(
    name: str,
    heads: Sequence[Any],
    rows: Iterable[Sequence[Any]],
    *,
    kind: str = "xlsx",
    notes: Sequence[tuple[Any, Any]] = (),
) -> HttpResponse | StreamingHttpResponse:
    """A table as the file of a response; ``kind`` is ``xlsx`` or ``csv``, CSV is sent while it is read."""
    if kind == "csv":
        lines = _speaking(get_language(), csv_lines(heads, rows))
        response: Any = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    else:
        response = HttpResponse(write([Sheet(name, heads, rows, notes)]), content_type=XLSX)
    response["Content-Disposition"] = attachment(f"{name}.{kind}")
    return response


def _speaking(language: str | None, lines: Iterator[bytes]) -> Iterator[bytes]:
    """Make each line in the language of the request, which is over when the lines are sent."""
    while True:
        with override(language):
            line = next(lines, None)
        if line is None:
            return
        yield line


def attachment(filename: str) -> str:
    """The header that names a downloaded file, in any script."""
    ascii_name = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in filename)
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(filename)}"


@dataclass(frozen=True)
class Row:
    """A row that was read: its number in the sheet (the head is row 1) and its values by head."""

    number: int
    values: dict[str, Any]


class ReadError(ValueError):
    """The file cannot be read; the message says why and how to mend it."""


def read(source: str | Path | bytes, *, sheet: str = "", head: int = 1) -> Iterator[Row]:
    """Rows of an Excel file with their numbers; empty ones are passed over, row ``head`` names columns."""
    from django.utils.translation import gettext as _
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        if isinstance(source, bytes):
            book = CalamineWorkbook.from_filelike(io.BytesIO(source))
        else:
            book = CalamineWorkbook.from_path(str(source))
        page = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
    except (CalamineError, OSError, ValueError) as exc:
        raise ReadError(
            _("This is not an Excel file that can be read (%(why)s). Save it as .xlsx and send it again.")
            % {"why": exc}
        ) from exc
    yield from _rows(page, head)


def _rows(page: Any, head: int) -> Iterator[Row]:
    names: list[str] = []
    for number, cells in enumerate(page.to_python(skip_empty_area=False), start=1):
        if number == head:
            names = [str(cell).strip() for cell in cells]
        elif number > head and any(cell not in ("", None) for cell in cells):
            values = {name: _read_value(cell) for name, cell in zip(names, cells, strict=False) if name}
            yield Row(number, values)


def _read_value(cell: Any) -> Any:
    """Empty becomes None, a whole number loses its ``.0``, text loses the blanks around it."""
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell
