"""Acts of assessment: evaluate, repeat and issue; open and close a cycle; draft and issue a report."""

from bihuan.assess.actions.cycles import close_cycle, open_cycle
from bihuan.assess.actions.evaluations import (
    carry_out,
    evaluate_cycle,
    issue_run,
    order_evaluation,
    repeat_run,
)
from bihuan.assess.actions.reports import draft_report, issue_report

__all__ = [
    "carry_out",
    "close_cycle",
    "draft_report",
    "evaluate_cycle",
    "issue_report",
    "issue_run",
    "open_cycle",
    "order_evaluation",
    "repeat_run",
]
