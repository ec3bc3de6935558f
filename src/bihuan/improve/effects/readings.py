"""The measured values an effect is judged by, cycle by cycle, from the run that speaks for each cycle."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Value, When

from bihuan.assess import stores
from bihuan.assess.models import EvaluationRun
from bihuan.assess.states import RunState
from bihuan.improve.models import ExpectedImpact
from bihuan.standards.cycles import start_key
from bihuan.standards.models import MonitoringCycle

BASELINE = 4  # cycles at most before the one that led to the plan
NORMAL = 1.959963984540054


@dataclass(frozen=True)
class Reading:
    """One measured value of one cycle at one place; NaN where a number is not known."""

    cycle: str
    run: str
    snapshot: int
    version: str
    n: float
    value: float
    se: float
    df: float
    low: float
    high: float
    from_interval: bool = False

    @property
    def usable(self) -> bool:
        """Whether it can be reckoned with: a value, records under it, and how sure it is."""
        return self.n > 0 and math.isfinite(self.value) and math.isfinite(self.se)


@dataclass(frozen=True)
class Pooled:
    """Values of several cycles as one, weighted by the records under each."""

    n: float
    value: float
    se: float
    df: float


@dataclass(frozen=True)
class LeftOut:
    """A cycle that is not reckoned with, and why: ``trigger``, ``version``, ``between``, ``value``."""

    cycle: str
    why: str


@dataclass(frozen=True)
class Series:
    """What an impact is judged by: the cycles before and after, those left out, and the places beside it."""

    before: Sequence[Reading]
    after: Sequence[Reading]
    left_out: Sequence[LeftOut]
    version: str
    cycles: Sequence[str]
    beside: dict[str, dict[str, Reading]]


def series(impact: ExpectedImpact, trigger: str) -> Series:
    """Everything measured that bears on an impact, as the results stand now."""
    runs = speaking_runs("quarter" if "Q" in trigger else "year")
    comparison = [place.code for place in impact.comparison.all()]
    rows = _rows(runs, impact.indicator, [impact.place.code, *comparison])
    own = rows.get(impact.place.code, {})
    version = _version(own, trigger, impact.measured_from)
    before, after, left_out = _split(own, version, trigger, impact.measured_from)
    beside = {
        code: {
            cycle: one for cycle, one in rows.get(code, {}).items() if one.version == version and one.usable
        }
        for code in comparison
    }
    kept = sorted({cycle for cycle, one in own.items() if one.version == version} | {trigger}, key=start_key)
    return Series(before, after, left_out, version, kept, beside)


def speaking_runs(kind: str) -> list[EvaluationRun]:
    """The run that speaks for each cycle of a kind, the oldest cycle first, in one query."""
    issued_last = Case(
        When(state=RunState.ISSUED, then=Value(1)), default=Value(0), output_field=IntegerField()
    )
    found = (
        EvaluationRun.objects.usable()
        .filter(repeats=None, cycle__kind=MonitoringCycle.Kind(kind))
        .select_related("cycle")
        .defer("definitions", "record", "history")
        .order_by(issued_last, "made_at", "pk")
    )
    by_cycle = {run.cycle.code: run for run in found}
    return [by_cycle[code] for code in sorted(by_cycle, key=start_key)]


def _rows(
    runs: Sequence[EvaluationRun], indicator: str, places: Iterable[str]
) -> dict[str, dict[str, Reading]]:
    """Readings by place and cycle."""
    by_id = {run.run_id: run for run in runs}
    if not by_id:
        return {}
    table = stores.results().measurements(
        list(by_id), places=list(places), indicators=[indicator], breakdown="", periods=[""]
    )
    found: dict[str, dict[str, Reading]] = {}
    for row in table.to_pylist():
        found.setdefault(row["place"], {})[row["cycle"]] = _reading(row, by_id[row["run"]])
    return found


def _reading(row: dict[str, Any], run: EvaluationRun) -> Reading:
    shown = row["status"] in ("final", "provisional")
    value = _number(row["value"]) if shown else math.nan
    low, high = _number(row["low"]), _number(row["high"])
    se, df = _number(row["se"]), _number(row["df"])
    # Medians and the like come with an interval alone: its width says how sure they are.
    from_interval = not se > 0 and math.isfinite(high - low) and high > low
    if from_interval:
        se, df = (high - low) / (2 * NORMAL), math.inf
    return Reading(
        cycle=row["cycle"],
        run=run.run_id,
        snapshot=run.snapshot or 0,
        version=row["version"],
        n=_number(row["n"]) if shown else 0.0,
        value=value,
        se=se,
        df=df if df > 0 else math.inf,
        low=low,
        high=high,
        from_interval=from_interval,
    )


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _version(own: dict[str, Reading], trigger: str, first: str) -> str:
    """The version of the indicator to judge by: the newest one measured, else the trigger's."""
    after = [cycle for cycle in own if start_key(cycle) >= start_key(first)]
    if after:
        return own[max(after, key=start_key)].version
    return own[trigger].version if trigger in own else max((one.version for one in own.values()), default="")


def _split(
    own: dict[str, Reading], version: str, trigger: str, first: str
) -> tuple[list[Reading], list[Reading], list[LeftOut]]:
    """What counts as before and as after; the cycle that led to the plan counts as neither.

    It was bad partly by chance, and what was bad by chance gets better by itself.
    """
    before: list[Reading] = []
    after: list[Reading] = []
    left_out: list[LeftOut] = []
    for cycle in sorted(own, key=start_key):
        one, key = own[cycle], start_key(cycle)
        if cycle == trigger:
            left_out.append(LeftOut(cycle, "trigger"))
        elif one.version != version:
            left_out.append(LeftOut(cycle, "version"))
        elif start_key(trigger) < key < start_key(first):
            left_out.append(LeftOut(cycle, "between"))
        elif not one.usable:
            left_out.append(LeftOut(cycle, "value"))
        elif key < start_key(trigger):
            before.append(one)
        else:
            after.append(one)
    return before[-BASELINE:], after, left_out


def pool(readings: Sequence[Reading]) -> Pooled:
    """Several cycles as one value: weighted by n, with the standard error and degrees of freedom of that."""
    total = sum(one.n for one in readings)
    if not readings or not total > 0:
        return Pooled(0.0, math.nan, math.nan, math.nan)
    shares = [one.n / total for one in readings]
    value = sum(share * one.value for share, one in zip(shares, readings, strict=True))
    parts = [(share * one.se) ** 2 for share, one in zip(shares, readings, strict=True)]
    variance = sum(parts)
    inverse = sum(part**2 / one.df for part, one in zip(parts, readings, strict=True))
    return Pooled(total, value, math.sqrt(variance), variance**2 / inverse if inverse > 0 else math.inf)
