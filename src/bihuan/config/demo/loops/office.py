"""What the administrator took in from Excel, each file with a row to mend, and a token for a program."""

from __future__ import annotations

from typing import Any

from bihuan.base.people import actions as people
from bihuan.base.people import import_people, import_structure
from bihuan.base.people.models import ApiToken
from bihuan.base.people.roles import Role
from bihuan.base.places import actions as places
from bihuan.base.places import import_tree, sheets
from bihuan.base.places.kinds import Kind
from bihuan.base.places.models import SheetImport
from bihuan.config.demo.loops import stage

ADMINISTRATOR = "E008"
TOKEN = "数据大屏"
NEWCOMER = "E014"
PEOPLE = (
    {
        "employee_number": NEWCOMER,
        "name": "马超",
        "department": "D-CS",
        "role": Role.EMPLOYEE,
        "place": "P01",
    },
    {
        "employee_number": "E015",
        "name": "蒋琳",
        "department": "D-KF",
        "role": Role.EMPLOYEE,
        "place": "P01",
    },
)
DEPARTMENTS = (
    {"sort": "department", "code": "D-CS", "name_zh": "客户服务部", "name_en": "Customer service"},
    {"sort": "department", "code": "D-PX", "name_zh": "培训组", "parent": "D-HR"},
)
PLACES = (
    {
        "code": "P01-01",
        "kind": Kind.BUILDING,
        "parent": "P01",
        "name_zh": "1栋",
        "name_en": "Building 1",
    },
    {"code": "P01-99", "kind": Kind.BUILDING, "parent": "P99", "name_zh": "99栋"},
)


def are_taken_in() -> bool:
    """Whether the sheets came in."""
    return SheetImport.objects.exists()


def take_in() -> None:
    """Places, departments and people from Excel; the rows that do not fit are kept apart."""
    administrator = stage.person(ADMINISTRATOR)
    for name, form, rows, take in (
        ("楼栋补录.xlsx", import_tree.form(), PLACES, places.import_places),
        ("部门调整.xlsx", import_structure.form(), _labelled(DEPARTMENTS), people.take_in_structure),
        ("新员工.xlsx", import_people.form(), PEOPLE, people.take_in_people),
    ):
        take(actor=administrator, content=_sheet(form, rows), filename=name)


def _labelled(rows: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    """Rows with the sort in the words of the sheet."""
    return [{**row, "sort": import_structure.Sort(row["sort"])} for row in rows]


def _sheet(form: sheets.Form, rows: Any) -> bytes:
    head = [str(column.title) for column in form.columns]
    cells = [[_cell(row.get(column.key, "")) for column in form.columns] for row in rows]
    return sheets.write(head, cells, name=form.name)


def _cell(value: Any) -> str:
    return str(getattr(value, "label", value))


def is_made() -> bool:
    """Whether the token is there."""
    return ApiToken.objects.filter(name=TOKEN).exists()


def make_token() -> None:
    """The quality manager lets a program read; nobody keeps the token itself."""
    people.make_token(actor=stage.person(stage.QUALITY), name=TOKEN)
