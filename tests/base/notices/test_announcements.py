"""Announcements: who is told, who has read and confirmed, who may issue, follow and remind."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from bihuan.base.notices import actions, queries, work
from bihuan.base.notices.models import Announcement, Notice, Outbox, ReadReceipt
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry
from tests.base.notices.world import announce, people
from tests.base.people.factories import RoleGrantFactory, UserFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return people()


def told(announcement):
    return {receipt.user.name for receipt in announcement.receipts.all()}


def test_everybody_with_a_role_at_or_under_the_place_is_told_once(world):
    RoleGrantFactory(user=world.staff, role="inspector", place=world.tree.p2)
    one = announce(world)
    assert told(one) == {"周明远", "陈建国", "王小明"}
    assert set(Notice.objects.values_list("user__name", flat=True)) == told(one)


def test_a_role_everywhere_counts_as_one_at_the_top(world):
    assert told(announce(world, place=world.tree.c)) == {"李静", "何平", "周明远", "陈建国", "王小明", "赵南"}
    assert told(announce(world, place=world.tree.p3)) == {"赵南"}


ISSUERS = {
    "quality": True,
    "leader": True,
    "administrator": False,
    "head": False,
    "staff": False,
    "outsider": False,
}


@pytest.mark.parametrize(("who", "may"), ISSUERS.items())
def test_who_may_issue_and_remind(world, who, may):
    actor = getattr(world, who)
    if may:
        one = announce(world, actor=actor)
        assert actions.remind_readers(one, actor=actor) == 3
        assert Entry.objects.filter(verb="announcement.issued", actor=actor).count() == 1
    else:
        with pytest.raises(Refused):
            announce(world, actor=actor)
        with pytest.raises(Refused):
            actions.remind_readers(announce(world), actor=actor)
        assert Entry.objects.filter(verb="refused", actor=actor).count() == 2
    assert Announcement.objects.count() == 1


def test_a_leader_issues_only_at_the_own_place(world):
    with pytest.raises(Refused):
        announce(world, actor=world.leader, place=world.tree.r2)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": {"zh": " ", "en": "x"}}, "title_zh"),
        ({"body": {"zh": "", "en": "x"}}, "body_zh"),
        ({"due": timezone.now() + timedelta(days=1)}, "due"),
        ({"due": timezone.now() - timedelta(days=1), "must_confirm": True}, "due"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(world, wrong, field):
    with pytest.raises(ValidationError) as refused:
        announce(world, **wrong)
    assert list(refused.value.message_dict) == [field]


def test_reading_and_confirming_closes_the_notices(world):
    one = announce(world, must_confirm=True)
    actions.remind_readers(one, actor=world.quality)
    mine = Notice.objects.visible_to(world.staff)
    assert mine.asking().count() == 2
    actions.read_announcement(one, actor=world.staff)
    assert mine.unread().count() == 0
    receipt = actions.confirm_announcement(one, actor=world.staff)
    assert actions.confirm_announcement(one, actor=world.staff).confirmed_at == receipt.confirmed_at
    assert mine.asking().count() == 0
    assert Entry.objects.filter(verb="announcement.confirmed").count() == 1
    with pytest.raises(Refused):
        actions.confirm_announcement(one, actor=world.south)
    with pytest.raises(Refused):
        actions.confirm_announcement(announce(world), actor=world.staff)


def test_confirming_in_the_inbox_is_the_same(world):
    one = announce(world, must_confirm=True)
    actions.confirm_notice(Notice.objects.get(user=world.staff), actor=world.staff)
    assert one.receipts.get(user=world.staff).state == "confirmed"
    actions.read_notice(Notice.objects.get(user=world.head), actor=world.head)
    assert one.receipts.get(user=world.head).state == "read"


def test_who_looks_after_a_place_reads_without_a_receipt(world):
    one = announce(world)
    assert actions.read_announcement(one, actor=world.quality) is None
    assert told(one) == {"周明远", "陈建国", "王小明"}


def test_who_joins_later_gets_receipts_of_the_last_quarter(world):
    with time_machine.travel(timezone.now() - timedelta(days=100), tick=False):
        announce(world, must_confirm=True)
    recent = announce(world, must_confirm=True)
    new = person("employee", world.tree.p2)
    assert [item.key for item in work.to_do(new, timezone.now())] == [f"announcement-{recent.pk}"]
    assert actions.receive_announcements(actor=new) == 1
    assert actions.receive_announcements(actor=new) == 0
    assert ReadReceipt.objects.get(user=new).announcement == recent


def test_who_sees_what(world):
    one = announce(world)
    seen = {
        name: one in Announcement.objects.visible_to(getattr(world, name)) for name in ISSUERS | {"south": 0}
    }
    assert seen == {
        "quality": True,
        "leader": True,
        "administrator": True,
        "head": True,
        "staff": True,
        "south": False,
        "outsider": False,
    }


def test_share_reached_by_department(world):
    UserFactory(name="新来的")
    one = announce(world, must_confirm=True)
    actions.read_announcement(one, actor=world.head)
    actions.confirm_announcement(one, actor=world.staff)
    assert [(s.name, s.people, s.read, s.confirmed) for s in queries.shares(one)] == [
        ("工程维修部", 2, 2, 1),
        ("", 1, 0, 0),
    ]
    assert {receipt.user for receipt in queries.waiting(one)} == {world.head, world.leader}
    world.leader.is_active = False
    world.leader.save()
    assert queries.totals(queries.shares(one)).people == 2


def test_a_reminder_once_a_day_and_only_to_who_is_left(world):
    one = announce(world)
    actions.read_announcement(one, actor=world.staff)
    assert actions.remind_readers(one, actor=world.quality) == 2
    with pytest.raises(Refused, match="明天"):
        actions.remind_readers(one, actor=world.quality)
    reminder = Notice.objects.filter(user=world.head).first()
    assert (reminder.title_zh[:3], reminder.title_en[:9]) == ("提醒：", "Reminder:")
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert actions.remind_readers(one, actor=world.quality) == 2
    for user in (world.head, world.leader):
        actions.read_announcement(one, actor=user)
    with pytest.raises(Refused):
        actions.remind_readers(one, actor=world.quality)


def test_groups_are_told_once_and_not_reminded(world, settings):
    settings.BIHUAN_APPRISE_URLS = ["json://127.0.0.1:1/"]
    one = announce(world)
    actions.remind_readers(one, actor=None)
    assert Outbox.objects.filter(channel="group").count() == 1


def test_my_work_has_what_must_be_confirmed(world):
    due = timezone.now() + timedelta(days=2)
    one = announce(world, must_confirm=True, due=due)
    announce(world)
    (notice,) = actions.notify(
        [world.staff], kind="x", title="新流程", must_confirm=True, due=due, dedupe_key="1", actor=None
    )
    actions.notify([world.staff], kind="x", title="没有期限", must_confirm=True, dedupe_key="2", actor=None)
    now = timezone.now()
    assert [item.key for item in work.to_do(world.staff, now)] == [
        f"announcement-{one.pk}",
        f"notice-{notice.pk}",
    ]
    actions.confirm_announcement(one, actor=world.staff)
    actions.confirm_notice(notice, actor=world.staff)
    assert list(work.to_do(world.staff, now)) == []
    assert list(work.to_do(world.outsider, now)) == []
