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
from bihuan.assess.words.indicators import Reading, indicator
from bihuan.assess.words.sentences import shortest_first
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
        text = fall(signal)
    return str(text).replace("[[", "").replace("]]", "")


def fall(signal: Signal) -> str:
    """How much worse it is than last cycle, and that it is not by chance."""
    given = signal.version.definition
    said = {
        "place": signal.place.name,
        "name": signal.version.name,
        "short": signal.version.short,
        "gap": units.difference(signal.change, given["unit"]),
    }
    return shortest_first(
        [
            _("%(place)s: %(name)s is [[worse by %(gap)s]] than last cycle, and not by chance.") % said,
            _("%(place)s: %(short)s is [[worse by %(gap)s]] than last cycle, not by chance.") % said,
            _("%(short)s is [[worse by %(gap)s]] than last cycle, not by chance.") % said,
        ]
    )


def detail(signal: Signal) -> str:
    """The numbers behind a signal: value, interval, target and change."""
    return str(indicator(reading(signal)).detail)


def title(signal: Signal, language: str) -> str:
    """The sentence as the title of a finding, without its full stop."""
    with override(language):
        return sentence(signal).rstrip("。.")


def versions(numbers: Iterable[int]) -> list[IndicatorVersion]:
    """The versions of indicators with these primary keys, for their names."""
    return list(IndicatorVersion.objects.filter(pk__in=list(numbers)))
