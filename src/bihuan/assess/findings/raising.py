"""Raising signals from the results of a run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.assess import rules, stores
from bihuan.assess.findings.models import Signal
from bihuan.assess.findings.states import UNDECIDED, SignalKind, SignalState
from bihuan.assess.models import EvaluationRun
from bihuan.assess.queries.measured import SHOWN
from bihuan.assess.queries.runs import latest_run
from bihuan.base.chain.actions import link_all
from bihuan.base.chain.states import Relation
from bihuan.base.places.kinds import Kind
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused, act, note
from bihuan.standards import queries as standards
from bihuan.standards.models import IndicatorVersion

MISSED = ("below", "below_floor")
KINDS = {
    "level": SignalKind.LEVEL,
    "shift": SignalKind.SHIFT,
    "change": SignalKind.FALL,
    "trend": SignalKind.TREND,
}
TESTED = ("period", "chart", "points", "phase_start", "at", "value", "center", "lower", "upper", "p", "q")
# A score is 100 at the target and 60 at the floor, so the way between them is worth this many points.
TARGET_TO_FLOOR = 40.0
LEAST_RECORDS = 5  # fewer than these give intervals that are too narrow to be certain
NUMBERS = ("value", "low", "high", "target", "floor", "previous", "change", "change_low", "change_high")
MEASURED = ("version", "run", "standing", "n", *NUMBERS, "test", "weight", "far", "rank")
Key = tuple[str, int, str]


@act
def raise_signals(run: EvaluationRun, *, actor: Any) -> list[Signal]:
    """Raise the signals of a run: targets surely missed, and the series that its tests found to get worse.

    A missed target is told by its interval; a series by the tests of the run, whose false alarms are held
    together (`bihuan.measure.signals`). A series raises one signal, of the kind that speaks most clearly.

    Raising them again changes nothing. What nobody has decided on yet follows the newest run that speaks for
    the cycle, and what that run no longer shows is superseded. A repetition, or a revision that is not issued
    yet, raises nothing. Gives the undecided signals of the cycle.
    """
    if actor is not None and not rules.may_evaluate(actor):
        raise Refused(
            _("Only a quality manager of the whole company opens, evaluates and closes cycles."),
            "not_quality",
        )
    cycle = run.cycle.code
    speaking = latest_run(cycle)
    if speaking is not None and speaking.pk == run.pk:
        wanted = {(one.indicator, one.place_id, one.kind): one for one in _signals_of(run)}
        _bring_up_to_date(run, wanted, actor)
    return list(Signal.objects.filter(cycle=cycle, state__in=UNDECIDED).select_related("place", "version"))


def _bring_up_to_date(run: EvaluationRun, wanted: dict[Key, Signal], actor: Any) -> None:
    known = {
        (one.indicator, one.place_id, one.kind): one
        for one in Signal.objects.select_for_update().filter(cycle=run.cycle.code).order_by("pk")
    }
    new = [signal for key, signal in wanted.items() if key not in known]
    Signal.objects.bulk_create(new, batch_size=200)
    changed, gone, back = [], [], []
    for key, signal in known.items():
        found = wanted.get(key)
        if found is None and signal.state in UNDECIDED:
            gone.append(signal)
        elif found is not None and signal.state in (*UNDECIDED, SignalState.SUPERSEDED):
            if signal.state == SignalState.SUPERSEDED:
                back.append(signal)
            if _take_over(signal, found):
                changed.append(signal)
    for signals, state in ((gone, SignalState.SUPERSEDED), (back, SignalState.NEW)):
        for signal in signals:
            signal.state, signal.state_since = state, timezone.now()
    touched = {signal.pk: signal for signal in (*changed, *gone, *back)}
    Signal.objects.bulk_update(touched.values(), [*MEASURED, "state", "state_since"], batch_size=200)
    raised = [*new, *back]
    link_all(
        [(("indicator", one.indicator), Relation.RAISED, ("signal", one.pk)) for one in raised], actor=actor
    )
    if touched or new:
        counts = {"raised": len(raised), "superseded": len(gone), "updated": len(changed)}
        note(actor, "signals.raised", run, **counts)


def _take_over(signal: Signal, found: Signal) -> bool:
    """Give a signal the numbers of a newer run; whether any differs."""
    differs = [name for name in MEASURED if getattr(signal, name) != getattr(found, name)]
    for name in differs:
        setattr(signal, name, getattr(found, name))
    return bool(differs)


def _signals_of(run: EvaluationRun) -> list[Signal]:
    """The signals that the results of a run call for, with their weight and rank."""
    versions = {
        (version.indicator.code, str(version.number)): version
        for version in IndicatorVersion.objects.filter(
            indicator__code__in=[given["code"] for given in run.definitions]
        ).select_related("indicator")
    }
    places = dict(Place.objects.filter(kind=Kind.PROJECT).values_list("code", "pk"))
    weights = _weights(run)
    tests = _tests(run)
    now = timezone.now()
    found: list[Signal] = []
    table = stores.results().measurements(run.run_id, breakdown="", periods=[""], level=Kind.PROJECT)
    for row in table.to_pylist():
        version, place = versions.get((row["indicator"], row["version"])), places.get(row["place"])
        if version is None or place is None or row["status"] not in SHOWN or _number(row, "value") is None:
            continue
        of_row = [
            Signal(
                kind=kind,
                indicator=row["indicator"],
                version=version,
                place_id=place,
                cycle=run.cycle.code,
                run=run,
                standing=row["standing"] or "",
                n=_number(row, "n") or 0,
                **{name: _number(row, name) for name in NUMBERS},
                test=test,
                weight=weights.get(row["indicator"], 0.0),
                far=far,
                state_since=now,
                raised_at=now,
            )
            for kind, far, test in _kinds(
                row, version.definition["direction"], tests.get((row["indicator"], row["place"]))
            )
        ]
        rank = max((one.weight * one.far for one in of_row), default=0.0)
        for one in of_row:
            one.rank = rank
        found += of_row
    return found


def _tests(run: EvaluationRun) -> dict[tuple[str, str], dict[str, Any]]:
    """What the tests of the run found, by indicator and project, and among how many series."""
    tested = (run.record.get("signals") or {}).get("tested", 0)
    rows = stores.results().signals(run.run_id, signalled=True).to_pylist()
    return {
        (row["indicator"], row["place"]): {
            "kind": row["kind"],
            "tested": tested,
            **{name: row[name] for name in TESTED},
        }
        for row in rows
    }


def _kinds(
    row: dict[str, Any], direction: str, test: dict[str, Any] | None
) -> Iterator[tuple[str, float, dict[str, Any]]]:
    """The kinds of signal a row calls for, each with how far off it is in points of score, and its test."""
    if row["standing"] in MISSED and _surely_missed(row, direction):
        score = _number(row, "score")
        yield SignalKind.TARGET_MISSED, 100.0 - score if score is not None else TARGET_TO_FLOOR, {}
    if test is not None:
        yield KINDS[test["kind"]], _points(row, test), test


def _points(row: dict[str, Any], test: dict[str, Any]) -> float:
    """How far a series is off, in points of score, at most 100: from its centre, else from the last cycle."""
    before = test["center"] if test["center"] is not None else _number(row, "previous")
    value = _number(row, "value") or 0.0
    off = abs(value - before) if before is not None else abs(_number(row, "change") or 0.0)
    target, floor = (_number(row, name) or 0.0 for name in ("target", "floor"))
    way = abs(target - floor) or max(abs(before or 0.0), abs(value))
    return min(100.0, TARGET_TO_FLOOR * off / way) if way else TARGET_TO_FLOOR


def _number(row: dict[str, Any], name: str) -> float | None:
    value = row.get(name)
    return None if value is None or math.isnan(value) else float(value)


def _weights(run: EvaluationRun) -> dict[str, float]:
    """The share of each indicator in the score of this run; all alike where its weights name none of them."""
    codes = [given["code"] for given in run.definitions]
    shares = standards.shares(run.weights) if run.weights is not None else {}
    found = {code: shares[code] for code in codes if code in shares}
    return found or _alike(codes)


def _alike(codes: Iterable[str]) -> dict[str, float]:
    listed = list(codes)
    return {code: 1 / len(listed) for code in listed}


def _surely_missed(row: dict[str, Any], direction: str) -> bool:
    """Whether even the better end of the interval misses the target."""
    low, high, target = (_number(row, name) for name in ("low", "high", "target"))
    if low is None or high is None or target is None:
        return False
    if low == high and not _enough(row):
        return False
    return high < target if direction == "up" else low > target


def _enough(row: dict[str, Any]) -> bool:
    return (_number(row, "n") or 0) >= LEAST_RECORDS
