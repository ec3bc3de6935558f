"""``@act``: what every function of an ``actions.py`` carries; ``note``: what it leaves on the trail.

::

    @act
    def approve_plan(plan, *, actor, reason=""):
        if not rules.can_approve_plan(actor, plan):
            raise Refused(_("Only the supervising leader approves plans."), code="not_your_plan")
        ...
        note(actor, "plan.approved", plan, place=plan.place, reason=reason)

The act runs in one transaction. Its notes are written last, at the end of the outermost act, when the one
head row of the chain is locked: so the chain cannot fork, and nothing waits while an act does its work. When
a rule refuses, everything is rolled back and the refusal is put on the trail in a transaction of its own.
"""

from __future__ import annotations

import functools
import inspect
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.trail import headlog, seal

P = ParamSpec("P")
R = TypeVar("R")


class Refused(PermissionDenied):
    """A rule says no. ``sentence`` tells the person why and what to do; ``code`` names the rule for programs.

    ``subject`` is the thing the attempt was about, where it is not the first argument of the act.
    """

    def __init__(
        self, sentence: Any, code: str = "refused", *, subject: models.Model | None = None, **detail: Any
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.subject = subject
        self.detail = detail

    def __str__(self) -> str:
        return str(self.sentence)


@dataclass(frozen=True)
class Note:
    """What will become an entry when the outermost act ends."""

    at: datetime
    actor: Any
    verb: str
    subject: tuple[str, str, str]
    place: str
    detail: dict[str, Any]


class _Open(threading.local):
    """The acts under way in this thread."""

    def __init__(self) -> None:
        self.depth = 0
        self.notes: list[Note] = []


_open = _Open()


def act(function: Callable[P, R]) -> Callable[P, R]:
    """Make ``function`` one business act: one transaction, its notes last, a refusal on the trail."""
    parameter = inspect.signature(function).parameters.get("actor")
    if parameter is None or parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
        raise TypeError(f"{function.__qualname__}: an act takes a keyword-only argument `actor`")

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with together():
                return function(*args, **kwargs)
        except Refused as refusal:
            if _open.depth == 0:
                first = args[0] if args else None
                subject = refusal.subject or (first if isinstance(first, models.Model) else None)
                note_refusal(kwargs.get("actor"), function.__name__, refusal, subject)
            raise

    return run


@contextmanager
def together() -> Iterator[None]:
    """Several acts as one: one transaction, all notes at its end. An act inside an act does the same."""
    before = len(_open.notes)
    with transaction.atomic():
        _open.depth += 1
        try:
            yield
            if _open.depth == 1:
                _write(_open.notes)
                _open.notes = []
        except BaseException:
            del _open.notes[before:]
            raise
        finally:
            _open.depth -= 1


def note(actor: Any, verb: str, subject: Any, *, place: Any = None, **detail: Any) -> None:
    """Put on the trail that ``actor`` did ``verb`` (such as ``plan.approved``) to ``subject``.

    Parameters
    ----------
    actor: the user; ``None`` is the system.
    subject: a saved record, a triple (kind, number, label), or ``None``. The label is the record's
        ``trail_label`` (text or method), else its ``str()``; a model with encrypted fields needs the former.
    place: a place, or its path as text.
    detail: what else a reader must know; never a name or phone number in clear.
    """
    if _open.depth == 0:
        raise RuntimeError("note() belongs inside a function decorated with @act")
    _open.notes.append(_note(actor, verb, subject, place, detail))


def note_refusal(actor: Any, attempt: str, refusal: Refused, subject: Any = None) -> None:
    """Put a refused attempt on the trail, in a transaction of its own."""
    detail = {**refusal.detail, "attempt": attempt, "code": refusal.code, "reason": str(refusal)}
    place = getattr(subject, "place_path", None)
    with transaction.atomic():
        _write([_note(actor, "refused", subject, place, detail)])


def _note(actor: Any, verb: str, subject: Any, place: Any, detail: dict[str, Any]) -> Note:
    return Note(timezone.now(), actor, verb, _subject(subject), _place(place), seal.plain(detail))


def _subject(subject: Any) -> tuple[str, str, str]:
    if subject is None:
        return "", "", ""
    if isinstance(subject, models.Model):
        return subject._meta.label_lower, str(subject.pk), seal.clean(_label_of(subject))[:300]
    kind, number, label = subject
    return str(kind), str(number), seal.clean(str(label))[:300]


def _label_of(subject: models.Model) -> str:
    """What the trail calls a record. One that holds personal data and does not say is left unnamed."""
    label = getattr(subject, "trail_label", None)
    if label is not None:
        return str(label() if callable(label) else label)
    personal = any(getattr(field, "personal", False) for field in subject._meta.concrete_fields)
    return "" if personal else str(subject)


def _place(place: Any) -> str:
    return str(getattr(place, "path", place) or "")


def _label(actor: Any) -> str:
    # The name for signing in, not the person's name: the trail is not encrypted.
    return "" if actor is None else str(actor.get_username())[:200]


def _write(notes: list[Note]) -> None:
    """Seal the notes onto the chain. Runs inside a transaction, last."""
    from bihuan.base.trail.models import Entry  # models are not loaded yet when actions are imported by apps

    if not notes:
        return
    head = _locked_head()
    secret = seal.key(make=head.sequence == 0)
    entries = []
    for item in notes:
        entry = Entry(
            sequence=head.sequence + 1,
            at=item.at,
            actor_id=None if item.actor is None else item.actor.pk,
            actor_label=_label(item.actor),
            verb=item.verb,
            subject_kind=item.subject[0],
            subject_id=item.subject[1],
            subject_label=item.subject[2],
            place=item.place,
            detail=item.detail,
            previous=head.hash,
        )
        entry.hash = seal.seal(entry, head.chain, secret)
        head.sequence, head.hash = entry.sequence, entry.hash
        entries.append(entry)
    Entry.objects.bulk_create(entries)
    head.save(update_fields=["sequence", "hash"])
    anchor = headlog.Anchor(head.chain, head.sequence, head.hash)
    # A head that cannot be written must not undo what is committed: the log may lag, see headlog.
    transaction.on_commit(lambda: headlog.append(anchor), robust=True)


def _locked_head() -> Any:
    from bihuan.base.trail.models import Entry, Head  # as in _write

    held = Head.objects.select_for_update().filter(pk=Head.ONLY)
    head = held.first()
    if head is None and Entry.objects.exists():
        # Between the two looks somebody else may have committed the first entries, and the head with them.
        head = held.first()
        if head is None:
            raise seal.TrailError(
                _("The trail has entries but no head. Run `bihuan check --trail`; nothing is added before.")
            )
    if head is None:
        Head.objects.bulk_create([Head(chain=secrets.token_hex(16))], ignore_conflicts=True)
        head = held.get()
    return head
