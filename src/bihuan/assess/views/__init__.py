"""The pages of assessment."""

from bihuan.assess.views.cycles import close, cycles, open_
from bihuan.assess.views.indicator import indicator, records
from bihuan.assess.views.place import place
from bihuan.assess.views.reports import download, draft, issue, report, reports
from bihuan.assess.views.runs import issue_results, repeat, run, run_progress, runs, start
from bihuan.assess.views.scorecard import scorecard

__all__ = [
    "close",
    "cycles",
    "download",
    "draft",
    "indicator",
    "issue",
    "issue_results",
    "open_",
    "place",
    "records",
    "repeat",
    "report",
    "reports",
    "run",
    "run_progress",
    "runs",
    "scorecard",
    "start",
]
