"""States of plans, actions, reports and lessons, and the moves between them: the one place to add a state.

A new state is a member of the enumeration, its look in ``LOOKS``, and the moves that lead to it and away from
it. Pages take their buttons from the moves, the API and the command their acts, the trail its words; a move
that needs no more than the row's own state is carried out by ``actions.dispatch.advance`` as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.chain.moves import Move, Moves


class PlanState(models.TextChoices):
    """Where an improvement plan stands."""

    DRAFT = "draft", pgettext_lazy("plan", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("plan", "Awaiting approval")
    RETURNED = "returned", pgettext_lazy("plan", "Returned")
    APPROVED = "approved", pgettext_lazy("plan", "Approved")
    EXECUTING = "executing", pgettext_lazy("plan", "Under way")
    EVALUATING = "evaluating", pgettext_lazy("plan", "Being evaluated")
    CLOSED = "closed", pgettext_lazy("plan", "Closed")
    INEFFECTIVE = "ineffective", pgettext_lazy("plan", "Ineffective, reopened")


class ActionState(models.TextChoices):
    """Where one action of a plan stands."""

    TODO = "todo", pgettext_lazy("action", "To do")
    IN_PROGRESS = "in_progress", pgettext_lazy("action", "In progress")
    DONE = "done", pgettext_lazy("action", "Awaiting verification")
    VERIFIED = "verified", pgettext_lazy("action", "Verified")


class ReportState(models.TextChoices):
    """Where a management report stands."""

    DRAFT = "draft", pgettext_lazy("management report", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("management report", "Submitted")
    REVIEWED = "reviewed", pgettext_lazy("management report", "Reviewed")


class LessonState(models.TextChoices):
    """Where a lesson stands."""

    DRAFT = "draft", pgettext_lazy("lesson", "Draft")
    PUBLISHED = "published", pgettext_lazy("lesson", "Published")


class Part(models.TextChoices):
    """What a person may be to a plan or an action; :mod:`bihuan.improve.rules` says who is what."""

    OWNER = "owner", pgettext_lazy("part in a plan", "its owner")
    QUALITY = "quality", pgettext_lazy("part in a plan", "the place's quality manager")
    APPROVER = "approver", pgettext_lazy("part in a plan", "a supervising leader who had no part in it")
    LEADER = "leader", pgettext_lazy("part in a plan", "the supervising leader")
    ASSIGNEE = "assignee", pgettext_lazy("part in a plan", "whoever carries it out")
    CHECKER = "checker", pgettext_lazy("part in a plan", "somebody who checks and did not carry it out")
    SYSTEM = "system", pgettext_lazy("part in a plan", "the effect evaluation itself")


class Look(NamedTuple):
    """How a state is drawn: shape and colour; the word is the state's own."""

    glyph: str
    tone: str


P, A = PlanState, ActionState

PLAN_MOVES: Moves = {
    "submit": Move(
        _("Submit for approval"),
        (P.DRAFT,),
        P.SUBMITTED,
        (Part.OWNER, Part.QUALITY),
        "submitted",
        _("Plan submitted"),
        icon="send",
        primary=True,
        question=_("Submit this plan for approval?"),
        consequence=_("Its content gets a fingerprint; any later edit takes it back to draft."),
    ),
    "withdraw": Move(
        _("Take back"),
        (P.SUBMITTED,),
        P.DRAFT,
        (Part.OWNER, Part.QUALITY),
        "withdrawn",
        _("Plan taken back"),
        icon="arrow-back-up",
        question=_("Take this plan back?"),
        consequence=_("It becomes a draft again, and the leader no longer sees it as waiting."),
    ),
    "approve": Move(
        _("Approve this version"),
        (P.SUBMITTED,),
        P.APPROVED,
        (Part.APPROVER,),
        "approved",
        _("Plan approved"),
        icon="check",
        primary=True,
        offered=False,
    ),
    "return": Move(
        _("Return"),
        (P.SUBMITTED,),
        P.RETURNED,
        (Part.APPROVER,),
        "returned",
        _("Plan returned"),
        icon="arrow-back-up",
        needs_reason=True,
        danger=True,
        offered=False,
    ),
    # An edit does this by itself: whoever changes the content takes its approval away.
    "revise": Move(
        _("Revise"),
        (P.DRAFT, P.SUBMITTED, P.RETURNED, P.APPROVED, P.INEFFECTIVE),
        P.DRAFT,
        (Part.OWNER, Part.QUALITY),
        "revised",
        _("Plan revised"),
        icon="pencil",
        offered=False,
    ),
    "start": Move(
        _("Start the plan"),
        (P.APPROVED,),
        P.EXECUTING,
        (Part.OWNER, Part.QUALITY),
        "started",
        _("Plan started"),
        icon="player-play",
        primary=True,
        question=_("Start this plan?"),
        consequence=_("Whoever carries out an action is told; from now on the content cannot be edited."),
    ),
    "evaluate": Move(
        _("Evaluate the effect"),
        (P.EXECUTING, P.EVALUATING),
        P.EVALUATING,
        (Part.QUALITY,),
        "evaluated",
        _("Effect evaluated"),
        icon="chart-line",
        primary=True,
        question=_("Evaluate the effect now?"),
        consequence=_("The verdict follows from the data by the rule fixed at approval; nobody chooses it."),
    ),
    "close": Move(
        _("Close"),
        (P.EVALUATING,),
        P.CLOSED,
        (Part.QUALITY,),
        "closed",
        _("Plan closed"),
        icon="check",
        primary=True,
        question=_("Close this plan?"),
        consequence=_("The findings it answers are closed with it, the effect evaluation being their proof."),
    ),
    "fail": Move(
        _("Reopen as ineffective"),
        (P.EVALUATING,),
        P.INEFFECTIVE,
        (Part.SYSTEM,),
        "failed",
        _("Plan found ineffective and reopened"),
        offered=False,
    ),
}

