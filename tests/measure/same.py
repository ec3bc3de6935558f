"""Whether two evaluations found the same: every text alike, every number to 1e-9."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

TOLERANCE = 1e-9
SUMS = "private/sums"


def same_results(one: Path, other: Path) -> dict[str, int]:
    """Compare the tables of two runs' folders, whatever files they lie in; gives the rows of each."""
    first, second = tables_of(one), tables_of(other)
    assert first.keys() == second.keys()
    rows = {}
    for name in first:
        mine, theirs = first[name], second[name]
        if name == SUMS:
            mine, theirs = pooled(mine), pooled(theirs)
        rows[name] = same_tables(mine, theirs, what=name)
    return rows


def tables_of(run: Path) -> dict[str, pa.Table]:
    """The tables of a run: each file by its name, the files of a folder together by that of the folder."""
    found: dict[str, list[pa.Table]] = {}
    for path in sorted(run.rglob("*.parquet")):
        name = path.relative_to(run)
        name = name.with_suffix("") if name.parent == Path() else name.parent
        found.setdefault(name.as_posix(), []).append(_read(path))
    return {name: pa.concat_tables(tables) for name, tables in found.items()}


def pooled(table: pa.Table) -> pa.Table:
    """Sums by what they are sums of: files of several sources give a cell once each, or together.

    The sum of nothing is 0 or empty.
    """
    texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
    numbers = [name for name in table.column_names if name not in texts]
    found = table.group_by(texts).aggregate([(name, "sum") for name in numbers])
    found = found.rename_columns({f"{name}_sum": name for name in numbers})
    for k, name in enumerate(found.column_names):
        if pa.types.is_floating(found[name].type):
            found = found.set_column(k, name, found[name].fill_null(0.0))
    return found


def same_tables(one: pa.Table, other: pa.Table, what: str = "") -> int:
    """Compare two tables whose rows may come in any order; gives the number of rows."""
    assert one.column_names == other.column_names
    assert one.num_rows == other.num_rows, f"{what}: {one.num_rows} rows and {other.num_rows}"
    texts = [field.name for field in one.schema if pa.types.is_string(field.type)]
    one, other = (table.sort_by([(name, "ascending") for name in texts]) for table in (one, other))
    for name in one.column_names:
        mine, theirs = one[name], other[name]
        if pa.types.is_floating(mine.type):
            np.testing.assert_allclose(
                theirs.to_numpy(), mine.to_numpy(), rtol=TOLERANCE, atol=TOLERANCE, err_msg=f"{what}: {name}"
            )
        else:
            assert theirs.equals(mine), f"{what}: {name}"
    return one.num_rows


def plain(table: pa.Table) -> pa.Table:
    """The same with texts as texts."""
    fields = [
        pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in table.schema
    ]
    return table.cast(pa.schema(fields))


def _read(path: Path) -> pa.Table:
    return plain(pq.read_table(path, partitioning=None))
