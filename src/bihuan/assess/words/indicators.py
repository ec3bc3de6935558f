"""What an indicator's value at a place means: who, what and how sure, then the numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from bihuan.assess import units
from bihuan.assess.words.sentences import paragraph, shortest_first
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Verdict
from bihuan.base.ui.status import STATUSES


@dataclass(frozen=True)
class Reading:
    """One measured value as the words need it."""

    place: str
    name: str
    table: str
    unit: str
    direction: str
    status: str
    standing: str = ""
    n: float = 0
    min_n: int = 0
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    target: float = math.nan
    floor: float = math.nan
    change: float = math.nan
    change_low: float = math.nan
    change_high: float = math.nan
    previous: float = math.nan
    comparable: bool = False
    said: dict[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> bool:
        """Whether there is a number to speak of."""
        return self.status in ("final", "provisional") and not math.isnan(self.value)


def indicator(reading: Reading) -> Verdict:
    """What an indicator's value at a place means."""
    if not reading.shown:
        return _no_number(reading)
    fact, sure, change = people(reading) or _plain_fact(reading), _against_target(reading), _change(reading)
    place = reading.place
    if sure:
        candidates = [
            _("%(place)s: %(fact)s; [[%(sure)s]], %(change)s.")
            % {"place": place, "fact": fact, "sure": sure, "change": change}
            if change
            else "",
            _("%(place)s: %(fact)s; [[%(sure)s]].") % {"place": place, "fact": fact, "sure": sure},
            _("%(fact)s; [[%(sure)s]].") % {"fact": fact, "sure": sure},
        ]
    else:
        candidates = [
            _("%(place)s: %(fact)s; [[%(sure)s]].") % {"place": place, "fact": fact, "sure": change}
            if change
            else "",
            _("%(place)s: %(fact)s.") % {"place": place, "fact": fact},
            _("%(fact)s.") % {"fact": fact},
        ]
    tone = STATUSES[reading.standing].tone if reading.standing else "none"
    glyph = STATUSES[reading.standing].glyph if reading.standing else "flat"
    return Verdict(shortest_first(candidates), tone=tone, glyph=glyph, detail=_detail(reading))


def _no_number(reading: Reading) -> Verdict:
    if reading.status == "suppressed":
        sentence = _("%(place)s: [[hidden]], fewer than 10 people answered.") % {"place": reading.place}
        detail = _("Small groups are not shown, so that nobody can be recognised.")
        return Verdict(sentence, tone="none", glyph="hidden", detail=detail)
    sentence = _("%(place)s: %(count)s, %(min_n)s needed; [[no score]].") % {
        "place": reading.place,
        "count": units.count(reading.n, reading.table),
        "min_n": formats.number(reading.min_n),
    }
    missing = max(reading.min_n - round(reading.n), 0)
    if not missing:
        sentence = _("%(place)s: [[not enough data]] for %(name)s.") % {
            "place": reading.place,
            "name": reading.name,
        }
    detail = (
        _("%(count)s more and there is a score.") % {"count": units.count(missing, reading.table)}
        if missing
        else ""
    )
    return Verdict(sentence, tone="none", glyph="none", detail=detail)


def people(reading: Reading) -> str:
    """The rate as people or things: ``100单里有14单没按约修完``; empty where there is no such wording."""
    text = reading.said.get("zh" if formats.chinese() else "en", "")
    if not text or reading.unit != "%":
        return ""
    share = reading.value if reading.said.get("counts") == "hit" else 100 - reading.value
    of = 100 if round(share) or share < 0.05 else 1000
    n = round(share * of / 100)
    if n <= 0 or n >= of:
        return ""
    return text.format(n=n, of=of)


def _plain_fact(reading: Reading) -> str:
    return _("%(name)s is %(value)s") % {
        "name": reading.name,
        "value": units.value(reading.value, reading.unit),
    }


def _against_target(reading: Reading) -> str:
    return {
        "below_floor": _("below the floor"),
        "below": _("surely short of the target"),
        "slightly_below": _("just short of the target, within error"),
        "met": _("on target"),
        "above": _("surely better than the target"),
    }.get(reading.standing, "")


def moved(reading: Reading) -> str:
    """``better``, ``worse``, ``same`` where that cannot be told, empty where the two are not comparable."""
    if not reading.comparable or math.isnan(reading.change):
        return ""
    if math.isnan(reading.change_low) or reading.change_low <= 0 <= reading.change_high:
        return "same"
    return "better" if (reading.change > 0) == (reading.direction == "up") else "worse"


def _change(reading: Reading) -> str:
    return {
        "better": _("better than last time, and not by chance"),
        "worse": _("worse than last time, and not by chance"),
    }.get(moved(reading), "")


def _detail(reading: Reading) -> str:
    numbers = {
        "name": reading.name,
        "value": units.value(reading.value, reading.unit),
        "interval": units.interval(reading.low, reading.high, reading.unit),
        "target": units.goal(reading.target, reading.unit),
        "gap": units.difference(reading.value - reading.target, reading.unit),
    }
    with_interval = bool(numbers["interval"])
    if math.isnan(reading.target):
        first = (
            _("%(name)s is %(value)s (%(interval)s); no target is set.")
            if with_interval
            else _("%(name)s is %(value)s; no target is set.")
        )
    elif reading.value == reading.target:
        first = _("%(name)s is %(value)s, exactly the target.")
    elif (reading.value > reading.target) == (reading.direction == "up"):
        first = (
            _("%(name)s is %(value)s (%(interval)s), better than the target of %(target)s by %(gap)s.")
            if with_interval
            else _("%(name)s is %(value)s, better than the target of %(target)s by %(gap)s.")
        )
    else:
        first = (
            _("%(name)s is %(value)s (%(interval)s), short of the target of %(target)s by %(gap)s.")
            if with_interval
            else _("%(name)s is %(value)s, short of the target of %(target)s by %(gap)s.")
        )
    return paragraph([first % numbers, change_sentence(reading)])


def change_sentence(reading: Reading) -> str:
    """The change against last cycle with its interval, or why there is none."""
    if math.isnan(reading.previous):
        return ""
    if not reading.comparable or math.isnan(reading.change):
        return _("The standard changed since last cycle, so the two are not compared.")
    size = {
        "gap": units.difference(reading.change, reading.unit),
        "interval": signed_interval(reading),
    }
    if size["gap"] == units.difference(0, reading.unit):
        return _("The same as last cycle.")
    rose = reading.change > 0
    if moved(reading) == "same":
        text = (
            _("Up %(gap)s on last cycle, within error: not a real change.")
            if rose
            else _("Down %(gap)s on last cycle, within error: not a real change.")
        )
    elif not size["interval"]:
        text = _("Up %(gap)s on last cycle.") if rose else _("Down %(gap)s on last cycle.")
    else:
        text = (
            _("Up %(gap)s on last cycle (%(interval)s), more than error.")
            if rose
            else _("Down %(gap)s on last cycle (%(interval)s), more than error.")
        )
    return text % size


def signed_interval(reading: Reading) -> str:
    """The interval of the change with its signs."""
    if math.isnan(reading.change_low):
        return ""
    low, high = (units.signed(end, reading.unit) for end in (reading.change_low, reading.change_high))
    return _("%(low)s to %(high)s") % {"low": low, "high": high}
