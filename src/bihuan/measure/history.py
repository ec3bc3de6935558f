"""What earlier runs found: the value before, whether it may be compared, and a place's own past."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.measure import cycles
from bihuan.measure.frame import Coded, Frame
from bihuan.measure.results import Results, Share
from bihuan.stats.types import Bools, Floats, Ints

KEYS = ["indicator", "place", "breakdown", "item"]
SHOWN = ("final", "provisional")
PAST = ["place", "period", "version", "status", "numerator", "denominator"]
LOOK_BACK = 4  # cycles: what was measured longer ago is no longer called the value before
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


def changes(
    frame: Frame, results: Results, runs: Sequence[str], keys: Mapping[str, Coded], share: Share
) -> Change:
    """Change of every whole-cycle row against the latest earlier run that has a value for it.

    The interval is that of a difference of independent estimates: the squared distances to the ends of
    their own intervals are added (Newcombe's hybrid). Across a new version of the indicator, or of a
    checklist or questionnaire under it, nothing is computed.

    References
    ----------
    Newcombe, Statistics in Medicine 17 (1998) 873-890; Zou & Donner, Statistics in Medicine 27 (2008) 1693.
    """
    rows = len(frame)
    previous, low, high = np.full(rows, np.nan), np.full(rows, np.nan), np.full(rows, np.nan)
    comparable = np.zeros(rows, np.bool_)
    open_rows = np.flatnonzero(frame.period == 0)
    mine = _numbered(keys, open_rows)
    for run in runs[:LOOK_BACK]:
        if not len(open_rows):
            break
        old = _old(results, run, keys["indicator"], share)
        if not old.num_rows:
            continue
        at, there = _matched(mine, keys, old)
        at, own = open_rows[at], old.take(pa.array(there))
        for into, name in ((previous, "value"), (low, "low"), (high, "high")):
            into[at] = own[name].to_numpy()
        comparable[at] = _alike(keys["version"], at, own["version"], str.__eq__)
        comparable[at] &= _alike(keys["instrument"], at, own["instrument"], same_instruments)
        still = np.isnan(previous[open_rows])
        open_rows, mine = open_rows[still], mine[still]
    value = frame["value"]
    with np.errstate(invalid="ignore"):
        change = np.where(comparable, value - previous, np.nan)
        below = np.sqrt((value - frame["low"]) ** 2 + (high - previous) ** 2)
        above = np.sqrt((frame["high"] - value) ** 2 + (previous - low) ** 2)
    comparable &= np.isfinite(change)
    return Change(previous, change, change - below, change + above, comparable)


def _old(results: Results, run: str, indicator: Coded, share: Share) -> pa.Table:
    columns = [*KEYS, "version", "instrument", "value", "low", "high", "status"]
    asked = [indicator.names[code] for code in np.unique(indicator.codes)]
    table = results.measurements(
        run, indicators=asked, periods=[""], columns=columns, coded=True, share=share
    )
    status = table["status"]
    status = status.cast(pa.string()) if pa.types.is_dictionary(status.type) else status
    keep = pc.and_(pc.is_in(status, pa.array(SHOWN)), pc.is_valid(table["value"]))
    return table.filter(keep).drop_columns(["status"]).unify_dictionaries()


def _numbered(keys: Mapping[str, Coded], rows: Ints) -> Ints:
    """One number for each row by what names it."""
    key = np.zeros(len(rows), np.int64)
    for name in KEYS:
        key = key * len(keys[name].names) + keys[name].codes[rows]
    return key


def _matched(mine: Ints, keys: Mapping[str, Coded], old: pa.Table) -> tuple[Ints, Ints]:
    """Places in ``mine`` and rows of the old table that are about the same."""
    key = np.zeros(old.num_rows, np.int64)
    known = np.ones(old.num_rows, np.bool_)
    for name in KEYS:
        codes, names = _codes(old[name])
        own = {text: k for k, text in enumerate(keys[name].names)}
        code = np.array([*(own.get(text, -1) for text in names), -1], np.int64)[codes]
        known &= code >= 0
        key = key * len(keys[name].names) + code
    order = np.argsort(mine, kind="stable")
    rows = np.flatnonzero(known)
    at = np.minimum(np.searchsorted(mine[order], key[rows]), max(len(mine) - 1, 0))
    same = mine[order[at]] == key[rows] if len(mine) else np.zeros(len(rows), np.bool_)
    return order[at[same]], rows[same]


def _alike(mine: Coded, at: Ints, theirs: pa.ChunkedArray, test: Callable[[str, str], bool]) -> Bools:
    """Whether the texts of both pass a test, which is asked once for each pair."""
    codes, names = _codes(theirs)
    pair = mine.codes[at].astype(np.int64) * (len(names) + 1) + codes
    found, inverse = np.unique(pair, return_inverse=True)
    names = [*names, ""]
    passed = [bool(test(mine.names[p // len(names)], names[p % len(names)])) for p in found.tolist()]
    return np.array(passed, np.bool_)[inverse.reshape(-1)] if len(passed) else np.zeros(0, np.bool_)


def _codes(column: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """Codes and texts of a column; the last code stands for nothing."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    whole = encoded.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], pa.string()).dictionary_encode()
    names = whole.dictionary.to_pylist()
    return whole.indices.fill_null(len(names)).to_numpy(zero_copy_only=False).astype(np.int64), names


def baselines(frame: Frame, results: Results, runs: Sequence[str], share: Share) -> dict[int, Floats]:
    """The own past of the places of a frame, by indicator, where a goal asks for it."""
    return {
        n: baseline(frame, results, runs, n, share)
        for n in np.unique(frame.definition).tolist()
        if frame.definitions[n].target.of_baseline is not None
        or frame.definitions[n].floor.of_baseline is not None
    }


def baseline(frame: Frame, results: Results, runs: Sequence[str], number: int, share: Share) -> Floats:
    """A place's own past: pooled over its earlier periods, NaN while there are fewer than the goal asks.

    Periods are months where the indicator is monthly, and cycles where it is not.
    """
    definition, tree = frame.definitions[number], frame.tree
    least = max(definition.target.periods, definition.floor.periods)
    above, below = np.zeros(len(tree)), np.zeros(len(tree))
    count = np.zeros(len(tree))
    for run in runs:
        table = results.measurements(
            run, indicators=[definition.code], breakdown="", columns=PAST, coded=True, share=share
        )
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
