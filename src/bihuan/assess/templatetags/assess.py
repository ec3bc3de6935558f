"""``{% load assess %}``: the heat map's little drawings and the words of values."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bihuan.assess import units, words
from bihuan.assess.queries.scorecard import Row
from bihuan.assess.states import ReportState, RunState
from bihuan.base.ui import formats
from bihuan.base.ui.templatetags.bh import status
from bihuan.standards.states import CycleState

register = template.Library()

WIDTH, HEIGHT, EDGE = 104, 14, 4
_SHAPES = {
    "met": '<circle cx="{x}" cy="7" r="4"></circle>',
    "watch": '<path d="M{x} 2.6l4.6 8h-9.2z"></path>',
    "miss": '<rect x="{left}" y="3.4" width="7.2" height="7.2"></rect>',
}
_RUNS = {
    RunState.QUEUED: "waiting",
    RunState.RUNNING: "in_progress",
    RunState.DONE: "done",
    RunState.FAILED: "failed",
    RunState.ISSUED: "final",
}
_REPORTS = {ReportState.DRAFT: "draft", ReportState.ISSUED: "final", ReportState.SUPERSEDED: "superseded"}
_CYCLES = {
    CycleState.PLANNED: "todo",
    CycleState.COLLECTING: "in_progress",
    CycleState.ANALYSING: "in_progress",
    CycleState.EVALUATED: "waiting",
    CycleState.CLOSED: "done",
}


def _x(at: float) -> float:
    return round(EDGE + at * (WIDTH - 2 * EDGE) / 100, 1)


@register.simple_tag
def range_bar(row: Row, target_at: float) -> SafeString:
    """A score's interval on the axis that all rows share; the upright line is the target."""
    if row.bar is None:
        return SafeString("")
    x = _x(row.bar.at)
    shape = format_html(_SHAPES[row.score.tone], x=x, left=round(x - 3.6, 1))
    label = _("%(score)s, between %(low)s and %(high)s") % {
        "score": formats.number(row.score.value, 1),
        "low": formats.number(row.score.low, 1),
        "high": formats.number(row.score.high, 1),
    }
    return format_html(
        '<svg class="bh-{tone}" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img"'
        ' aria-label="{label}">'
        '<line class="bh-axis" x1="0" y1="7" x2="{w}" y2="7" stroke-width="1"></line>'
        '<rect x="{low}" y="4.5" width="{width}" height="5" rx="2.5" fill="currentColor"'
        ' opacity=".28"></rect>'
        '<line class="bh-aim" x1="{aim}" y1="0" x2="{aim}" y2="{h}" stroke-width="1.5"></line>'
        '<g fill="currentColor">{shape}</g></svg>',
        tone=row.score.tone,
        w=WIDTH,
        h=HEIGHT,
        label=label,
        low=_x(row.bar.low),
        width=round(max(_x(row.bar.high) - _x(row.bar.low), 2), 1),
        aim=_x(target_at),
        shape=shape,
    )


@register.filter
def shown(reading: words.Reading) -> str:
    """The value with its unit."""
    return units.value(reading.value, reading.unit) if reading.shown else "—"


@register.filter
def between(reading: words.Reading) -> str:
    """The interval of a value."""
    return units.interval(reading.low, reading.high, reading.unit) if reading.shown else ""


@register.filter
def aim(reading: words.Reading) -> str:
    """The target of a value at its place."""
    return units.goal(reading.target, reading.unit)


@register.filter
def counted(reading: words.Reading) -> str:
    """How many records stand under a value; not said where it is hidden."""
    return "—" if reading.status == "suppressed" else units.count(reading.n, reading.table)


@register.filter
def change(reading: words.Reading) -> str:
    """The change against last cycle in a sentence."""
    return words.change_sentence(reading)


@register.simple_tag
def standing(look: str, word: str = "") -> SafeString:
    """Glyph and word of a standing, or of why there is no number."""
    return status(look, word) if look else SafeString("—")


@register.simple_tag
def run_state(run: Any) -> SafeString:
    """The state of a run."""
    return status(_RUNS[RunState(run.state)], run.get_state_display())


@register.simple_tag
def report_state(report: Any) -> SafeString:
    """The state of a report."""
    return status(_REPORTS[ReportState(report.state)], report.get_state_display())


@register.simple_tag
def cycle_state(cycle: Any) -> SafeString:
    """The state of a cycle."""
    return status(_CYCLES[CycleState(cycle.state)], cycle.get_state_display())


@register.filter
def at(mapping: Any, key: str) -> Any:
    """What a mapping holds under a key."""
    return mapping[key]
