"""Signals that somebody has read, and findings that wait: for a cause, for a plan, or given up."""

from __future__ import annotations

from django.db.models import QuerySet

from bihuan.assess.findings.actions import cancel_finding, dismiss_signal, see_signal
from bihuan.assess.findings.models import Signal
from bihuan.assess.findings.states import UNDECIDED, SignalState
from bihuan.config.demo.loops import stage, underway
from bihuan.config.demo.loops.stage import CYCLE, day, days_ago, person, set_back
from bihuan.config.demo.loops.texts import FAILED, PROVED, WORKED

PAST = "季度已过，季度例会上看过；没有好转的，下一季度还会预警。"
SEEN = (("C03", "P06"), ("S02", "P20"), ("C03", "P10"))
DISMISSED = {
    ("M02", "P18"): "只差1次，当天设备厂家停电检修，次日补做，已核对保养单。",
    ("M02", "P20"): "只差1次，因台风停梯顺延一天，维保单和停梯公告都在。",
}
# indicator, project, days since it was opened, days until its cause is due, department, person
WITHOUT_CAUSE = (
    ("S02", "P06", 16, -6, "D-CS", stage.SERVICE),
    ("C03", "P09", 12, -2, "D-ENG", stage.ENGINEER),
    ("S02", "P24", 3, 5, "D-CS", ""),
)
WITHOUT_PLAN = ("C03", "P19")
CANCELLED = ("S02", "P17")
# Left undecided, with evaluated quarters after it: whoever tries the demo takes it round the loop.
LEFT_OPEN = {"indicator": WORKED.indicator, "place__code": WORKED.project, "cycle": "2025Q3"}


def earlier_are_settled() -> bool:
    """Whether nobody has to decide on signals of earlier quarters any more."""
    return not _earlier().exists()


def _earlier() -> QuerySet[Signal]:
    """Undecided signals of earlier quarters, but for those of the finished plans and the one left open."""
    rows = Signal.objects.filter(state__in=UNDECIDED).exclude(cycle=CYCLE).exclude(**LEFT_OPEN)
    for one in (WORKED, FAILED, PROVED):
        rows = rows.exclude(cycle=one.trigger, indicator=one.signal, place__code=one.project)
    return rows.exclude(cycle=underway.TRIGGER, indicator=underway.NOTICED, place__code=underway.PROJECT)


def settle_earlier() -> None:
    """The quality manager has gone through what the earlier quarters showed."""
    manager = person(stage.QUALITY)
    done: set[tuple[str, int, str]] = set()
    for signal in _earlier().select_related("place", "version").order_by("pk"):
        matter = (signal.indicator, signal.place_id, signal.cycle)
        if matter not in done:
            dismiss_signal(signal, actor=manager, reason=PAST)
            done.add(matter)


def findings_are_told() -> bool:
    """Whether the findings that wait are there."""
    return stage.has_finding(*CANCELLED)


def tell_findings() -> None:
    """Two overdue without a cause, one not yet due, one with a cause and no plan, one given up."""
    for indicator, project, opened, due, department, owner in WITHOUT_CAUSE:
        stage.raise_finding(
            [indicator],
            project,
            opened=days_ago(opened),
            due=day(due),
            to_department=department,
            given_to=owner,
        )
    stage.raise_finding(
        [WITHOUT_PLAN[0]],
        WITHOUT_PLAN[1],
        opened=days_ago(10),
        due=day(-3),
        to_department="D-ENG",
        given_to=stage.ENGINEER,
        cause=("夜里货车占住消防通道", "地面车位不够，夜间没有人巡查", "加装地桩的钱停在业主表决"),
        analysed=days_ago(5),
    )
    given_up = stage.raise_finding(
        [CANCELLED[0]], CANCELLED[1], opened=days_ago(11), due=day(-1), to_department="D-ENG"
    )
    cancel_finding(
        given_up,
        actor=person(stage.QUALITY),
        reason="调查那两周小区停水换管，打分受了影响；水管已换完，下季再看。",
    )
    set_back(given_up, state_since=days_ago(7))


def signals_are_told() -> bool:
    """Whether the signals of the quarter were gone through."""
    return Signal.objects.filter(cycle=CYCLE, state=SignalState.DISMISSED).exists()


def tell_signals() -> None:
    """A few are read and a few dismissed; most still wait for somebody to look."""
    manager = person(stage.QUALITY)
    for indicator, project in SEEN:
        see_signal(stage.signals([indicator], project)[0], actor=manager)
    for (indicator, project), reason in DISMISSED.items():
        dismiss_signal(stage.signals([indicator], project)[0], actor=manager, reason=reason)
