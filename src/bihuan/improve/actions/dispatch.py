"""One door for page, API and command: ``perform(record, "approve", actor=..., ...)``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from bihuan.base.trail.act import act as business_act
from bihuan.improve import moves
from bihuan.improve.actions import approvals, effects, lessons, measures, plans, reports

OWN: dict[tuple[str, str], Callable[..., Any]] = {
    ("plan", "submit"): plans.submit_plan,
    ("plan", "withdraw"): plans.withdraw_plan,
    ("plan", "approve"): approvals.approve_plan,
    ("plan", "return"): approvals.return_plan,
    ("plan", "revise"): plans.revise_plan,
    ("plan", "start"): plans.start_plan,
    ("plan", "evaluate"): effects.evaluate_effect,
    ("plan", "close"): plans.close_plan,
    ("action", "progress"): measures.report_progress,
    ("action", "finish"): measures.finish_action,
    ("action", "verify"): measures.verify_action,
    ("action", "send_back"): measures.send_back_action,
    ("management_report", "submit"): reports.submit_report,
    ("management_report", "review"): reports.review_report,
    ("lesson", "publish"): lessons.publish_lesson,
}


def perform(subject: Any, act: str, *, actor: Any, **fields: Any) -> Any:
    """Do an act of ``states.py`` to a record; ``Refused`` says why not.

    An act with a function of its own gets the fields that this function knows; any other act of the tables is
    carried out as a plain move, so that a new state needs nothing but its rows there.
    """
    own = OWN.get((moves.NAMES[type(subject)], act))
    if own is None:
        return advance(subject, act, actor=actor, reason=str(fields.get("reason") or ""))
    known = inspect.signature(own).parameters
    given = {name: value for name, value in fields.items() if name in known and value is not None}
    for name, parameter in known.items():  # a missing reason or fingerprint is for the act itself to refuse
        asked = parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
        if asked and name not in given and name != "actor":
            given[name] = ""
    return own(subject, actor=actor, **given)


@business_act
def advance(subject: Any, act: str, *, actor: Any, reason: str = "") -> Any:
    """A plain move by the tables."""
    return moves.advance(subject, act, actor=actor, reason=reason)
