"""Sending: over real servers, tried again with growing waits, given up in words, never showing a secret."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bihuan.base.jobs.models import Job
from bihuan.base.notices import actions, delivery, tasks
from bihuan.base.notices.models import Outbox
from bihuan.base.trail.act import Refused
from tests.base.notices.factories import OutboxFactory
from tests.base.notices.servers import Gateway, Mailbox, free_port, http, smtp
from tests.base.people.factories import UserFactory, person

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
NOTHING = {"sent": 0, "failed": 0, "given_up": 0}


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def mail(mailbox, settings):
    with smtp(mailbox) as address:
        settings.BIHUAN_SMTP_URL = address
        settings.BIHUAN_MAIL_FROM = "闭环 <bihuan@example.com>"
        yield address


@pytest.fixture
def gateway(settings):
    found = Gateway()
    with http(found) as host:
        settings.BIHUAN_SMS_URL = f"http://user:se%40cret@{host}/send?app=1"
        settings.BIHUAN_SMS_BODY = '{"to": ["{phone}"], "params": {"text": "【闭环】{text}", "no": 7}}'
        yield found


def state(row):
    row.refresh_from_db()
    return row.state, row.reason


def test_an_email_reads_as_it_should(mail, mailbox, settings):
    settings.BIHUAN_URL = "https://bihuan.example.com"
    reader = UserFactory(email="chen@example.com", name="陈建国")
    due = timezone.now().replace(month=10, day=15, hour=10, minute=0)
    actions.notify(
        [reader],
        kind="plan_submitted",
        title={"zh": "计划等您审批", "en": "A plan"},
        body={"zh": "5项措施，10月20日开工。", "en": "Five actions."},
        url="/plans/GJ-2026-001/",
        due=due,
        dedupe_key="1",
    )
    assert delivery.deliver() == {**NOTHING, "sent": 1}
    (one,) = mailbox.mails
    row = Outbox.objects.get()
    assert (one["Subject"], one["To"], one["Message-ID"]) == (
        "计划等您审批",
        "chen@example.com",
        row.message_id,
    )
    assert one["From"] == "闭环 <bihuan@example.com>"
    assert one["Auto-Submitted"] == "auto-generated"
    text = one.get_content().replace("\r\n", "\n")
    assert "5项措施，10月20日开工。\n" in text
    assert "https://bihuan.example.com/plans/GJ-2026-001/" in text
    assert "10月15日 18:00" in text
    assert (row.state, row.attempts, row.lease) == ("sent", 1, None)
    assert delivery.deliver() == NOTHING
    assert len(mailbox.mails) == 1


def test_what_is_written_is_sent_by_a_job_ordered_with_it(mail, mailbox):
    reader = UserFactory(email="a@example.com")
    for number in "123":
        actions.notify([reader], kind="x", title="一", dedupe_key=number)
    assert Job.objects.filter(kind="notices.send").count() == 1
    assert tasks.send.run_now().result == {**NOTHING, "sent": 3}
    assert len(set(mailbox.ids)) == 3


def test_a_server_that_is_down_costs_one_attempt_and_is_tried_with_growing_waits(settings, mailbox):
    port = free_port()
    settings.BIHUAN_SMTP_URL = f"smtp://127.0.0.1:{port}"
    first, second = OutboxFactory.create_batch(2)
    now = timezone.now()
    assert delivery.deliver(now=now) == {**NOTHING, "failed": 1}
    assert (state(first), state(second)) == (("failed", "unreachable"), ("queued", ""))
    assert (first.attempts, first.next_attempt_at) == (1, now + MINUTE)
    Outbox.objects.filter(pk=second.pk).delete()
    for waited in (1, 2, 4):
        now = first.next_attempt_at
        assert delivery.deliver(now=now - timedelta(seconds=1)) == NOTHING
        assert delivery.deliver(now=now) == {**NOTHING, "failed": 1}
        first.refresh_from_db()
        assert first.next_attempt_at == now + 2 * waited * MINUTE
    with smtp(mailbox, port):
        assert delivery.deliver(now=first.next_attempt_at) == {**NOTHING, "sent": 1}
    assert state(first) == ("sent", "")
    assert mailbox.ids == [first.message_id]


def test_waits_end_at_twelve_hours_and_attempts_at_fifteen(settings):
    settings.BIHUAN_SMTP_URL = f"smtp://127.0.0.1:{free_port()}"
    assert [delivery.delay_after(n) for n in (1, 5, 10, 11, 14)] == [
        MINUTE,
        16 * MINUTE,
        512 * MINUTE,
        timedelta(hours=12),
        timedelta(hours=12),
    ]
    row = OutboxFactory(attempts=delivery.MOST_ATTEMPTS - 1)
    assert delivery.deliver() == {**NOTHING, "given_up": 1}
    assert state(row) == ("given_up", "unreachable")
    assert delivery.deliver(now=timezone.now() + timedelta(days=30)) == NOTHING


def test_an_address_that_does_not_exist_is_given_up_and_the_others_go_on(mail, mailbox):
    bad, later, good = OutboxFactory.create_batch(3)
    mailbox.refuse = {bad.user.email: "550 no such user", later.user.email: "450 mailbox busy"}
    assert delivery.deliver() == {"sent": 1, "failed": 1, "given_up": 1}
    assert (state(bad), bad.answer) == (("given_up", "refused"), "550 no such user")
    assert (state(later), later.answer) == (("failed", "refused_for_now"), "450 mailbox busy")
    assert state(good) == ("sent", "")


def test_who_left_or_has_no_address_is_not_written_to(mail, mailbox):
    rows = [OutboxFactory(user__is_active=False), OutboxFactory(user__email=None)]
    assert delivery.deliver() == {**NOTHING, "given_up": 2}
    assert {state(row) for row in rows} == {("given_up", "no_address")}
    assert mailbox.mails == []


def test_a_password_that_is_wrong_is_said_and_never_shown(mail, settings, caplog):
    settings.BIHUAN_SMTP_URL = mail.replace("smtp://", "smtp://bihuan:geheim@")
    row = OutboxFactory()
    assert delivery.deliver() == {**NOTHING, "failed": 1}
    row.refresh_from_db()
    assert row.reason in {"sign_in", "unreachable"}  # this server offers no sign-in at all
    assert "geheim" not in caplog.text + row.answer


def test_a_channel_that_is_gone_keeps_its_messages(settings):
    row = OutboxFactory()
    assert delivery.deliver() == NOTHING
    assert state(row) == ("queued", "")


def test_sms_over_http(gateway):
    row = OutboxFactory(channel="sms", user__phone="+8613800000001", title="通报：三季度结果")
    gateway.answers = [503, 200]
    now = timezone.now()
    assert delivery.deliver(now=now) == {**NOTHING, "failed": 1}
    assert (state(row), row.answer) == (("failed", "refused_for_now"), "HTTP 503")
    assert delivery.deliver(now=now + MINUTE) == {**NOTHING, "sent": 1}
    told = {"to": ["+8613800000001"], "params": {"text": "【闭环】通报：三季度结果", "no": 7}}
    assert gateway.bodies == [told, told]
    assert {h["Idempotency-Key"] for h in gateway.headers} == {str(row.pk)}
    assert gateway.headers[0]["Authorization"] == "Basic dXNlcjpzZUBjcmV0"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(400, ("given_up", "refused")), (401, ("failed", "sign_in")), (429, ("failed", "refused_for_now"))],
)
def test_what_a_gateway_answers(gateway, answer, outcome):
    row = OutboxFactory(channel="sms", user__phone="+8613800000001")
    gateway.answers = [answer]
    delivery.deliver()
    assert state(row) == outcome


def test_sms_without_an_answer_is_not_sent_again_by_itself(gateway):
    row = OutboxFactory(channel="sms", user__phone="+8613800000001")
    gateway.hang_up = True
    assert delivery.deliver() == {**NOTHING, "given_up": 1}
    assert state(row) == ("given_up", "left_open")
    assert delivery.deliver(now=timezone.now() + timedelta(days=9)) == NOTHING
    assert len(gateway.bodies) == 1


def test_group_robots_through_apprise(settings, caplog):
    gateway = Gateway()
    with http(gateway) as host:
        settings.BIHUAN_APPRISE_URLS = [f"json://user:geheim@{host}/group"]
        actions.notify(
            UserFactory.create_batch(3),
            kind="announcement",
            title="三季度结果",
            body="84.2分",
            dedupe_key="1",
            channels=("group",),
        )
        row = Outbox.objects.get()
        gateway.answers = [500, 200]
        now = timezone.now()
        assert delivery.deliver(now=now) == {**NOTHING, "failed": 1}
        assert delivery.deliver(now=now + MINUTE) == {**NOTHING, "sent": 1}
        assert [b["title"] for b in gateway.bodies] == ["三季度结果", "三季度结果"]
        assert gateway.bodies[1]["message"].startswith("84.2分")
    assert "geheim" not in caplog.text + row.robot + row.key
    settings.BIHUAN_APPRISE_URLS = ["json://127.0.0.1:1/other"]
    gone = OutboxFactory(channel="group", user=None, robot=row.robot)
    assert delivery.deliver() == {**NOTHING, "given_up": 1}
    assert state(gone) == ("given_up", "not_set_up")


def test_two_senders_share_the_work():
    OutboxFactory.create_batch(2)
    now = timezone.now()
    taken = {delivery.claim("email", now), delivery.claim("email", now)}
    assert len(taken) == 2
    assert delivery.claim("email", now) is None


def test_a_lease_that_ran_out(mail, mailbox, gateway):
    email = OutboxFactory()
    sms = OutboxFactory(channel="sms", user__phone="+8613800000001")
    now = timezone.now()
    late = delivery.claim("email", now)
    delivery.claim("sms", now)
    assert delivery.deliver(now=now + delivery.LEASE - MINUTE) == NOTHING
    assert delivery.deliver(now=now + delivery.LEASE) == {**NOTHING, "sent": 1}
    assert (state(email)[0], email.attempts) == ("sent", 2)
    assert state(sms) == ("given_up", "left_open")
    assert gateway.bodies == []
    # The sender that was held for dead comes back and finds that the message is no longer its own.
    delivery._mark(late, delivery.NotSent(delivery.Reason.UNREACHABLE), now)
    assert state(email)[0] == "sent"


def test_sending_again(mail, mailbox):
    row = OutboxFactory(state="given_up", reason="refused", attempts=15)
    with pytest.raises(Refused):
        actions.send_again(row, actor=person("quality_manager"))
    actions.send_again(row, actor=person("administrator"))
    assert state(row)[0] == "queued"
    assert delivery.deliver() == {**NOTHING, "sent": 1}
    with pytest.raises(Refused):
        actions.send_again(row, actor=None)


def test_what_was_sent_long_ago_is_cleared():
    now = timezone.now()
    OutboxFactory(state="sent", sent_at=now - timedelta(days=91))
    OutboxFactory(state="given_up", created_at=now - timedelta(days=401))
    kept = [
        OutboxFactory(state="sent", sent_at=now - timedelta(days=89)),
        OutboxFactory(state="given_up", created_at=now - timedelta(days=300)),
        OutboxFactory(created_at=now - timedelta(days=500)),
    ]
    assert actions.clear_old(now=now) == 2
    assert set(Outbox.objects.all()) == set(kept)
