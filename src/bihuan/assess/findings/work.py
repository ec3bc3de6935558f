"""What of signals and findings is mine to do, and what stands at stages 3 and 4 of the loop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from django.db.models import Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from bihuan.assess.findings import queries
from bihuan.assess.findings.models import Finding, Signal
from bihuan.assess.findings.rules import may_plan
from bihuan.assess.findings.states import UNDECIDED, FindingState, SignalState
from bihuan.base.people.roles import Role
from bihuan.base.places.managers import under
from bihuan.base.ui import formats
from bihuan.base.ui.work import StageCount, WorkItem

END_OF_WORK = time(18)


def end_of(day: date | None) -> datetime | None:
    """The instant at which a day's work is over."""
    return None if day is None else timezone.make_aware(datetime.combine(day, END_OF_WORK))


def work(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Signals to decide, causes to find, plans to draw up, findings to close."""
    yield from _signals(user)
    for finding in mine(user):
        yield _item(user, finding)


def _signals(user: Any) -> Iterator[WorkItem]:
    """One item for each cycle whose signals wait for this quality manager."""
    kept = under(user.paths_as(Role.QUALITY_MANAGER), "place__path")
    if kept is None:
        return
    waiting: dict[str, int] = {}
    rows = queries.matters(Signal.objects.filter(kept)).filter(state__in=UNDECIDED).order_by()
    for cycle in rows.values_list("cycle", flat=True):
        waiting[cycle] = waiting.get(cycle, 0) + 1
    for cycle, count in sorted(waiting.items()):
        title = ngettext("Decide on %(n)d signal", "Decide on %(n)d signals", count) % {"n": count}
        yield WorkItem(
            f"signals-{cycle}",
            title,
            _("%(cycle)s: seen, dismissed with a reason, or made a finding")
            % {"cycle": formats.cycle_name(cycle)},
            f"{reverse('signals')}?cycle={cycle}",
            gettext_lazy("Go through them"),
            3,
        )


def mine(user: Any) -> list[Finding]:
    """The findings whose next step is this person's."""
    heads = under(user.paths_as(Role.DEPARTMENT_HEAD), "place__path")
    kept = under(user.paths_as(Role.QUALITY_MANAGER), "place__path")
    condition = Q(owner=user, state__in=[FindingState.OPEN, FindingState.ANALYSED])
    if heads is not None:
        theirs = Q(department=None) if user.department_id is None else Q(department=user.department_id)
        condition |= heads & theirs & Q(owner=None, state__in=[FindingState.OPEN, FindingState.ANALYSED])
    if kept is not None:
        condition |= kept & Q(state=FindingState.VERIFIED)
        condition |= kept & Q(
            owner=None, department=None, state__in=[FindingState.OPEN, FindingState.ANALYSED]
        )
    return list(Finding.objects.filter(condition).select_related("place").order_by("due", "pk").distinct())


VERBS = {
    FindingState.OPEN: gettext_lazy("Write down the cause"),
    FindingState.ANALYSED: gettext_lazy("Draw up a plan"),
    FindingState.VERIFIED: gettext_lazy("Close the finding"),
}


def _item(user: Any, finding: Finding) -> WorkItem:
    state = FindingState(finding.state)
    verb = VERBS[state]
    if state == FindingState.ANALYSED and not may_plan(user, finding):
        verb = gettext_lazy("See what is next")
    return WorkItem(
        f"finding-{finding.code}",
        finding.title,
        _("Finding %(code)s at %(place)s") % {"code": finding.code, "place": finding.place.name},
        reverse("finding", args=[finding.code]),
        verb,
        4,
        end_of(finding.due) if state == FindingState.OPEN else None,
        glyph="late" if finding.overdue else "wait",
    )


def signals_stage(user: Any, place: Any, cycle: Any) -> StageCount:
    """Stage 3: signals that nobody has read, in the chosen cycle."""
    code = str(cycle or "")
    rows = queries.signals(user, place=_subject(place), cycle=code)
    leading = queries.matters(rows)
    total = leading.exclude(state=SignalState.SUPERSEDED).count()
    new = leading.filter(state=SignalState.NEW)
    counted = new.aggregate(oldest=Min("raised_at"))
    count = new.count()
    oldest = counted["oldest"]
    return StageCount(
        stage=3,
        count=count,
        sentence=ngettext_lazy("signal not read", "signals not read", count),
        overdue=0,
        oldest_days=max((timezone.now() - oldest).days, 0) if oldest else 0,
        share_done=1 - count / total if total else 1.0,
        url=_address("signals", place, cycle=code, state="new"),
    )


def findings_stage(user: Any, place: Any, cycle: Any) -> StageCount:
    """Stage 4: findings whose cause nobody has found yet, of whatever cycle."""
    rows = queries.findings(user, place=_subject(place))
    counted = queries.counts(rows)
    total = rows.exclude(state=FindingState.CANCELLED).count()
    return StageCount(
        stage=4,
        count=counted.open,
        sentence=ngettext_lazy("finding without a cause", "findings without a cause", counted.open),
        overdue=counted.overdue,
        oldest_days=counted.oldest_days,
        share_done=1 - counted.open / total if total else 1.0,
        url=_address("findings", place, state="open"),
        overdue_url=_address("findings", place, overdue="1"),
    )


def _subject(place: Any) -> Any:
    """The place itself, whether it came as a choice of the top bar or as a record."""
    return getattr(place, "subject", place)


def _address(name: str, place: Any, **query: str) -> str:
    code = getattr(_subject(place), "code", "")
    pairs = {**({"place": code} if code else {}), **{key: value for key, value in query.items() if value}}
    return reverse(name) + "?" + "&".join(f"{key}={value}" for key, value in pairs.items())
