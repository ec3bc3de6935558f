"""A sender killed at any point loses nothing, and where it can be known sends nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from bihuan.base.notices import delivery
from bihuan.base.notices.models import Outbox
from tests.base.notices.factories import OutboxFactory
from tests.base.notices.servers import Mailbox, smtp

MESSAGES = 6
KILLED_AT = 3


def environment(address: str) -> dict[str, str]:
    found = connection.settings_dict
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "BIHUAN_SMTP_URL": address}
    if connection.vendor == "postgresql":
        host, port = quote(found["HOST"], safe=""), f":{found['PORT']}" if found["PORT"] else ""
        who = ":".join(part for part in (found["USER"], found["PASSWORD"]) if part)
        env["BIHUAN_DATABASE"] = f"postgresql://{who}@{host}{port}/{found['NAME']}"
    else:
        env["KILL_DATABASE"] = str(found["NAME"])
    return env


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("point", "twice"),
    [
        ("before", 0),  # the server was told of the message but did not get it
        ("after", 1),  # the server has it, and the sender did not hear so: same Message-ID again
        ("leaving", 0),  # everything is sent and marked
    ],
)
def test_killed(settings, point, twice):
    rows = OutboxFactory.create_batch(MESSAGES)
    mailbox = Mailbox()
    children: list[subprocess.Popen] = []

    def kill(taken: int) -> None:
        if taken == (MESSAGES if point == "leaving" else KILLED_AT) and children[0].poll() is None:
            os.kill(children[0].pid, signal.SIGKILL)
            children[0].wait()

    setattr(mailbox, point, kill)
    with smtp(mailbox) as address:
        settings.BIHUAN_SMTP_URL = address
        command = [sys.executable, "-m", "tests.base.notices.sender_process"]
        children.append(subprocess.Popen(command, env=environment(address), stdout=subprocess.PIPE))
        children[0].communicate()
        assert children[0].returncode == -signal.SIGKILL
        left = MESSAGES - len(mailbox.mails)
        assert left == (0 if point == "leaving" else MESSAGES - KILLED_AT)
        later = timezone.now() + delivery.LEASE + timedelta(minutes=1)
        assert delivery.deliver(now=later)["sent"] == left + twice
        assert delivery.deliver(now=later)["sent"] == 0
    times = Counter(mailbox.ids)
    assert set(times) == {row.message_id for row in rows}
    assert sorted(times.values()) == [1] * (MESSAGES - twice) + [2] * twice
    assert set(Outbox.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_send_each_message_once(settings):
    rows = OutboxFactory.create_batch(30)
    mailbox = Mailbox()
    with smtp(mailbox) as address:
        command = [sys.executable, "-m", "tests.base.notices.sender_process"]
        children = [
            subprocess.Popen(command, env=environment(address), stdout=subprocess.PIPE, text=True)
            for _ in "12"
        ]
        sent = [int(child.communicate()[0]) for child in children]
    assert sum(sent) == 30
    assert sorted(mailbox.ids) == sorted(row.message_id for row in rows)
