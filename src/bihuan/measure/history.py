"""What earlier runs found: the value before, whether it may be compared, and a place's own past."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.measure import cycles
from bihuan.measure.frame import Frame
from bihuan.measure.results import Results
from bihuan.stats.types import Bools, Floats

KEYS = ["indicator", "place", "breakdown", "item"]
SHOWN = ("final", "provisional")
_STEM = re.compile(r"(?:[@:#]|[-_ ./]?v)\d+(\.\d+)*$", re.IGNORECASE)


@dataclass(frozen=True)
class Change:
    """Against the last earlier cycle, by row; ``previous`` is there even where nothing may be compared."""

    previous: Floats
    change: Floats
    low: Floats
    high: Floats
    comparable: Bools


def stem(version: str) -> str:
    """What the versions of one checklist or questionnaire have in common: ``fire-v2`` is of ``fire``."""
    return _STEM.sub("", version)


def same_instruments(one: str, other: str) -> bool:
    """Whether no checklist or questionnaire gave way to another; one more or one fewer is no break."""
    mine, theirs = (set(filter(None, text.split("|"))) for text in (one, other))
    shared = {stem(v) for v in mine} & {stem(v) for v in theirs}
    revised = any(stem(v) in shared for v in mine ^ theirs)
    return not revised and not (mine - theirs and theirs - mine)


def earlier_runs(results: Results, history: Sequence[str], cycle: str) -> list[str]:
    """The last named run of each earlier cycle of the same kind, latest cycle first."""
    latest: dict[str, str] = {}
    for run in history:
        if results.exists(run):
            before = str(results.record(run)["cycle"])
            if cycles.same_kind(before, cycle) and cycles.order_key(before) < cycles.order_key(cycle):
                latest[before] = run
    return [latest[c] for c in sorted(latest, key=cycles.order_key, reverse=True)]


def changes(frame: Frame, results: Results, runs: Sequence[str], keys: Mapping[str, np.ndarray]) -> Change:
    """Change of every whole-cycle row against the latest earlier run that has a value for it.

    The interval is that of a difference of independent estimates: the squared distances to the ends of
    their own intervals are added (Newcombe's hybrid). Across a new version of the indicator, or of a
    checklist or questionnaire under it, nothing is computed.

    References
    ----------
    Newcombe, Statistics in Medicine 17 (1998) 873-890; Zou & Donner, Statistics in Medicine 27 (2008) 1693.
    """
    rows = len(frame)
    nothing = np.full(rows, np.nan)
    previous, low, high = nothing.copy(), nothing.copy(), nothing.copy()
    comparable = np.zeros(rows, np.bool_)
    open_rows = np.flatnonzero(frame.period == 0)
    for run in runs:
        if not len(open_rows):
            break
        old = _old(results, run)
        if not old.num_rows:
            continue
        found = _joined({k: keys[k][open_rows] for k in (*KEYS, "version", "instrument")}, old)
        at = open_rows[found["row"].to_numpy()]
        previous[at] = found["value"].to_numpy()
        low[at], high[at] = found["low"].to_numpy(), found["high"].to_numpy()
        same = pc.equal(found["version"], found["old_version"]).to_numpy(zero_copy_only=False).astype(bool)
        pairs = zip(found["instrument"].to_pylist(), found["old_instrument"].to_pylist(), strict=True)
        known: dict[tuple[str, str], bool] = {}
        for i, pair in enumerate(pairs):
            if pair not in known:
                known[pair] = same_instruments(*pair)
            comparable[at[i]] = same[i] and known[pair]
        open_rows = open_rows[np.isnan(previous[open_rows])]
    value = frame["value"]
    with np.errstate(invalid="ignore"):
        change = np.where(comparable, value - previous, np.nan)
        below = np.sqrt((value - frame["low"]) ** 2 + (high - previous) ** 2)
        above = np.sqrt((frame["high"] - value) ** 2 + (previous - low) ** 2)
    comparable &= np.isfinite(change)
    return Change(previous, change, change - below, change + above, comparable)


def _old(results: Results, run: str) -> pa.Table:
    columns = [*KEYS, "version", "instrument", "value", "low", "high", "status"]
    table = results.measurements(run, periods=[""], columns=columns)
    keep = pc.and_(pc.is_in(table["status"], pa.array(SHOWN)), pc.is_valid(table["value"]))
    table = table.filter(keep).drop_columns(["status"])
    return table.rename_columns(
        ["old_" + name if name in ("version", "instrument") else name for name in table.column_names]
    )


def _joined(mine: Mapping[str, np.ndarray], old: pa.Table) -> pa.Table:
    rows = len(next(iter(mine.values())))
    table = pa.table({name: pa.array(values, pa.string()) for name, values in mine.items()})
    table = table.append_column("row", pa.array(np.arange(rows)))
    joined = table.join(old, keys=KEYS, join_type="inner").sort_by("row")
    for name in ("value", "low", "high"):
        index = joined.column_names.index(name)
        joined = joined.set_column(index, name, pc.fill_null(joined[name], float("nan")))
    return joined


def baseline(frame: Frame, results: Results, runs: Sequence[str], number: int) -> Floats:
    """A place's own past: pooled over its earlier periods, NaN while there are fewer than the goal asks.

    Periods are months where the indicator is monthly, and cycles where it is not.
    """
    definition, tree = frame.definitions[number], frame.tree
    least = max(definition.target.periods, definition.floor.periods)
    above, below = np.zeros(len(tree)), np.zeros(len(tree))
    count = np.zeros(len(tree))
    for run in runs:
        table = results.measurements(run, indicators=[definition.code], breakdown="")
        month = pc.not_equal(table["period"], "")
        keep = month if definition.monthly else pc.invert(month)
        keep = pc.and_(keep, pc.equal(table["version"], definition.version))
        keep = pc.and_(keep, pc.is_in(table["status"], pa.array(SHOWN)))
        table = table.filter(keep)
        place = np.array([tree.index.get(code, -1) for code in table["place"].to_pylist()], np.int64)
        there = place >= 0
        place = place[there]
        np.add.at(above, place, table["numerator"].to_numpy()[there])
        np.add.at(below, place, table["denominator"].to_numpy()[there])
        np.add.at(count, place, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count >= least, definition.scale * above / below, np.nan)
