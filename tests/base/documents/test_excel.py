"""Excel and CSV: what goes out comes back, typed text stays text, bad files say so."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from bihuan.base.documents import excel
from bihuan.base.ui import formats

HEADS = ["编码", "名称", "户数", "完成率", "交付", "更新"]
ROWS = [
    ["P1", "翠湖花园", 1864, 0.862, date(2019, 5, 1), datetime(2026, 10, 12, 1, 30, tzinfo=UTC)],
    ["P2", '=HYPERLINK("http://x")', -3, Decimal("1.5"), None, None],
    ["P3", "https://example.org/a", float("nan"), float("inf"), None, None],
]


def written(rows=ROWS, **more) -> bytes:
    return excel.write([excel.Sheet("项目/清单:一", HEADS, rows, **more)])


def test_what_was_written_is_read_back_with_its_row_numbers():
    rows = list(excel.read(written()))
    assert [row.number for row in rows] == [2, 3, 4]
    assert rows[0].values == {
        "编码": "P1",
        "名称": "翠湖花园",
        "户数": 1864,
        "完成率": 0.862,
        "交付": date(2019, 5, 1),
        "更新": datetime(2026, 10, 12, 9, 30),  # the company's own time
    }
    assert rows[2].values["户数"] is None
    assert rows[2].values["完成率"] is None


def test_typed_text_is_neither_formula_nor_link():
    page = openpyxl.load_workbook(io.BytesIO(written())).active
    assert page["B3"].value == '=HYPERLINK("http://x")'
    assert page["B3"].data_type != "f"
    assert page["B4"].hyperlink is None
    assert page["C3"].value == -3


def test_the_head_stays_in_view_and_every_column_has_a_filter():
    page = openpyxl.load_workbook(io.BytesIO(written(notes=[("快照", 1842)]))).active
    assert page.title == "项目 清单 一"
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:F4"
    assert page["A1"].font.bold
    assert (page["A6"].value, page["B6"].value) == ("快照", 1842)


def test_a_sheet_without_rows_has_its_head():
    page = openpyxl.load_workbook(io.BytesIO(written(rows=[]))).active
    assert [cell.value for cell in page[1]] == HEADS


def test_csv_keeps_formulas_from_running_and_excel_sees_utf8():
    text = b"".join(excel.csv_lines(HEADS, ROWS)).decode()
    assert text.startswith("\ufeff编码,")
    lines = text.split("\r\n")
    assert lines[1] == "P1,翠湖花园,1864,0.862,2019-05-01,2026-10-12 09:30:00"
    assert lines[2] == 'P2,"\'=HYPERLINK(""http://x"")",-3,1.5,,'
    assert lines[3] == "P3,https://example.org/a,,,,"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_every_beginning_of_a_formula_is_disarmed(start):
    text = b"".join(excel.csv_lines(["a"], [[f"{start}1+1"]])).decode()
    assert f"'{start}1+1" in text


def test_a_download_names_its_file_in_any_script():
    response = excel.download("问题清单", ["a"], [[1]], kind="csv")
    assert response["Content-Disposition"].startswith(
        "attachment; filename=\"____.csv\"; filename*=UTF-8''%E9%97%AE"
    )
    assert b"".join(response.streaming_content).decode() == "\ufeffa\r\n1\r\n"
    book = excel.download("list", ["a"], [[1]], kind="xlsx")
    assert [row.values for row in excel.read(book.content)] == [{"a": 1}]


def test_csv_that_is_sent_later_keeps_the_language_of_its_request():
    heads = [gettext_lazy("Search"), gettext_lazy("Filter")]
    rows = ([formats.cycle_name(code)] for code in ("2026Q3",))
    with translation.override("zh-hans"):
        response = excel.download("l", heads, rows, kind="csv")
    with translation.override("en"):
        assert b"".join(response.streaming_content).decode() == "\ufeff查找,筛选\r\n2026年第三季度\r\n"


def test_a_quote_or_line_end_in_a_name_does_not_break_the_header():
    assert (
        excel.attachment('a"b\r\nc.csv')
        == "attachment; filename=\"a_b__c.csv\"; filename*=UTF-8''a%22b%0D%0Ac.csv"
    )


def test_empty_rows_are_passed_over_and_numbers_stay_true(tmp_path):
    book = openpyxl.Workbook()
    page = book.active
    for row in (["题注"], ["编码 ", "名称"], ["P1", " 翠湖 "], [None, None], ["P2", ""], [7.0, "x"]):
        page.append(row)
    path = tmp_path / "in.xlsx"
    book.save(path)
    rows = list(excel.read(path, head=2))
    assert [(row.number, row.values) for row in rows] == [
        (3, {"编码": "P1", "名称": "翠湖"}),
        (5, {"编码": "P2", "名称": None}),
        (6, {"编码": 7, "名称": "x"}),
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Save it as .xlsx and send it again."), ("zh-hans", "另存为.xlsx再传一次。")],
)
def test_a_file_that_is_no_workbook_says_how_to_mend_it(language, words):
    with translation.override(language), pytest.raises(excel.ReadError, match=words):
        list(excel.read(b"not a workbook"))


def test_a_sheet_that_is_not_there_is_an_error_not_a_crash():
    with pytest.raises(excel.ReadError):
        list(excel.read(written(), sheet="没有"))
