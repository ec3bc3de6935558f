"""Other stores than a folder, and partitions of several files."""

from __future__ import annotations

import uuid

import fsspec
import pyarrow.parquet as pq
import pytest

from bihuan.archive import merge
from bihuan.archive.store import Archive, ArchiveError, slug
from tests.archive.factories import answers, facts, orders, places


@pytest.fixture
def remote():
    url = f"memory://{uuid.uuid4().hex}/archive"
    yield Archive(url)
    fsspec.filesystem("memory").rm(url.removeprefix("memory:/"), recursive=True)


def test_an_archive_in_an_object_store(remote, read):
    assert remote.snapshot() == 0
    assert remote.verify() == []
    with remote.batch(note="one") as batch:
        batch.put("work_orders", "crm", "2026Q3", orders("a", "b"))
        batch.put("answers", "survey", "2026Q3", answers({"x": "R1", "y": "R2"}))
        batch.put_dimension("places", places("P1"))
    with remote.batch(note="two") as batch:
        batch.put("work_orders", "crm", "2026Q3", orders("c"), withdrawn=["a"])
    again = Archive(remote.url)
    assert [set(read(again, "work_orders", n)) for n in (1, 2)] == [{"a", "b"}, {"b", "c"}]
    assert again.at().dimension("places")["code"].to_pylist() == ["P1"]
    assert again.verify() == []
    (url,) = again.at().urls("work_orders")
    assert url.startswith(remote.url)
    with fsspec.open(url) as file:
        assert pq.read_table(file)["fact_id"].to_pylist() == ["b", "c"]


def test_purge_verify_and_sweep_in_an_object_store(remote, read):
    with remote.batch() as batch:
        batch.put("answers", "survey", "2026Q3", answers({"x": "R1", "y": "R2"}))
    (old,) = remote.at().urls("answers")
    remote.purge(responses=["R1"], actor="wang", reason="撤回同意")
    fs, path = fsspec.core.url_to_fs(old)
    assert not fs.exists(path)
    assert set(read(remote, "answers", 1)) == {"y"}
    assert remote.verify() == []
    (now,) = remote.at().urls("answers")
    _, path = fsspec.core.url_to_fs(now)
    content = fs.cat_file(path)
    fs.pipe_file(path, content[:-1] + bytes([content[-1] ^ 1]))
    fs.pipe_file(path.replace("-0", "-stray"), b"half")
    assert sorted(p.kind for p in remote.verify()) == ["changed", "stray"]
    fs.pipe_file(path, content)
    assert len(remote.sweep()) == 1
    assert remote.verify() == []


def test_a_local_folder_may_be_written_as_a_file_address(tmp_path, read):
    with Archive(f"file://{tmp_path}/archive").batch() as batch:
        batch.put("work_orders", "crm", "2026Q3", orders("a"))
    assert set(read(Archive(tmp_path / "archive"), "work_orders")) == {"a"}


def test_a_large_partition_is_split_by_project(archive, read, monkeypatch):
    """The limit is lowered from two million rows, so that the test stays small."""
    monkeypatch.setattr(merge, "ROWS_PER_FILE", 10)
    rows = facts("work_orders", [{"fact_id": f"{i:03}", "project": f"P{i % 9}"} for i in range(35)])
    with archive.batch() as batch:
        batch.put("work_orders", "crm", "2026Q3", rows)
    files = archive.at().files("work_orders")
    assert len(files) == 4
    by_file = [set(pq.ParquetFile(path).read()["project"].to_pylist()) for path in files]
    for path, projects in zip(files, by_file, strict=True):
        assert {merge.split_of(p, 4) for p in projects} == {int(path.removesuffix(".parquet")[-1])}
    assert sum(len(projects) for projects in by_file) == 9
    with archive.batch() as batch:
        batch.put(
            "work_orders", "crm", "2026Q3", facts("work_orders", [{"fact_id": "new"}]), withdrawn=["000"]
        )
    assert len(read(archive, "work_orders")) == 35
    assert len(read(archive, "work_orders", 1)) == 35
    assert archive.verify() == []


@pytest.mark.parametrize(
    ("rows", "files"), [(1, 1), (2_000_000, 1), (2_000_001, 2), (4_000_001, 4), (11_000_000, 8)]
)
def test_the_number_of_files_follows_the_rows(rows, files):
    assert merge.splits(rows) == files


def test_sources_with_unusual_names_have_folders_of_their_own():
    names = ["crm", "CRM/2", "CRM 2", "工单系统", "报事系统", "a" * 200, "a" * 201]
    folders = [slug(name) for name in names]
    assert len(set(folders)) == len(names)
    assert folders[0] == "crm"
    assert all(len(folder) <= 60 and folder.isascii() and "/" not in folder for folder in folders)


def test_a_folder_with_a_quote_in_its_name(tmp_path, read):
    archive = Archive(tmp_path / "王's 档案")
    for ids in (["a"], ["b"]):
        with archive.batch() as batch:
            batch.put("work_orders", "crm", "2026Q3", orders(*ids))
    assert set(read(archive, "work_orders")) == {"a", "b"}


def test_an_address_fsspec_does_not_know():
    with pytest.raises(ValueError, match="nowhere"):
        Archive("nowhere://x")


def test_a_folder_whose_name_would_be_read_as_a_pattern(tmp_path):
    with pytest.raises(ArchiveError, match="choose a folder without"):
        Archive(tmp_path / "archive [1]")
