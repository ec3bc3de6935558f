"""Sentences of improvement that pages, documents and notices share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from bihuan.assess import units
from bihuan.base.ui import formats
from bihuan.improve.choices import EFFECT_LOOKS, Effect
from bihuan.standards import queries as standards
from bihuan.standards.models import IndicatorVersion


def in_both(sentence: Any, **values: Any) -> dict[str, str]:
    """A lazy sentence with its values filled in, in Chinese and in English."""
    said = {}
    for key, language in (("zh", "zh-hans"), ("en", "en")):
        with override(language):
            said[key] = str(sentence) % {name: str(value) for name, value in values.items()}
    return said


def indicators(cycle: str) -> dict[str, IndicatorVersion]:
    """The indicators that count in a cycle, by code."""
    return {version.indicator.code: version for version in standards.versions_for(cycle)}


def unit_of(version: IndicatorVersion | None) -> str:
    """The unit an indicator is measured in."""
    return str(version.definition["unit"]) if version else ""


def indicator_name(code: str, version: IndicatorVersion | None) -> str:
    """Code and name of an indicator."""
    return f"{code} {version.name}" if version else code


def missing(record: dict[str, Any]) -> str:
    """What stands in the way of a verdict, and what would help."""
    said = {
        "after": _("No cycle from %(cycle)s on is evaluated yet; look again when it is.")
        % {"cycle": formats.cycle_name(record["measured_from"])},
        "before": _("No cycle before %(cycle)s has a value, so there is nothing to compare with.")
        % {"cycle": formats.cycle_name(record["trigger"])},
        "version": _("The indicator was defined anew since; values of two definitions are not compared."),
        "placebos": _(
            "%(n)d placebo comparisons are too few; 19 are needed. Compare with more places, or with none."
        )
        % {"n": record["placebos"]},
        "interval": _("The values come without an interval, so nobody can tell a change from chance."),
    }
    return str(said.get(record["missing"], ""))


def change_sentence(record: dict[str, Any], unit: str) -> str:
    """The change of an impact with its interval, in words; ``better`` and ``worse`` instead of signs."""
    change = record["change"]
    if change is None:
        return missing(record)
    span = units.interval(record["low"], record["high"], unit)
    size = units.difference(change, unit)
    if record["low"] is None:
        return missing(record)
    values = {"size": size, "span": span}
    if record["low"] > 0:
        return _("Better by %(size)s (%(span)s): a real improvement.") % values
    if record["high"] < 0:
        return _("Worse by %(size)s (%(span)s): it really got worse.") % values
    if change >= 0:
        return _("Better by %(size)s (%(span)s): within chance, nobody can tell.") % values
    return _("Worse by %(size)s (%(span)s): within chance, nobody can tell.") % values


def method_sentence(record: dict[str, Any]) -> str:
    """How the change was reckoned."""
    n = len(record["comparison"])
    said = {
        "before_after": _("After less before, at this place alone."),
        "placebo": ngettext(
            "Its change less that of %(places)d other place, against %(placebos)d placebo comparisons.",
            "Its change less that of %(places)d other places, against %(placebos)d placebo comparisons.",
            n,
        )
        % {"places": n, "placebos": record["placebos"]},
        "welch": ngettext(
            "Its change less that of %(places)d other place.",
            "Its change less that of %(places)d other places.",
            n,
        )
        % {"places": n},
    }
    return str(said.get(record["method"], ""))


def left_out(record: dict[str, Any]) -> list[str]:
    """Which cycles are not reckoned with, and why."""
    why = {
        "trigger": _("%(cycle)s led to the plan: it was bad partly by chance, and counts for neither side"),
        "version": _("%(cycle)s was measured by another definition"),
        "between": _("%(cycle)s lies before the plan could show"),
        "value": _("%(cycle)s has too few records"),
    }
    return [why[one["why"]] % {"cycle": formats.cycle_name(one["cycle"])} for one in record["left_out"]]


def listed(names: Iterable[Any]) -> str:
    """Names one after the other."""
    return pgettext("between names", ", ").join(str(name) for name in names)


def cycles_of(readings: list[dict[str, Any]]) -> str:
    """The cycles of some readings, in words."""
    return listed(formats.cycle_name(one["cycle"]) for one in readings)


def rules() -> list[dict[str, Any]]:
    """The rule of the verdict, one line for each, with its look."""
    said = {
        Effect.EFFECTIVE: _("The whole interval lies at or above half of what was promised"),
        Effect.PARTIAL: _("It surely got better, though perhaps by less than half of what was promised"),
        Effect.INEFFECTIVE: _("The whole interval lies below half of what was promised: find the cause anew"),
        Effect.INCONCLUSIVE: _("Anything else: too few data, look again after the next cycle"),
    }
    return [
        {
            "label": Effect(code).label,
            "text": said[code],
            "glyph": EFFECT_LOOKS[code][0],
            "tone": EFFECT_LOOKS[code][1],
        }
        for code in said
    ]


def effect_headline(verdict: str) -> str:
    """The verdict on a plan, with the phrase to mark."""
    return {
        Effect.EFFECTIVE: _("[[It worked]]: %(title)s."),
        Effect.PARTIAL: _("It [[worked in part]]: %(title)s."),
        Effect.INEFFECTIVE: _("It [[did not work]]: %(title)s."),
        Effect.INCONCLUSIVE: _("[[Nobody can tell yet]] whether it worked: %(title)s."),
    }[Effect(verdict)]
