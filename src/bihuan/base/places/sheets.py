"""Excel in and out: a template to fill in, its rows read back, and the rows that do not fit kept apart.

A kind of sheet is data: a :class:`Form` of :class:`Column`. The title of a column is recognised in both
languages, so a template taken in one language can be sent back by somebody who works in the other.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import python_calamine
import xlsxwriter
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000


class SheetError(Exception):
    """The file as a whole cannot be used; the text says why and how to mend it."""


class CellError(ValueError):
    """One cell is wrong: what, and how to mend it."""

    def __init__(self, what: Any, how: Any = "") -> None:
        super().__init__(str(what))
        self.what, self.how = str(what), str(how)


@dataclass(frozen=True)
class Column:
    """One column: ``parse`` turns the cell's text into a value and raises :class:`CellError`."""

    key: str
    title: Any
    doc: Any
    examples: tuple[Any, Any]
    parse: Callable[[str], Any] = str
    required: bool = False
    choices: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Form:
    """One kind of sheet: its name for people and its columns in order."""

    name: Any
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column:
        """The column called ``key``."""
        return next(column for column in self.columns if column.key == key)


@dataclass(frozen=True)
class Problem:
    """One thing to mend: the row of the file, the title of the column, what is wrong and how to mend it."""

    row: int
    column: str
    what: str
    how: str

    def as_dict(self) -> dict[str, Any]:
        """For storing as JSON."""
        return {"row": self.row, "column": self.column, "what": self.what, "how": self.how}


@dataclass
class Row:
    """One row of the file: its number there, the text of its cells, and the values that could be read."""

    number: int
    cells: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Counts:
    """What came of the good rows."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.created + other.created, self.changed + other.changed, self.unchanged + other.unchanged
        )

    @property
    def accepted(self) -> int:
        """Good rows altogether."""
        return self.created + self.changed + self.unchanged


@dataclass
class Reading:
    """What a file held: the rows that can be used so far, and what is wrong with the others."""

    form: Form
    rows: list[Row] = field(default_factory=list)
    rejected: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    count: int = 0

    def reject(self, row: Row, key: str, what: Any, how: Any = "") -> None:
        """Set a row aside with the reason."""
        self.problems.append(Problem(row.number, str(self.form.column(key).title), str(what), str(how)))
        if row not in self.rejected:
            self.rejected.append(row)


def text_of(value: Any) -> str:
    """A cell as text: whole numbers without ``.0``, days as 2026-01-31, full-width letters made plain."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(unicodedata.normalize("NFKC", str(value)).split())


def titles(form: Form) -> dict[str, str]:
    """Every title a column goes by, in each language, and its key."""
    found: dict[str, str] = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found |= {_plain(str(column.title)): column.key for column in form.columns}
    return found


def _examples(form: Form) -> list[dict[str, str]]:
    """The example rows of the template in each language."""
    found = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found += [{c.key: text_of(c.examples[i]) for c in form.columns} for i in (0, 1)]
    return found


def _plain(title: str) -> str:
    return "".join(text_of(title).split()).rstrip("*").casefold()


def read(content: bytes, form: Form) -> Reading:
    """Read the first sheet of an Excel file; raises :class:`SheetError` where nothing can be read."""
    lines = _lines(content)
    known = titles(form)
    keys = [known.get(_plain(text_of(cell))) for cell in lines[0]]
    for column in form.columns:
        if column.required and column.key not in keys:
            raise SheetError(
                _("Row 1 has no column “%(title)s”. Download the template and keep its first row.")
                % {"title": column.title}
            )
    reading = Reading(form)
    examples = _examples(form)
    for number, line in enumerate(lines[1:], start=2):
        cells = {key: text_of(cell) for key, cell in zip(keys, line, strict=False) if key}
        if not any(cells.values()) or {c.key: cells.get(c.key, "") for c in form.columns} in examples:
            continue
        reading.count += 1
        _read_row(reading, Row(number, cells))
    return reading


def _lines(content: bytes) -> list[list[Any]]:
    if len(content) > MAX_BYTES:
        raise SheetError(_("The file is larger than 20 MB. Split it and send the parts one after the other."))
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        lines = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except python_calamine.PasswordError as exc:
        raise SheetError(
            _("The file is locked with a password. Save it without one and send it again.")
        ) from exc
    except (python_calamine.CalamineError, OSError, ValueError) as exc:
        raise SheetError(
            _("This is not an Excel file that can be read. Save it as .xlsx and send it again.")
        ) from exc
    if not lines:
        raise SheetError(_("The first sheet is empty. Download the template and fill it in."))
    if len(lines) > MAX_ROWS + 1:
        raise SheetError(
            _("The sheet has more than %(rows)d rows. Split it and send the parts one after the other.")
            % {"rows": MAX_ROWS}
        )
    return lines


