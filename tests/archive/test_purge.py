from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.archive.store import Archive, ArchiveError
from tests.archive.factories import answers, facts, orders


@pytest.fixture
def surveyed(archive) -> Archive:
    """Two lines: answers of R1 and R2 with their samples, then one more answer of R3."""
    members = [{"fact_id": "m1", "response": "R1"}, {"fact_id": "m2", "response": None}]
    with archive.batch() as batch:
        batch.put("answers", "survey", "2026Q3", answers({"a1": "R1", "a2": "R1", "b1": "R2"}))
        batch.put("samples", "survey", "2026Q3", facts("samples", members))
        batch.put("answers", "paper", "2026Q3", answers({"p1": "R1"}))
        batch.put("work_orders", "crm", "2026Q3", orders("w"))
    with archive.batch() as batch:
        batch.put("answers", "survey", "2026Q3", answers({"c1": "R3"}))
    return archive


def bytes_of(archive: Archive) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(Path(archive.url).rglob("*")) if p.is_file())


def test_a_purge_takes_the_answers_out_of_every_snapshot(surveyed, read):
    result = surveyed.purge(responses=["R1"], actor="wang", reason="撤回同意")
    assert result.line == 3
    assert [(p.table, p.source, p.rows, p.withdrawn, p.replaced) for p in result.parts] == [
        ("answers", "paper", 0, 1, 0),
        ("answers", "survey", 2, 2, 0),
        ("samples", "survey", 2, 0, 1),
    ]
    assert set(read(surveyed, "answers")) == {"b1", "c1"}
    assert set(read(surveyed, "answers", 1)) == {"b1"}
    assert set(read(surveyed, "answers", 2)) == {"b1", "c1"}
    for number in (1, 2, 3):
        assert {r["fact_id"]: r["response"] for r in read(surveyed, "samples", number).values()} == {
            "m1": None,
            "m2": None,
        }
    assert surveyed.verify() == []


def test_the_response_is_in_no_file_any_more(archive, read):
    with archive.batch() as batch:
        batch.put("answers", "survey", "2026Q3", answers({"a1": "SECRET-RESPONSE", "b1": "R2"}))
    assert b"SECRET-RESPONSE" in bytes_of(archive)
    archive.purge(responses=["SECRET-RESPONSE"], actor="wang", reason="撤回同意")
    assert b"SECRET-RESPONSE" not in bytes_of(archive)
    assert not list((Path(archive.url) / "writing").iterdir())


def test_a_snapshot_says_what_it_lost(surveyed):
    assert surveyed.at(1).losses == []
    surveyed.purge(responses=["R1"], actor="wang", reason="撤回同意")
    lost = {(x.table, x.source, x.rows, x.line, x.reason) for x in surveyed.at(1).losses}
    assert lost == {
        ("answers", "survey", 2, 3, "撤回同意"),
        ("answers", "paper", 1, 3, "撤回同意"),
        ("samples", "survey", 1, 3, "撤回同意"),
    }
    assert {(x.table, x.source, x.rows) for x in surveyed.at(2).losses} == {
        ("answers", "survey", 2),
        ("answers", "paper", 1),
        ("samples", "survey", 1),
    }
    assert surveyed.at(3).losses == []
    assert surveyed.at().losses == []


def test_a_second_purge_builds_on_the_first(surveyed, read):
    surveyed.purge(responses=["R1"], actor="wang", reason="first")
    surveyed.purge(responses=["R2"], actor="wang", reason="second")
    assert [set(read(surveyed, "answers", n)) for n in range(1, 5)] == [set(), {"c1"}, {"c1"}, {"c1"}]
    assert [x.reason for x in surveyed.at(1).losses if x.source == "survey" and x.table == "answers"] == [
        "first",
        "second",
    ]
    assert [x.reason for x in surveyed.at(3).losses] == ["second"]
    assert surveyed.verify() == []


def test_purged_answers_cannot_come_back(surveyed, read):
    surveyed.purge(responses=["R1"], actor="wang", reason="撤回同意")
    with surveyed.batch() as batch:
        part = batch.put("answers", "survey", "2026Q3", answers({"a1": "R1", "d1": "R4"}))
        batch.put("samples", "survey", "2026Q3", facts("samples", [{"fact_id": "m3", "response": "R1"}]))
    assert (part.added, part.purged) == (1, 1)
    assert set(read(surveyed, "answers")) == {"b1", "c1", "d1"}
    assert read(surveyed, "samples")["m3"]["response"] is None


def test_what_was_never_there_is_barred_all_the_same(surveyed):
    result = surveyed.purge(responses=["R9"], actor="wang", reason="撤回同意")
    assert (result.line, result.parts) == (3, [])
    assert surveyed.at(1).losses == []
    assert not surveyed.purge(responses=["R9"], actor="wang", reason="撤回同意").changed
    assert surveyed.snapshot() == 3


def test_a_purge_names_responses_and_a_reason(surveyed):
    for responses, reason in ([], "x"), ("R1", "x"), (["R1"], " "):
        with pytest.raises(ArchiveError):
            surveyed.purge(responses=responses, actor="wang", reason=reason)


def test_an_interrupted_erasure_is_seen_and_finished(surveyed, read):
    """The old files come back, as if the process had died right after the line was written."""
    kept = {p: p.read_bytes() for p in Path(surveyed.url).glob("facts/answers/**/*.parquet")}
    surveyed.purge(responses=["R1"], actor="wang", reason="撤回同意")
    for path, content in kept.items():
        path.write_bytes(content)
    assert {p.kind for p in surveyed.verify()} == {"not_erased"}
    assert set(read(surveyed, "answers", 1)) == {"b1"}
    with surveyed.batch():
        pass
    assert surveyed.verify() == []
