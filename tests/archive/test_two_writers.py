from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bihuan.archive.store import Archive, ArchiveError
from tests.archive import writer
from tests.archive.factories import orders


def test_two_processes_write_one_after_the_other(tmp_path, read):
    """Both read the number of the next batch before they have the lock, so some batches repeat."""
    command = [sys.executable, "-m", "tests.archive.writer", str(tmp_path / "archive"), "6"]
    root = Path(__file__).parents[2]
    both = [subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    archive = Archive(tmp_path / "archive")
    last = max(int(line.note) for line in archive.history())
    assert archive.verify() == []
    assert {i for i in read(archive, "work_orders", sources=["crm"]) if i.startswith(f"{last}-")} == {
        f"{last}-{i}" for i in range(writer.PER_BATCH)
    }


def test_threads_of_one_process_lose_nothing(tmp_path, read):
    def publish(k: int) -> int:
        with Archive(tmp_path / "archive").batch(note=str(k)) as batch:
            batch.put("work_orders", "crm", "2026Q3", orders(f"{k}"))
        return batch.result.line

    with ThreadPoolExecutor(4) as pool:
        lines = list(pool.map(publish, range(12)))
    assert sorted(lines) == list(range(1, 13))
    assert set(read(Archive(tmp_path / "archive"), "work_orders")) == {str(k) for k in range(12)}


def test_a_second_writer_is_told_to_wait(tmp_path):
    first = Archive(tmp_path / "archive")
    second = Archive(tmp_path / "archive", lock_timeout=0.05)
    with (
        first.batch(),
        pytest.raises(ArchiveError, match="Another process has been writing") as error,
        second.batch(),
    ):
        pass
    assert error.value.code == "locked"


def test_readers_see_the_old_state_while_a_batch_is_open(tmp_path, read):
    archive = Archive(tmp_path / "archive")
    with archive.batch() as batch:
        batch.put("work_orders", "crm", "2026Q3", orders("a"))
    with archive.batch() as batch:
        batch.put("work_orders", "crm", "2026Q3", orders("b"))
        assert set(read(Archive(tmp_path / "archive"), "work_orders")) == {"a"}
    assert set(read(Archive(tmp_path / "archive"), "work_orders")) == {"a", "b"}


def test_verify_does_not_take_a_batch_in_the_making_for_leftovers(tmp_path):
    archive = Archive(tmp_path / "archive")
    with archive.batch() as batch:
        batch.put("work_orders", "crm", "2026Q3", orders("a"))
    with archive.batch() as batch:
        batch.put("work_orders", "crm", "2026Q3", orders("b"))
        assert Archive(tmp_path / "archive", lock_timeout=0.05).verify() == []
    assert archive.verify() == []
