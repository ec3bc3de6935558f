"""Rows of results, for the command, the API and exports."""

from __future__ import annotations

import math
from typing import Any

from bihuan.assess import stores
from bihuan.assess.queries.runs import run_for
from bihuan.assess.queries.visible import visible_places

COLUMNS = (
    *("run", "cycle", "period", "level", "place", "indicator", "version", "breakdown", "item", "n", "n_eff"),
    *("numerator", "denominator", "value", "se", "df", "low", "high", "deff", "target", "floor"),
    *(
        "score",
        "score_low",
        "score_high",
        "status",
        "standing",
        "previous",
        "change",
        "change_low",
        "change_high",
    ),
    *("comparable", "red_line"),
)


def results_rows(
    user: Any,
    *,
    cycle: str,
    place: str | None = None,
    indicator: str | None = None,
    breakdown: str | None = None,
    period: str = "",
    run_id: str = "",
) -> list[dict[str, Any]]:
    """The measured values of the run that speaks for a cycle, cut to the places the person may see.

    ``user`` None is the system. ``breakdown`` None means none; ``period`` is empty for the whole cycle,
    a month, or ``"*"`` for every month. The order is fixed: place, indicator, period, item.
    """
    run = run_for(user, cycle, run_id)
    if run is None:
        return []
    places = visible_places(user)
    if place is not None:
        places = places.filter(code=place)
    codes = list(places.values_list("code", flat=True))
    table = stores.results().measurements(
        [run.run_id],
        places=codes,
        indicators=[indicator] if indicator else None,
        breakdown=breakdown or "",
        periods=None if period == "*" else [period],
    )
    rows = [{name: _plain(row.get(name)) for name in COLUMNS} for row in table.to_pylist()]
    if period == "*":
        rows = [row for row in rows if row["period"]]
    rows.sort(
        key=lambda row: tuple(str(row[name] or "") for name in ("place", "indicator", "period", "item"))
    )
    return rows


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
