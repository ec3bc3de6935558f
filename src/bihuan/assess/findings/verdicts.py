"""The sentence on top of each page of signals and findings."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from bihuan.assess.findings.models import Finding, Signal
from bihuan.assess.findings.queries import FindingCounts
from bihuan.assess.findings.states import FindingState, SignalState
from bihuan.assess.words.sentences import shortest_first
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Verdict


def signals(counted: dict[str, int], first: Signal | None, cycle: str, evaluated: bool) -> Verdict:
    """How many signals nobody has read, and which one to begin with."""
    name = {"cycle": formats.cycle_name(cycle)}
    new, seen = counted[SignalState.NEW], counted[SignalState.SEEN]
    if not cycle:
        return Verdict(_("There is [[no cycle]] to show yet."), glyph="todo")
    if not evaluated:
        return Verdict(_("%(cycle)s has [[no results]] yet.") % name, glyph="todo")
    if new:
        text = ngettext("[[%(n)d signal]] is not read yet", "[[%(n)d signals]] are not read yet", new) % {
            "n": new
        }
        if first is None:
            return Verdict(_("%(text)s.") % {"text": text}, tone="acc", detail=_order())
        begin = {"text": text, "place": first.place.name}
        sentence = shortest_first(
            [
                _("%(text)s; begin with %(name)s at %(place)s.") % {**begin, "name": first.version.name},
                _("%(text)s; begin with %(name)s at %(place)s.") % {**begin, "name": first.version.short},
                _("%(text)s; begin with %(place)s.") % begin,
                _("%(text)s.") % begin,
            ]
        )
        return Verdict(sentence, tone="acc", detail=_order())
    if seen:
        text = ngettext(
            "All signals are read; [[%(n)d]] is still to be decided.",
            "All signals are read; [[%(n)d]] are still to be decided.",
            seen,
        )
        return Verdict(text % {"n": seen}, tone="acc", detail=_order())
    return Verdict(_("%(cycle)s has [[no signal left]] to decide.") % name, tone="met")


def _order() -> str:
    return _("The indicator that weighs most and is furthest off stands first.")


def findings(counted: FindingCounts) -> Verdict:
    """How many findings wait for their cause, how many are late, and how long the oldest waits."""
    days = counted.oldest_days
    waits = ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    numbers = {"n": counted.open, "late": counted.overdue, "days": waits}
    if counted.open and counted.overdue:
        sentence = ngettext(
            "%(n)d finding has no cause yet, [[%(late)d overdue]], the oldest waiting %(days)s.",
            "%(n)d findings have no cause yet, [[%(late)d overdue]], the oldest waiting %(days)s.",
            counted.open,
        )
        return Verdict(sentence % numbers, tone="miss", glyph="late", detail=_further(counted))
    if counted.open:
        sentence = ngettext(
            "[[%(n)d finding]] has no cause yet.", "[[%(n)d findings]] have no cause yet.", counted.open
        )
        return Verdict(sentence % numbers, tone="acc", detail=_further(counted))
    if counted.analysed:
        sentence = ngettext(
            "Every cause is found; [[%(n)d finding]] has no plan yet.",
            "Every cause is found; [[%(n)d findings]] have no plan yet.",
            counted.analysed,
        )
        return Verdict(sentence % {"n": counted.analysed}, tone="acc", detail=_further(counted))
    if counted.verified:
        sentence = ngettext(
            "[[%(n)d finding]] is proved gone and can be closed.",
            "[[%(n)d findings]] are proved gone and can be closed.",
            counted.verified,
        )
        return Verdict(sentence % {"n": counted.verified}, tone="met")
    if counted.planned:
        sentence = ngettext(
            "A plan is at work on [[%(n)d finding]].",
            "Plans are at work on [[%(n)d findings]].",
            counted.planned,
        )
        return Verdict(sentence % {"n": counted.planned}, tone="none", glyph="prov")
    return Verdict(_("There is [[no open finding]] here."), tone="met")


def _further(counted: FindingCounts) -> str:
    numbers = {"analysed": counted.analysed, "planned": counted.planned, "verified": counted.verified}
    return (
        _("Cause found, no plan yet: %(analysed)d. In a plan: %(planned)d. Proved gone: %(verified)d.")
        % numbers
    )


def finding(record: Finding, numbers: str = "", buttons: tuple[Any, ...] = ()) -> Verdict:
    """Where one finding stands; ``numbers`` is the sentence with the numbers behind it."""
    look, said = _stands(record)
    what = {"place": record.place.name, "said": said, "title": record.title}
    named = record.version
    candidates = [_("%(title)s: %(said)s.") % what]
    if named is not None:
        candidates += [
            _("%(place)s, %(name)s: %(said)s.") % {**what, "name": n} for n in (named.name, named.short)
        ]
    sentence = shortest_first([*candidates, _("%(place)s: %(said)s.") % what])
    return Verdict(sentence, tone=look[1], glyph=look[0], detail=_beside(record, numbers), buttons=buttons)


def _stands(record: Finding) -> tuple[tuple[str, str], str]:
    if record.state == FindingState.OPEN:
        late = record.days_overdue
        if late:
            text = ngettext(
                "[[no cause yet]], %(n)d day overdue", "[[no cause yet]], %(n)d days overdue", late
            )
            return ("late", "miss"), text % {"n": late}
        if record.due is not None:
            return ("wait", "acc"), _("[[no cause yet]], due %(day)s") % {"day": formats.day(record.due)}
        return ("wait", "acc"), _("[[no cause yet]]")
    return {
        FindingState.ANALYSED: (("prov", "acc"), _("[[cause found]], no plan yet")),
        FindingState.PLANNED: (("prov", "none"), _("[[a plan is at work on it]]")),
        FindingState.VERIFIED: (("met", "met"), _("[[gone, as the data show]]; it can be closed")),
        FindingState.CLOSED: (("met", "met"), _("[[closed with proof]]")),
        FindingState.CANCELLED: (("na", "none"), pgettext("finding", "[[cancelled]]")),
    }[FindingState(record.state)]


def _beside(record: Finding, numbers: str) -> str:
    if record.reason and record.state in (FindingState.CANCELLED, FindingState.ANALYSED):
        return record.reason
    return numbers or record.title
