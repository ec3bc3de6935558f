"""Who acts and where, and the dates of what lies back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from bihuan.assess.findings.actions import analyse_finding, open_finding
from bihuan.assess.findings.models import Finding, Signal
from bihuan.assess.findings.states import UNDECIDED
from bihuan.base.notices.models import Notice
from bihuan.base.notices.states import NoticeState
from bihuan.base.people.models import Department, User
from bihuan.base.places.models import Place
from bihuan.config.demo.calendar import cycle_codes
from bihuan.config.demo.company import COMPANY
from bihuan.improve.models import ActionNote, ImprovementPlan

CYCLE = cycle_codes()[-1]  # the quarter that was just evaluated

QUALITY, LEADER, ENGINEER, SERVICE, INSPECTOR = "E001", "E002", "E003", "E004", "E005"
CONTRACTOR, BUTLER_P01, FITTER_P01, FITTER_P07, BUTLER_P03 = "E007", "E009", "E011", "E012", "E013"


def person(number: str) -> User:
    """The person with this employee number."""
    return User.objects.get(employee_number=number)


def department(code: str) -> Department:
    """The department with this code."""
    return Department.objects.get(code=code)


def place(code: str = COMPANY[0]) -> Place:
    """The place with this code; the company without one."""
    return Place.objects.get(code=code)


def moment(text: str) -> datetime:
    """A local instant of the story, written ``2026-01-12 09:30``; nothing of it lies ahead of now."""
    instant = timezone.make_aware(datetime.fromisoformat(text))
    return min(instant, timezone.now())


def days_ago(days: float) -> datetime:
    """So many days before now."""
    return timezone.now() - timedelta(days=days)


def day(offset: int) -> date:
    """Today, so many days on; negative for days that are gone."""
    return timezone.localdate() + timedelta(days=offset)


def set_back(row: Any, **fields: Any) -> None:
    """Give a row dates that lie back.

    The acts of the demo are all done within a minute, and act on the clock of that minute; what a story says
    was done in January is dated so afterwards, or nothing would ever be late. Only instants and days are set,
    never a state, a person or a number. The trail keeps the true time, since it cannot be set back.
    """
    type(row)._default_manager.filter(pk=row.pk).update(**fields)


def set_notices_back(kind: str, number: Any, at: datetime, *, read: bool) -> None:
    """Date the notices about a record back; what lies long back has been read."""
    rows = Notice.objects.filter(subject_kind=kind, subject_id=str(number), created_at__gt=at)
    rows.update(created_at=at)
    if read:
        rows = Notice.objects.filter(subject_kind=kind, subject_id=str(number), state=NoticeState.UNREAD)
        rows.update(state=NoticeState.READ, read_at=at)


def set_notes_back(action: Any, at: datetime) -> None:
    """Date what was reported about an action since then back."""
    ActionNote.objects.filter(action=action, at__gt=at).update(at=at)


def signals(indicators: Iterable[str], project: str, cycle: str = CYCLE) -> list[Signal]:
    """The undecided signals on some indicators at a project."""
    rows = Signal.objects.filter(
        indicator__in=list(indicators), place__code=project, cycle=cycle, state__in=UNDECIDED
    )
    found = list(rows.select_related("place", "version"))
    if not found:
        raise LookupError(f"no signal on {', '.join(indicators)} at {project} in {cycle}")
    return found


def has_finding(indicator: str, project: str, cycle: str = CYCLE) -> bool:
    """Whether the finding of a story is there."""
    return Finding.objects.filter(indicator=indicator, place__code=project, cycle=cycle).exists()


def has_plan(title: str) -> bool:
    """Whether the plan of a story is there."""
    return ImprovementPlan.objects.filter(title=title).exists()


def raise_finding(
    indicators: Iterable[str],
    project: str,
    *,
    opened: datetime,
    due: date,
    cycle: str = CYCLE,
    given_to: str = "",
    to_department: str = "",
    cause: Iterable[str] = (),
    analysed: datetime | None = None,
) -> Finding:
    """The quality manager makes signals a finding; with a cause, whoever answers for it writes it down."""
    finding = open_finding(
        actor=person(QUALITY),
        signals=signals(indicators, project, cycle),
        department=department(to_department) if to_department else None,
        owner=person(given_to) if given_to else None,
    )
    if cause:
        finding = analyse_finding(finding, actor=finding.owner or person(QUALITY), cause=list(cause))
    since = analysed if cause and analysed else opened
    set_back(finding, opened_at=opened, due=due, state_since=since)
    finding.refresh_from_db()
    return finding
