"""Pages of improvement: they read through ``queries`` and act through ``actions.perform``."""

from bihuan.improve.views.effects import effect, effects, request_revision
from bihuan.improve.views.lessons import act_on_lesson, lesson, lessons
from bihuan.improve.views.measures import act_on_action, action
from bihuan.improve.views.plan import act_on_plan, check, plan, version
from bihuan.improve.views.plan_list import plans
from bihuan.improve.views.reports import act_on_report, draft_report, report, report_pdf, reports
from bihuan.improve.views.writing import edit_plan, new_plan

__all__ = [
    "act_on_action",
    "act_on_lesson",
    "act_on_plan",
    "act_on_report",
    "action",
    "check",
    "draft_report",
    "edit_plan",
    "effect",
    "effects",
    "lesson",
    "lessons",
    "new_plan",
    "plan",
    "plans",
    "report",
    "report_pdf",
    "reports",
    "request_revision",
    "version",
]
