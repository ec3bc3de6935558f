"""Files in every encoding and format come out the same, with the row numbers a spreadsheet shows."""

from __future__ import annotations

import datetime as dt
import gzip

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from bihuan.collect.records.reading import UnreadableFileError, open_source

TEXT = '编号,项目,说明\r\n1,翠湖花园,"漏水,\n很急"\r\n2,东方广场,门禁坏了\r\n'
ROWS = [["1", "翠湖花园", "漏水,\n很急"], ["2", "东方广场", "门禁坏了"]]


def read(path, **options):
    source = open_source(path, **options)
    rows, numbers, ragged = [], [], []
    for chunk in source.chunks():
        rows += [list(row.values()) for row in chunk.table.to_pylist()]
        numbers += chunk.rows.tolist()
        ragged += chunk.ragged
    return source, rows, numbers, ragged


ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_gives_the_same_text(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.encode(encoding))
    source, rows, numbers, _ = read(path)
    assert source.columns == ("编号", "项目", "说明")
    assert rows == ROWS
    assert numbers == [2, 3]


def test_an_encoding_can_be_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("編號,項目\n1,翠湖花園\n".encode("big5"))
    source, rows, _, _ = read(path, encoding="big5")
    assert (source.columns, rows) == (("編號", "項目"), [["1", "翠湖花園"]])


def test_rare_characters_of_gb18030(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("项目,人\r\n㐀𠀀小区,张\r\n".encode("gb18030"))
    _, rows, _, _ = read(path)
    assert rows == [["㐀𠀀小区", "张"]]


def test_gb18030_far_behind_an_ascii_beginning(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n" + b"1,plain\n" * 60_000 + "2,翠湖花园\n".encode("gb18030"))
    source, rows, numbers, _ = read(path)
    assert source.encoding == "gb18030"
    assert (rows[-1], numbers[-1]) == (["2", "翠湖花园"], 60_002)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path, delimiter):
    path = tmp_path / "a.txt"
    path.write_text(f"a{delimiter}b\n1{delimiter}2\n3{delimiter}4\n", encoding="utf-8")
    source, rows, _, _ = read(path)
    assert (source.delimiter, rows) == (delimiter, [["1", "2"], ["3", "4"]])


def test_packed_file(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(TEXT.encode("gb18030")))
    assert read(path)[1] == ROWS


def test_rows_keep_their_numbers_around_blank_and_ragged_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,2\n\n"x\ny",3\n,\n4\n5,6,7\n8,9\n', encoding="utf-8")
    _, rows, numbers, ragged = read(path)
    assert rows == [["1", "2"], ["x\ny", "3"], ["8", "9"]]
    assert numbers == [2, 4, 8]
    assert [(r.row, r.cells, r.wanted) for r in ragged] == [(6, 1, 2), (7, 3, 2)]


def test_numbers_are_right_across_many_blocks(tmp_path):
    path = tmp_path / "a.csv"
    numbers = range(2, 300_002)
    lines = [f'{n},"two\nlines"' if n % 7 == 0 else f"{n}" if n % 1001 == 0 else f"{n},one" for n in numbers]
    lines.insert(0, "n,text")
    path.write_text("\n".join(lines), encoding="utf-8")
    bad = []
    for chunk in open_source(path).chunks():
        assert np.array_equal(chunk.rows, chunk.table["n"].cast(pa.int64()).to_numpy())
        bad += [r.row for r in chunk.ragged]
    assert bad == [n for n in range(2, 300_002) if n % 1001 == 0 and n % 7]


def test_heading_in_a_later_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("和泰物业工单,\n导出时间,2026-07-01\n编号,项目\n1,翠湖花园\n", encoding="utf-8")
    source, rows, numbers, _ = read(path, header=3)
    assert (source.columns, rows, numbers) == (("编号", "项目"), [["1", "翠湖花园"]], [4])


def test_headings_that_repeat_or_are_missing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("时间,时间,,\n1,2,3,4\n", encoding="utf-8")
    assert open_source(path).columns == ("时间", "时间 (2)", "#3", "#4")


def workbook(path, sheets):
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    page.write(r, c, cell)


def test_excel_shows_what_a_person_sees(tmp_path):
    path = tmp_path / "a.xlsx"
    rows = [
        ["编号", "时间", "数", "真"],
        [101001242404, dt.datetime(2026, 7, 3, 9, 30), 1.5, True],
        ["A-1", None, 3, None],
    ]
    workbook(path, {"空": [], "工单": rows})
    source, read_rows, numbers, _ = read(path)
    assert (source.sheet, source.sheets, numbers) == ("工单", ("空", "工单"), [2, 3])
    assert read_rows == [["101001242404", "2026-07-03 09:30:00", "1.5", "true"], ["A-1", None, "3", None]]


def test_excel_sheet_and_heading_row_can_be_chosen(tmp_path):
    path = tmp_path / "a.xlsx"
    workbook(path, {"一": [["x"], ["1"]], "二": [["标题"], ["a", "b"], ["1", "2"], [], ["3", "4"]]})
    source, rows, numbers, _ = read(path, sheet="二", header=2)
    assert (source.columns, rows, numbers) == (("a", "b"), [["1", "2"], ["3", "4"]], [3, 5])


def test_parquet(tmp_path):
    path = tmp_path / "a.parquet"
    when = dt.datetime(2026, 7, 3, 9, 30)
    table = pa.table({"n": [1.0, 2.5], "t": pa.array([when, None], pa.timestamp("us")), "s": ["x", "y"]})
    pq.write_table(table, path)
    _, rows, numbers, _ = read(path)
    assert numbers == [1, 2]
    assert [rows[0][0], rows[0][1][:19], rows[0][2]] == ["1", "2026-07-03 09:30:00", "x"]
    assert rows[1] == ["2.5", None, "y"]


@pytest.mark.parametrize(
    ("name", "content", "options", "code"),
    [
        ("a.csv", b"", {}, "file_empty"),
        ("a.csv", b"   \n ", {}, "file_empty"),
        ("a.csv", b"a,b\n1,2\n", {"header": 9}, "file_header"),
        ("a.csv", "项目\n翠湖".encode("gb18030"), {"encoding": "utf-8"}, "file_encoding"),
        ("a.csv", b"a,b\n1,2\n", {"encoding": "klingon"}, "file_encoding"),
        ("a.csv.gz", gzip.compress(b"a,b\n" + bytes(range(48, 58)) * 9000)[:-20], {}, "file_broken"),
        ("a.xlsx", b"PK\x03\x04nonsense", {}, "file_broken"),
        ("a.parquet", b"PAR1nonsense", {}, "file_broken"),
        ("b.csv", None, {}, "file_missing"),
    ],
)
def test_files_that_cannot_be_read_say_why(tmp_path, name, content, options, code):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableFileError) as found:
        for _ in open_source(path, **options).chunks():
            pass
    assert found.value.code == code


def test_unknown_sheet_names_those_there_are(tmp_path):
    path = tmp_path / "a.xlsx"
    workbook(path, {"一": [["x"], ["1"]]})
    with pytest.raises(UnreadableFileError) as found:
        open_source(path, sheet="二")
    assert (found.value.code, found.value.params) == ("file_sheet", {"sheet": "二", "sheets": "一"})


def test_fingerprint_follows_the_headings(tmp_path):
    one, two = tmp_path / "1.csv", tmp_path / "2.csv"
    one.write_text("a,b\n1,2\n", encoding="utf-8")
    two.write_text("a,b\n3,4\n5,6\n", encoding="utf-16")
    assert open_source(one).fingerprint == open_source(two).fingerprint
