"""A row with many questions becomes one fact for each of them."""

from __future__ import annotations

from typing import Any

from tests.collect.records.test_mapping_rows import reasons, work

WIDE = ["id", "项目", "q1", "q2", "q3"]


def wide(rows: list[list[str]], **unpivot: Any):
    return work(
        rows,
        WIDE,
        table="answers",
        source="survey",
        key=["id"],
        unpivot={"columns": ["q*"], "name": "Q", "value": "V", **unpivot},
        columns={
            "occurred_at": {"constant": "2026-07-01 12:00"},
            "response": "id",
            "questionnaire_version": {"constant": "1"},
            "sampled": {"constant": True},
            "question": "Q",
            "value": {"from": "V", "empty": ["9"], "between": [1, 5]},
        },
        complete=[],
    )


def test_wide_rows_become_long():
    outcome = wide([["1", "翠湖花园", "5", "9", ""], ["2", "东方广场", "1", "2", "3"]], drop_empty=True)
    assert outcome.facts.select(["fact_id", "project", "question", "value"]).to_pylist() == [
        {"fact_id": "survey:1:q1", "project": "p1", "question": "q1", "value": 5.0},
        {"fact_id": "survey:1:q2", "project": "p1", "question": "q2", "value": None},
        {"fact_id": "survey:2:q1", "project": "p2", "question": "q1", "value": 1.0},
        {"fact_id": "survey:2:q2", "project": "p2", "question": "q2", "value": 2.0},
        {"fact_id": "survey:2:q3", "project": "p2", "question": "q3", "value": 3.0},
    ]
    assert (outcome.read, outcome.accepted) == (2, 2)
    assert outcome.row_of.tolist() == [2, 2, 3, 3, 3]


def test_one_bad_cell_keeps_the_whole_wide_row_apart():
    outcome = wide([["1", "翠湖花园", "5", "7", "3"], ["2", "东方广场", "1", "2", "3"]], **{"except": ["q3"]})
    assert reasons(outcome) == [(2, "q2", "scale")]
    assert outcome.facts["response"].to_pylist() == ["2", "2"]
    assert (outcome.accepted, outcome.rejected_rows.tolist()) == (1, [2])
