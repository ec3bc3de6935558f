"""What a control chart shows in words: points outside the normal range, and runs that seldom come by chance.

They are drawn, and raise no signal: what signals is decided by the tests of the whole run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.assess.queries.indicator import TrendPoint
from bihuan.base.ui import formats

LENGTHS = {2: 9, 3: 6, 5: 3}  # points that a run rule looks at
ONE_SIDE = 5
MOST_NAMED = 2


@dataclass(frozen=True)
class Pattern:
    """Points on the worse side that stand out together: ``outside`` the range, or in a ``run``."""

    indices: tuple[int, ...]
    kind: str
    sentence: str

    @property
    def sign(self) -> str:
        """The shape it is drawn in."""
        return "■" if self.kind == "outside" else "◆"


def patterns(points: Sequence[TrendPoint]) -> list[Pattern]:
    """What stands out, points outside first; at most one pattern for each rule."""
    found = []
    outside = tuple(k for k, p in enumerate(points) if p.normal is not None and p.normal.outside)
    if outside:
        found.append(Pattern(outside, "outside", _outside_sentence([points[k] for k in outside])))
    for rule in sorted(LENGTHS):
        inside = _under(points, rule)
        if inside:
            found.append(Pattern(inside, "run", _run_sentence(rule)))
    return found


def _under(points: Sequence[TrendPoint], rule: int) -> tuple[int, ...]:
    """The points of every run that meets a rule; of three that two are near the limit, those on that side."""
    ends = [k for k, p in enumerate(points) if p.normal is not None and rule in p.normal.rules]
    inside = {k for end in ends for k in range(max(end - LENGTHS[rule] + 1, 0), end + 1)}
    if rule == ONE_SIDE:
        inside = {k for k in inside if (one := points[k].normal) is not None and one.worse}
    return tuple(sorted(inside))


def _run_sentence(rule: int) -> str:
    return {
        2: _("nine or more in a row on the worse side of the centre"),
        3: _("six or more in a row getting worse"),
        5: _("two of three near the worse limit"),
    }[rule]


def _outside_sentence(outside: Sequence[TrendPoint]) -> str:
    named = [formats.cycle_short(p.period) for p in outside]
    if len(named) <= MOST_NAMED:
        return _("outside the normal range: %(periods)s") % {"periods": _joined(named)}
    return ngettext(
        "%(n)s point outside the normal range", "%(n)s points outside the normal range", len(named)
    ) % {"n": len(named)}


def _joined(named: Iterable[str]) -> str:
    return ("、" if formats.chinese() else ", ").join(named)
