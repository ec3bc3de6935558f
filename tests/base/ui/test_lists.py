"""Lists filter, sort, page and export from the address; nonsense in it is passed over."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from bihuan.base.documents import excel
from bihuan.base.people.models import User
from bihuan.base.ui.lists import Column, Filter, ListPage, Pager

ROWS = [
    {"code": f"P{i:02}", "rows": None if i == 5 else (i * 7) % 13, "state": "on" if i % 2 else "off"}
    for i in range(30)
]


def listed(query: str = "", **more) -> ListPage:
    columns = [
        Column("code", "Code", sort=lambda row: row["code"]),
        Column("rows", "Rows", numeric=True, sort=lambda row: row["rows"]),
        Column("state", "State", export=False),
    ]
    filters = [
        Filter(
            "state",
            "State",
            choices=[("on", "On"), ("off", "Off")],
            apply=lambda rows, v: [r for r in rows if r["state"] == v],
        ),
        Filter("since", "Since", kind="date", apply=lambda rows, day: rows[: day.day]),
    ]
    options = {"columns": columns, "filters": filters, "sort": "code", "size": 10, **more}
    return ListPage(RequestFactory().get(f"/x/?{query}"), ROWS, **options)


def codes(page: ListPage) -> list[str]:
    return [row["code"] for row in page.rows]


def test_the_first_page_in_the_default_order():
    page = listed()
    assert codes(page) == [f"P{i:02}" for i in range(10)]
    assert (page.total, page.pager.pages, page.pager.first, page.pager.last) == (30, 3, 1, 10)
    assert [(head.label, head.sorted, head.sort_url) for head in page.columns] == [
        ("Code", "ascending", "/x/?sort=-code"),
        ("Rows", "", "/x/?sort=rows"),
        ("State", "", ""),
    ]


def test_order_filter_and_page_together():
    page = listed("sort=-rows&state=on&page=2&size=5")
    values = [row["rows"] for row in listed("sort=-rows&state=on&size=200").rows]
    assert [row["rows"] for row in page.rows] == values[5:10]
    assert values[-1] is None  # what has no value stands last, whichever way round
    assert listed("sort=rows&state=on&size=200").rows[-1]["rows"] is None
    assert page.filtered
    assert page.clear_url == "/x/?sort=-rows&size=5"
    assert page.kept == [("sort", "-rows"), ("size", "5")]
    assert page.columns[1].sort_url == "/x/?sort=rows&state=on&size=5"


@pytest.mark.parametrize(
    "query",
    [
        "sort=nothing",
        "sort=-",
        "sort=state",
        "page=0",
        "page=x",
        "page=-3",
        "page=99999999999999",
        "size=x",
        "state=other",
        "since=2026-13-45",
        "since=yesterday",
        "sort=code__x",
    ],
)
def test_nonsense_in_the_address_falls_back(query):
    page = listed(query)
    assert page.rows
    assert page.sort == "code"
    assert not page.filtered


def test_a_page_behind_the_end_is_the_last_one():
    assert listed("page=77").pager.number == 3


def test_a_page_has_a_largest_size():
    assert listed("size=100000").pager.size == 200


def test_a_date_filter_gets_a_date():
    assert len(listed("since=2026-10-07").rows) == 7


def test_no_rows_is_one_empty_page():
    pager = Pager.of(RequestFactory().get("/"), 0)
    assert (pager.pages, pager.first, pager.last, pager.shown) == (1, 0, 0, [1])


@pytest.mark.parametrize(
    ("number", "shown"),
    [(1, [1, 2, 3, None, 20]), (10, [1, None, 8, 9, 10, 11, 12, None, 20]), (20, [1, None, 18, 19, 20])],
)
def test_the_pages_shown(number, shown):
    assert Pager(1000, number).shown == shown


def test_a_file_holds_every_row_filtered_and_sorted_but_not_paged():
    page = listed("export=xlsx&state=off&sort=-code&page=2")
    assert page.wants_export
    rows = list(excel.read(page.export("list").content))
    assert [row.values["Code"] for row in rows] == [f"P{i:02}" for i in range(28, -1, -2)]
    assert set(rows[0].values) == {"Code", "Rows"}


def test_csv_too_and_nothing_else():
    assert b"".join(listed("export=csv").export("l").streaming_content).count(b"\r\n") == 31
    assert not listed("export=exe").wants_export
    assert not listed("export=csv", exports=False).wants_export


@pytest.mark.django_db
def test_a_queryset_is_narrowed_and_ordered_by_the_database():
    for number in ("3", "1", "2"):
        User.objects.create_user(number, language="en" if number == "2" else "zh-hans")
    request = RequestFactory().get("/x/?sort=-number&language=zh-hans&q=3")
    page = ListPage(
        request,
        User.objects.all(),
        columns=[
            Column("number", "Number", value="employee_number", sort="employee_number"),
            Column("short", "Name", value="get_short_name"),
        ],
        filters=[
            Filter("language", "L", choices=[("en", "English"), ("zh-hans", "中文")]),
            Filter("q", "Find", kind="search", fields=["employee_number"]),
        ],
    )
    assert [[cell.text for cell in row] for row in page.cells] == [["3", "3"]]
    everybody = ListPage(
        RequestFactory().get("/x/"), User.objects.all(), columns=page._columns.values(), sort="number"
    )
    assert [user.employee_number for user in everybody.rows] == ["1", "2", "3"]
