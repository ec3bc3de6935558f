"""The people of the simulated company: one for every role, and one who sees a single project."""

from __future__ import annotations

from bihuan.base.people.actions import create_contractor, create_department, create_person, grant_role
from bihuan.base.people.models import Contractor, Department
from bihuan.base.people.roles import Role
from bihuan.base.places.models import Place
from bihuan.base.trail.act import act
from bihuan.config.demo.company import COMPANY, CONTRACTORS

DEPARTMENTS = {
    "D-QA": ("品质管理部", "Quality"),
    "D-ENG": ("工程维修部", "Repairs and engineering"),
    "D-CS": ("客户服务部", "Customer service"),
    "D-OPS": ("项目运营部", "Project operations"),
    "D-ADM": ("综合管理部", "Administration"),
}
# employee number, name, department, role, place, contractor
STAFF = (
    ("E001", "李静", "D-QA", Role.QUALITY_MANAGER, COMPANY[0], ""),
    ("E002", "周明远", "", Role.LEADER, COMPANY[0], ""),
    ("E003", "陈建国", "D-ENG", Role.DEPARTMENT_HEAD, COMPANY[0], ""),
    ("E004", "林晓", "D-CS", Role.DEPARTMENT_HEAD, COMPANY[0], ""),
    ("E005", "孙立", "D-QA", Role.INSPECTOR, "R1", ""),
    ("E006", "赵敏", "D-QA", Role.INTERVIEWER, COMPANY[0], ""),
    ("E007", "王强", "", Role.CONTRACTOR, "P02", "K-JA"),
    ("E008", "何平", "D-ADM", Role.ADMINISTRATOR, COMPANY[0], ""),
    ("E009", "吴芳", "D-CS", Role.EMPLOYEE, "P01", ""),
    ("E010", "黄涛", "D-OPS", Role.DEPARTMENT_HEAD, "P02", ""),
    ("E011", "郑凯", "D-ENG", Role.EMPLOYEE, "P01", ""),
    ("E012", "许峰", "D-ENG", Role.EMPLOYEE, "P07", ""),
    ("E013", "钱莉", "D-CS", Role.EMPLOYEE, "P03", ""),
)
HEADS = {"D-QA": "E001", "D-ENG": "E003", "D-CS": "E004", "D-OPS": "E010", "D-ADM": "E008"}


@act
def employ(*, actor: None, password: str) -> int:
    """Departments, contractors and people with their roles; returns how many people."""
    for code, (zh, en) in DEPARTMENTS.items():
        create_department(actor=actor, code=code, name_zh=zh, name_en=en)
    for code, (zh, en, area) in CONTRACTORS.items():
        create_contractor(actor=actor, code=code, name_zh=zh, name_en=en, service_areas=[area])
    departments = {d.code: d for d in Department.objects.all()}
    contractors = {c.code: c for c in Contractor.objects.all()}
    people = {}
    for number, name, department, role, place, contractor in STAFF:
        person = create_person(
            actor=actor,
            employee_number=number,
            name=name,
            password=password,
            department=departments.get(department),
            contractor=contractors.get(contractor),
        )
        grant_role(person, actor=actor, role=role, place=Place.objects.get(code=place))
        people[number] = person
    for code, number in HEADS.items():
        Department.objects.filter(code=code).update(head=people[number])
    return len(people)
