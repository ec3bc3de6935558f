"""Settings of the channels: what does not fit is said, and never shown."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from bihuan.base.notices import actions, addresses, checks
from bihuan.base.notices.channels.sms import filled
from bihuan.base.notices.models import Notice, Outbox
from bihuan.config import options
from tests.base.people.factories import UserFactory


@pytest.mark.parametrize(
    ("url", "port", "starttls", "tls"),
    [
        ("smtp://mail.example.com", 25, False, False),
        ("smtp+tls://u:p%40ss@mail.example.com", 587, True, False),
        ("smtps://u:p@mail.example.com:4465", 4465, False, True),
        ("smtp://u:p@127.0.0.1:2525", 2525, False, False),
    ],
)
def test_mail_server(url, port, starttls, tls):
    found = addresses.smtp(url)
    assert (found.port, found.starttls, found.tls) == (port, starttls, tls)


@pytest.mark.parametrize(
    "url",
    ["mail.example.com", "http://mail.example.com", "smtp://u:geheim@mail.example.com", "smtp://h:99999"],
)
def test_a_mail_server_that_does_not_fit(url, monkeypatch, tmp_path):
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path))
    monkeypatch.setenv("BIHUAN_SMTP_URL", url)
    with pytest.raises(SystemExit) as refused:
        options.load()
    assert str(refused.value).startswith("BIHUAN_SMTP_URL: ")
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BIHUAN_SMS_URL", "http://sms.example.com/?key=geheim"),
        ("BIHUAN_SMS_URL", "ftp://sms.example.com"),
        ("BIHUAN_SMS_BODY", "{phone}"),
        ("BIHUAN_URL", "bihuan.example.com"),
    ],
)
def test_other_settings_that_do_not_fit(name, value, monkeypatch, tmp_path):
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path))
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=f"^{name}"):
        options.load()


def test_no_text_breaks_the_json_of_an_sms():
    template = {"to": ["{phone}"], "text": "【闭环】{text} {other}", "n": 7, "id": "{id}"}
    values = {"phone": "+8613800000001", "text": '他说"{id}"', "id": "1"}
    assert filled(template, values) == {
        "to": ["+8613800000001"],
        "text": '【闭环】他说"{id}" {other}',
        "n": 7,
        "id": "1",
    }


def test_a_robot_that_nobody_understands_is_found_by_the_check(settings):
    settings.BIHUAN_APPRISE_URLS = ["json://127.0.0.1/", "nosuch://geheim"]
    (warning,) = checks.robots_are_understood()
    assert "geheim" not in warning.msg + str(warning.hint)
    assert "nosuch" in warning.msg
    settings.BIHUAN_APPRISE_URLS = []
    assert checks.robots_are_understood() == []


def test_an_answer_is_kept_without_addresses():
    assert addresses.without_addresses("550 see\n https://x/?key=geheim now") == "550 see … now"


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_instant_tell_a_person_once(settings):
    settings.BIHUAN_SMTP_URL = "smtp://127.0.0.1:2525"
    reader = UserFactory(email="a@example.com")
    start = threading.Barrier(4)
    faults: list[Exception] = []

    def tell() -> None:
        try:
            start.wait()
            actions.notify([reader], kind="x", title="一", dedupe_key="same")
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert (Notice.objects.count(), Outbox.objects.count()) == (1, 1)
