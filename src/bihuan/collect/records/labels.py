"""What people call the tables and their columns."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

TABLES: dict[str, Any] = {
    "work_orders": _("Work orders"),
    "feedback": _("Customer feedback"),
    "inspection_items": _("Inspection items"),
    "tasks": _("Planned tasks"),
    "answers": _("Survey answers"),
    "samples": _("Sample members"),
    "assets": _("Assets"),
    "exposure": _("Households, areas and assets in service"),
    "measurements": _("Values computed elsewhere"),
}

TARGETS: dict[str, Any] = {
    "key": _("Number of the record"),
    "cycle": _("Cycle"),
    "project": _("Project"),
    "building": _("Building"),
    "service_area": _("Service area"),
    "contractor": _("Team or contractor"),
    "occurred_at": _("When it happened"),
    "category": _("Category"),
    "priority": _("Priority"),
    "channel": _("Channel"),
    "asset": _("Asset"),
    "asset_type": _("Type of asset"),
    "unit_key": _("Unit (pseudonym)"),
    "calendar": _("Working calendar"),
    "reported_at": _("Reported"),
    "responded_at": _("Responded"),
    "arrived_at": _("Arrived"),
    "resolved_at": _("Work done"),
    "closed_at": _("Closed"),
    "revisited_at": _("Called back"),
    "due_respond_at": _("Response due"),
    "due_arrive_at": _("Arrival due"),
    "due_at": _("Agreed time of completion"),
    "minutes_to_respond": _("Minutes to respond"),
    "minutes_to_arrive": _("Minutes to arrive"),
    "minutes_to_resolve": _("Minutes to complete"),
    "paused_minutes": _("Minutes paused"),
    "limit_respond": _("Minutes allowed to respond"),
    "limit_arrive": _("Minutes allowed to arrive"),
    "limit_resolve": _("Minutes allowed to complete"),
    "repeat_of": _("Repeats the record"),
    "reopened": _("Reopened"),
    "rating": _("Mark given"),
    "rating_min": _("Lowest mark"),
    "rating_max": _("Highest mark"),
    "kind": _("Kind"),
    "received_at": _("Received"),
    "first_response_at": _("First response"),
    "answered_at": _("Answered"),
    "due_first_response_at": _("First response due"),
    "due_close_at": _("Closing due"),
    "limit_first_response": _("Minutes allowed to the first response"),
    "limit_close": _("Minutes allowed to closing"),
    "valid": _("Found justified"),
    "inspection": _("Inspection"),
    "item": _("Check item"),
    "point": _("Point"),
    "level": _("Level of inspection"),
    "result": _("Result"),
    "weight": _("Weight"),
    "points": _("Points"),
    "max_points": _("Highest points"),
    "severity": _("Severity"),
    "veto": _("Red-line item"),
    "inspector": _("Inspector (pseudonym)"),
    "checklist_version": _("Version of the checklist"),
    "due_from": _("Planned from"),
    "due_to": _("Planned until"),
    "done_at": _("Done"),
    "interval_days": _("Days since the one before"),
    "response": _("Response"),
    "questionnaire_version": _("Version of the questionnaire"),
    "question": _("Question"),
    "role": _("Part of the question"),
    "dimension": _("Dimension"),
    "value": _("Value"),
    "scale_min": _("Lowest mark of the scale"),
    "scale_max": _("Highest mark of the scale"),
    "stratum": _("Stratum"),
    "weight_cell": _("Cell of the weighting"),
    "sampled": _("From a probability sample"),
    "mode": _("Mode"),
    "flags": _("Flags"),
    "frame_size": _("Households in the stratum"),
    "sample_size": _("Households drawn"),
    "base_weight": _("Base weight"),
    "disposition": _("Outcome of the contact"),
    "in_service": _("In service"),
    "last_test_at": _("Last test"),
    "valid_until": _("Valid until"),
    "state": _("State"),
    "households": _("Households"),
    "area": _("Floor area"),
    "assets_in_service": _("Assets in service"),
    "indicator": _("Indicator"),
    "numerator": _("Numerator"),
    "denominator": _("Denominator"),
}


def table(name: str) -> str:
    """The name of a table."""
    return str(TABLES.get(name, name))


def target(name: str) -> str:
    """The name of a column of the archive."""
    return str(TARGETS.get(name, name))
