from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from bihuan.archive.store import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive", lock_timeout=5)


@pytest.fixture
def read():
    """Read a table of one snapshot as Python rows, by fact_id."""

    def read_table(archive: Archive, table: str, number: int | None = None, **chosen) -> dict[str, dict]:
        files = archive.at(number).files(table, **chosen)
        rows: list[dict] = []
        for path in files:
            rows += ds.dataset(path, format="parquet").to_table().to_pylist()
        found = {row["fact_id"]: row for row in rows}
        assert len(found) == len(rows), "a fact stands in the archive twice"
        return found

    return read_table


@pytest.fixture
def naive_order() -> pa.Table:
    """An order whose instants have no zone."""
    from tests.archive.factories import orders

    rows = orders("a")
    return rows.set_column(
        rows.column_names.index("reported_at"),
        "reported_at",
        rows["reported_at"].cast(pa.timestamp("us")),
    )
