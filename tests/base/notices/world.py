"""A company with people of every role, for the tests of this room."""

from __future__ import annotations

from types import SimpleNamespace

from bihuan.base.notices import actions
from tests.base.people.factories import DepartmentFactory, RoleGrantFactory, UserFactory, person
from tests.base.places.factories import company

TITLE = {"zh": "三季度满意度到84.2分，是真的提高", "en": "Satisfaction reached 84.2 in Q3: a real rise"}
BODY = {
    "zh": "维修上门更准时了，100单里有93单按约修完。\n\n从10月20日起，上门前2小时要再打一次电话。",
    "en": "Repairs came on time more often.\n\nFrom 20 October, call again two hours before a visit.",
}


def people() -> SimpleNamespace:
    """Quality manager and administrator of everything, a leader of region R01, staff of projects."""
    tree = company()
    works = DepartmentFactory(code="D1", name_zh="工程维修部", name_en="Repairs")
    desk = DepartmentFactory(code="D2", name_zh="客户服务部", name_en="Customer service")
    return SimpleNamespace(
        tree=tree,
        quality=person("quality_manager", tree.c, name="李静", department=desk),
        administrator=person("administrator", name="何平"),
        leader=person("leader", tree.r1, name="周明远"),
        head=person("department_head", tree.p1, name="陈建国", department=works),
        staff=person("employee", tree.p1, name="王小明", department=works),
        south=person("employee", tree.p3, name="赵南", department=desk),
        outsider=UserFactory(name="外人"),
        gone=RoleGrantFactory(user=UserFactory(is_active=False), place=tree.p1).user,
    )


def announce(world: SimpleNamespace, **more):
    """Announce the results, to the region R01 unless another place is given."""
    given = {"actor": None, "place": world.tree.r1, "title": TITLE, "body": BODY, "cycle": "2026Q3", **more}
    return actions.issue_announcement(**given)
