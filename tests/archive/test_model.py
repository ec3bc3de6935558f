"""The merge against a plain dictionary, over any sequence of publishes."""

from __future__ import annotations

import tempfile

import pyarrow.dataset as ds
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.archive.store import Archive
from tests.archive.factories import facts

IDS = st.sampled_from("abcdef")
ROW = st.fixed_dictionaries(
    {
        "project": st.sampled_from(["P1", "P2", "项目三"]),
        "category": st.sampled_from(["水电", "it's", None]),
        "rating": st.sampled_from([None, 0.0, -0.0, 4.5]),
        "reopened": st.sampled_from([None, True, False]),
    }
)
PUBLISH = st.tuples(st.dictionaries(IDS, ROW, max_size=5), st.sets(IDS, max_size=3), st.booleans())


def apply(model: dict, rows: dict, withdrawn: set, late: bool) -> tuple[dict, tuple[int, int, int, int]]:
    """What a publish must do: the model after it, and how many were added, replaced, kept, withdrawn."""
    after, counts = {}, [0, 0, 0, 0]
    for key, row in model.items():
        if key in withdrawn:
            counts[3] += 1
        elif key not in rows:
            after[key] = row
    for key, row in rows.items():
        if key not in model:
            counts[0] += 1
            after[key] = {**row, "late": late}
        elif {**row, "late": None} == {**model[key], "late": None}:
            counts[2] += 1
            after[key] = model[key]
        else:
            counts[1] += 1
            after[key] = {**row, "late": late}
    return after, tuple(counts)


@settings(max_examples=25, deadline=None)
@given(st.lists(PUBLISH, min_size=1, max_size=5))
def test_any_sequence_of_publishes_is_a_dictionary(publishes):
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(folder)
        model: dict = {}
        models = [model]
        for rows, withdrawn, late in publishes:
            withdrawn = withdrawn - set(rows)
            model, counts = apply(model, rows, withdrawn, late)
            with archive.batch() as batch:
                given_rows = facts("work_orders", [{"fact_id": k, **row} for k, row in rows.items()])
                batch.put("work_orders", "crm", "2026Q3", given_rows, withdrawn=withdrawn, late=late)
            part = batch.result.parts[0]
            assert (part.added, part.replaced, part.unchanged, part.withdrawn) == counts
            assert part.rows == len(model)
            changed = bool(counts[0] or counts[1] or counts[3])
            assert batch.result.changed == changed
            if changed:
                models.append(model)
        assert archive.snapshot() == len(models) - 1
        for number, wanted in enumerate(models):
            assert contents(archive, number) == wanted
        assert archive.verify() == []


def contents(archive: Archive, number: int) -> dict:
    names = ["fact_id", "project", "category", "rating", "reopened", "late"]
    rows = [
        row
        for path in archive.at(number).files("work_orders")
        for row in ds.dataset(path, format="parquet").to_table(columns=names).to_pylist()
    ]
    return {row.pop("fact_id"): row for row in rows}
