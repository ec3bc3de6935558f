from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bihuan.archive.schema import FACTS
from bihuan.archive.store import Archive, ArchiveError, PartResult
from tests.archive.factories import answers, facts, orders, places


def put(archive: Archive, rows, table="work_orders", source="crm", cycle="2026Q3", **kw):
    with archive.batch(note="note", actor="wang") as batch:
        batch.put(table, source, cycle, rows, **kw)
    return batch.result


def test_an_empty_archive_can_be_read(archive, read):
    assert archive.snapshot() == 0
    assert archive.at().partitions() == []
    assert archive.at().files("work_orders") == []
    assert archive.at().dimension("places").num_rows == 0
    assert archive.verify() == []
    assert archive.history() == []
    assert not Path(archive.url).exists()


def test_a_batch_is_one_line_for_all_its_partitions(archive, read):
    with archive.batch(note="七月", actor="wang") as batch:
        batch.put("work_orders", "crm", "2026Q3", orders("a", "b"))
        batch.put("answers", "survey", "2026Q3", answers({"x": "R1"}))
        batch.put_dimension("places", places("P1"))
    assert batch.result.line == archive.snapshot() == 1
    assert batch.result.parts == [
        PartResult("work_orders", "crm", "2026Q3", 2, 2, 0, 0, 0),
        PartResult("answers", "survey", "2026Q3", 1, 1, 0, 0, 0),
    ]
    (line,) = archive.history()
    assert (line.line, line.actor, line.note, line.kind) == (1, "wang", "七月", "publish")
    assert set(read(archive, "work_orders")) == {"a", "b"}
    assert archive.at().dimension("places")["code"].to_pylist() == ["P1"]
    assert archive.at().table_exists("answers")
    assert not archive.at().table_exists("tasks")


def test_nothing_is_visible_before_the_block_ends_or_after_an_error(archive, read):
    def break_off() -> None:
        with archive.batch() as batch:
            batch.put("work_orders", "crm", "2026Q3", orders("a"))
            assert archive.snapshot() == 0
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert archive.snapshot() == 0
    assert archive.verify() == []


def test_a_publish_replaces_keeps_and_withdraws_by_fact_id(archive, read):
    put(archive, orders("a", "b", "c", category="水电"))
    changed = facts(
        "work_orders",
        [
            {"fact_id": "b", "category": "水电"},
            {"fact_id": "c", "category": "门窗"},
            {"fact_id": "d", "category": "门窗"},
        ],
    )
    result = put(archive, changed, withdrawn=["a", "never-there"])
    assert result.parts == [PartResult("work_orders", "crm", "2026Q3", 3, 1, 1, 1, 1)]
    found = {k: row["category"] for k, row in read(archive, "work_orders").items()}
    assert found == {"b": "水电", "c": "门窗", "d": "门窗"}


def test_the_same_content_again_writes_no_line(archive):
    put(archive, orders("a", "b"))
    with archive.batch() as batch:
        batch.put("work_orders", "crm", "2026Q3", orders("b", "a"))
        batch.put_dimension("places", places())
    assert batch.result.changed
    with archive.batch() as batch:
        batch.put("work_orders", "crm", "2026Q3", orders("b", "a"))
        batch.put_dimension("places", places())
    assert not batch.result.changed
    assert batch.result.line == archive.snapshot() == 2
    assert batch.result.parts[0].unchanged == 2


def test_a_dimension_in_another_order_is_the_same(archive):
    with archive.batch() as batch:
        batch.put_dimension("places", places("P2", "P1"))
    with archive.batch() as batch:
        batch.put_dimension("places", places("P1", "P2"))
    assert archive.snapshot() == 1
    with archive.batch() as batch:
        batch.put_dimension("places", places("P1"))
    assert archive.at(1).dimension("places")["code"].to_pylist() == ["P1", "P2"]
    assert archive.at(2).dimension("places")["code"].to_pylist() == ["P1"]


