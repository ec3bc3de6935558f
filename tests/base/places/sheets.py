"""Excel files as people send them."""

from __future__ import annotations

import io
from datetime import date, datetime

import python_calamine
import xlsxwriter
from django.utils import translation


def xlsx(*rows: list) -> bytes:
    """A workbook with these rows; numbers and days are typed as Excel types them."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, datetime(value.year, value.month, value.day), day)
                elif value is not None:
                    sheet.write(number, column, value)
    return out.getvalue()


def lines(content: bytes, sheet: int = 0) -> list[list]:
    """What stands in a workbook."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(sheet).to_python()


def sheet(form, *rows: dict, language: str = "zh-hans") -> bytes:
    """A workbook of this form with the columns that the rows name."""
    keys = [column.key for column in form.columns if column.required or any(column.key in r for r in rows)]
    with translation.override(language):
        head = [str(form.column(key).title) for key in keys]
    return xlsx(head, *([row.get(key) for key in keys] for row in rows))
