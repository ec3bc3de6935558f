"""Facts shared out by project: the same numbers in one share and in many; only what is new is worked out."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bihuan.archive.merge import split_of
from bihuan.archive.schema import FACTS
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.engine.cache import ENDING, FILES
from bihuan.measure.engine.duck import DuckDB
from bihuan.measure.engine.fold import Tally
from bihuan.measure.records import records
from bihuan.measure.results import Results, Share, _may_have
from bihuan.measure.versions import _tally
from tests.measure import split
from tests.measure.company import random_company
from tests.measure.same import same_results
from tests.measure.split import Split
from tests.measure.world import AS_OF, CYCLE, World, at, indicator

ANSWERS = [d for d in split.definitions() if d["table"] == "answers"]
FEW = [
    indicator("top_box", "answers", code="S01", family="S", filter="role = 'overall'", target=80, floor=60,
              breakdowns=["mode"]),
    indicator("on_time", code="R03", event="resolved_at", due="due_at", target=95, floor=80, period="month"),
    indicator("median_time", code="R04", unit="min", event="resolved_at", direction="down"),
    indicator("points", "inspection_items", code="C01", family="C", target=90, floor=75),
]  # fmt: skip
NEW = "S3"


# One share or many


def published(folder: Path, rows_per_file: int, *changes: Callable[[World], None]) -> Split:
    world = split.company(folder, rows_per_file)
    for change in changes:
        change(world)
    world.publish()
    return world


def test_every_kind_is_the_same_in_one_share_and_in_many(tmp_path: Path) -> None:
    """Against a past of which one cycle was measured in one share and one in many."""
    results = Results(tmp_path)
    one, eight = (
        published(tmp_path / f"{rows}", rows, split.registered, split.with_past) for rows in (2_000_000, 300)
    )
    assert [world.files("answers") for world in (one, eight)] == [1, 8]
    # Work orders lie in two files, the tasks that are counted with them in one: it has both shares' facts.
    assert (eight.files("work_orders"), eight.files("tasks"), eight.files("inspection_items")) == (2, 1, 4)
    bare = [{**d, "breakdowns": []} for d in split.definitions() if d["code"] in split.FOLLOWED]
    for k, world in enumerate((eight, one)):
        cycle, as_of = split.CYCLES[k], AS_OF - 91 * (2 - k) * split.DAY
        world.evaluated(results, bare, run=cycle, cycle=cycle, history=split.CYCLES[:k], as_of=as_of)
    past = {"history": split.CYCLES[:-1]}
    record, other = (
        world.evaluated(results, split.definitions(), run=run, **past)
        for run, world in (("one", one), ("eight", eight))
    )
    rows = same_results(tmp_path / "run=one", tmp_path / "run=eight")
    assert rows["measurements"] == record["counts"]["measurements"] > 1500
    assert min(rows["points"], rows["scores"], rows["signals"]) > 50
    assert other["shares"]["computed"] > record["shares"]["computed"]
    for name in ("counts", "signals", "not_measured", "unplaced"):
        assert other[name] == record[name]
    assert record["unplaced"] == ["N4"]
    assert record["counts"]["by_status"]["suppressed"] > 50
    found = results.measurements("eight", periods=[""], breakdown="").to_pylist()
    assert any(r["target"] is not None for r in found if r["indicator"] == "own_past")
    assert any(r["red_line"] for r in found)
    assert any(r["change"] is not None for r in found)
    assert results.scores("eight", places=["S1"]).num_rows > 1  # which stands above another project


@pytest.mark.parametrize(
    ("share", "names"),
    [
        ((1, 2, ["tasks"]), ["all", "tasks.0of1", "tasks.1of4", "tasks-work_orders.3of4"]),
        ((3, 8, ["tasks", "work_orders"]), ["all", "tasks.0of1", "tasks-work_orders.3of4"]),
        ((2, 4, ["a"]), ["all", "a.0of1"]),
        ("above", ["all", "above"]),
    ],
)
def test_a_share_finds_its_own_past_in_files_of_other_shares(share: Share, names: list[str]) -> None:
    every = ["all", "above", "a.0of1", "tasks.0of1", "tasks.0of4", "tasks.1of4", "tasks-work_orders.3of4"]
    assert [name for name in every if _may_have(f"/x/{name}.parquet", share)] == names


def answers_alone(world: World) -> None:
    world.rows = {"answers": world.rows["answers"]}


@pytest.mark.parametrize("changes", [[split.raked], [split.unregistered], [split.raked, split.unregistered]])
def test_a_share_knows_of_the_whole_sample_what_it_needs(
    tmp_path: Path, changes: list[Callable[[World], None]]
) -> None:
    for run, rows in (("one", 2_000_000), ("four", 600)):
        world = published(tmp_path / run, rows, answers_alone, *changes)
        world.evaluated(tmp_path, ANSWERS, run=run)
    rows_of = same_results(tmp_path / "run=one", tmp_path / "run=four")
    assert rows_of["measurements"] > 500


@pytest.mark.parametrize("rows_per_file", [1000, 30])
def test_a_building_has_what_facts_of_its_own_project_say(tmp_path: Path, rows_per_file: int) -> None:
    """A fact that names another project's building would else be of two shares."""
    mine, other = (next(n for n in (f"N{k}" for k in range(40)) if split_of(n, 2) == s) for s in (0, 1))
    world = Split(tmp_path)
    world.rows_per_file = rows_per_file
    world.company({mine: 10.0, other: 10.0})
    world.place("tower", "building", mine)
    when = at("2026-08-01 00:00")
    for k in range(25):
        for project in (mine, other):
            tower = {"building": "tower"} if project == mine or k < 5 else {}
            bad: dict[str, Any] = (
                {"result": "non_conforming", "veto": True} if project == other and k < 5 else {}
            )
            world.fact("inspection_items", project, when, item=f"i{k}", **tower, **bad)
            world.fact("work_orders", project, when, resolved_at=when + split.DAY * (1 + k % 2), **tower)
    world.publish()
    way: dict[str, Any] = {"breakdowns": ["building"]}
    asked = [
        indicator("share", "inspection_items", code="C02", success="result = 'conforming'", **way),
        indicator("median_time", code="R04", unit="min", event="resolved_at", **way),
        indicator("share", code="R05", success="complete", **way),
    ]
    world.evaluated(world.results, asked)
    assert world.files("work_orders") == (1 if rows_per_file == 1000 else 2)
    for place in ("tower", mine):
        found = world.results.measurements("r1", places=[place]).to_pylist()
        assert [(r["indicator"], r["n"], r["red_line"]) for r in found] == [
            ("C02", 25.0, False), ("R04", 25.0, False), ("R05", 25.0, False),
        ]  # fmt: skip
    page = records(
        world.archive, None, Definition.parse(asked[2]), cycle=CYCLE, as_of=AS_OF, places={"tower"}
    )
    assert page.total == 25


