"""A company that is not the demo: from the empty Excel templates to its first evaluated cycle, on real files.

Boston's service requests of 2015 stand for the work orders of a property company. What the pages show at the
end are the published figures of that file.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pypdf
import pytest

from tests.browser.walk import Visitor
from tests.support.demo import Server, command

pytestmark = [pytest.mark.browser, pytest.mark.public_data]

RECORDS = "boston311_2015/boston311_2015_158types_merged.csv.gz"
COMPANY = (
    "--company-zh", "波士顿市", "--company-en", "City of Boston", "--code", "boston",
    "--admin-number", "B001", "--admin-name", "何平",
)  # fmt: skip
TREE = [
    {"地点编码": code, "层级": "项目", "上级编码": "boston", "中文名称": name, "住户": households}
    for code, name, households in (("boston-n1", "后湾", "9500"), ("boston-n2", "罗克斯伯里", "20700"))
]
DEPARTMENTS = [
    {"部门或外包商": "部门", "编码": "D-QA", "中文名称": "品质管理部"},
    {"部门或外包商": "部门", "编码": "D-ISD", "中文名称": "房屋巡查部", "英文名称": "Inspectional Services"},
]
PEOPLE = [
    {"工号": "B002", "姓名": "李静", "部门编码": "D-QA", "角色": "品质经理", "所在地点": "boston"},
    {"工号": "B003", "姓名": "周明远", "角色": "主管领导", "所在地点": "boston"},
    {"工号": "B004", "姓名": "陈建国", "部门编码": "D-IDS", "角色": "部门负责人", "所在地点": "boston"},
]
OWN_PASSWORD = "harbour lights over the bay"


@pytest.fixture
def home(tmp_path):
    made = tmp_path / "home"
    made.mkdir()
    return made


def fill(path: Path, rows: list[dict[str, str]]) -> Path:
    """Take the example rows out of a template and write these, each cell under its heading."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    sheet.delete_rows(2, sheet.max_row)
    heads = [str(cell.value).rstrip("*") for cell in sheet[1]]
    for row in rows:
        assert set(row) <= set(heads)
        sheet.append([row.get(head) for head in heads])
    book.save(path)
    return path