def test_a_snapshot_gives_the_exact_old_files(archive, read):
    put(archive, orders("a"))
    before = {path: Path(path).read_bytes() for path in archive.at(1).files("work_orders")}
    put(archive, orders("b"), withdrawn=["a"])
    put(archive, orders(), withdrawn=["b"])
    assert {path: Path(path).read_bytes() for path in archive.at(1).files("work_orders")} == before
    assert [set(read(archive, "work_orders", n)) for n in range(4)] == [set(), {"a"}, {"b"}, set()]
    assert archive.at().partitions() == []


def test_files_are_chosen_by_table_cycle_and_source(archive, read):
    put(archive, orders("a"))
    put(archive, orders("b"), source="大屏 系统/1")
    put(archive, orders("c", period="2026-04"), cycle="2026Q2")
    assert set(read(archive, "work_orders")) == {"a", "b", "c"}
    assert set(read(archive, "work_orders", cycles=["2026Q3"])) == {"a", "b"}
    assert set(read(archive, "work_orders", sources=["大屏 系统/1"])) == {"b"}
    assert [(p.source, p.cycle, p.rows) for p in archive.at().partitions("work_orders")] == [
        ("crm", "2026Q2", 1),
        ("crm", "2026Q3", 1),
        ("大屏 系统/1", "2026Q3", 1),
    ]


def test_facts_after_the_cycle_was_closed_are_marked_late(archive, read):
    put(archive, orders("a", "b"))
    result = put(
        archive,
        facts("work_orders", [{"fact_id": "a"}, {"fact_id": "b", "channel": "app"}, {"fact_id": "c"}]),
        late=True,
    )
    assert (result.parts[0].added, result.parts[0].replaced, result.parts[0].unchanged) == (1, 1, 1)
    assert {k: row["late"] for k, row in read(archive, "work_orders").items()} == {
        "a": False,
        "b": True,
        "c": True,
    }
    assert not put(archive, orders("a", "c")).changed


def test_files_have_the_schema_of_the_table_and_are_sorted_by_project(archive):
    put(archive, facts("work_orders", [{"fact_id": "a", "project": "P2"}, {"fact_id": "b", "project": "P1"}]))
    (path,) = archive.at().files("work_orders")
    table = pq.ParquetFile(path).read()
    assert table.schema.equals(FACTS["work_orders"].arrow)
    assert table["project"].to_pylist() == ["P1", "P2"]
    assert pq.read_metadata(path).row_group(0).column(0).compression == "ZSTD"


@pytest.mark.parametrize("kind", ["reader", "path", "paths", "batch"])
def test_rows_may_come_as_a_reader_or_as_files(archive, read, tmp_path, kind):
    rows = orders("a", "b")
    pq.write_table(rows.slice(0, 1), tmp_path / "1.parquet")
    pq.write_table(rows.slice(1), tmp_path / "2.parquet")
    pq.write_table(rows, tmp_path / "all.parquet")
    given = {
        "reader": pa.RecordBatchReader.from_batches(rows.schema, rows.to_batches(max_chunksize=1)),
        "path": str(tmp_path / "all.parquet"),
        "paths": [tmp_path / "1.parquet", tmp_path / "2.parquet"],
        "batch": rows.combine_chunks().to_batches()[0],
    }[kind]
    assert put(archive, given).parts[0].added == 2
    assert set(read(archive, "work_orders")) == {"a", "b"}


def test_values_of_a_narrower_type_are_taken_as_they_are(archive, read):
    rows = pa.table(
        {
            **{name: orders("a")[name] for name in orders("a").column_names},
            "category": pa.array(["水电"]).dictionary_encode(),
            "channel": pa.array(["app"], pa.large_string()),
            "rating": pa.array([5], pa.int16()),
            "closed_at": pa.array([1_782_900_000], pa.int64()).cast(pa.timestamp("s", tz="Asia/Shanghai")),
            "asset": pa.nulls(1),
        }
    )
    put(archive, rows)
    row = read(archive, "work_orders")["a"]
    assert (row["category"], row["channel"], row["rating"], row["asset"]) == ("水电", "app", 5.0, None)
    assert row["closed_at"].isoformat() == "2026-07-01T10:00:00+00:00"


