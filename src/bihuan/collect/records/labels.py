"""What people call the tables and their columns."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
    "key": pgettext_lazy("column", "Number of the record"),
    "cycle": pgettext_lazy("column", "Cycle"),
    "project": pgettext_lazy("column", "Project"),
    "building": pgettext_lazy("column", "Building"),
    "service_area": pgettext_lazy("column", "Service area"),
    "contractor": pgettext_lazy("column", "Team or contractor"),
    "occurred_at": pgettext_lazy("column", "When it happened"),
    "category": pgettext_lazy("column", "Category"),
    "priority": pgettext_lazy("column", "Priority"),
    "channel": pgettext_lazy("column", "Channel"),
    "asset": pgettext_lazy("column", "Asset"),
    "asset_type": pgettext_lazy("column", "Type of asset"),
    "unit_key": pgettext_lazy("column", "Unit (pseudonym)"),
    "calendar": pgettext_lazy("column", "Working calendar"),
    "reported_at": pgettext_lazy("column", "Reported"),
    "responded_at": pgettext_lazy("column", "Responded"),
    "arrived_at": pgettext_lazy("column", "Arrived"),
    "resolved_at": pgettext_lazy("column", "Work done"),
    "closed_at": pgettext_lazy("column", "Closed"),
    "revisited_at": pgettext_lazy("column", "Called back"),
    "due_respond_at": pgettext_lazy("column", "Response due"),
    "due_arrive_at": pgettext_lazy("column", "Arrival due"),
    "due_at": pgettext_lazy("column", "Agreed time of completion"),
    "minutes_to_respond": pgettext_lazy("column", "Minutes to respond"),
    "minutes_to_arrive": pgettext_lazy("column", "Minutes to arrive"),
    "minutes_to_resolve": pgettext_lazy("column", "Minutes to complete"),
    "paused_minutes": pgettext_lazy("column", "Minutes paused"),
    "limit_respond": pgettext_lazy("column", "Minutes allowed to respond"),
    "limit_arrive": pgettext_lazy("column", "Minutes allowed to arrive"),
    "limit_resolve": pgettext_lazy("column", "Minutes allowed to complete"),
    "repeat_of": pgettext_lazy("column", "Repeats the record"),
    "reopened": pgettext_lazy("column", "Reopened"),
    "rating": pgettext_lazy("column", "Mark given"),
    "rating_min": pgettext_lazy("column", "Lowest mark"),
    "rating_max": pgettext_lazy("column", "Highest mark"),
    "kind": pgettext_lazy("column", "Kind"),
    "received_at": pgettext_lazy("column", "Received"),
    "first_response_at": pgettext_lazy("column", "First response"),
    "answered_at": pgettext_lazy("column", "Answered"),
    "due_first_response_at": pgettext_lazy("column", "First response due"),
    "due_close_at": pgettext_lazy("column", "Closing due"),
    "limit_first_response": pgettext_lazy("column", "Minutes allowed to the first response"),
    "limit_close": pgettext_lazy("column", "Minutes allowed to closing"),
    "valid": pgettext_lazy("column", "Found justified"),
    "inspection": pgettext_lazy("column", "Inspection"),
    "item": pgettext_lazy("column", "Check item"),
    "point": pgettext_lazy("column", "Point"),
    "level": pgettext_lazy("column", "Level of inspection"),
    "result": pgettext_lazy("column", "Result"),
    "weight": pgettext_lazy("column", "Weight"),
    "points": pgettext_lazy("column", "Points"),
    "max_points": pgettext_lazy("column", "Highest points"),
    "severity": pgettext_lazy("column", "Severity"),
    "veto": pgettext_lazy("column", "Red-line item"),
    "inspector": pgettext_lazy("column", "Inspector (pseudonym)"),
    "checklist_version": pgettext_lazy("column", "Version of the checklist"),
    "due_from": pgettext_lazy("column", "Planned from"),
    "due_to": pgettext_lazy("column", "Planned until"),
    "done_at": pgettext_lazy("column", "Done"),
    "interval_days": pgettext_lazy("column", "Days since the one before"),
    "response": pgettext_lazy("column", "Response"),
    "questionnaire_version": pgettext_lazy("column", "Version of the questionnaire"),
    "question": pgettext_lazy("column", "Question"),
    "role": pgettext_lazy("column", "Part of the question"),
    "dimension": pgettext_lazy("column", "Dimension"),
    "value": pgettext_lazy("column", "Value"),
    "scale_min": pgettext_lazy("column", "Lowest mark of the scale"),
    "scale_max": pgettext_lazy("column", "Highest mark of the scale"),
    "stratum": pgettext_lazy("column", "Stratum"),
    "weight_cell": pgettext_lazy("column", "Cell of the weighting"),
    "sampled": pgettext_lazy("column", "From a probability sample"),
    "mode": pgettext_lazy("column", "Mode"),
    "flags": pgettext_lazy("column", "Flags"),
    "frame_size": pgettext_lazy("column", "Households in the stratum"),
    "sample_size": pgettext_lazy("column", "Households drawn"),
    "base_weight": pgettext_lazy("column", "Base weight"),
    "disposition": pgettext_lazy("column", "Outcome of the contact"),
    "in_service": pgettext_lazy("column", "In service"),
    "last_test_at": pgettext_lazy("column", "Last test"),
    "valid_until": pgettext_lazy("column", "Valid until"),
    "state": pgettext_lazy("column", "State"),
    "households": pgettext_lazy("column", "Households"),
    "area": pgettext_lazy("column", "Floor area"),
    "assets_in_service": pgettext_lazy("column", "Assets in service"),
    "indicator": pgettext_lazy("column", "Indicator"),
    "numerator": pgettext_lazy("column", "Numerator"),
    "denominator": pgettext_lazy("column", "Denominator"),
}


def table(name: str) -> str:
    """The name of a table."""
    return str(TABLES.get(name, name))


def target(name: str) -> str:
    """The name of a column of the archive."""
    return str(TARGETS.get(name, name))