def _read_row(reading: Reading, row: Row) -> None:
    for column in reading.form.columns:
        text = row.cells.get(column.key, "")
        if not text:
            row.values[column.key] = None
            if column.required:
                reading.reject(row, column.key, _("empty"), _("fill it in"))
            continue
        try:
            row.values[column.key] = column.parse(text)
        except CellError as exc:
            reading.reject(row, column.key, exc.what, exc.how)
    if row not in reading.rejected:
        reading.rows.append(row)


# -- what a cell may hold


def day(text: str) -> date:
    """A day written 2026-01-31, 2026/1/31, 2026.1.31 or 2026年1月31日."""
    plain = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    try:
        year, month, number = (int(part) for part in plain.split("-"))
        return date(year, month, number)
    except ValueError as exc:
        raise CellError(_("“%(text)s” is not a day") % {"text": text}, _("write 2026-01-31")) from exc


def whole_number(text: str) -> int:
    """A whole number, zero or more."""
    plain = text.replace(",", "")
    if not plain.isdecimal() or len(plain) > 9:
        raise CellError(
            _("“%(text)s” is not a whole number") % {"text": text}, _("write digits only, such as 860")
        )
    return int(plain)


def choice(choices: Any) -> Callable[[str], str]:
    """One of the values of a ``TextChoices``, by its value or by its name in either language."""

    def parse(text: str) -> str:
        for code, _name in settings.LANGUAGES:
            with translation.override(code):
                for value, label in choices.choices:
                    if text.casefold() in (str(value).casefold(), str(label).casefold()):
                        return value
        words = " / ".join(str(label) for label in choices.labels)
        raise CellError(
            _("“%(text)s” is not known") % {"text": text}, _("write one of: %(words)s") % {"words": words}
        )

    return parse


def short(limit: int) -> Callable[[str], str]:
    """Text of at most ``limit`` characters."""

    def parse(text: str) -> str:
        if len(text) > limit:
            raise CellError(_("longer than %(limit)d characters") % {"limit": limit}, _("shorten it"))
        return text

    return parse


# -- writing


def write(
    head: Sequence[Any], rows: Iterable[Sequence[Any]], *, name: Any = "", wide: Sequence[int] = ()
) -> bytes:
    """An Excel file of one sheet; text stays text, so no cell becomes a formula."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        _fill(book, name or _("Sheet"), head, rows, wide)
    return out.getvalue()


def template(form: Form) -> bytes:
    """The empty sheet with two example rows, and a second sheet that explains every column."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        head = [f"{c.title}*" if c.required else str(c.title) for c in form.columns]
        examples = [[c.examples[i] for c in form.columns] for i in (0, 1)]
        _fill(book, form.name, head, examples, ())
        notes = [
            [
                str(c.title),
                _("yes") if c.required else _("no"),
                str(c.doc),
                " / ".join(str(x) for x in c.choices),
            ]
            for c in form.columns
        ]
        notes.append(
            ["", "", _("The two example rows are passed over when the file comes in; write over them."), ""]
        )
        _fill(
            book,
            _("How to fill it in"),
            [_("Column"), _("Required"), _("What it means"), _("One of")],
            notes,
            (22, 10, 70, 50),
        )
    return out.getvalue()


def rejected_rows(form: Form, rows: list[dict[str, Any]], problems: list[dict[str, Any]]) -> bytes:
    """The rows that did not fit, as they came, each with what to mend; it can be sent back as it is."""
    reasons: dict[int, list[str]] = {}
    for problem in problems:
        reasons.setdefault(problem["row"], []).append(
            _("%(column)s: %(what)s; %(how)s") % problem
            if problem["how"]
            else "{column}: {what}".format(**problem)
        )
    head = [f"{c.title}*" if c.required else str(c.title) for c in form.columns]
    lines = [
        [*(row["cells"].get(c.key, "") for c in form.columns), "\n".join(reasons.get(row["number"], []))]
        for row in rows
    ]
    return write([*head, _("What to mend")], lines, name=form.name)


_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def _fill(
    book: Any, name: Any, head: Sequence[Any], rows: Iterable[Sequence[Any]], wide: Sequence[int]
) -> None:
    sheet = book.add_worksheet(str(name)[:31])
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E9EEF9"})
    days = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, [str(title) for title in head], bold)
    for index, title in enumerate(head):
        sheet.set_column(index, index, wide[index] if index < len(wide) else max(14, 2 * len(str(title)) + 2))
    for number, row in enumerate(rows, start=1):
        for index, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, index, datetime(value.year, value.month, value.day), days)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                sheet.write_number(number, index, value)
            elif value not in (None, ""):
                sheet.write_string(number, index, str(value))
