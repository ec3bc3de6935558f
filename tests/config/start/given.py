"""The files of a small company, as people fill the templates in."""

from __future__ import annotations

from bihuan.base.people import import_people, import_structure
from bihuan.base.places import import_households, import_tree
from tests.base.places.sheets import sheet


def tree(*more: dict) -> bytes:
    return sheet(
        import_tree.form(),
        {"code": "P001", "kind": "项目", "parent": "HT", "name_zh": "翠湖花园", "grade": "一级"},
        {"code": "P001-01", "kind": "楼栋", "parent": "P001", "name_zh": "1栋"},
        {"code": "P002", "kind": "项目", "parent": "HT", "name_zh": "云锦苑"},
        *more,
    )


def structure(*more: dict) -> bytes:
    return sheet(
        import_structure.form(),
        {"sort": "部门", "code": "D1-1", "name_zh": "维修一班", "parent": "D1"},
        {"sort": "部门", "code": "D1", "name_zh": "工程维修部", "name_en": "Repairs"},
        {"sort": "外包商", "code": "K1", "name_zh": "捷安电梯", "areas": "电梯、Fire safety"},
        *more,
    )


def people(*more: dict) -> bytes:
    return sheet(
        import_people.form(),
        {"employee_number": "E2", "name": "李静", "role": "品质经理", "place": "HT"},
        {"employee_number": "E3", "name": "陈建国", "role": "部门负责人", "place": "HT", "department": "D1"},
        {"employee_number": "E4", "name": "周明远", "role": "主管领导", "place": "HT"},
        *more,
    )


def households(*more: dict) -> bytes:
    return sheet(
        import_households.form(),
        {"place": "P001-01", "room": "101", "kind": "业主", "name": "王小明", "phone": "13800000001"},
        {"place": "P002", "room": "1-201", "kind": "租户", "name": "赵敏"},
        *more,
    )
