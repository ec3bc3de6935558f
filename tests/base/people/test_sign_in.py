from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client, RequestFactory

from bihuan.base.people import actions, throttle
from bihuan.base.people.models import SignInFailure, User
from bihuan.base.people.views.signin import address_of
from bihuan.base.trail.models import Entry
from tests.base.people.factories import person

pytestmark = pytest.mark.django_db
PASSWORD = "春天来了花开了真好看"
NOW = datetime(2026, 10, 15, 1, 0, tzinfo=UTC)


@pytest.fixture
def user():
    return actions.create_person(
        actor=None,
        employee_number="E1001",
        name="王小明",
        password=PASSWORD,
        phone="13800000001",
        email="w@b.cn",
    )


def attempt(client, identifier: str, password: str = PASSWORD, **kwargs):
    return client.post("/signin/", {"identifier": identifier, "password": password}, **kwargs)


def signed_in(client) -> bool:
    return client.get("/account/").status_code == 200


class TestComingIn:
    @pytest.mark.parametrize(
        "identifier",
        [
            "E1001",
            "e1001",
            " E1001 ",
            "Ｅ1001",
            "13800000001",
            "138 0000 0001",
            "+8613800000001",
            "w@b.cn",
            "W@B.cn",
        ],
    )
    def test_by_number_phone_or_mail(self, client, user, identifier):
        response = attempt(client, identifier)
        assert (response.status_code, response["Location"]) == (302, "/")
        assert signed_in(client)
        assert Entry.objects.first().verb == "person.signed_in"

    @pytest.mark.parametrize(
        ("identifier", "password"),
        [
            ("E1001", "falsch"),
            ("E9999", PASSWORD),
            ("王小明", PASSWORD),
            ("E1001", PASSWORD + " "),
            ("x\0y", "z"),
        ],
    )
    def test_wrong_says_the_same_whoever_it_was(self, client, user, identifier, password):
        response = attempt(client, identifier, password)
        assert response.status_code == 422
        assert not signed_in(client)
        if "\0" not in identifier:
            assert "账号和密码对不上。再核对一遍，或找管理员。" in response.content.decode()

    def test_out_of_use_says_the_same(self, client, user):
        actions.deactivate_person(user, actor=None)
        assert "账号和密码对不上" in attempt(client, "E1001").content.decode()
        assert not signed_in(client)

    def test_a_number_that_is_anothers_phone_goes_to_the_number(self, client, user):
        other = actions.create_person(
            actor=None, employee_number="13800000001", name="乙", password="另一个密码也很好记"
        )
        attempt(client, "13800000001", "另一个密码也很好记")
        assert client.session["_auth_user_id"] == str(other.pk)

    @pytest.mark.parametrize(
        ("asked", "goes"),
        [
            ("/people/", "/people/"),
            ("https://evil.example/", "/"),
            ("//evil.example", "/"),
            ("javascript:x", "/"),
            ("", "/"),
        ],
    )
    def test_it_goes_on_to_where_one_wanted_on_this_server(self, client, user, asked, goes):
        response = client.post("/signin/", {"identifier": "E1001", "password": PASSWORD, "next": asked})
        assert response["Location"] == goes

    def test_csrf_is_asked_for(self, user):
        assert attempt(Client(enforce_csrf_checks=True), "E1001").status_code == 403

    def test_the_page_is_there_in_both_languages(self, client):
        assert "工号、手机或邮箱" in client.get("/signin/").content.decode()
        client.cookies["bihuan_language"] = "en"
        assert "Employee number, phone or e-mail" in client.get("/signin/").content.decode()

    def test_going_out(self, client, user):
        attempt(client, "E1001")
        assert client.get("/signout/").status_code == 405
        assert client.post("/signout/").status_code == 302
        assert not signed_in(client)


