"""Telling people: each once, in both languages, by the channels they have."""

from __future__ import annotations

import pytest
from django.utils.translation import gettext_lazy as _

from bihuan.base.notices import actions, kinds
from bihuan.base.notices.models import MailOff, Notice, Outbox
from bihuan.base.trail.act import Refused, act
from tests.base.people.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(settings):
    settings.BIHUAN_SMTP_URL = "smtp://127.0.0.1:2525"


def tell(*users, **more):
    given = {
        "kind": "plan_submitted",
        "title": {"zh": "计划等您审批", "en": "A plan waits for your approval"},
        "dedupe_key": "plan_submitted:1",
        "actor": None,
        **more,
    }
    return actions.notify(users, **given)


def test_same_key_reaches_a_person_once():
    one, two = UserFactory.create_batch(2)
    assert {n.user for n in tell(one, one)} == {one}
    assert {n.user for n in tell(one, two)} == {two}
    assert Notice.objects.count() == 2
    assert len(tell(one, dedupe_key="plan_submitted:2")) == 1


def test_who_left_is_not_told():
    assert tell(UserFactory(is_active=False)) == []


def test_a_lazy_title_is_kept_in_both_languages():
    (notice,) = tell(UserFactory(), title=_("Department"), body=_("Employee"))
    assert (notice.title_zh, notice.title_en) == ("部门", "Department")
    assert (notice.body_zh, notice.body_en) == ("员工", "Employee")


def test_no_phone_number_in_a_title():
    (notice,) = tell(UserFactory(), title="回访 138 1234 5678，工单 20261015001 号")
    assert notice.title_zh == "回访 138****5678，工单 20261015001 号"


def test_without_a_channel_there_is_only_the_inbox():
    tell(UserFactory(email="a@example.com"))
    assert (Notice.objects.count(), Outbox.objects.count()) == (1, 0)


def test_one_message_for_each_channel_in_the_readers_language(mail, settings):
    settings.BIHUAN_SMS_URL = "http://127.0.0.1:1/"
    reader = UserFactory(email="a@example.com", phone="+8613800000001", language="en")
    tell(reader, UserFactory(), channels=("email", "sms"))
    rows = Outbox.objects.order_by("channel").values_list("channel", "title", "user")
    assert list(rows) == [
        ("email", "A plan waits for your approval", reader.pk),
        ("sms", "A plan waits for your approval", reader.pk),
    ]
    tell(reader, channels=("email", "sms"))
    assert Outbox.objects.count() == 2


def test_sms_only_for_what_must_be_confirmed_by_who_has_no_email(mail, settings):
    settings.BIHUAN_SMS_URL = "http://127.0.0.1:1/"
    staff = UserFactory(phone="+8613800000001")
    tell(staff)
    assert Outbox.objects.count() == 0
    tell(staff, dedupe_key="2", must_confirm=True)
    assert list(Outbox.objects.values_list("channel", flat=True)) == ["sms"]


def test_a_group_robot_is_told_once_and_only_when_asked(settings):
    settings.BIHUAN_APPRISE_URLS = ["json://127.0.0.1:1/a", "json://127.0.0.1:1/b"]
    tell(UserFactory())
    assert Outbox.objects.count() == 0
    tell(*UserFactory.create_batch(3), dedupe_key="2", channels=("group",))
    assert list(Outbox.objects.values_list("channel", "user")) == [("group", None), ("group", None)]


def test_who_switched_email_off_still_gets_what_must_be_confirmed(mail):
    kinds.register({"plan_submitted": "Plans"})
    reader = UserFactory(email="a@example.com")
    actions.choose_email(["plan_submitted", "no such kind"], actor=reader)
    assert list(MailOff.objects.values_list("kind", flat=True)) == ["plan_submitted"]
    tell(reader)
    assert Outbox.objects.count() == 0
    tell(reader, dedupe_key="2", must_confirm=True)
    assert Outbox.objects.count() == 1
    actions.choose_email([], actor=reader)
    tell(reader, dedupe_key="3")
    assert Outbox.objects.count() == 2


def test_what_the_caller_takes_back_was_never_told(mail):
    reader = UserFactory(email="a@example.com")

    @act
    def fail(*, actor):
        tell(reader)
        raise RuntimeError("the caller failed")

    with pytest.raises(RuntimeError):
        fail(actor=None)
    assert (Notice.objects.count(), Outbox.objects.count()) == (0, 0)


def test_reading_and_confirming():
    reader, other = UserFactory.create_batch(2)
    (plain,) = tell(reader)
    (asks,) = tell(reader, dedupe_key="2", must_confirm=True)
    with pytest.raises(Refused):
        actions.read_notice(plain, actor=other)
    with pytest.raises(Refused):
        actions.confirm_notice(asks, actor=other)
    with pytest.raises(Refused):
        actions.confirm_notice(plain, actor=reader)
    assert actions.read_notice(plain, actor=reader).state == "read"
    done = actions.confirm_notice(asks, actor=reader)
    assert (done.state, done.read_at) == ("confirmed", done.confirmed_at)
    assert actions.confirm_notice(asks, actor=reader).confirmed_at == done.confirmed_at
    assert actions.read_notice(asks, actor=reader).state == "confirmed"


def test_reading_many_leaves_those_of_others():
    reader, other = UserFactory.create_batch(2)
    theirs = tell(other)
    mine = [tell(reader, dedupe_key=str(n))[0] for n in range(3)]
    assert actions.read_notices([mine[0].pk, theirs[0].pk], actor=reader) == 1
    assert actions.read_notices(actor=reader) == 2
    assert list(Notice.objects.unread().values_list("user", flat=True)) == [other.pk]