# What is kept


def digest(results: Path) -> dict[str, str]:
    """SHA-256 of every file of results."""
    return {
        path.relative_to(results).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(results.rglob("*.parquet"))
    }


@dataclass(frozen=True)
class Kept:
    """A world, the same one after some news, what both come to without a cache, and the first one's cache."""

    world: Split
    news: Split
    cache: Path
    record: dict[str, Any]
    right: dict[str, str]
    right_after: dict[str, str]

    def copy(self, folder: Path) -> Path:
        """The cache, to be used or damaged."""
        shutil.copytree(self.cache, folder)
        return folder


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Answers and work orders of six projects in several files; then one more work order and one answer."""
    folder = tmp_path_factory.mktemp("kept")
    world = Split(folder / "world")
    world.rows_per_file = 150
    random_company(world, projects=6, orders=500, people=60)
    world.publish()
    record = world.evaluated(folder / "one", FEW, cache=folder / "cache")
    news = Split(folder / "news")
    shutil.copytree(folder / "world", folder / "news", dirs_exist_ok=True)
    news.rows_per_file, news.dimensions = world.rows_per_file, world.dimensions
    news.rows = {table: list(rows) for table, rows in world.rows.items()}
    news.fact("work_orders", NEW, at("2026-08-01 00:00"), resolved_at=at("2026-08-03 00:00"),
              due_at=at("2026-08-02 00:00"))  # fmt: skip
    news.publish()
    plain = (digest_of(w, folder / name) for name, w in (("two", world), ("three", news)))
    right, right_after = plain
    assert digest(folder / "one") == right
    return Kept(world, news, folder / "cache", record, right, right_after)


def digest_of(world: Split, results: Path, **more: Any) -> dict[str, str]:
    """Evaluate without a cache."""
    world.evaluated(results, FEW, **more)
    return digest(results)


def test_nothing_new_is_not_worked_out_again(kept: Kept, tmp_path: Path) -> None:
    record = kept.world.evaluated(tmp_path / "again", FEW, cache=kept.cache, threads=3)
    every = kept.record["shares"]["computed"]
    assert every >= 4 + 4 + 2
    assert record["shares"] == {"computed": 0, "kept": every}
    assert record["pieces"]["computed"] == 0
    assert digest(tmp_path / "again") == kept.right


def test_files_that_are_used_do_not_go_first(kept: Kept, tmp_path: Path) -> None:
    cache = kept.copy(tmp_path / "cache")
    files = [path for path in cache.rglob("*.*") if path.suffix in FILES]
    for path in files:
        os.utime(path, (1, 1))
    kept.world.evaluated(tmp_path / "results", FEW, cache=cache)
    assert min(path.stat().st_mtime for path in files) > 1


def test_after_news_of_one_project_its_share_is_worked_out_again(kept: Kept, tmp_path: Path) -> None:
    record = kept.news.evaluated(tmp_path / "results", FEW, cache=kept.copy(tmp_path / "cache"))
    every = kept.record["shares"]["computed"]
    assert record["shares"] == {"computed": 1, "kept": every - 1}
    assert digest(tmp_path / "results") == kept.right_after
    other = {name for name, mark in kept.right_after.items() if kept.right.get(name) != mark}
    count = kept.world.files("work_orders")
    name = f"work_orders.{split_of(NEW, count)}of{count}.parquet"
    own = {f"run=r1/{folder}/{name}" for folder in ("measurements", "points", "private/sums")}
    assert own <= other <= own | {f"run=r1/{n}.parquet" for n in ("measurements/above", "scores", "signals")}


def test_indicators_may_stand_in_another_order(kept: Kept, tmp_path: Path) -> None:
    """What was kept of an indicator is not taken for that of another which has its place in the list now."""
    moved = [*FEW[1:], FEW[0]]
    kept.news.evaluated(tmp_path / "results", moved, cache=kept.copy(tmp_path / "cache"))
    kept.news.evaluated(tmp_path / "right", moved)
    assert digest(tmp_path / "results") == digest(tmp_path / "right")


KINDS = {  # by how the names of kept files end, after the 64 digits
    "answers of files": ENDING,
    "red lines": f"-first{ENDING}",
    "counts": f"-counts{ENDING}",
    "raised cells": f"-raised{ENDING}",
    "rows of times": f"-rows2{ENDING}",
    "leaves": f"-last{ENDING}",
    **{ending: ending for ending in FILES},
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_damaged_or_missing_is_worked_out_again(kept: Kept, tmp_path: Path, kind: str) -> None:
    cache = kept.copy(tmp_path / "cache")
    paths = [path for path in sorted(cache.rglob("*.*")) if path.name[64:] == KINDS[kind]]
    assert paths
    for k, path in enumerate(paths):
        data = bytearray(path.read_bytes())
        path.unlink()
        if k % 3:
            data[len(data) // 2] ^= 1
            path.write_bytes(data if k % 3 == 1 else data[:-5])
    for world, right in ((kept.world, kept.right), (kept.news, kept.right_after)):
        world.evaluated(tmp_path / "results", FEW, cache=cache)
        assert digest(tmp_path / "results") == right


def test_a_number_that_is_hidden_for_the_sake_of_another_share(tmp_path: Path) -> None:
    names = [n for n in (f"N{k}" for k in range(40)) if split_of(n, 4) == 0][:1]
    names += [next(n for n in (f"N{k}" for k in range(40)) if split_of(n, 4) == s) for s in (1, 2)]
    few, next_to_it, many = names
    world = Split(tmp_path / "world")
    world.rows_per_file = 20
    world.company(dict.fromkeys(names, 10.0))
    for name, people in ((few, 9), (next_to_it, 20), (many, 40)):
        for k in range(people):
            world.answer(name, f"{name}-{k}", 1.0 + k % 5, stratum="h")
    # A share of a sample whose size is known depends on nobody else's answers.
    known = {"cycle": CYCLE, "stratum": "h", "frame_size": 900.0, "sample_size": 80.0}
    world.dimensions["strata"] = [known]
    asked = [indicator("top_box", "answers", min_n=5, target=60, floor=40)]

    def hidden(run: str) -> tuple[set[str], dict[str, Any]]:
        world.publish()
        record = world.evaluated(tmp_path / run, asked, cache=tmp_path / "cache")
        world.evaluated(tmp_path / f"{run}-right", asked)
        assert digest(tmp_path / run) == digest(tmp_path / f"{run}-right")
        rows = Results(tmp_path / run).measurements("r1").to_pylist()
        return {r["place"] for r in rows if r["status"] == "suppressed"}, record["shares"]

    # Four shares of the answers, and the one of inspections, of which there are none.
    assert hidden("before") == ({few, next_to_it}, {"computed": 5, "kept": 0})
    world.answer(few, f"{few}-new", 3.0, stratum="h")
    assert hidden("after") == (set(), {"computed": 2, "kept": 3})
    world.answer(many, f"{many}-new", 3.0, stratum="h")
    assert hidden("later") == (set(), {"computed": 1, "kept": 4})


# What is stored


def test_a_run_that_is_written_again_leaves_nothing_of_the_earlier_one(kept: Kept, tmp_path: Path) -> None:
    for name in ("twice", "once"):
        if name == "twice":
            kept.world.evaluated(tmp_path / name, FEW, cache=kept.cache)
        kept.world.evaluated(tmp_path / name, FEW[3:], cache=kept.cache)
    files = [
        sorted(p.relative_to(tmp_path / n) for p in (tmp_path / n).rglob("*")) for n in ("twice", "once")
    ]
    assert files[0] == files[1]
    assert digest(tmp_path / "twice") == digest(tmp_path / "once")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_files_of_shares_are_links_and_sums_are_the_owners_alone(kept: Kept, tmp_path: Path) -> None:
    results = tmp_path / "results"
    kept.world.evaluated(results, FEW, cache=kept.cache)
    inodes = {path.stat().st_ino for path in kept.cache.rglob("*") if path.is_file()}
    run = results / "run=r1"
    of_shares = [path for path in run.rglob("*.parquet") if re.search(r"\.\d+of\d+\.parquet", path.name)]
    assert len(of_shares) == 3 * kept.record["shares"]["computed"]
    assert {path.stat().st_ino for path in of_shares} <= inodes
    private = run / "private" / "sums"
    assert mode(private) == 0o700
    assert {mode(path) for path in private.iterdir()} == {0o600}
    shown = [path for path in run.rglob("*") if path.is_file() and path.parent != private]
    assert {mode(path) for path in shown} == {0o644}
    of_cache = {path: mode(path) for path in kept.cache.rglob("*") if path.is_file()}
    wide = {path.suffix for path, bits in of_cache.items() if bits != 0o600}
    assert wide == {".measurements", ".points"}
    assert set(of_cache.values()) == {0o600, 0o644}


def test_where_links_cannot_be_made_files_are_copied(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("another disk")

    monkeypatch.setattr(os, "link", refuse)
    kept.world.evaluated(tmp_path, FEW, cache=kept.cache)
    assert digest(tmp_path) == kept.right
    assert {mode(path) for path in (tmp_path / "run=r1/private/sums").iterdir()} == {0o600}


# Tallies


@pytest.mark.parametrize("rows_per_group", [7, 1000])
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("until", ["2026-06-30 00:00", "2026-08-15 00:00", "2026-10-10 16:00"])
def test_a_tally_is_what_its_expression_says(
    kept: Kept, tmp_path: Path, rows_per_group: int, told: bool, until: str
) -> None:
    """With rows after the instant, with texts that are nothing in some rows or in all, or the same in all."""
    rows = [
        {**row, "dimension": row.get("dimension") if k % 5 else None, "mode": None, "stratum": "h",
         "weight_cell": "" if k % 3 else None}
        for k, row in enumerate(kept.world.rows["answers"])
    ]  # fmt: skip
    path = tmp_path / "answers.parquet"
    schema = FACTS["answers"].arrow
    table = pa.Table.from_pylist(rows, schema=pa.schema([field.with_nullable(True) for field in schema]))
    pq.write_table(table, path, row_group_size=rows_per_group, write_statistics=told)
    context = Context.of(kept.world.archive.at(), CYCLE, as_of=at(until))
    keys = ("cycle", "project", "stratum", "dimension", "weight_cell", "mode")
    asked = [
        replace(_tally(context, "answers", own, {"cycle": "quarter"}), files=[str(path)])
        for own in (keys, keys[:1], keys[2:3], keys[3:])
    ]
    assert all(isinstance(query.fold, Tally) for query in asked)
    engine = DuckDB(1)
    plain = engine.run([replace(query, fold=None) for query in asked])
    for mine, theirs in zip(engine.run(asked), plain, strict=True):
        assert mine.column_names == theirs.column_names
        assert counted(mine) == counted(theirs)
        assert mine["rows_n"].type == theirs["rows_n"].type
    assert sum(plain[1]["rows_n"].to_pylist()) == sum(row["occurred_at"] <= at(until) for row in rows)


def counted(table: pa.Table) -> dict[tuple[str | None, ...], int]:
    """Counts by their texts."""
    names = [name for name in table.column_names if name != "rows_n"]
    found = {tuple(row[name] for name in names): row["rows_n"] for row in table.to_pylist()}
    assert len(found) == table.num_rows
    return found
