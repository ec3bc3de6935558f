"""What pieces answered is kept by content: the same bytes with and without it; only what changed is read."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bihuan.measure.engine import cache as module
from bihuan.measure.engine.cache import ENDING, Cache, read, write
from bihuan.measure.results import Results
from tests.measure.company import random_company
from tests.measure.world import World, at, indicator

DEFINITIONS = [
    indicator("top_box", "answers", code="S01", family="S", filter="role = 'overall'", breakdowns=["mode"]),
    indicator("index", "answers", code="S02", family="S", filter="role = 'item'", breakdowns=["dimension"]),
    indicator(
        "on_time", code="R03", event="resolved_at", due="due_at", period="month", breakdowns=["building"]
    ),
    indicator("median_time", code="R04", unit="min", event="resolved_at", direction="down"),
    indicator("quantile", code="R90", unit="min", q=0.9, value="minutes_to_resolve", direction="down"),
    indicator("share", "inspection_items", code="C02", family="C", success="result = 'conforming'"),
    indicator("points", "inspection_items", code="C01", family="C", breakdowns=["service_area"]),
]  # fmt: skip
LOOKS = 6  # pieces of the first look: five files, and the sample that was drawn
TABLES = [
    pa.table({"a": [1.5, float("nan"), 2.0], "b": pa.array(["x", None, "y"]).dictionary_encode()}),
    pa.table({"c": pa.array([], pa.int64())}),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A company whose answers come from three sources, so that they are three pieces."""
    world = World(tmp_path_factory.mktemp("cache"))
    random_company(world)
    for row in world.rows["answers"]:
        row["source"] = ("crm", "app", "desk")[int(row["response"].split("-")[1]) % 3]
    world.run(*DEFINITIONS)
    return world


def digest(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of results."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.parquet"))
    }


def entries(folder: Path) -> list[Path]:
    return sorted(folder.rglob(f"*{ENDING}"))


def evaluated(world: World, folder: Path, cache: Path | None, **more: Any) -> tuple[dict[str, str], Any]:
    """What a run stores, and what its record says."""
    found = world.run(*DEFINITIONS, results=Results(folder), cache=cache, **more)
    return digest(folder), found.record


def test_no_cache_a_cold_one_and_a_warm_one_give_the_same_bytes(world: World, tmp_path: Path) -> None:
    without, record = evaluated(world, tmp_path / "without", None)
    assert record["pieces"]["kept"] == 0
    cold, first = evaluated(world, tmp_path / "cold", tmp_path / "kept")
    there = entries(tmp_path / "kept")
    warm, second = evaluated(world, tmp_path / "warm", tmp_path / "kept", threads=3)
    assert cold == without == warm
    assert first["pieces"] == record["pieces"]
    assert first["shares"] == record["shares"] == {"computed": 3, "kept": 0}
    # Only the first look is asked again; what shares came to is kept, so that their sums are not.
    assert second["pieces"] == {"computed": 0, "kept": LOOKS}
    assert second["shares"] == {"computed": 0, "kept": 3}
    assert entries(tmp_path / "kept") == there


