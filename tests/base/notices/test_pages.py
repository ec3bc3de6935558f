"""The pages and the API: whose they are, what they show, how many queries they take."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polib
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bihuan.base.files.actions import attach
from bihuan.base.notices import actions
from bihuan.base.notices.models import Announcement, MailOff, Notice, Outbox
from tests.base.notices.factories import NoticeFactory, OutboxFactory
from tests.base.notices.world import announce, people
from tests.base.people.factories import UserFactory, person

pytestmark = pytest.mark.django_db
EVERYBODY = {"quality", "administrator", "leader", "head", "staff", "south", "outsider"}
PAGES = [
    ("get", "inbox", (), EVERYBODY),
    ("post", "inbox_read", (), EVERYBODY),
    ("get", "inbox_email", (), EVERYBODY),
    ("post", "inbox_email", (), EVERYBODY),
    ("get", "notice", ("notice",), {"staff"}),
    ("post", "notice_read", ("notice",), {"staff"}),
    ("post", "notice_confirm", ("notice",), {"staff"}),
    ("get", "outbox", (), {"administrator"}),
    ("post", "outbox_again", ("message",), {"administrator"}),
    ("get", "announcements", (), EVERYBODY),
    ("get", "announcement_new", (), {"quality", "leader"}),
    ("post", "announcement_new", (), {"quality", "leader"}),
    ("get", "announcement", ("announcement",), {"quality", "administrator", "leader", "head", "staff"}),
    (
        "post",
        "announcement_confirm",
        ("announcement",),
        {"quality", "administrator", "leader", "head", "staff"},
    ),
    ("get", "announcement_file", ("announcement",), {"quality", "administrator", "leader", "head", "staff"}),
    ("get", "announcement_reach", ("announcement",), {"quality", "leader"}),
    ("post", "announcement_remind", ("announcement",), {"quality", "leader"}),
    ("get", "api:inbox", (), EVERYBODY),
    ("post", "api:notice_read", ("notice",), {"staff"}),
    ("post", "api:notice_confirm", ("notice",), {"staff"}),
]


@pytest.fixture
def world():
    found = people()
    found.notice = NoticeFactory(user=found.staff, must_confirm=True, title_zh="读并确认：上门前再打一次电话")
    found.message = OutboxFactory(state="given_up", reason="refused", answer="550 no such user")
    kept = attach(b"%PDF-1.4\n%%EOF\n", actor=None, name="结果.pdf", place=found.tree.r1)
    found.announcement = announce(found, must_confirm=True, attachment=kept)
    return found


@pytest.mark.parametrize(("method", "name", "of", "allowed"), PAGES, ids=[f"{p[0]} {p[1]}" for p in PAGES])
def test_who_may(client, world, method, name, of, allowed):
    address = reverse(name, args=[getattr(world, one).pk for one in of])
    for who in sorted(EVERYBODY):
        client.force_login(getattr(world, who))
        status = getattr(client, method)(address).status_code
        assert (who, status == 404) == (who, who not in allowed)
        assert status < 500


def test_strangers_are_sent_to_sign_in(client, world):
    for method, name, of, _allowed in PAGES:
        address = reverse(name, args=[getattr(world, one).pk for one in of])
        assert getattr(client, method)(address).status_code == (401 if name.startswith("api:") else 302)


@pytest.fixture
def staff(client, world):
    client.force_login(world.staff)
    return client


def test_every_page_is_listed_in_the_table():
    from bihuan.base.notices.urls import urlpatterns

    assert {pattern.name for pattern in urlpatterns} == {
        name for _m, name, _o, _a in PAGES if ":" not in name
    }


def test_inbox_shows_what_waits_first(staff, world):
    old = timezone.now() - timedelta(days=3)
    NoticeFactory(user=world.staff, state="read", read_at=old, title_zh="读过的")
    NoticeFactory(user=world.staff, created_at=old, title_zh="没读的旧通知")
    page = staff.get("/inbox/")
    assert [row.notice.title for row in page.context["rows"]][-2:] == ["没读的旧通知", "读过的"]
    assert "2条通知" in page.content.decode()
    assert "等您确认" in page.content.decode()
    assert 'aria-label="收件箱，3条未读"' in page.content.decode()
    only = staff.get("/inbox/?state=read")
    assert [row.notice.title for row in only.context["rows"]] == ["读过的"]
    kind = staff.get("/inbox/?kind=announcement")
    assert [row.notice.kind for row in kind.context["rows"]] == ["announcement"]


def test_one_tap_changes_the_row_the_verdict_and_the_bell(staff, world):
    plain = NoticeFactory(user=world.staff)
    answer = staff.post(reverse("notice_read", args=[plain.pk]), headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert f'id="notice-{plain.pk}"' in text
    assert "hx-post" not in text
    assert 'id="inbox-verdict" hx-swap-oob="true"' in text
    assert 'aria-label="收件箱，2条未读"' in text
    assert answer["HX-Trigger"].startswith('{"bh:say"')
    assert staff.post(reverse("notice_confirm", args=[world.notice.pk])).url == "/inbox/"
    assert Notice.objects.get(pk=world.notice.pk).state == "confirmed"
    refused = staff.post(reverse("notice_confirm", args=[plain.pk]), follow=True)
    assert "这条通知不用确认" in refused.content.decode()


def test_opening_a_notice_reads_it_and_leads_on(staff, world):
    led = NoticeFactory(user=world.staff, url="/announcements/")
    assert staff.get(reverse("notice", args=[led.pk])).url == "/announcements/"
    assert Notice.objects.get(pk=led.pk).state == "read"
    page = staff.get(reverse("notice", args=[world.notice.pk]))
    assert "读完了，确认" in page.content.decode()
    told = Notice.objects.get(user=world.staff, kind="announcement")
    assert staff.get(reverse("notice", args=[told.pk])).url == f"/announcements/{world.announcement.pk}/"


def test_reading_all_leaves_the_announcements(staff, world):
    page = staff.post("/inbox/read/", follow=True)
    assert "1条通知已标为已读。" in page.content.decode()
    assert "通报要打开才算读过" in page.content.decode()
    assert list(Notice.objects.unread().filter(user=world.staff).values_list("kind", flat=True)) == [
        "announcement"
    ]


def test_choosing_emails(staff, world):
    page = staff.get("/inbox/email/")
    chosen = page.context["form"].initial["kinds"]
    assert {"announcement", "other"} <= set(chosen)
    staff.post("/inbox/email/", {"kinds": [kind for kind in chosen if kind != "other"]})
    assert list(MailOff.objects.values_list("user", "kind")) == [(world.staff.pk, "other")]
    assert "other" not in staff.get("/inbox/email/").context["form"].initial["kinds"]


def test_reading_and_confirming_an_announcement(staff, world):
    address = f"/announcements/{world.announcement.pk}/"
    page = staff.get(address).content.decode()
    assert "<p>维修上门更准时了，100单里有93单按约修完。</p>" in page
    assert "读完了，确认" in page
    receipt = world.announcement.receipts.get(user=world.staff)
    assert receipt.state == "read"
    staff.post(f"{address}confirm/")
    receipt.refresh_from_db()
    assert receipt.state == "confirmed"
    assert "读完了，确认" not in staff.get(address).content.decode()
    file = staff.get(f"{address}file/")
    assert file["Content-Disposition"].startswith("attachment")
    assert b"".join(file.streaming_content).startswith(b"%PDF")


def test_the_issuer_sees_whom_it_reached_and_reminds(client, world):
    client.force_login(world.quality)
    actions.confirm_announcement(world.announcement, actor=world.staff)
    page = client.get(f"/announcements/{world.announcement.pk}/reach/").content.decode()
    assert "3人里已有1人确认，<mark" in page
    assert "2人还没确认" in page
    assert "陈建国" in page
    assert "王小明" not in page
    sent = client.post(f"/announcements/{world.announcement.pk}/remind/", follow=True).content.decode()
    assert "已提醒2人。" in sent
    again = client.post(f"/announcements/{world.announcement.pk}/remind/", follow=True).content.decode()
    assert "今天已经提醒过" in again


def test_announcing_from_the_page(client, world):
    client.force_login(world.leader)
    given = {
        "place": "R01",
        "title_zh": "新流程",
        "body_zh": "从下周一起。",
        "must_confirm": "on",
        "cycle": "2026Q3",
        "url": "//evil.example",
    }
    file = SimpleUploadedFile("流程.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")
    answer = client.post("/announcements/new/", {**given, "file": file})
    made = Announcement.objects.first()
    assert answer.url == f"/announcements/{made.pk}/reach/"
    assert (made.title_zh, made.place, made.url, made.attachment.name) == (
        "新流程",
        world.tree.r1,
        "",
        "流程.pdf",
    )
    assert made.issued_by == world.leader
    wrong = client.post("/announcements/new/", {**given, "place": "R02"})
    assert wrong.context["form"].errors.keys() == {"place"}
    late = client.post("/announcements/new/", {**given, "due": "2020-01-01T10:00"})
    assert late.context["form"].errors.keys() == {"due"}
    bad = client.post("/announcements/new/", {**given, "file": SimpleUploadedFile("x.exe", b"MZ\x90")})
    assert bad.context["form"].errors.keys() == {"file"}
    assert Announcement.objects.count() == 2


def test_the_outbox_says_why_and_sends_again(client, world):
    client.force_login(world.administrator)
    page = client.get("/notices/outbox/").content.decode()
    assert "1条消息</mark>没发出去，已不再重试。" in page
    assert "服务器拒收。改好地址再重发。对方答复：550 no such user" in page
    assert "没有设置：BIHUAN_SMTP_URL是空的" in page
    done = client.post(f"/notices/outbox/{world.message.pk}/again/", follow=True).content.decode()
    assert "已放回队列" in done
    assert Outbox.objects.get(pk=world.message.pk).state == "queued"
    Outbox.objects.all().delete()
    assert "还没有设置任何渠道" in client.get("/notices/outbox/").content.decode()
    assert client.get("/notices/outbox/?export=csv").status_code == 200


def test_no_secret_of_a_channel_is_shown(client, world, settings):
    settings.BIHUAN_SMTP_URL = "smtps://bihuan:geheim@mail.example.com"
    settings.BIHUAN_APPRISE_URLS = ["dingtalk://geheimtoken"]
    client.force_login(world.administrator)
    page = client.get("/notices/outbox/").content.decode()
    assert "geheim" not in page
    assert "dingtalk " in page


def test_the_administrator_of_one_project_sees_no_outbox(client, world):
    client.force_login(person("administrator", world.tree.p1))
    assert client.get("/notices/outbox/").status_code == 404


QUERIES = {"/inbox/": 4, "/announcements/": 6, "/notices/outbox/": 3, "reach": 5, "/api/v1/inbox": 3}


def own_queries(client, address):
    """How many queries a page asks of the tables of this room."""
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return sum('"notices_' in query["sql"] for query in seen.captured_queries)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("address", QUERIES)
def test_queries_stay_the_same(client, world, count, address):
    """Counted on the tables of this room, without the frame of the page."""
    number = QUERIES[address]
    who = world.administrator
    Notice.objects.filter(user=who).delete()
    Outbox.objects.all().delete()
    NoticeFactory.create_batch(count, user=who)
    OutboxFactory.create_batch(count, state="given_up")
    for _ in range(count):
        announce(world, place=world.tree.c)
    if address == "reach":
        for name in ("head", "staff")[: count - 1]:
            actions.read_announcement(world.announcement, actor=getattr(world, name))
        who, address = world.quality, f"/announcements/{world.announcement.pk}/reach/"
    client.force_login(who)
    client.get(address)
    frame = 0 if address.startswith("/api/") else own_queries(client, "/account/")
    assert own_queries(client, address) - frame == number


def test_api(client, world):
    client.force_login(world.staff)
    found = client.get("/api/v1/inbox?limit=1").json()
    assert (found["count"], found["unread"], len(found["items"])) == (2, 2, 1)
    assert client.get("/api/v1/inbox?state=confirmed").json()["count"] == 0
    assert client.get("/api/v1/inbox?kind=announcement").json()["count"] == 1
    number = world.notice.pk
    assert client.post(f"/api/v1/inbox/{number}/read").json()["state"] == "read"
    assert client.post(f"/api/v1/inbox/{number}/confirm").json()["state"] == "confirmed"
    plain = NoticeFactory(user=world.staff)
    assert client.post(f"/api/v1/inbox/{plain.pk}/confirm").status_code == 409
    theirs = NoticeFactory(user=UserFactory())
    assert client.post(f"/api/v1/inbox/{theirs.pk}/read").status_code == 404


def test_translations_are_complete():
    import bihuan.base.notices

    path = Path(bihuan.base.notices.__file__).parent / "locale/zh_Hans/LC_MESSAGES/django.po"
    left = [entry.msgid for entry in polib.pofile(str(path)) if not entry.translated() or entry.fuzzy]
    assert left == []
