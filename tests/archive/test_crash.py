"""A writer is killed many times; each batch must be there as a whole, or not at all."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bihuan.archive.manifest import MANIFEST
from bihuan.archive.store import Archive
from tests.archive import writer
from tests.archive.factories import answers, orders

ROOT = Path(__file__).parents[2]
KILLS = 10


def run_and_kill(folder: Path, rng: random.Random) -> int:
    """Start the writer, kill it after some line and a moment more; the last batch it called done."""
    command = [sys.executable, "-m", "tests.archive.writer", str(folder), "100"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    done, stop_after = 0, rng.randint(1, 14)
    for count, line in enumerate(process.stdout, 1):
        word, number = line.split()
        done = int(number) if word == "done" else done
        if count == stop_after:
            break
    try:
        process.wait(timeout=rng.choice([0, rng.uniform(0, 0.004), rng.uniform(0, 0.06)]))
    except subprocess.TimeoutExpired:
        process.kill()
    for line in process.stdout:
        word, number = line.split()
        done = int(number) if word == "done" else done
    process.wait()
    process.stdout.close()
    return done


def check_whole(archive: Archive, read) -> None:
    """Every snapshot shows exactly the batches up to it, in all their partitions and dimensions."""
    number = archive.snapshot()
    assert [line.note for line in archive.history()] == [str(k) for k in range(1, number + 1)]
    for k in {1, number // 2, number - 1, number} & set(range(1, number + 1)):
        for source in writer.SOURCES:
            assert set(read(archive, "work_orders", k, sources=[source])) == writer.expected(k)
        assert archive.at(k).dimension("places")["code"].to_pylist() == [f"P{k}"]
    assert [p for p in archive.verify() if not p.harmless] == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_writers_leave_whole_batches_or_nothing(tmp_path, read, seed):
    rng = random.Random(seed)
    folder = tmp_path / "archive"
    for _ in range(KILLS):
        done = run_and_kill(folder, rng)
        archive = Archive(folder, lock_timeout=30)
        assert archive.snapshot() >= done
        check_whole(archive, read)
    archive = Archive(folder)
    with archive.batch(note="after the crashes") as batch:
        batch.put("work_orders", "crm", "2026Q2", orders("z", period="2026-04"))
    assert archive.verify() == []
    assert archive.sweep() == []


def die_at(folder: Path, what: str, step: int) -> int:
    """Run the writer until it dies before the step; its exit code."""
    command = [sys.executable, "-m", "tests.archive.writer", str(folder), what, str(step)]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode


@pytest.mark.parametrize(
    ("step", "visible", "left"),
    [
        (0, 1, {"unfinished"}),
        (1, 1, {"unfinished", "stray"}),
        (2, 1, {"unfinished", "stray"}),
        (3, 1, {"unfinished", "stray"}),  # every file in its place, the line not written
        (4, 2, {"unfinished"}),  # the line written, its head not
    ],
)
def test_a_writer_killed_before_each_step(tmp_path, read, step, visible, left):
    folder = tmp_path / "archive"
    writer.publish(Archive(folder), 1)
    assert die_at(folder, "1", step) == -signal.SIGKILL
    archive = Archive(folder)
    assert archive.snapshot() == visible
    check_whole(archive, read)
    assert {p.kind for p in archive.verify()} == left
    writer.publish(archive, visible + 1)
    check_whole(archive, read)
    assert archive.verify() == []
    assert archive.sweep() == []


@pytest.mark.parametrize("step", range(7))
def test_a_purge_killed_before_each_step(tmp_path, read, step):
    """Two files to place, the line, its head, two files to erase; the seventh step does not come."""
    archive = Archive(tmp_path / "archive")
    for marks in {"a": "R1", "b": "R2"}, {"c": "R1"}:
        with archive.batch() as batch:
            batch.put("answers", "survey", "2026Q3", answers(marks))
    assert die_at(tmp_path / "archive", "purge", step) == (0 if step == 6 else -signal.SIGKILL)
    assert archive.snapshot() == (2 if step < 3 else 3)
    found = [set(read(archive, "answers", n)) for n in (1, 2)]
    assert found == ([{"a", "b"}, {"a", "b", "c"}] if step < 3 else [{"b"}, {"b"}])
    archive.purge(responses=["R1"], actor="wang", reason="撤回同意")
    assert archive.snapshot() == 3
    assert [set(read(archive, "answers", n)) for n in (1, 2, 3)] == [{"b"}] * 3
    assert archive.verify() == []


def publish(archive: Archive, k: int) -> None:
    with archive.batch(note=str(k)) as batch:
        batch.put("work_orders", "crm", "2026Q3", orders(f"{k}"))


def test_a_torn_last_line_counts_as_not_there_and_is_mended(archive, read):
    publish(archive, 1)
    publish(archive, 2)
    manifest = Path(archive.url) / MANIFEST
    whole = manifest.read_bytes()
    first = whole.index(b"\n") + 1
    manifest.write_bytes(whole[:first] + whole[first : first + 40])
    (Path(archive.url) / "manifest.head").write_text(
        f"1 {Archive(archive.url).history()[0].sha256}\n"
    )  # as it stood before the second line was whole
    torn = Archive(archive.url)
    assert torn.snapshot() == 1
    assert set(read(torn, "work_orders")) == {"1"}
    assert {p.kind for p in torn.verify()} == {"torn", "stray"}
    publish(torn, 3)
    assert set(read(torn, "work_orders")) == {"1", "3"}
    assert len(torn.sweep()) == 1
    assert torn.verify() == []
    assert [line.note for line in Archive(archive.url).history()] == ["1", "3"]


def test_a_head_one_line_behind_is_mended_by_the_next_batch(archive):
    publish(archive, 1)
    publish(archive, 2)
    head = Path(archive.url) / "manifest.head"
    head.write_text(f"1 {archive.history()[0].sha256}\n")
    assert archive.verify() == []
    publish(archive, 3)
    assert head.read_text() == f"3 {archive.history()[2].sha256}\n"
    assert archive.verify() == []


def test_files_placed_without_a_line_are_removed_by_the_next_batch(archive):
    publish(archive, 1)
    root = Path(archive.url)
    stray = "facts/work_orders/crm/2026Q3/dead-0.parquet"
    (root / stray).write_bytes(b"half")
    workshop = root / "writing" / "dead"
    workshop.mkdir(parents=True)
    (workshop / "targets.txt").write_text(f"{stray}\n{archive.history()[0].parts[0].files[0].path}\n")
    assert {(p.kind, p.harmless) for p in archive.verify()} == {("stray", True), ("unfinished", True)}
    publish(archive, 2)
    assert archive.verify() == []
    assert not (root / stray).exists()
