"""Which cycle and which month a fact belongs to."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from bihuan.collect.records.mapping.problems import Problems

CYCLE = re.compile(r"^\d{4}(Q[1-4])?$")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _local(instants: pa.Array, zone: str) -> pa.Array:
    return instants.cast(pa.timestamp("us", zone))


def periods(instants: pa.Array, zone: str) -> pa.Array:
    """The month of each instant in the company's zone, such as ``2026-07``."""
    return pc.strftime(_local(instants, zone), format="%Y-%m")


def by_time(instants: pa.Array, zone: str, by: str) -> pa.Array:
    """The quarter or the year of each instant in the company's zone."""
    year = pc.strftime(_local(instants, zone), format="%Y")
    if by == "year":
        return year
    quarter = pc.quarter(_local(instants, zone)).cast(pa.string())
    return pc.binary_join_element_wise(year, quarter, "Q")


def _month(text: str) -> int | None:
    if text.isdigit():
        return int(text) if 1 <= int(text) <= 12 else None
    return MONTHS.index(text[:3].lower()) + 1 if text[:3].lower() in MONTHS else None


def read(text: str, rule: dict[str, Any]) -> str | None:
    """The cycle a cell names: by ``values``, by ``pattern``, or as it stands; ``None`` when unreadable."""
    values = {str(k): str(v) for k, v in rule.get("values", {}).items()}
    if text in values:
        return values[text]
    if "pattern" in rule:
        found = re.search(rule["pattern"], text)
        if not found:
            return None
        parts = found.groupdict()
        if "quarter" in parts:
            return f"{parts['year']}Q{int(parts['quarter'])}"
        if "month" in parts:
            month = _month(parts["month"])
            return f"{parts['year']}Q{(month + 2) // 3}" if month else None
        return parts.get("year")
    return text if CYCLE.match(text) else None


def by_column(texts: pa.Array, rule: dict[str, Any], problems: Problems) -> pa.Array:
    """Cycles named by a column of the file."""
    coded = texts.dictionary_encode()
    cycles = pa.array([read(t, rule) for t in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)
    wrong = pc.and_(pc.is_valid(texts), pc.is_null(cycles)).to_numpy(zero_copy_only=False)
    problems.add(np.asarray(wrong), rule["from"], "cycle", lambda i: {"value": texts[i].as_py()})
    return cycles


def end_of(cycle: str) -> dt.date | None:
    """Last day of a quarter or year."""
    if not CYCLE.match(cycle):
        return None
    year, _, quarter = cycle.partition("Q")
    month = int(quarter) * 3 if quarter else 12
    following = dt.date(int(year) + (month == 12), month % 12 + 1, 1)
    return following - dt.timedelta(days=1)