@pytest.mark.parametrize(
    ("rows", "code", "sentence"),
    [
        (orders("a").append_column("colour", pa.array(["red"])), "unknown_column", "has no column 'colour'"),
        (orders("a").drop_columns("project"), "missing_column", "needs the column 'project'"),
        (orders("a", project=None), "required", "is empty in 1 of 1 rows (fact_id 'a')"),
        (orders("a", cycle="2026Q2"), "wrong_cycle", "has the cycle '2026Q2' (fact_id 'a')"),
        (orders("a", source="x"), "wrong_source", "has the source 'x'"),
        (orders("a", period="2026-7"), "wrong_period", "has the period '2026-7'"),
        (orders(""), "wrong_fact_id", "has the fact_id ''"),
        (orders("a", "b", "a"), "duplicate", "The fact_id 'a' stands in 2 rows"),
        (orders("a", rating=float("nan")), "not_finite", "is not a finite number in 1 rows"),
        (
            orders("a").append_column("rating", pa.array(["5"])),
            "wrong_type",
            "work_orders.rating must be double, not string",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(archive, rows, code, sentence):
    put(archive, orders("z"))
    with pytest.raises(ArchiveError) as error:
        put(archive, rows)
    assert error.value.code == code
    assert sentence in str(error.value)
    assert archive.snapshot() == 1
    assert archive.verify() == []


def test_instants_need_a_zone(archive, naive_order):
    with pytest.raises(ArchiveError, match="give it the zone UTC"):
        put(archive, naive_order)


@pytest.mark.parametrize(
    ("table", "source", "cycle", "code"),
    [
        ("orders", "crm", "2026Q3", "unknown_table"),
        ("work_orders", " ", "2026Q3", "wrong_source"),
        ("work_orders", "crm", "2026-Q3", "wrong_cycle"),
        ("work_orders", "crm", "2026Q5", "wrong_cycle"),
    ],
)
def test_a_partition_needs_a_table_a_source_and_a_cycle(archive, table, source, cycle, code):
    with pytest.raises(ArchiveError) as error:
        put(archive, orders("a"), table=table, source=source, cycle=cycle)
    assert error.value.code == code


def test_a_fact_cannot_be_handed_in_and_withdrawn_at_once(archive):
    with pytest.raises(ArchiveError, match="'a' of work_orders is handed in and withdrawn"):
        put(archive, orders("a"), withdrawn=["a"])


def test_a_partition_is_put_once_in_a_batch_and_batches_do_not_nest(archive):
    with archive.batch() as batch:
        batch.put("work_orders", "crm", "2026Q3", orders("a"))
        with pytest.raises(ArchiveError, match="already put in this batch"):
            batch.put("work_orders", "crm", "2026Q3", orders("b"))
        with pytest.raises(ArchiveError, match="already open"), archive.batch():
            pass
        with pytest.raises(ArchiveError, match="no dimension"):
            batch.put_dimension("people", places("P1"))
    assert batch.result.parts[0].rows == 1


def test_asking_for_what_is_not_there(archive):
    with pytest.raises(ArchiveError, match="no snapshot 3; the archive's last one is 0"):
        archive.at(3)
    with pytest.raises(ArchiveError, match="no table 'orders'"):
        archive.at().files("orders")
    with pytest.raises(ArchiveError, match="no dimension 'people'"):
        archive.at().dimension("people")


def test_a_table_that_gained_a_column_still_reads_and_merges_its_old_files(archive, read):
    """Files written before the column ``rating_max`` came are merged with it empty."""
    put(archive, orders("a"))
    (old,) = archive.at().files("work_orders")
    table = pq.ParquetFile(old).read().drop_columns("rating_max")
    other = Archive(Path(archive.url).parent / "other")
    with other.batch() as batch:
        batch.put("work_orders", "crm", "2026Q3", table)
    assert other.verify() == []
    put(other, orders("b", rating_max=5.0))
    assert {k: row["rating_max"] for k, row in read(other, "work_orders").items()} == {"a": None, "b": 5.0}
