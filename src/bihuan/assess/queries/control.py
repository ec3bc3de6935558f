"""What is normal for an indicator at a place: the control chart behind its trend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bihuan.assess.queries.measured import SHOWN, number
from bihuan.measure.definition import Definition
from bihuan.measure.history import same_instruments
from bihuan.measure.signals.charts import ControlChart, control_charts


@dataclass(frozen=True)
class Range:
    """What is normal for one period, and the run rules that its point meets.

    It is ``provisional`` while fewer than 20 points stand behind it. The point may lie on the ``worse`` side
    of the centre, and there ``outside`` the range.
    """

    center: float
    low: float
    high: float
    provisional: bool
    rules: tuple[int, ...] = ()
    worse: bool = False
    outside: bool = False


def comparable(before: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether no new version of the indicator, a checklist or a questionnaire lies between two rows."""
    return before["version"] == row["version"] and same_instruments(
        before["instrument"] or "", row["instrument"] or ""
    )


def ranges(
    definition: dict[str, Any], rows: Sequence[dict[str, Any]], broken: Sequence[bool]
) -> list[Range | None]:
    """What is normal for each row of a series; nothing where too little stands behind it.

    By cycle an indicator has its intervals until 20 cycles stand behind it: they say more than a
    provisional range from a few.
    """
    if not rows:
        return []
    values = {
        name: np.array([number(row, name) if row["status"] in SHOWN else math.nan for row in rows])
        for name in ("value", "n", "denominator")
    }
    cycles = sorted({row["cycle"] for row in rows})
    chart = control_charts(
        Definition.parse(definition),
        season=[_season(row) for row in rows],
        starts=[k for k, cut in enumerate(broken) if cut],
        cycle=[cycles.index(row["cycle"]) for row in rows],
        **values,
    )
    if not rows[-1]["period"] and chart.stretches[-1].provisional:
        return [None] * len(rows)
    return _by_row(chart, values["value"], higher=definition["direction"] == "up")


def _by_row(chart: ControlChart, value: np.ndarray, *, higher: bool) -> list[Range | None]:
    found: list[Range | None] = []
    for stretch in chart.stretches:
        for k in range(stretch.first, stretch.end):
            center, low, high = (float(a[k]) for a in (chart.center, chart.lower, chart.upper))
            if math.isnan(center) or math.isnan(low):
                found.append(None)
                continue
            worse = bool(value[k] < center if higher else value[k] > center)
            outside = bool(value[k] < low if higher else value[k] > high)
            found.append(Range(center, low, high, stretch.provisional, tuple(chart.rules[k]), worse, outside))
    return found


def _season(row: dict[str, Any]) -> int:
    """The quarter of the year, 0 to 3; years have one season."""
    if row["period"]:
        return (int(row["period"][5:]) - 1) // 3
    return int(row["cycle"][5]) - 1 if "Q" in row["cycle"] else 0
