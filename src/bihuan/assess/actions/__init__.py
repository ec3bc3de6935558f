"""Acts of assessment: on evaluations, cycles and reports, and on signals and findings."""

from bihuan.assess.actions.cycles import close_cycle, open_cycle
from bihuan.assess.actions.evaluations import (
    carry_out,
    evaluate_cycle,
    issue_run,
    order_evaluation,
    repeat_run,
)
from bihuan.assess.actions.reports import draft_report, issue_report
from bihuan.assess.findings.actions import (
    analyse_finding,
    assign_finding,
    cancel_finding,
    close_finding,
    dismiss_signal,
    mark_planned,
    mark_verified,
    open_finding,
    reopen_finding,
    see_signal,
)
from bihuan.assess.findings.raising import raise_signals

__all__ = [
    "analyse_finding",
    "assign_finding",
    "cancel_finding",
    "carry_out",
    "close_cycle",
    "close_finding",
    "dismiss_signal",
    "draft_report",
    "evaluate_cycle",
    "issue_report",
    "issue_run",
    "mark_planned",
    "mark_verified",
    "open_cycle",
    "open_finding",
    "order_evaluation",
    "raise_signals",
    "reopen_finding",
    "repeat_run",
    "see_signal",
]
