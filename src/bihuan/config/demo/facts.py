"""From plain arrays to archive tables: the columns that every fact carries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.archive.schema import FACTS
from bihuan.config.demo.calendar import cycle_codes, month_starts, months_of


def instants(values: np.ndarray) -> pa.Array:
    """UTC datetime64 (NaT where it has not happened) to Arrow instants."""
    return (
        pa.array(values.astype("datetime64[us]")).cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    )


def numbers(values: np.ndarray) -> pa.Array:
    """Floats to Arrow, NaN as missing."""
    return pa.array(np.asarray(values, dtype=float), from_pandas=True)


def table(
    name: str, prefix: str, *, occurred_at: np.ndarray, project: Any, source: str, **columns: Any
) -> pa.Table:
    """A fact table from arrays of equal length; the cycle and period follow ``occurred_at`` (UTC).

    Columns that are not given are missing values. ``fact_id`` counts up behind ``prefix``.
    """
    n = occurred_at.size
    month = months_of(occurred_at)
    cycles = np.array(cycle_codes(more=1))
    periods = month_starts().astype(str)
    given: dict[str, Any] = {
        "fact_id": columns.pop("fact_id", None) if "fact_id" in columns else ids(prefix, n),
        "cycle": cycles[month // 3],
        "period": periods[month],
        "project": project,
        "occurred_at": instants(occurred_at),
        "source": np.repeat(source, n),
        "late": np.zeros(n, dtype=bool),
        "complete": columns.pop("complete", np.ones(n, dtype=bool)),
        **columns,
    }
    schema = FACTS[name].arrow
    arrays = [_column(given.pop(field.name, None), field, n) for field in schema]
    if given:
        raise ValueError(f"{name} has no columns {sorted(given)}")
    return pa.Table.from_arrays(arrays, schema=schema)


def _column(values: Any, field: pa.Field, n: int) -> pa.Array:
    if values is None:
        return pa.nulls(n, field.type)
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values.cast(field.type)
    values = np.asarray(values)
    if values.dtype.kind == "M":
        return instants(values)
    if values.dtype.kind == "f":
        return numbers(values).cast(field.type)
    array = pa.array(values.tolist() if values.dtype.kind == "O" else values).cast(field.type)
    if pa.types.is_string(field.type):
        return pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.string()), array)
    return array


def ids(prefix: str, n: int, start: int = 1) -> np.ndarray:
    """``WO-000001`` and on."""
    return np.char.add(f"{prefix}-", np.char.zfill(np.arange(start, start + n).astype(str), 6))
