from __future__ import annotations

from datetime import UTC, datetime

from bihuan.archive.census import Count, census, describe, full_census
from tests.archive.factories import answers, facts, orders

AUGUST = datetime(2026, 8, 3, 4, 5, 6, tzinfo=UTC)
JULY = datetime(2026, 7, 1, 1, tzinfo=UTC)


def test_facts_are_counted_by_project_and_month(archive):
    rows = [
        {"fact_id": "a"},
        {"fact_id": "b", "complete": False},
        {"fact_id": "c", "period": "2026-08", "occurred_at": AUGUST},
        {"fact_id": "d", "project": "P2", "occurred_at": AUGUST, "period": "2026-08"},
    ]
    with archive.batch() as batch:
        batch.put("work_orders", "crm", "2026Q3", facts("work_orders", rows))
    with archive.batch() as batch:
        batch.put("work_orders", "crm", "2026Q3", orders("e"), late=True)
    key = ("work_orders", "crm", "2026Q3")
    (partition,) = archive.at().partitions()
    assert census(archive.at(), partition) == [
        Count(*key, "P1", "2026-07", 3, 2, 1, JULY, JULY),
        Count(*key, "P1", "2026-08", 1, 1, 0, AUGUST, AUGUST),
        Count(*key, "P2", "2026-08", 1, 1, 0, AUGUST, AUGUST),
    ]
    assert sum(count.rows for count in full_census(archive.at(1))) == 4


def test_a_snapshot_is_described_in_plain_values(archive):
    assert describe(archive) == {
        "archive": archive.url,
        "snapshot": 0,
        "published": "",
        "tables": {},
        "lost": 0,
    }
    with archive.batch() as batch:
        batch.put("work_orders", "crm", "2026Q3", orders("a", "b"))
        batch.put("work_orders", "app", "2026Q3", orders("a"))
        batch.put("answers", "survey", "2026Q3", answers({"x": "R1"}))
    archive.purge(responses=["R1"], actor="wang", reason="撤回同意")
    before = describe(archive, 1)
    assert before["published"] == archive.history()[0].time
    assert before["lost"] == 1
    assert before["tables"] == {
        "work_orders": {
            "rows": 3,
            "files": 2,
            "partitions": 2,
            "sources": ["app", "crm"],
            "cycles": ["2026Q3"],
        }
    }
    assert describe(archive)["lost"] == 0