def mend(path: Path, column: str, wrong: str, right: str) -> None:
    """Put a cell right in the file of refused rows."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    heads = [str(cell.value).rstrip("*") for cell in sheet[1]]
    cells = [row[heads.index(column)] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == [wrong]
    cells[0].value = right
    book.save(path)


def answer(home: Path, *args: str, status: int = 0) -> dict:
    return json.loads(command(home, *args, "--json", status=status))


def slips_of(path: Path) -> dict[str, str]:
    """Employee number and one-time password of every slip of the paper."""
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    return dict(re.findall(r"\b(B\d{3})\b.*?([a-z0-9]{3,}(?:-[a-z0-9]{3,})+)", text, re.DOTALL))


def test_from_the_templates_to_the_first_evaluated_cycle(home, tmp_path, public_data, chromium):
    passwords = set_up(home, tmp_path)
    measure(home, public_data)
    server = Server(home)
    visitor = Visitor(chromium, server, width=1440)
    try:
        sign_in_for_the_first_time(visitor, passwords["B002"])
        see_the_figures(visitor)
    finally:
        visitor.close()
        assert server.stop() == 0
    assert visitor.faults == []


def set_up(home: Path, tmp_path: Path) -> dict[str, str]:
    """The company, its places, departments and people; a row that does not fit is mended and sent again."""
    forms = tmp_path / "forms"
    answer(home, "init", "--templates", str(forms))
    tree = fill(forms / "1-tree.xlsx", TREE)
    departments = fill(forms / "2-departments.xlsx", DEPARTMENTS)
    people = fill(forms / "3-people.xlsx", PEOPLE)
    files = ("--tree", str(tree), "--departments", str(departments), "--people", str(people))
    told = answer(home, "init", *COMPANY, *files, status=1)
    assert told["company"] == {"code": "boston", "name": "波士顿市", "new": True}
    assert told["administrator"]["employee_number"] == "B001"
    assert [(one["kind"], one["created"], one["rejected"]) for one in told["files"]] == [
        ("tree", 2, 0), ("departments", 2, 0), ("people", 2, 1),
    ]  # fmt: skip
    (problem,) = told["files"][2]["problems"]
    assert (problem["row"], problem["column"]) == (4, "部门编码")
    assert "D-IDS" in problem["what"]
    assert problem["how"]

    apart = Path(told["files"][2]["to_mend"])
    mend(apart, "部门编码", "D-IDS", "D-ISD")
    paper = tmp_path / "passwords.pdf"
    told = answer(
        home, "init", "--code", "boston", "--people", str(apart), "--passwords", str(paper),
        "--address", "http://127.0.0.1/signin/",
    )  # fmt: skip
    assert (told["files"][0]["created"], told["files"][0]["rejected"]) == (1, 0)
    assert told["passwords"] == {"file": str(paper), "people": 3}
    found = slips_of(paper)
    assert set(found) == {"B002", "B003", "B004"}
    return found


def measure(home: Path, public_data: Path) -> None:
    """Bring the real records in, refused rows reported, and evaluate the year."""
    taken = answer(home, "import", str(public_data / RECORDS), "--map", "examples/mappings/boston311.yaml")
    assert (taken["read"], taken["accepted"], taken["rejected"]) == (121_145, 120_948, 197)
    told = answer(
        home, "evaluate", "--cycle", "2015", "--as-of", "2016-01-12T22:22:40+00:00",
        "--indicators", "examples/indicators/boston311.yaml",
    )  # fmt: skip
    assert told["cycle"] == "2015"


def sign_in_for_the_first_time(visitor: Visitor, password: str) -> None:
    """A one-time password opens nothing but the page on which one's own is chosen."""
    page = visitor.page
    visitor.go("/scorecard/")
    page.fill("[name=identifier]", "B002")
    page.fill("[name=password]", password)
    page.locator(".bh-form button[type=submit]").click()
    visitor.go("/scorecard/")
    assert page.locator("[name=again]").count() == 1
    page.fill("[name=current]", password)
    page.fill("[name=new]", OWN_PASSWORD)
    page.fill("[name=again]", OWN_PASSWORD)
    with page.expect_navigation():
        page.locator(".bh-form button[type=submit]").click()


def see_the_figures(visitor: Visitor) -> None:
    """The scorecard and the page of the indicator, with the published figures and no word of simulation."""
    page = visitor.page
    visitor.go("/scorecard/?place=boston&cycle=2015")
    assert "波士顿市" in visitor.text
    cell = page.locator(".bh-hm tr.bh-tot a[href*='/indicators/B01/']")
    assert "66.2" in cell.inner_text()
    visitor.press(cell)
    assert "66.2%" in page.locator(".bh-verdict").inner_text()
    assert "模拟数据" not in page.inner_text("body")
    visitor.go("/indicators/B01/?place=boston&cycle=2015&by=service_area")
    page.locator(".bh-rail details.bh-behind summary").click()
    assert "39.5%" in page.locator(".bh-rail tr", has_text="Housing + Building").inner_text()
    assert published(visitor) == {"": 66.23, "Housing + Building": 39.54}


def published(visitor: Visitor) -> dict[str, float]:
    """The two figures as a program of the same person reads them, to the digits that were published."""
    ask = visitor.context.request.get
    whole = ask(f"{visitor.server.url}/api/v1/results?cycle=2015&place=boston&indicator=B01").json()
    parts = ask(
        f"{visitor.server.url}/api/v1/results?cycle=2015&place=boston&indicator=B01&breakdown=service_area"
    ).json()
    return {
        row["item"]: round(row["value"], 2)
        for row in (*whole, *parts)
        if not row["period"] and row["item"] in ("", "Housing + Building")
    }
