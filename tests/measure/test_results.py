"""What is stored repeats to the last byte, appears whole, and is read by filters."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from bihuan.measure.evaluate import STAGES
from bihuan.measure.results import MEASUREMENTS, SCORES, Results
from tests.measure.company import random_company
from tests.measure.world import AS_OF, World, at, indicator

DEFINITIONS = [
    indicator("top_box", "answers", code="S01", family="S", filter="role = 'overall'", target=80, floor=60,
              min_n=10, breakdowns=["mode"]),
    indicator("index", "answers", code="S02", family="S", filter="role = 'item'", target=80, floor=60),
    indicator("on_time", code="R03", event="resolved_at", due="due_at", target=95, floor=80, period="month"),
    indicator("median_time", code="R04", unit="min", event="resolved_at", direction="down", target=1440,
              floor=4320),
    indicator("points", "inspection_items", code="C01", family="C", target=90, floor=75,
              breakdowns=["service_area"]),
]  # fmt: skip
TABLES = ("answers", "inspection_items", "work_orders")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("results"))
    random_company(world)
    # Two sources make two pieces of the work, which threads may finish in any order.
    for k, row in enumerate(world.rows["answers"]):
        row["source"] = ("crm", "app")[int(row["response"].split("-")[1]) % 2]
        row["weight"] = 1 + (k % 7) / 3
    world.run(*DEFINITIONS)
    return world


def digest(results: Results) -> dict[str, str]:
    root = Path(results.root)
    names = sorted(p.relative_to(root).as_posix() for p in root.rglob("*.parquet"))
    return {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in names}


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_same_evaluation_gives_the_same_bytes(world: World, tmp_path: Path, threads: int) -> None:
    again = Results(tmp_path)
    world.run(*DEFINITIONS, results=again, threads=threads)
    assert digest(again) == digest(world.results)
    folders = ("measurements", "points", "private/sums")
    shares = {f"{folder}/{name}.0of1" for folder in folders for name in TABLES}
    once = {"measurements/above", "scores", "signals"}
    assert set(digest(again)) == {f"run=r1/{name}.parquet" for name in shares | once}


def test_the_order_of_rows_and_definitions_does_not_matter(world: World, tmp_path: Path) -> None:
    other = World(tmp_path)
    other.dimensions = world.dimensions
    other.rows = {table: rows[::-1] for table, rows in world.rows.items()}
    found = other.run(*DEFINITIONS[::-1])
    first = world.results.measurements("r1").to_pylist()
    for mine, theirs in zip(first, found.rows, strict=True):
        assert {k: v for k, v in mine.items() if not isinstance(v, float)} == {
            k: v for k, v in theirs.items() if not isinstance(v, float)
        }
        for name, value in mine.items():
            if isinstance(value, float):
                assert theirs[name] == pytest.approx(value, rel=1e-9, abs=1e-9)


def test_an_earlier_snapshot_still_says_what_it_said(world: World, tmp_path: Path) -> None:
    later = World(tmp_path)
    later.rows, later.dimensions = {k: list(v) for k, v in world.rows.items()}, world.dimensions
    first = later.publish()
    later.fact("work_orders", "N0", at("2026-08-01 00:00"), due_at=at("2026-08-02 00:00"))
    later.run(*DEFINITIONS, snapshot=first, run="old")
    later.run(*DEFINITIONS, run="new")

    def top(results: Results, run: str) -> dict[str, Any]:
        return results.measurements(run, indicators=["R03"], places=["C"], periods=[""]).to_pylist()[0]

    first_run = top(world.results, "r1")
    assert top(later.results, "old")["value"] == first_run["value"]
    assert top(later.results, "new")["n"] == first_run["n"] + 1


def test_the_reader_filters(world: World) -> None:
    read = world.results.measurements
    everything = read("r1").to_pylist()
    assert read("r1").schema.equals(MEASUREMENTS)
    assert read(["r1"], places=["C", "N0"], indicators=["R03"], periods=["", "2026-07"]).to_pylist() == [
        r for r in everything
        if r["place"] in ("C", "N0") and r["indicator"] == "R03" and r["period"] in ("", "2026-07")
    ]  # fmt: skip
    assert read("r1", breakdown="mode", level="company").num_rows == 2
    assert read("r1", breakdown="").num_rows == sum(r["breakdown"] == "" for r in everything)
    assert read("r1", columns=["place"], indicators=["S01"]).column_names == ["place"]
    assert read(["r1", "never"]).num_rows == len(everything)
    assert read("never").num_rows == 0
    assert read("never", columns=["place"]).column_names == ["place"]
    scores = world.results.scores("r1", places=["C"], nodes=["total", "S"])
    assert scores.schema.equals(SCORES)
    assert sorted(scores["node"].to_pylist()) == ["S", "total"]


def test_rows_are_unique(world: World) -> None:
    keys = ("indicator", "place", "period", "breakdown", "item")
    rows = [tuple(r[k] for k in keys) for r in world.results.measurements("r1").to_pylist()]
    assert len(rows) == len(set(rows))


def test_the_record_says_what_was_done(world: World) -> None:
    record = world.results.record("r1")
    assert world.results.exists("r1")
    assert not world.results.exists("never")
    assert (record["snapshot"], record["cycle"], record["as_of"]) == (1, "2026Q3", AS_OF.isoformat())
    assert {p["table"] for p in record["partitions"]} == set(world.rows)
    assert all(len(p["sha256"]) == 64 for p in record["partitions"])
    assert record["engine"].startswith("duckdb")
    assert record["counts"]["measurements"] == world.results.measurements("r1").num_rows
    assert set(record["definitions"]) == {d["code"] for d in DEFINITIONS}
    json.dumps(record)


def test_what_nobody_measured_is_named_and_has_no_weight(world: World, tmp_path: Path) -> None:
    never = indicator("share", "tasks", code="C08", family="C", filter="kind = 'never'", success="complete")
    found = world.run(*DEFINITIONS, never, results=Results(tmp_path))
    assert found.record["not_measured"] == ["C08"]
    assert {s["node"] for s in found.scores if s["place"] == "C"} == {"total", "S", "R", "C"}
    assert found.score("C", "C")["weight_present"] == pytest.approx(1.0)


def test_no_partial_file_is_left_when_writing_fails(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", full)
    results = Results(tmp_path)
    table = world.results.measurements("r1")
    with pytest.raises(OSError, match="disk full"):
        results.write("r1", table, world.results.scores("r1"), world.results.sums("r1"), {})
    assert not results.exists("r1")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@pytest.mark.parametrize("run", ["../r1", "", "a b", "/etc"])
def test_a_run_is_named_by_plain_letters(tmp_path: Path, run: str) -> None:
    with pytest.raises(ValueError, match="cannot name a run"):
        Results(tmp_path).exists(run)


def test_results_may_lie_in_any_store(world: World) -> None:
    elsewhere = Results("memory://bihuan-results")
    world.run(*DEFINITIONS, results=elsewhere)
    assert elsewhere.measurements("r1").equals(world.results.measurements("r1"))
    assert elsewhere.record("r1")["run"] == "r1"


def test_progress_is_told(world: World, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    world.run(*DEFINITIONS, results=Results(tmp_path), progress=lambda *now: told.append(now))
    assert [stage for stage, _, _ in told] == [*STAGES, STAGES[-1]]
    assert [done for _, done, _ in told] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"as_of": at("2026-10-01 00:00").replace(tzinfo=None)}, "needs a zone"),
        ({"engine": "abacus"}, "write duckdb, or the master of a Spark cluster"),
        ({"cycle": "2026H1"}, "is not a cycle"),
    ],
)
def test_what_cannot_be_evaluated_is_said(
    world: World, tmp_path: Path, more: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        world.run(*DEFINITIONS, results=Results(tmp_path), **more)


def test_an_indicator_counts_in_one_version(world: World, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="defined twice"):
        world.run(DEFINITIONS[0], DEFINITIONS[0], results=Results(tmp_path))


def test_an_empty_archive_gives_an_empty_result(tmp_path: Path) -> None:
    found = World(tmp_path).run(*DEFINITIONS)
    assert (found.rows, found.scores) == ([], [])
