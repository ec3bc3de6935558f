"""The loop board: where this turn of the loop stands, and what holds it back the most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.ui.nav import STAGES
from bihuan.base.ui.parts import Button, Verdict
from bihuan.base.ui.work import StageCount

OUTER, INNER, GAP, TIP = 140.0, 106.0, 1.6, 4.0  # radii in SVG units; gap and arrow tip in degrees


@dataclass(frozen=True)
class Segment:
    """One stage of the ring: its outline, the part that is done, and where its label hangs."""

    stage: StageCount | None
    number: int
    label: Any
    outline: str
    done: str
    stuck: bool
    mark_x: float
    mark_y: float


def held_up(stages: Sequence[StageCount]) -> StageCount | None:
    """The stage that holds the loop back: the most overdue, then the longest wait; None when none is."""
    late = [stage for stage in stages if stage.overdue]
    return max(late, key=lambda s: (s.overdue, s.oldest_days, s.count), default=None)


def ring(stages: Sequence[StageCount]) -> list[Segment]:
    """The six segments, clockwise from the top."""
    known = {stage.stage: stage for stage in stages}
    stuck = held_up(stages)
    return [_segment(number, known.get(number), stuck) for number in STAGES]


def _segment(number: int, stage: StageCount | None, stuck: StageCount | None) -> Segment:
    start, end = 60.0 * (number - 1) + GAP, 60.0 * number - GAP
    share = min(1.0, max(0.0, stage.share_done)) if stage else 0.0
    middle = math.radians((start + end) / 2)
    radius = (OUTER + INNER) / 2
    return Segment(
        stage=stage,
        number=number,
        label=STAGES[number],
        outline=_arrow(start, end),
        done=_arrow(start, start + (end - start) * share) if share > 0.08 else "",
        stuck=stage is not None and stage == stuck,
        mark_x=round(radius * math.sin(middle), 2),
        mark_y=round(-radius * math.cos(middle), 2),
    )


def _point(radius: float, degrees: float) -> str:
    angle = math.radians(degrees)
    return f"{radius * math.sin(angle):.2f} {-radius * math.cos(angle):.2f}"


def _arrow(start: float, end: float) -> str:
    """An arc that begins with a notch and ends with a tip, so that the ring shows its direction."""
    middle = (OUTER + INNER) / 2
    tip = min(TIP, (end - start) / 2)
    return (
        f"M{_point(OUTER, start)}A{OUTER} {OUTER} 0 0 1 {_point(OUTER, end - tip)}"
        f"L{_point(middle, end)}L{_point(INNER, end - tip)}"
        f"A{INNER} {INNER} 0 0 0 {_point(INNER, start)}L{_point(middle, start + tip)}Z"
    )


def verdict(stages: Sequence[StageCount], cycle: str) -> Verdict:
    """Which stage holds the loop back, how much is late there, and how long the oldest has waited."""
    stuck = held_up(stages)
    if stuck is None:
        waiting = sum(stage.count for stage in stages)
        if not waiting:
            return Verdict(_("%(cycle)s: nothing is waiting at any stage.") % {"cycle": cycle}, "met", "met")
        sentence = ngettext(
            "%(cycle)s is [[moving]]: %(count)d thing is under way, none overdue.",
            "%(cycle)s is [[moving]]: %(count)d things are under way, none overdue.",
            waiting,
        )
        return Verdict(sentence % {"cycle": cycle, "count": waiting}, "met", "met")
    sentence = _("%(cycle)s is held up at [[%(stage)s]]: %(count)d %(unit)s, %(overdue)d overdue.") % {
        "cycle": cycle,
        "stage": STAGES[stuck.stage],
        "count": stuck.count,
        "unit": stuck.sentence,
        "overdue": stuck.overdue,
    }
    detail = ngettext(
        "The oldest has waited %(days)d day.", "The oldest has waited %(days)d days.", stuck.oldest_days
    ) % {"days": stuck.oldest_days}
    button = Button(_("See what is overdue"), stuck.overdue_url or stuck.url, primary=True)
    return Verdict(sentence, "miss", "stuck", detail, (button,))
