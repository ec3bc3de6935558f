"""Killed at any moment, an import leaves no half batch and loses nothing that was said to be in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
from django.db import connection

from bihuan.archive.store import Archive
from bihuan.collect.records import actions
from bihuan.collect.records.importer import process
from tests.collect.records.factories import company, csv_file, mapping, rows

ROWS = 40_000
DELAYS = [0.05, 0.3, 0.6, 0.9, 1.3]


def environment() -> dict[str, str]:
    """The test database for another process."""
    found = connection.settings_dict
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    if connection.vendor == "postgresql":
        host, port = quote(found["HOST"], safe=""), f":{found['PORT']}" if found["PORT"] else ""
        who = ":".join(part for part in (found["USER"], found["PASSWORD"]) if part)
        env["BIHUAN_DATABASE"] = f"postgresql://{who}@{host}{port}/{found['NAME']}"
    else:
        env["KILL_DATABASE"] = str(found["NAME"])
    return env


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_kill_at_any_moment(tmp_path):
    company()
    archive = Archive(tmp_path / "archive")
    path = csv_file(tmp_path, rows(ROWS))
    text = json.dumps(mapping(), ensure_ascii=False) + "\n"
    batch = actions.receive_import(actor=None, path=path, name="a.csv", mapping_text=text)
    command = [sys.executable, "-m", "tests.collect.records.kill_import", str(batch.pk), archive.url]
    for delay in DELAYS:
        child = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        try:
            child.wait(timeout=delay)
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
        child.stdout.close()
        batch.refresh_from_db()
        seen = sum(pq.read_metadata(f).num_rows for f in archive.at().files("work_orders"))
        assert seen in {0, ROWS}
        if batch.ended:
            assert seen == ROWS
        assert batch.original.read_bytes() == path.read_bytes()
    process(batch, archive=archive)
    batch.refresh_from_db()
    assert batch.state == "accepted"
    assert sum(pq.read_metadata(f).num_rows for f in archive.at().files("work_orders")) == ROWS
    archive.sweep()
    assert archive.verify() == []
