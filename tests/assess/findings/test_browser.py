"""The pages of signals, findings and revisions in a real browser, in both languages, wide and narrow."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bihuan.assess.findings import actions
from bihuan.assess.findings.raising import raise_signals
from bihuan.assess.models import Signal
from bihuan.standards.models import StandardClause
from bihuan.standards.service import actions as service
from tests.base.people.factories import DepartmentFactory, person
from tests.support.browser import check_accessible, check_no_sideways, shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CAUSE = ["没按约的单里一半在等备件", "常用备件没有安全库存", "采购按月报，没有按用量补"]


@pytest.fixture
def loop(evaluated: SimpleNamespace) -> SimpleNamespace:
    """Signals to decide, a finding without and one with its cause, a clause under revision and a draft."""
    raise_signals(evaluated.run, actor=None)
    listed = list(Signal.objects.filter(place=evaluated.poor, kind="target_missed"))
    head = evaluated.project_head
    head.name = "陈建国"
    head.department = DepartmentFactory(name_zh="工程维修部", name_en="Repairs")
    head.save()
    open_ = actions.open_finding(signals=[listed[0]], actor=evaluated.manager)
    analysed = actions.open_finding(signals=[listed[1]], actor=evaluated.manager, owner=head)
    actions.analyse_finding(analysed, actor=head, cause=CAUSE)
    actions.dismiss_signal(listed[2], actor=evaluated.manager, reason="系统切换漏记，数据已补")
    said = {
        "text_zh": "一般报修按与住户约好的时间修完，不低于96%；上门前再打一次电话",
        "reason": "试行三个月，空跑少了一半",
    }
    clause = StandardClause.objects.get(number="5.1.2")
    asked = service.request_revision(
        clause, actor=head, text_en="At the time agreed, after one more call", **said
    )
    service.take_up_revision(asked, actor=evaluated.leader)
    other = StandardClause.objects.get(number="1.1.1")
    drafted = service.request_revision(other, actor=head, text_zh="客服电话15秒内接听", reason="住户等得太久")
    service.take_up_revision(drafted, actor=evaluated.leader)
    service.adopt_revision(drafted, actor=evaluated.leader)
    return SimpleNamespace(
        **vars(evaluated),
        open=open_,
        analysed=analysed,
        asked=asked,
        other=person("quality_manager", evaluated.good),
    )


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 1440), ("en", 390)])
def test_every_page_is_sound(loop, open_page, language, width):
    cycle = "?cycle=2026Q3"
    pages = {
        "signals": (f"/signals/{cycle}", loop.manager),
        "signals-all": (f"/signals/{cycle}&state=all", loop.leader),
        "findings": ("/findings/", loop.manager),
        "finding-open": (f"/findings/{loop.open.code}/", loop.manager),
        "finding-analysed": (f"/findings/{loop.analysed.code}/", loop.project_head),
        "findings-none": ("/findings/", loop.other),
        "service-standards": ("/standards/service/", loop.leader),
        "service-standard": ("/standards/service/FW/", loop.manager),
        "service-draft": ("/standards/service/FW/?version=V1.1", loop.leader),
        "service-clause": ("/standards/service/FW/clauses/5.1.2/", loop.project_head),
        "revisions": ("/standards/revisions/", loop.leader),
        "revision": (f"/standards/revisions/{loop.asked.pk}/", loop.leader),
    }
    for name, (path, user) in pages.items():
        page = open_page(path, language=language, width=width, user=user)
        check_no_sideways(page)
        if width == 1440:
            check_accessible(page)
        shoot(page, f"loop-{name}-{language[:2]}-{width}")
        page.close()


def test_a_signal_is_dismissed_with_a_reason(loop, open_page):
    page = open_page("/signals/?cycle=2026Q3", user=loop.manager)
    before = page.locator(".bh-signal").count()
    row = page.locator(".bh-signal").first
    row.get_by_role("button", name="排除").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("原因").fill("设备切换，数据已补")
    dialog.get_by_role("button", name="排除").click()
    page.get_by_text("信号已排除，原因留在记录里。").wait_for()
    assert page.locator(".bh-signal").count() == before - 1
