"""The sentence on top of each page of service standards and revisions."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.ui import formats
from bihuan.base.ui.parts import Verdict
from bihuan.standards.service.models import RevisionRequest, ServiceStandard, StandardClause, StandardVersion
from bihuan.standards.service.states import LOOKS, RevisionState
from bihuan.standards.states import VersionState


def standards(listed: list[ServiceStandard]) -> Verdict:
    """How many standards there are, and how much of them is under revision."""
    if not listed:
        return Verdict(_("There is [[no service standard]] yet."), glyph="todo")
    revising = sum(getattr(one, "revising", 0) for one in listed)
    numbers = {"all": len(listed), "n": revising}
    if not revising:
        text = ngettext(
            "%(all)d standard is [[in force]]; no clause is under revision.",
            "%(all)d standards are [[in force]]; no clause is under revision.",
            len(listed),
        )
        return Verdict(text % numbers, tone="met")
    text = ngettext(
        "Standards in force: %(all)d; [[%(n)d clause]] is under revision.",
        "Standards in force: %(all)d; [[%(n)d clauses]] are under revision.",
        revising,
    )
    return Verdict(text % numbers, tone="acc")


def version(found: StandardVersion, changed: int, adopted: int, buttons: tuple[Any, ...] = ()) -> Verdict:
    """Where a version stands, and what it changes."""
    named = {
        "number": found.number,
        "cycle": formats.cycle_name(found.from_cycle) if found.from_cycle else "",
    }
    detail = found.note or found.standard.title
    if found.state == VersionState.EFFECTIVE:
        text = (
            _("%(number)s is [[in force]] from %(cycle)s on.")
            if found.from_cycle
            else _("%(number)s is [[in force]] from the start.")
        )
        return Verdict(text % named, tone="met", detail=detail, buttons=buttons)
    if found.state in (VersionState.DRAFT, VersionState.IN_REVIEW):
        text = ngettext(
            "%(number)s is a draft that [[changes %(n)d clause]]; publish it when it is ready.",
            "%(number)s is a draft that [[changes %(n)d clauses]]; publish it when it is ready.",
            changed,
        )
        tone = "acc" if adopted else "none"
        return Verdict(text % {**named, "n": changed}, tone=tone, detail=detail, buttons=buttons)
    text = (
        _("%(number)s is [[superseded]]; it counts only in the cycles before.")
        if found.state == VersionState.SUPERSEDED
        else _("%(number)s was [[withdrawn]] and never counted.")
    )
    return Verdict(text % named, tone="none", glyph="na", detail=detail, buttons=buttons)


def clause(found: StandardClause, open_requests: int, buttons: tuple[Any, ...] = ()) -> Verdict:
    """What a clause is about, and whether somebody wants it changed."""
    named = {"area": found.get_area_display(), "number": found.number, "n": open_requests}
    if open_requests:
        text = ngettext(
            "%(area)s §%(number)s: [[%(n)d revision]] is asked for.",
            "%(area)s §%(number)s: [[%(n)d revisions]] are asked for.",
            open_requests,
        )
        return Verdict(text % named, tone="acc", detail=found.text, buttons=buttons)
    if found.version.state == VersionState.EFFECTIVE:
        text = _("%(area)s §%(number)s is [[in force]], and nobody asks to change it.") % named
        return Verdict(text, tone="met", detail=found.text, buttons=buttons)
    text = _("%(area)s §%(number)s is [[no longer in force]].") % named
    return Verdict(text, tone="none", glyph="na", detail=found.text, buttons=buttons)


def revisions(counted: dict[str, int]) -> Verdict:
    """How many requests wait, and for what."""
    new, reviewed, adopted = (
        counted.get(state, 0)
        for state in (RevisionState.SUBMITTED, RevisionState.IN_REVIEW, RevisionState.ADOPTED)
    )
    waiting = new + reviewed
    if waiting:
        text = ngettext(
            "[[%(n)d revision]] waits for a decision.", "[[%(n)d revisions]] wait for a decision.", waiting
        )
        detail = _("Not taken up: %(new)d. In review: %(reviewed)d. Adopted, not published: %(adopted)d.")
        numbers = {"new": new, "reviewed": reviewed, "adopted": adopted}
        return Verdict(text % {"n": waiting}, tone="acc", detail=detail % numbers)
    if adopted:
        text = ngettext(
            "[[%(n)d adopted revision]] waits to be published.",
            "[[%(n)d adopted revisions]] wait to be published.",
            adopted,
        )
        return Verdict(text % {"n": adopted}, tone="acc")
    if counted:
        return Verdict(_("Every revision is [[decided]]."), tone="met")
    return Verdict(_("[[No revision]] has been asked for yet."), glyph="todo")


def revision(found: RevisionRequest, buttons: tuple[Any, ...] = ()) -> Verdict:
    """Where a request stands."""
    named = {
        "area": found.clause.get_area_display(),
        "number": found.clause.number,
        "version": found.version.number if found.version else "",
    }
    text = {
        RevisionState.SUBMITTED: _("%(area)s §%(number)s: the revision [[waits to be taken up]]."),
        RevisionState.IN_REVIEW: _("%(area)s §%(number)s: the revision is [[in review]]."),
        RevisionState.ADOPTED: _("%(area)s §%(number)s: [[adopted]] for %(version)s, not published yet."),
        RevisionState.PUBLISHED: _("%(area)s §%(number)s: the revision is [[published]] in %(version)s."),
        RevisionState.DECLINED: _("%(area)s §%(number)s: the revision was [[not adopted]]."),
    }[RevisionState(found.state)]
    look = LOOKS[found.state]
    detail = found.answer or found.reason
    return Verdict(text % named, tone=look.tone, glyph=look.glyph, detail=detail, buttons=buttons)
