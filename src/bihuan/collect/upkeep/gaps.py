"""What is missing: which months a project should have by now, judged by what it used to have.

Nothing here reads the database or the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bihuan.base.calendars import periods
from bihuan.collect.upkeep.states import Gap

GRACE = timedelta(days=5)  # a month may still be on its way for so long after its end
LOOK_BACK = 4  # quarters that tell what a project used to have
STEADY = 0.8  # share of months with facts that makes an empty month worth a word
COMPLETE = 0.9  # share of complete rows below which somebody is reminded
FEW = 20  # fewer rows than this say nothing about completeness

Months = Mapping[str, tuple[int, int]]  # month -> facts, complete facts


@dataclass(frozen=True)
class Missing:
    """One gap of one project and source in one cycle."""

    cycle: str
    gap: str
    detail: dict[str, object] = field(default_factory=dict)


def due_months(cycle: str, now: datetime) -> list[str]:
    """The months of a cycle whose facts should be there by now."""
    return [month for month in periods.months_of(cycle) if periods.month_bounds(month)[1] + GRACE <= now]


def cycles_to_judge(now: datetime) -> list[str]:
    """The last quarter and, once its first month is due, the present one."""
    present = periods.quarter_of(now)
    return [cycle for cycle in (periods.previous_cycle(present), present) if due_months(cycle, now)]


def missing(months: Months, now: datetime) -> list[Missing]:
    """What a project lacks from a source, the earlier cycle first."""
    found = []
    for cycle in cycles_to_judge(now):
        gap = _in_cycle(months, cycle, due_months(cycle, now))
        if gap is not None:
            found.append(gap)
    return found


def _in_cycle(months: Months, cycle: str, due: list[str]) -> Missing | None:
    before = [m for back in range(-LOOK_BACK, 0) for m in periods.months_of(periods.shift_cycle(cycle, back))]
    since = next((n for n, month in enumerate(before) if month in months), None)
    if since is None:
        return None  # it never had facts, or not for a year: nothing is expected
    empty = [month for month in due if month not in months]
    if not any(month in months for month in periods.months_of(cycle)):
        usual = any(month in months for month in before[-6:])
        return Missing(cycle, Gap.CYCLE) if usual else None
    known = before[since:]
    steady = sum(month in months for month in known) >= STEADY * len(known)
    if empty and steady and len(known) >= 3:
        return Missing(cycle, Gap.MONTHS, {"months": empty})
    rows, complete = _sums(months, cycle)
    if rows >= FEW and complete < COMPLETE * rows:
        return Missing(cycle, Gap.INCOMPLETE, {"rows": rows, "complete": complete})
    return None


def _sums(months: Months, cycle: str) -> tuple[int, int]:
    counts = [months[month] for month in periods.months_of(cycle) if month in months]
    return sum(n for n, _ in counts), sum(c for _, c in counts)


def filled(gap: str, detail: Mapping[str, object], cycle: str, months: Months) -> bool:
    """Whether a gap found earlier is gone because the data came, and not because nobody asks any more."""
    if gap == Gap.CYCLE:
        return any(month in months for month in periods.months_of(cycle))
    if gap == Gap.MONTHS:
        wanted = detail.get("months")
        return isinstance(wanted, list) and all(month in months for month in wanted)
    rows, complete = _sums(months, cycle)
    return rows > 0 and complete >= COMPLETE * rows
