"""Rules over whole rows: filters, times in order, days that cannot be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.collect.records.mapping.values import mask_of

if TYPE_CHECKING:
    from bihuan.collect.records.mapping.problems import Problems
    from bihuan.collect.records.mapping.spec import MappingSpec


def holds(when: dict[str, Any], texts: pa.Array) -> np.ndarray:
    """Where a condition of the mapping is true."""
    if "empty" in when:
        return mask_of(pc.is_null(texts)) == when["empty"]
    if "is" in when:
        return mask_of(pc.equal(texts, str(when["is"])))
    if "in" in when:
        return mask_of(pc.is_in(texts, pa.array([str(v) for v in when["in"]], pa.string())))
    if "contains" in when:
        return mask_of(pc.match_substring(texts, when["contains"]))
    return mask_of(pc.match_substring_regex(texts, when["matches"]))


def shown(instant: Any) -> str:
    """An instant as the file's own clock shows it."""
    return instant.strftime("%Y-%m-%d %H:%M") if instant is not None else ""


def order(
    pairs: tuple[tuple[str, str], ...],
    done: dict[str, pa.Array],
    heading: dict[str, str],
    written: Callable[[str, int], str],
    problems: Problems,
) -> None:
    """Nothing ends before it began."""
    for first, second in pairs:
        if first in done and second in done:
            start, end = done[first], done[second]
            wrong = mask_of(pc.less(end, start))
            other = heading.get(first, first)
            for i in np.flatnonzero(wrong):
                at = int(i)
                params = {"value": written(second, at), "other": other, "since": written(first, at)}
                problems.one(int(i), heading.get(second, second), "before", params)


def dates(
    spec: MappingSpec,
    done: dict[str, pa.Array],
    heading: dict[str, str],
    written: Callable[[str, int], str],
    latest: str,
    problems: Problems,
) -> None:
    """What has happened has not happened before there were computers, nor after tomorrow."""
    low = dt.datetime.fromisoformat(spec.earliest).replace(tzinfo=dt.UTC)
    high = dt.datetime.fromisoformat(latest).replace(tzinfo=dt.UTC) + dt.timedelta(days=1)
    for target, array in done.items():
        if not pa.types.is_timestamp(array.type) or target.startswith(("due", "valid_until")):
            continue
        for code, wrong, limit in (
            ("too_early", pc.less(array, pa.scalar(low, array.type)), spec.earliest),
            ("too_late", pc.greater_equal(array, pa.scalar(high, array.type)), latest),
        ):
            column = heading.get(target, target)
            for i in np.flatnonzero(mask_of(wrong)):
                problems.one(int(i), column, code, {"value": written(target, int(i)), "limit": limit})


def minutes(done: dict[str, pa.Array], heading: dict[str, str], problems: Problems) -> None:
    """No stretch of time is shorter than none."""
    for target, array in done.items():
        if target.startswith(("minutes_", "limit_", "paused_")):
            column = heading.get(target, target)
            for i in np.flatnonzero(mask_of(pc.less(array, 0.0))):
                problems.one(int(i), column, "negative", {"value": array[int(i)].as_py()})