def test_a_change_in_one_partition_reads_only_its_pieces(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    random_company(world)
    for row in world.rows["answers"]:
        row["source"] = ("crm", "app", "desk")[int(row["response"].split("-")[1]) % 3]
    evaluated(world, tmp_path / "first", tmp_path / "kept")
    project = world.rows["answers"][0]["project"]
    world.answer(project, "new-0", 5.0, source="app", when=at("2026-08-09 04:00"))
    found, record = evaluated(world, tmp_path / "second", tmp_path / "kept")
    # The one file of the source app is asked for its versions, and for its sums; the sums of the other two
    # sources are kept.
    assert record["pieces"] == {"computed": 2, "kept": LOOKS - 1 + 2}
    assert record["shares"] == {"computed": 1, "kept": 2}
    assert found == evaluated(world, tmp_path / "third", None)[0]


def test_a_corrupt_or_cut_entry_is_worked_out_again(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    right, first = evaluated(world, tmp_path / "first", folder)
    there = entries(folder)
    for k, path in enumerate(there):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes((data, data[:-5], b"")[k % 3])
    again, record = evaluated(world, tmp_path / "second", folder)
    assert again == right
    assert record["pieces"] == first["pieces"]
    assert record["shares"] == first["shares"]
    assert entries(folder) == there
    assert all(read(path) is not None for path in there)


def test_an_entry_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "ab" / f"entry{ENDING}"
    write(path, TABLES)
    found = read(path)
    assert found is not None
    assert [table.schema for table in found] == [table.schema for table in TABLES]
    assert found[0]["b"].to_pylist() == ["x", None, "y"]
    np.testing.assert_array_equal(found[0]["a"].to_numpy(), [1.5, np.nan, 2.0])
    assert found[1].num_rows == 0


def _killed_before_the_move(path: Path) -> None:
    """Write an entry, and be killed once its bytes are down but before it is moved to its place."""
    module.os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
    write(path, TABLES)


def test_a_kill_between_write_and_move_leaves_no_entry(tmp_path: Path) -> None:
    path = tmp_path / "ab" / f"entry{ENDING}"
    process = multiprocessing.get_context("fork").Process(target=_killed_before_the_move, args=(path,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert len(list(path.parent.iterdir())) == 1  # what was half done, under another name
    assert read(path) is None
    cache = Cache(tmp_path, {})
    assert cache.get("ab" + "0" * 62, lambda: TABLES) == TABLES
    cache.trim(now=5e9)
    assert [p.name for p in sorted(path.parent.iterdir())] == ["ab" + "0" * 62 + ENDING]


def _writes_and_reads(folder: Path, key: str, times: int, found: Any) -> None:
    cache = Cache(folder, {})
    for k in range(times):
        if k % 5 == 0:
            (folder / key[:2] / f"{key}{ENDING}").unlink(missing_ok=True)
        found.put(cache.get(key, lambda: TABLES)[0]["b"].to_pylist())


def test_two_processes_share_a_folder(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    found = context.Queue()
    key = "cd" * 32
    both = [context.Process(target=_writes_and_reads, args=(tmp_path, key, 50, found)) for _ in range(2)]
    for process in both:
        process.start()
    answers = [found.get(timeout=60) for _ in range(100)]
    for process in both:
        process.join()
        assert process.exitcode == 0
    assert answers == [["x", None, "y"]] * 100
    assert [p.name for p in entries(tmp_path)] == [f"{key}{ENDING}"]


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path, {})
    keys = [f"{k:02x}" * 32 for k in range(4)]
    for moment, key in enumerate(keys):
        cache.get(key, lambda: TABLES)
        os.utime(tmp_path / key[:2] / f"{key}{ENDING}", (moment, moment))
    cache.get(keys[0], lambda: pytest.fail("it is kept"))
    size = entries(tmp_path)[0].stat().st_size
    assert Cache(tmp_path, {}, limit=2 * size).trim() == 2
    assert [p.stem for p in entries(tmp_path)] == [keys[0], keys[3]]


def test_the_key_tells_files_questions_and_engines_apart(tmp_path: Path) -> None:
    cache = Cache(tmp_path, {"one": "1", "same as one": "1", "two": "2"})
    base = cache.key("duckdb 2", ["one"], ["select 1"], [])
    assert cache.key("duckdb 2", ["same as one"], ["select 1"], []) == base
    others = {
        cache.key("duckdb 3", ["one"], ["select 1"], []),
        cache.key("duckdb 2", ["two"], ["select 1"], []),
        cache.key("duckdb 2", ["one"], ["select 2"], []),
        cache.key("duckdb 2", ["one"], ["select 1", "select 1"], []),
        cache.key("duckdb 2", ["one", "two"], ["select 1"], []),
    }
    assert len(others) == 5
    assert base not in others