ACTION_MOVES: Moves = {
    "progress": Move(
        _("Report progress"),
        (A.TODO, A.IN_PROGRESS),
        A.IN_PROGRESS,
        (Part.ASSIGNEE, Part.OWNER),
        "progressed",
        _("Progress of an action reported"),
        icon="edit",
    ),
    "finish": Move(
        _("Report as done"),
        (A.TODO, A.IN_PROGRESS),
        A.DONE,
        (Part.ASSIGNEE, Part.OWNER),
        "done",
        _("Action reported as done"),
        icon="check",
        primary=True,
    ),
    "verify": Move(
        _("Verify"),
        (A.DONE,),
        A.VERIFIED,
        (Part.CHECKER,),
        "verified",
        _("Action verified"),
        icon="clipboard-check",
        primary=True,
    ),
    "send_back": Move(
        _("Send back"),
        (A.DONE,),
        A.IN_PROGRESS,
        (Part.CHECKER,),
        "sent_back",
        _("Action sent back"),
        icon="arrow-back-up",
        needs_reason=True,
        danger=True,
    ),
}

REPORT_MOVES: Moves = {
    "submit": Move(
        _("Submit to the leader"),
        (ReportState.DRAFT,),
        ReportState.SUBMITTED,
        (Part.OWNER, Part.QUALITY),
        "submitted",
        _("Management report submitted"),
        icon="send",
        primary=True,
        question=_("Submit this report?"),
        consequence=_("Its files are final from then on; the leader is told."),
    ),
    "review": Move(
        _("Mark as reviewed"),
        (ReportState.SUBMITTED,),
        ReportState.REVIEWED,
        (Part.LEADER,),
        "reviewed",
        _("Management report reviewed"),
        icon="check",
        primary=True,
        question=_("Have you read this report?"),
        consequence=_("It is recorded that you read exactly these files."),
    ),
}

LESSON_MOVES: Moves = {
    "publish": Move(
        _("Publish"),
        (LessonState.DRAFT,),
        LessonState.PUBLISHED,
        (Part.QUALITY,),
        "published",
        _("Lesson published"),
        icon="school",
        question=_("Publish this lesson?"),
        consequence=_("Everybody who may see the plan's place can read it."),
    ),
}

# The families of moves by the name that their trail verbs begin with.
FAMILIES: Mapping[str, Moves] = {
    "plan": PLAN_MOVES,
    "action": ACTION_MOVES,
    "management_report": REPORT_MOVES,
    "lesson": LESSON_MOVES,
}

LOOKS: Mapping[str, Look] = {
    P.DRAFT: Look("todo", "none"),
    P.SUBMITTED: Look("wait", "acc"),
    P.RETURNED: Look("watch", "watch"),
    P.APPROVED: Look("met", "met"),
    P.EXECUTING: Look("prov", "none"),
    P.EVALUATING: Look("prov", "none"),
    P.CLOSED: Look("met", "met"),
    P.INEFFECTIVE: Look("miss", "miss"),
    A.TODO: Look("todo", "none"),
    A.IN_PROGRESS: Look("prov", "none"),
    A.DONE: Look("wait", "acc"),
    A.VERIFIED: Look("met", "met"),
    ReportState.REVIEWED: Look("met", "met"),
    LessonState.PUBLISHED: Look("met", "met"),
}

# While a plan stands in one of these its content may be edited, which makes it a draft.
EDITABLE = PLAN_MOVES["revise"].sources
# In these somebody still has to do something with the plan.
OPEN = tuple(state for state in PlanState.values if state != P.CLOSED)
