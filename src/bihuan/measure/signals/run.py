"""All leaf series of a run: gathered, tested, and believed or not."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa

from bihuan.measure.definition import Definition
from bihuan.measure.results import Results
from bihuan.measure.signals import checks
from bihuan.measure.signals.charts import chart_kind, limits
from bihuan.measure.signals.gather import Calendar, Gathering, Points
from bihuan.measure.signals.scales import Scale
from bihuan.measure.signals.tables import SIGNALS
from bihuan.stats import trend
from bihuan.stats.control import PHASE_ONE
from bihuan.stats.types import Bools, Floats, Ints

FALSE_DISCOVERIES = 0.05
SERIES_AT_ONCE = 60_000
TESTS = ("level", "shift", "change", "trend")
Columns = dict[str, Any]


def find(
    definitions: Sequence[Definition],
    points: pa.Table,
    results: Results,
    runs: Sequence[str],
    *,
    run: str,
    cycle: str,
) -> tuple[pa.Table, dict[str, Any]]:
    """Test every leaf series of a run.

    Parameters
    ----------
    definitions
        The indicators of the run.
    points : pyarrow.Table
        Its own leaf points (`points_table`).
    results, runs
        Where the earlier runs are, and which: one for each earlier cycle of the same kind, none from
        before a cycle that was left out of the comparison.
    run, cycle : str
        What is being evaluated.

    Returns
    -------
    table, record
        One row per series in the order indicator, place (`SIGNALS`), and what the record of the run says.
    """
    left_out = duplicates(definitions)
    tested = sorted((d for d in definitions if d.code not in left_out), key=lambda d: d.code)
    places = sorted(filter(None, points["place"].unique().to_pylist()))
    earlier = [(str(results.record(name)["cycle"]), name) for name in runs]
    calendar = Calendar.of(cycle, [c for c, _name in earlier])
    found: list[Columns] = []
    at_once = max(1, SERIES_AT_ONCE // max(len(places), 1))
    for first in range(0, len(tested), at_once):
        some = tested[first : first + at_once]
        codes = [d.code for d in some]
        gathering = Gathering(codes, places, calendar)
        for name, one in earlier:
            if name in calendar.names:
                gathering.add(name, results.points(one, codes))
        gathering.add(cycle, points)
        given = [(d, gathering.points(n), calendar, np.array(places, object)) for n, d in enumerate(some)]
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            found += [one for parts in pool.map(lambda each: _tested(*each), given) for one in parts]
    table = _table(found, run, cycle)
    return table, _record(table, left_out)


def duplicates(definitions: Sequence[Definition]) -> dict[str, str]:
    """Indicators that ask of the same facts what another one asks, and which one that is.

    Those who are dissatisfied and those who are satisfied are two ends of the same answers.
    """
    kept: dict[tuple[Any, ...], str] = {}
    out: dict[str, str] = {}
    for d in sorted(definitions, key=lambda d: (d.kind == "bottom_box", d.code)):
        kind = "box" if d.kind in ("top_box", "bottom_box") else d.kind
        rest = () if kind == "box" else tuple(sorted(d.settings.items()))
        facts = (kind, d.table, d.sampled, d.repeats, d.interval, d.exposure, d.parts, d.response_rate, rest)
        key = (*facts, repr(d.filter), repr(sorted(d.nodes.items())))
        if key in kept:
            out[d.code] = kept[key]
        else:
            kept[key] = d.code
    return out


def _tested(definition: Definition, points: Points, calendar: Calendar, places: np.ndarray) -> list[Columns]:
    """The tests of one indicator: the series followed by month, and those followed by cycle."""
    scale = Scale.of(definition)
    whole = {name: points.whole[name] for name in points.whole}
    whole_size = scale.size(whole["n"], whole["denominator"])
    whole_y = scale.points(whole["value"], whole_size)
    size = scale.size(points.months["n"], points.months["denominator"])
    y = scale.points(points.months["value"], size)
    each = calendar.per_cycle
    inside = np.repeat(points.phase, each, axis=1)
    there, there_whole = np.isfinite(y) & inside, np.isfinite(whole_y) & points.phase
    by_month = there[:, -each:].any(axis=1) & (there.sum(axis=1) >= there_whole.sum(axis=1))
    by_month &= definition.monthly
    by_cycle = ~by_month & there_whole[:, -1]
    shared = (scale, points, calendar, whole_y, whole_size)
    found = []
    for rows, values, sizes, inside_phase, monthly in (
        (by_month, y, size, there, True),
        (by_cycle, whole_y, whole_size, there_whole, False),
    ):
        if rows.any():
            one = _series(shared, values[rows], sizes[rows], inside_phase[rows], rows, monthly)
            one["indicator"] = np.full(int(rows.sum()), definition.code, object)
            one["version"] = np.array(points.version, object)[rows]
            one["place"] = places[rows]
            found.append(one)
    return found


def _series(
    shared: tuple[Scale, Points, Calendar, Floats, Floats],
    y: Floats,
    size: Floats,
    there: Bools,
    rows: Bools,
    monthly: bool,
) -> Columns:
    """All tests of some series of one indicator on one kind of period."""
    scale, points, calendar, whole_y, whole_size = shared
    each = calendar.per_cycle if monthly else 1
    names = np.array(calendar.months if monthly else calendar.names, object)
    season = calendar.season(monthly)
    newest = np.zeros(y.shape[1], np.bool_)
    newest[-each:] = True
    past, now = there & ~newest, there & newest
    tested = checks.level(scale, y, size, season, past, now)
    enough = tested.n >= PHASE_ONE
    changed = _changes(scale, points, whole_y, whole_size, rows, tested.past, enough & monthly, calendar)
    trended = checks.rising(np.where(there, y, np.nan), season)
    p = np.stack([tested.point, tested.average, changed, trended], axis=1)
    at = tested.at
    row = np.arange(len(y))
    own = y[row, at], size[row, at]
    center, low, high = limits(scale, tested.past.by_cases, own[1], season[at])
    started = np.where(past.any(axis=1), past.argmax(axis=1), at)
    return {
        "period": np.full(len(y), "month" if monthly else "cycle", object),
        "chart": chart_kind(scale, tested.past.by_cases, np.where(past, size, np.nan)),
        "points": tested.n,
        "phase_start": names[started],
        "provisional": ~enough,
        "at": names[at],
        "value": scale.values(*own),
        "center": center,
        "lower": low,
        "upper": high,
        **{f"p_{name}": p[:, k] for k, name in enumerate(TESTS)},
        "p": trend.simes(p),
        "kind": _leading(p),
    }


def _leading(p: Floats) -> np.ndarray:
    """The name of the test that speaks most clearly; the first of them where several do."""
    filled = np.where(np.isnan(p), np.inf, p)
    names = np.array(TESTS, object)[filled.argmin(axis=1)]
    return np.where(np.isinf(filled).all(axis=1), "", names)


def _changes(
    scale: Scale,
    points: Points,
    y: Floats,
    size: Floats,
    rows: Bools,
    past: checks.Past,
    enough: Bools,
    calendar: Calendar,
) -> Floats:
    """Against the last cycle that has a value, and against the same cycle of the last year if it has one."""

    def cycle(column: Ints) -> checks.Cycle:
        at = np.flatnonzero(rows), np.maximum(column, 0)
        there = (column >= 0) & points.phase[at]
        numbers = {
            name: np.where(there, points.whole[name][at], np.nan)
            for name in ("n_eff", "value", "se", "df", "low", "high")
        }
        return checks.Cycle(np.where(there, y[at], np.nan), size[at], **numbers)

    last = y.shape[1] - 1
    count = int(rows.sum())
    there = np.isfinite(y[rows]) & points.phase[rows]
    there[:, -1] = False
    before = np.where(there.any(axis=1), last - 1 - there[:, -2::-1].argmax(axis=1) if last else -1, -1)
    now = cycle(np.full(count, last, np.int64))
    p = checks.change(scale, now, cycle(np.asarray(before, np.int64)), past, enough, calendar.per_cycle)
    if calendar.yearly or last < 4:
        return p
    year_ago = checks.change(
        scale, now, cycle(np.full(count, last - 4, np.int64)), past, enough, calendar.per_cycle
    )
    return np.where(np.isnan(year_ago), p, np.maximum(p, year_ago))


def _table(found: Sequence[Columns], run: str, cycle: str) -> pa.Table:
    """One table in the order indicator, place, with the adjusted probabilities of the whole run."""
    if not found:
        return SIGNALS.empty_table()
    joined: Columns = {name: np.concatenate([one[name] for one in found]) for name in found[0]}
    tested = ~np.isnan(joined["p"])
    joined = {name: array[tested] for name, array in joined.items()}
    order = np.lexsort((joined["place"].astype(str), joined["indicator"].astype(str)))
    joined = {name: array[order] for name, array in joined.items()}
    joined["q"] = trend.benjamini_hochberg(joined["p"])
    joined["signalled"] = joined["q"] <= FALSE_DISCOVERIES
    rows = len(joined["p"])
    joined["run"], joined["cycle"] = np.full(rows, run, object), np.full(rows, cycle, object)
    joined["direction"] = np.where(joined["signalled"], "worse", "").astype(object)
    return pa.Table.from_arrays(
        [
            pa.array(joined[field.name], from_pandas=pa.types.is_floating(field.type)).cast(field.type)
            for field in SIGNALS
        ],
        schema=SIGNALS,
    )


def _record(table: pa.Table, left_out: Mapping[str, str]) -> dict[str, Any]:
    signalled = table.filter(table["signalled"])
    kinds = {row["values"]: row["counts"] for row in signalled["kind"].value_counts().to_pylist()}
    return {
        "tested": table.num_rows,
        "signalled": signalled.num_rows,
        "by_kind": dict(sorted(kinds.items())),
        "provisional": table.filter(table["provisional"]).num_rows,
        "false_discovery_rate": FALSE_DISCOVERIES,
        "duplicates": dict(left_out),
    }