class TestThrottle:
    def test_five_failures_close_the_account_for_a_quarter_of_an_hour(self, client, user):
        with time_machine.travel(NOW, tick=False) as clock:
            for identifier in ("E1001", "13800000001", "w@b.cn", "E1001", "E1001"):
                assert attempt(client, identifier, "falsch").status_code == 422
            response = attempt(client, "E1001")
            assert (response.status_code, response["Retry-After"]) == (429, "900")
            assert "试的次数太多，15分钟后再试。" in response.content.decode()
            assert [e.verb for e in Entry.objects.all()] == ["person.sign_in_blocked", "person.created"]
            clock.shift(timedelta(minutes=14, seconds=59))
            assert attempt(client, "E1001")["Retry-After"] == "1"
            clock.shift(timedelta(seconds=1))
            assert attempt(client, "E1001").status_code == 302

    def test_accounts_that_are_not_there_close_just_the_same(self, client, user):
        with time_machine.travel(NOW, tick=False):
            told = []
            for identifier in ("E1001", "E9999"):
                answers = [attempt(client, identifier, "falsch") for _ in range(6)]
                told.append([(r.status_code, r.get("Retry-After")) for r in answers])
        assert told[0] == told[1]
        assert told[0][-1] == (429, "900")

    def test_trying_on_does_not_make_it_longer(self, client, user):
        with time_machine.travel(NOW, tick=False) as clock:
            for _ in range(5):
                attempt(client, "E1001", "falsch")
            for _ in range(20):
                clock.shift(timedelta(seconds=30))
                attempt(client, "E1001", "falsch")
            clock.shift(timedelta(minutes=5))
            assert attempt(client, "E1001").status_code == 302

    def test_success_begins_anew(self, client, user):
        with time_machine.travel(NOW, tick=False):
            for _ in range(4):
                attempt(client, "E1001", "falsch")
            attempt(client, "E1001")
            client.post("/signout/")
            for _ in range(4):
                assert attempt(client, "E1001", "falsch").status_code == 422
            assert attempt(client, "E1001").status_code == 302

    def test_a_one_time_password_opens_the_account(self, client, user):
        with time_machine.travel(NOW, tick=False):
            for _ in range(6):
                attempt(client, "E1001", "falsch")
            password = actions.issue_one_time_password(user, actor=None)
            assert attempt(client, "E1001", password).status_code == 302

    def test_one_address_cannot_try_many_accounts(self, client, user):
        with time_machine.travel(NOW, tick=False):
            for number in range(throttle.ADDRESS_LIMIT):
                assert attempt(client, f"X{number}", "falsch").status_code == 422
            assert attempt(client, "E1001").status_code == 429
            assert attempt(client, "E1001", REMOTE_ADDR="10.1.1.1").status_code == 302

    def test_what_is_kept_names_nobody_and_goes_after_a_day(self, client, user):
        with time_machine.travel(NOW, tick=False) as clock:
            attempt(client, "E1001", "falsch")
            assert all(len(key) == 64 for key in SignInFailure.objects.values_list("key", flat=True))
            clock.shift(timedelta(days=1, seconds=1))
            attempt(client, "E5555", "falsch")
            assert SignInFailure.objects.count() == 2

    @pytest.mark.parametrize(
        ("peer", "forwarded", "address"),
        [("127.0.0.1", "6.6.6.6, 9.9.9.9", "9.9.9.9"), ("8.8.8.8", "9.9.9.9", "8.8.8.8"),
         ("127.0.0.1", "", "127.0.0.1"), ("127.0.0.1", "nonsense", "127.0.0.1"),
         ("::1", "9.9.9.9", "9.9.9.9")],
    )  # fmt: skip
    def test_only_a_proxy_on_this_machine_is_believed(self, peer, forwarded, address):
        request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
        assert address_of(request) == address


@pytest.mark.django_db(transaction=True)
def test_attempts_at_the_same_moment_are_all_counted():
    allowed = []
    start = threading.Barrier(8)

    def run():
        start.wait()
        allowed.append(throttle.Attempt("user:1", "10.0.0.1", NOW).allowed)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(allowed) == 8
    assert sum(allowed) <= throttle.ACCOUNT_LIMIT


class TestSessions:
    def test_a_new_password_ends_the_others_and_keeps_this_one(self, user):
        here, there = Client(), Client()
        attempt(here, "E1001")
        attempt(there, "E1001")
        new = "夏天来了知了叫个不停"
        response = here.post("/account/password/", {"current": PASSWORD, "new": new, "again": new})
        assert response.status_code == 302
        assert (signed_in(here), signed_in(there)) == (True, False)

    def test_out_of_use_ends_them_all_for_good(self, client, user):
        attempt(client, "E1001")
        actions.deactivate_person(user, actor=None)
        assert not signed_in(client)
        actions.reactivate_person(user, actor=None)
        assert not signed_in(client)

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"current": "falsch", "new": "x" * 12, "again": "x" * 12}, "不是您现在的密码"),
            ({"current": PASSWORD, "new": "kurz", "again": "kurz"}, "至少10个字符"),
            ({"current": PASSWORD, "new": "一二三四五六七八九十", "again": "不一样"}, "两次不一样"),
        ],
    )
    def test_what_is_wrong_is_said(self, client, user, fields, wrong):
        attempt(client, "E1001")
        response = client.post("/account/password/", fields)
        assert response.status_code == 422
        assert wrong in response.content.decode()


class TestOneTimePassword:
    def test_nothing_opens_before_one_has_chosen_ones_own(self, client, user):
        password = actions.issue_one_time_password(user, actor=None)
        attempt(client, "E1001", password)
        for address in ("/", "/account/", "/people/", "/places/tree/"):
            assert client.get(address)["Location"] == "/account/password/"
        assert client.get("/api/v1/me").status_code == 403
        new = "夏天来了知了叫个不停"
        response = client.post("/account/password/", {"current": password, "new": new, "again": new})
        assert response["Location"] == "/"
        assert signed_in(client)
        assert not User.objects.get(pk=user.pk).must_change_password

    def test_the_administrator_sees_it_once(self, client, user):
        client.force_login(person("administrator"))
        response = client.post(f"/people/{user.pk}/password/")
        shown = response.content.decode().split('<span class="bh-mono">')[1].split("<")[0]
        assert User.objects.get(pk=user.pk).check_password(shown)
        assert "no-store" in response["Cache-Control"]
        assert shown not in client.get(f"/people/{user.pk}/").content.decode()
        assert shown not in str(list(Entry.objects.values()))
