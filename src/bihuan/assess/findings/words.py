"""What a signal says: who, what and how sure, in the language of the page."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from bihuan.assess import units
from bihuan.assess.findings.models import Signal
from bihuan.assess.findings.states import SignalKind
from bihuan.assess.words.indicators import Reading, change_sentence, indicator
from bihuan.assess.words.sentences import paragraph, shortest_first
from bihuan.base.ui import formats
from bihuan.standards.models import IndicatorVersion

NUMBERS = ("value", "low", "high", "target", "floor", "previous", "change", "change_low", "change_high")


def reading(signal: Signal) -> Reading:
    """The numbers of a signal as the words of an indicator need them."""
    given = signal.version.definition
    numbers: dict[str, Any] = {name: getattr(signal, name) for name in NUMBERS}
    return Reading(
        place=signal.place.name,
        name=signal.version.name,
        table=given["table"],
        unit=given["unit"],
        direction=given["direction"],
        status="final",
        standing=signal.standing,
        n=signal.n,
        min_n=given.get("min_n", 0),
        comparable=signal.change is not None,
        said=signal.version.said,
        **{name: math.nan if number is None else number for name, number in numbers.items()},
    )


def sentence(signal: Signal) -> str:
    """The signal in one sentence, such as 翠湖花园：100单里有25单没按约修完，低于底线。"""
    if signal.kind == SignalKind.TARGET_MISSED:
        text = indicator(replace(reading(signal), comparable=False, change=math.nan)).sentence
    else:
        text = shortest_first(_said(signal))
    return str(text).replace("[[", "").replace("]]", "")


def _said(signal: Signal) -> list[str]:
    """What the series shows, from the fullest sentence to the barest."""
    given = signal.version.definition
    said = {
        "place": signal.place.name,
        "name": signal.version.name,
        "short": signal.version.short,
        "gap": units.difference(signal.change, given["unit"]),
        "period": formats.cycle_name(signal.test.get("at") or signal.cycle),
    }
    kind = SignalKind(signal.kind)
    if kind == SignalKind.FALL and signal.change is not None:
        texts = [
            _("%(place)s: %(name)s is [[worse by %(gap)s]] than last cycle, and not by chance."),
            _("%(place)s: %(short)s is [[worse by %(gap)s]] than last cycle, not by chance."),
            _("%(short)s is [[worse by %(gap)s]] than last cycle, not by chance."),
        ]
    elif kind == SignalKind.LEVEL:
        texts = [
            _("%(place)s: %(name)s [[left its normal range]] in %(period)s, and not by chance."),
            _("%(place)s: %(short)s [[left its normal range]], not by chance."),
            _("%(short)s [[left its normal range]], not by chance."),
        ]
    elif kind == SignalKind.TREND:
        texts = [
            _("%(place)s: %(name)s [[gets worse from period to period]], and not by chance."),
            _("%(place)s: %(short)s [[gets worse from period to period]], not by chance."),
            _("%(short)s [[gets worse from period to period]], not by chance."),
        ]
    else:
        texts = [
            _("%(place)s: %(name)s [[stays worse than it used to be]], and not by chance."),
            _("%(place)s: %(short)s [[stays worse than it used to be]], not by chance."),
            _("%(short)s [[stays worse than it used to be]], not by chance."),
        ]
    return [text % said for text in texts]


def also(kind: str) -> str:
    """What a series shows beside a missed target, for a tag; nothing without a kind."""
    return {
        SignalKind.LEVEL.value: _("and out of its normal range"),
        SignalKind.SHIFT.value: _("and worse for some time"),
        SignalKind.FALL.value: _("and worse than last cycle"),
        SignalKind.TREND.value: _("and getting worse"),
    }.get(kind, "")


def detail(signal: Signal) -> str:
    """The numbers behind a signal; for a series what was seen, how sure that is, and where to look."""
    if signal.kind == SignalKind.TARGET_MISSED or not signal.test:
        return str(indicator(reading(signal)).detail)
    return paragraph([_seen(signal), how_sure(signal.test.get("tested", 0)), _look(signal)])


def _seen(signal: Signal) -> str:
    test, unit = signal.test, signal.version.definition["unit"]
    numbers = {
        "period": formats.cycle_name(test["at"]),
        "value": units.value(test["value"], unit),
        "low": units.value(test["lower"], unit),
        "high": units.value(test["upper"], unit),
        "center": units.value(test["center"], unit),
        "since": formats.cycle_name(test["phase_start"]),
        "n": formats.number(test["points"]),
    }
    if signal.kind == SignalKind.FALL:
        return change_sentence(reading(signal))
    if signal.kind == SignalKind.TREND:
        text = _("Since %(since)s later values are worse than earlier ones, season by season.")
    elif signal.kind == SignalKind.LEVEL:
        text = _("%(period)s: %(value)s; after the %(n)s periods before, %(low)s to %(high)s is normal.")
    else:
        text = _("The last periods lie on the worse side of %(center)s; together that is not by chance.")
    return text % numbers


def how_sure(tested: int) -> str:
    """How many of the signals on series may be false."""
    return _("Over all %(n)s series tested, false alarms are held to 5%% of the signals.") % {
        "n": formats.number(tested)
    }


def _look(signal: Signal) -> str:
    return {
        SignalKind.LEVEL.value: _("Look at the records of that period first."),
        SignalKind.SHIFT.value: _("Find out when it began, and what changed then."),
        SignalKind.FALL.value: _("Look at what is new since last cycle."),
        SignalKind.TREND.value: _("Look for what wears out or piles up."),
    }[signal.kind]


def title(signal: Signal, language: str) -> str:
    """The sentence as the title of a finding, without its full stop."""
    with override(language):
        return sentence(signal).rstrip("。.")


def versions(numbers: Iterable[int]) -> list[IndicatorVersion]:
    """The versions of indicators with these primary keys, for their names."""
    return list(IndicatorVersion.objects.filter(pk__in=list(numbers)))
