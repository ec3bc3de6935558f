"""The pages of this room in a real browser: both languages, desktop and phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from bihuan.base.notices import actions
from bihuan.base.notices.models import Notice
from tests.base.notices.factories import NoticeFactory, OutboxFactory
from tests.base.notices.world import TITLE, announce, people
from tests.base.people.factories import person
from tests.support.browser import check_accessible, check_no_sideways, shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BOTH = pytest.mark.parametrize(("language", "width"), [("zh-hans", 1440), ("en", 390)])


@pytest.fixture
def world(settings):
    found = people()
    for number in range(9):
        person("employee", found.tree.p1, name=f"刘员工{number}", department=found.staff.department)
    found.announcement = announce(
        found,
        must_confirm=True,
        due=timezone.now() + timedelta(days=3),
        actor=found.quality,
        url="/scorecard/",
    )
    announce(found, place=found.tree.c, title={"zh": "新的电梯维保流程", "en": "A new procedure for lifts"})
    for name in ("head", "leader"):
        actions.confirm_announcement(found.announcement, actor=getattr(found, name))
    now = timezone.now()
    NoticeFactory(
        user=found.staff,
        must_confirm=True,
        due=now - timedelta(days=2),
        title_zh="读并确认：上门前2小时要再打一次电话",
        title_en="Read and confirm: call again two hours before a visit",
        body_zh="服务标准第4.2.5条改了，10月20日起执行。原因：二次上门占没按约修完的24%。",
        body_en="Clause 4.2.5 of the service standard changed. From 20 October, because of second visits.",
    )
    NoticeFactory(
        user=found.staff, body_zh="5项措施，等您审批。", body_en="Five actions wait for your approval."
    )
    NoticeFactory(user=found.staff, state="read", read_at=now, created_at=now - timedelta(days=4))
    settings.BIHUAN_SMTP_URL = "smtp://127.0.0.1:2525"
    settings.BIHUAN_APPRISE_URLS = ["dingtalk://token1", "feishu://token2"]
    OutboxFactory(
        state="given_up", reason="refused", answer="550 5.1.1 no such user", attempts=1, user__name="陈建国"
    )
    OutboxFactory(state="failed", reason="unreachable", attempts=4, user__name="王小明")
    OutboxFactory(state="sent", sent_at=now, attempts=1, user__name="李静")
    OutboxFactory(channel="group", user=None, robot="0badc0de", title=TITLE["zh"])
    return found


@BOTH
def test_every_page_is_accessible_and_fits(open_page, world, language, width):
    number = world.announcement.pk
    asks = Notice.objects.get(user=world.staff, must_confirm=True, kind="plan_submitted")
    for name, path, user in [
        ("inbox", "/inbox/", world.staff),
        ("notice", f"/inbox/{asks.pk}/", world.staff),
        ("inbox-empty", "/inbox/", world.outsider),
        ("email", "/inbox/email/", world.staff),
        ("announcements", "/announcements/", world.staff),
        ("announcements-issuer", "/announcements/", world.quality),
        ("announcement", f"/announcements/{number}/", world.staff),
        ("reach", f"/announcements/{number}/reach/", world.quality),
        ("new", f"/announcements/new/?title_zh={TITLE['zh']}", world.quality),
        ("outbox", "/notices/outbox/", world.administrator),
    ]:
        page = open_page(path, language=language, width=width, user=user)
        shoot(page, f"notices-{name}-{language}-{width}", full=width > 400)
        check_no_sideways(page)
        check_accessible(page)


def test_one_tap_in_the_inbox_and_confirming_under_the_thumb(open_page, world):
    page = open_page("/inbox/", width=390, user=world.staff)
    expect(page.locator("#bh-bell b")).to_have_text("4")
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.locator("#bh-bell b")).to_have_text("3")
    expect(page.locator("main li").first).to_contain_text("已确认")
    expect(page.locator("main li").first.get_by_role("button")).to_have_count(0)
    expect(page.locator("h1")).to_have_text("1条通知等您确认。")
    page.get_by_role("link", name=TITLE["zh"]).click()
    button = page.get_by_role("button", name="读完了，确认")
    box = button.bounding_box()
    assert box["y"] > 844 * 0.7
    assert box["height"] >= 44
    button.click()
    expect(page.locator("main")).to_contain_text("确认过")
    expect(page.locator("#bh-bell b")).to_have_text("2")
