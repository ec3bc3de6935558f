"""The actions of a plan: progress, done with its proof, verified by somebody else, or sent back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.files import actions as files
from bihuan.base.files.models import Attachment
from bihuan.base.trail.act import Refused, act
from bihuan.improve import moves, rules, told
from bihuan.improve.choices import NoteKind, Proof
from bihuan.improve.models import Action, ActionNote


@act
def report_progress(
    action: Action, *, actor: Any, percent: int | None = None, text: str = "", uploads: Iterable[Any] = ()
) -> Action:
    """Say how far an action is, in words, per cent, photos or files."""
    row = _begin(action, "progress", actor)
    given = list(uploads)
    if percent is None and not text.strip() and not given:
        raise Refused(
            _("Write what was done, say how far it is, or add a photo."), code="nothing", subject=row
        )
    if percent is not None and not 0 <= percent <= 100:
        raise Refused(_("Progress lies between 0 and 100 per cent."), code="percent", subject=row)
    if percent is not None:
        row.percent = percent
    _note(row, NoteKind.PROGRESS, actor, text, given, percent)
    return moves.finish(row, "progress", actor=actor, fields=("percent",), percent=row.percent)


@act
def finish_action(
    action: Action,
    *,
    actor: Any,
    text: str = "",
    uploads: Iterable[Any] = (),
    attendees: int | None = None,
) -> Action:
    """Report an action as done, with the proof it asks for; then somebody else verifies it."""
    row = _begin(action, "finish", actor)
    given = list(uploads)
    if row.training and attendees is None and row.attendees is None:
        raise Refused(_("Say how many people were trained."), code="no_attendees", subject=row)
    if attendees is not None:
        row.attendees = attendees
    _note(row, NoteKind.DONE, actor, text, given, 100)
    _refuse_unproved(row)
    row.percent, row.done_at, row.done_by = 100, timezone.now(), actor
    told.action_done(row, actor=actor)
    return moves.finish(row, "finish", actor=actor, fields=("percent", "done_at", "done_by", "attendees"))


@act
def verify_action(action: Action, *, actor: Any, text: str = "", uploads: Iterable[Any] = ()) -> Action:
    """Confirm that a done action was really done."""
    row = _begin(action, "verify", actor)
    _note(row, NoteKind.VERIFIED, actor, text, list(uploads), None)
    row.verified_at, row.verified_by = timezone.now(), actor
    done = moves.finish(row, "verify", actor=actor, fields=("verified_at", "verified_by"))
    if rules.all_verified(row.plan):
        told.plan_carried_out(row.plan, actor=actor)
    return done


@act
def send_back_action(action: Action, *, actor: Any, reason: str) -> Action:
    """Send a done action back with the reason."""
    row = _begin(action, "send_back", actor, reason)
    _note(row, NoteKind.SENT_BACK, actor, reason, [], None)
    row.done_at, row.done_by = None, None
    told.action_sent_back(row, reason.strip(), actor=actor)
    return moves.finish(row, "send_back", actor=actor, fields=("done_at", "done_by"), reason=reason.strip())


def _begin(action: Action, move: str, actor: Any, reason: str = "") -> Action:
    row = moves.begin(action, move, actor=actor, reason=reason)
    if not rules.under_way(row.plan):
        raise Refused(
            _("The plan is “%(state)s”: its actions are carried out only while it is under way.")
            % {"state": row.plan.get_state_display()},
            code="plan_state",
            subject=row,
        )
    return row


def _note(
    action: Action, kind: str, actor: Any, text: str, uploads: list[Any], percent: int | None
) -> ActionNote:
    written = ActionNote.objects.create(
        action=action, kind=kind, by=actor, text=text.strip(), percent=percent, at=timezone.now()
    )
    for upload in uploads:
        files.attach(upload, actor=actor, subject=written, place=action.plan.place)
    return written


def _refuse_unproved(action: Action) -> None:
    """Whether what the action asks for was handed in, now or with an earlier note since it was sent back."""
    since = action.notes.filter(kind=NoteKind.SENT_BACK).values_list("at", flat=True).first()
    notes = action.notes.filter(kind__in=[NoteKind.PROGRESS, NoteKind.DONE])
    if since is not None:
        notes = notes.filter(at__gt=since)
    if action.proof_kind == Proof.NOTE and not notes.exclude(text="").exists():
        raise Refused(_("Write what was done: that note is the proof."), code="no_proof", subject=action)
    if action.proof_kind == Proof.FILE:
        numbers = [str(number) for number in notes.values_list("pk", flat=True)]
        kind = ActionNote._meta.label_lower
        if not Attachment.objects.filter(subject_kind=kind, subject_id__in=numbers).exists():
            raise Refused(
                _("Add a photo or a file as the proof: %(proof)s.")
                % {"proof": action.proof or _("what shows that it was done")},
                code="no_proof",
                subject=action,
            )
