"""From readings to a verdict, by the rule of :func:`bihuan.stats.effect.verdict`; nobody chooses it.

Without places to compare with, the change is that from before to after. With them, it is the change less
theirs, and its interval says how far chance alone carried them, over this window and earlier ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bihuan.improve.choices import Effect as Verdict
from bihuan.improve.effects.readings import Pooled, Reading, Series, pool, series
from bihuan.improve.models import ExpectedImpact
from bihuan.standards.cycles import start_key
from bihuan.stats import effect as stats

ORDER = list(Verdict.values)  # from the worst to the best


@dataclass(frozen=True)
class Judged:
    """What became of an impact: the numbers for the row, and the record to prove them."""

    impact: ExpectedImpact
    before: float | None
    after: float | None
    change: float | None
    low: float | None
    high: float | None
    verdict: str
    record: dict[str, Any]


def worst(verdicts: Iterable[str]) -> str:
    """The verdict on a plan: the worst of its impacts'."""
    return min(verdicts, key=ORDER.index, default=Verdict.INCONCLUSIVE)


def judge(impact: ExpectedImpact, trigger: str) -> Judged:
    """Judge one impact by the results as they stand now; the same results give the same record."""
    found = series(impact, trigger)
    before, after = pool(found.before), pool(found.after)
    missing = _missing(found)
    measured = None if missing else _measure(impact, trigger, found, before, after)
    if measured is not None and not math.isfinite(measured.low):
        missing = "placebos" if found.beside else "interval"
    verdict = (
        Verdict.INCONCLUSIVE
        if measured is None
        else Verdict(stats.verdict(measured.low, measured.high, float(impact.promised)))
    )
    record = _record(impact, trigger, found, before, after, measured, verdict, missing)
    return Judged(
        impact,
        _plain(before.value),
        _plain(after.value),
        _plain(measured.value) if measured else None,
        _plain(measured.low) if measured else None,
        _plain(measured.high) if measured else None,
        verdict,
        record,
    )


def _missing(found: Series) -> str:
    """What stands in the way of a judgement, or nothing."""
    if not found.after:
        return "after"
    if not found.before:
        return "version" if any(one.why == "version" for one in found.left_out) else "before"
    return ""


def _measure(
    impact: ExpectedImpact, trigger: str, found: Series, before: Pooled, after: Pooled
) -> stats.Effect:
    """The change, turned so that more is better."""
    sign = 1.0 if impact.direction == "up" else -1.0
    if found.beside:
        return _against_others(sign, trigger, found)
    return stats.before_after(
        sign * before.value, before.se, before.df, sign * after.value, after.se, after.df
    )


def _against_others(sign: float, trigger: str, found: Series) -> stats.Effect:
    own = {one.cycle: one for one in (*found.before, *found.after)}
    # Cycles further back than the baseline are for the placebos; they are the comparison places' own.
    cycles = list(found.cycles)
    first = found.after[0].cycle
    panel = np.array(
        [
            [_value(own.get(cycle), sign) for cycle in cycles],
            *([_value(rows.get(cycle), sign) for cycle in cycles] for rows in found.beside.values()),
        ]
    )
    treated = np.arange(len(panel)) == 0
    at = cycles.index(trigger)
    earlier = sum(start_key(cycle) < start_key(trigger) for cycle in cycles)
    return stats.panel_effect(
        panel,
        treated,
        at,
        baseline=min(earlier, len(found.before)),
        after=cycles.index(first),
        length=len(cycles) - cycles.index(first),
    )


def _value(one: Reading | None, sign: float) -> float:
    return sign * one.value if one is not None else math.nan


def _record(
    impact: ExpectedImpact,
    trigger: str,
    found: Series,
    before: Pooled,
    after: Pooled,
    measured: stats.Effect | None,
    verdict: str,
    missing: str,
) -> dict[str, Any]:
    """Everything the verdict rests on, in the numbers it was reckoned with."""
    return {
        "indicator": impact.indicator,
        "version": found.version,
        "place": impact.place.code,
        "direction": impact.direction,
        "promised": float(impact.promised),
        "trigger": trigger,
        "measured_from": impact.measured_from,
        "before": {**_pooled(before), "cycles": [_reading(one) for one in found.before]},
        "after": {**_pooled(after), "cycles": [_reading(one) for one in found.after]},
        "left_out": [{"cycle": one.cycle, "why": one.why} for one in found.left_out],
        "comparison": {
            code: [_reading(rows[cycle]) for cycle in sorted(rows, key=start_key)]
            for code, rows in sorted(found.beside.items())
        },
        "method": measured.method if measured else "",
        "placebos": measured.placebos if measured else 0,
        "change": _plain(measured.value) if measured else None,
        "se": _plain(measured.se) if measured else None,
        "df": _plain(measured.df) if measured else None,
        "low": _plain(measured.low) if measured else None,
        "high": _plain(measured.high) if measured else None,
        "confidence": 0.95,
        "verdict": str(verdict),
        "missing": missing,
    }


def _pooled(one: Pooled) -> dict[str, Any]:
    return {"n": one.n, "value": _plain(one.value), "se": _plain(one.se), "df": _plain(one.df)}


def _reading(one: Reading) -> dict[str, Any]:
    return {
        "cycle": one.cycle,
        "run": one.run,
        "snapshot": one.snapshot,
        "n": one.n,
        "value": _plain(one.value),
        "se": _plain(one.se),
        "df": _plain(one.df),
        "low": _plain(one.low),
        "high": _plain(one.high),
        "se_from_interval": one.from_interval,
    }


def _plain(value: float) -> float | None:
    """A number for a record; endless and unknown ones are left empty."""
    return float(value) if math.isfinite(value) else None
