"""Indicators of every kind, for what must be the same in two ways of working them out."""

from __future__ import annotations

from typing import Any

from tests.measure.test_kinds import CASES, TIMES
from tests.measure.world import indicator

WAYS = {
    "answers": ["mode", "service_area", "building"],
    "work_orders": ["building", "contractor", "asset_type"],
    "inspection_items": ["service_area", "building"],
    "feedback": ["service_area", "channel"],
    "tasks": ["asset_type"],
}
MORE = [
    indicator("on_time", "tasks", code="interval", filter="kind = 'maintenance'", breakdowns=["asset_type"],
              interval={"days": "interval_days", "limit": 15, "per": "asset", "done": "done_at"}),
    indicator("share", code="again", filter="resolved_at is not null", success="repeated", direction="down",
              repeats={"from": "resolved_at", "within": "30 days", "at": "reported_at"}),
    indicator("share", "assets", code="valid", filter="in_service", success="valid_until >= period_end"),
    indicator("share", "samples", code="rr3", response_rate="RR3"),
    indicator("share", code="parts",
              parts=[{"table": t, "success": "complete"} for t in ("work_orders", "tasks")]),
    indicator("share", code="year", success="reported_at + 1 month - 2 weeks < as_of - 1 day"),
    indicator("share", code="words", filter="contains(channel, 'o') or channel in ('it''s', '\\')",
              success="minutes(arrived_at - reported_at) / 7 <= 3.25"),
]  # fmt: skip


def everything() -> list[dict[str, Any]]:
    """Every kind, broken down by whatever its table can be, by month where it adds up."""
    found = []
    for name, definition in {**{n: d for n, (d, _) in CASES.items()}, **TIMES}.items():
        ways = WAYS.get(definition["table"], [])
        more = {"period": "month"} if name in ("share", "on_time", "median_time") else {}
        found.append({**definition, "code": name, "breakdowns": ways, **more})
    return found + MORE
