"""All leaf series of a run: gathered and tested share by share, and believed or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from bihuan.measure.definition import Definition
from bihuan.measure.results import Results, Share
from bihuan.measure.signals import checks
from bihuan.measure.signals.charts import chart_kind, limits
from bihuan.measure.signals.gather import Calendar, Gathering, Points
from bihuan.measure.signals.scales import Scale
from bihuan.measure.signals.tables import SIGNALS, TESTED
from bihuan.stats import trend
from bihuan.stats.control import PHASE_ONE
from bihuan.stats.types import Bools, Floats, Ints

FALSE_DISCOVERIES = 0.05
SERIES_AT_ONCE = 60_000
TESTS = ("level", "shift", "change", "trend")
Columns = dict[str, Any]


def series_of(
    definitions: Sequence[Definition],
    points: pa.Table,
    results: Results,
    runs: Sequence[str],
    *,
    cycle: str,
    share: Share | None = None,
) -> pa.Table:
    """Test leaf series, each by itself.

    Parameters
    ----------
    definitions
        Their indicators; of two that ask the same of the same facts one is tested.
    points : pyarrow.Table
        Their points of this cycle (`points_table`).
    results, runs
        Where the earlier runs are, and which: one for each earlier cycle of the same kind, none from
        before a cycle that was left out of the comparison.
    cycle : str
        What is being evaluated.
    share : pair of int, optional
        The projects that the points are of, as in `Results.points`.

    Returns
    -------
    pyarrow.Table
        One row per series (`SIGNALS` without what `believed` adds).
    """
    left_out = duplicates(definitions)
    chosen = sorted((d for d in definitions if d.code not in left_out), key=lambda d: d.code)
    places = sorted(filter(None, points["place"].unique().to_pylist()))
    earlier = [(str(results.record(name)["cycle"]), name) for name in runs]
    calendar = Calendar.of(cycle, [c for c, _name in earlier])
    found: list[Columns] = []
    at_once = max(1, SERIES_AT_ONCE // max(len(places), 1))
    for first in range(0, len(chosen), at_once):
        some = chosen[first : first + at_once]
        codes = [d.code for d in some]
        gathering = Gathering(codes, places, calendar)
        for name, one in earlier:
            if name in calendar.names:
                gathering.add(name, results.points(one, codes, share))
        gathering.add(cycle, points)
        for n, d in enumerate(some):
            found += _tested(d, gathering.points(n), calendar, np.array(places, object))
    return _table(found)


def believed(tables: Sequence[pa.Table], *, cycle: str) -> pa.Table:
    """All series of a run with their adjusted probabilities, and which are signals; by indicator, place."""
    table = pa.concat_tables([TESTED.empty_table(), *tables])
    table = table.sort_by([("indicator", "ascending"), ("place", "ascending")])
    q = trend.benjamini_hochberg(table["p"].to_numpy())
    signalled = q <= FALSE_DISCOVERIES
    added = {
        "cycle": pa.array([cycle] * len(q), pa.string()),
        "q": pa.array(q),
        "signalled": pa.array(signalled),
        "direction": pa.array(np.where(signalled, "worse", "").astype(object), pa.string()),
    }
    for name, column in added.items():
        table = table.append_column(name, column)
    return table.select([name for name in SIGNALS.names if name != "run"])


def told(table: pa.Table, definitions: Sequence[Definition]) -> dict[str, Any]:
    """What the record of a run says about its signals."""
    signalled = table.filter(table["signalled"])
    kinds = {row["values"]: row["counts"] for row in signalled["kind"].value_counts().to_pylist()}
    return {
        "tested": table.num_rows,
        "signalled": signalled.num_rows,
        "by_kind": dict(sorted(kinds.items())),
        "provisional": table.filter(table["provisional"]).num_rows,
        "false_discovery_rate": FALSE_DISCOVERIES,
        "duplicates": duplicates(definitions),
    }


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


def _table(found: Sequence[Columns]) -> pa.Table:
    """The series that could be tested."""
    if not found:
        return TESTED.empty_table()
    joined: Columns = {name: np.concatenate([one[name] for one in found]) for name in TESTED.names}
    kept = np.flatnonzero(~np.isnan(joined["p"]))
    return pa.Table.from_arrays(
        [
            pa.array(joined[f.name][kept], from_pandas=pa.types.is_floating(f.type)).cast(f.type)
            for f in TESTED
        ],
        schema=TESTED,
    )
