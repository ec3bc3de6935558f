"""Acts of improvement, one module for each family of business acts.

==============  ==================================================================
``plans``       draw up, edit, submit, take back, start and close a plan
``approvals``   a leader approves or returns a submitted version
``measures``    progress, done, verified or sent back: the actions of a plan
``checks``      regular checks of a plan under way
``effects``     the effect evaluation and what follows from its verdict
``reports``     management reports
``lessons``     lessons
``dispatch``    ``perform(record, act, actor=..., ...)``: the door of page, API and command
==============  ==================================================================
"""

from bihuan.improve.actions.approvals import approve_plan, return_plan
from bihuan.improve.actions.checks import check_progress
from bihuan.improve.actions.dispatch import perform
from bihuan.improve.actions.effects import evaluate_effect
from bihuan.improve.actions.lessons import publish_lesson, write_lesson
from bihuan.improve.actions.measures import (
    finish_action,
    report_progress,
    send_back_action,
    verify_action,
)
from bihuan.improve.actions.plans import (
    close_plan,
    edit_plan,
    open_plan,
    start_plan,
    submit_plan,
    withdraw_plan,
)
from bihuan.improve.actions.reports import draft_report, review_report, submit_report
from bihuan.improve.drafts import ActionDraft, ImpactDraft, PlanDraft

__all__ = [
    "ActionDraft",
    "ImpactDraft",
    "PlanDraft",
    "approve_plan",
    "check_progress",
    "close_plan",
    "draft_report",
    "edit_plan",
    "evaluate_effect",
    "finish_action",
    "open_plan",
    "perform",
    "publish_lesson",
    "report_progress",
    "return_plan",
    "review_report",
    "send_back_action",
    "start_plan",
    "submit_plan",
    "submit_report",
    "verify_action",
    "withdraw_plan",
    "write_lesson",
]
