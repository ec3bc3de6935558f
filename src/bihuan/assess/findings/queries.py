"""Reads of signals and findings; each starts from what the person may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from bihuan.assess.findings import words
from bihuan.assess.findings.models import Finding, Signal
from bihuan.assess.findings.rules import FINDINGS, SIGNALS
from bihuan.assess.findings.states import UNDECIDED, FindingState, SignalKind, SignalState
from bihuan.base.chain.models import Link
from bihuan.base.chain.moves import Move
from bihuan.base.people.models import RoleGrant, User
from bihuan.base.people.roles import Role
from bihuan.base.places.models import Place

# Whoever of these works at a place or above it may answer for its findings; others only at it.
ANSWERING = (Role.DEPARTMENT_HEAD, Role.QUALITY_MANAGER, Role.INSPECTOR, Role.LEADER)


def signals(user: Any, *, place: Place | None = None, cycle: str = "") -> QuerySet[Signal]:
    """The signals a person may see, under a place and of a cycle where given, the gravest first."""
    rows = Signal.objects.visible_to(user).select_related(
        "place", "version__indicator", "run", "finding", "decided_by"
    )
    if place is not None:
        rows = rows.filter(place__path__startswith=place.path)
    return rows.filter(cycle=cycle) if cycle else rows


def matters(rows: QuerySet[Signal]) -> QuerySet[Signal]:
    """One signal for each matter: where a target is missed, what its series shows goes with it."""
    leading = Signal.objects.filter(
        indicator=OuterRef("indicator"),
        place=OuterRef("place"),
        cycle=OuterRef("cycle"),
        state=OuterRef("state"),
        kind=SignalKind.TARGET_MISSED,
    )
    return rows.filter(Q(kind=SignalKind.TARGET_MISSED) | ~Exists(leading))


@dataclass(frozen=True)
class SignalRow:
    """One matter of the list: its leading signal, what one may do, and what its series shows beside it."""

    signal: Signal
    sentence: str
    detail: str
    also: str
    also_detail: str
    acts: dict[str, Move] = field(default_factory=dict)


def signal_rows(user: Any, leading: Iterable[Signal]) -> list[SignalRow]:
    """What the list says of each matter; one more query for all of them."""
    listed = list(leading)
    series = (
        Signal.objects.filter(
            cycle__in={one.cycle for one in listed}, place__in={one.place_id for one in listed}
        )
        .exclude(kind=SignalKind.TARGET_MISSED)
        .select_related("place", "version__indicator")
    )
    beside = {(one.indicator, one.place_id, one.cycle, one.state): one for one in series}
    rows = []
    for one in listed:
        other = beside.get((one.indicator, one.place_id, one.cycle, one.state))
        if one.kind != SignalKind.TARGET_MISSED or other is None:
            also, also_detail = "", ""
        else:
            also, also_detail = words.also(other.kind), words.detail(other)
        acts = SIGNALS.acts_for(user, one)
        rows.append(SignalRow(one, words.sentence(one), words.detail(one), also, also_detail, acts))
    return rows


def of_kind(rows: QuerySet[Signal], kind: str) -> QuerySet[Signal]:
    """The matters that have a signal of a kind, leading or beside it."""
    same = Signal.objects.filter(
        indicator=OuterRef("indicator"), place=OuterRef("place"), cycle=OuterRef("cycle"), kind=kind
    )
    return rows.filter(Exists(same.exclude(state=SignalState.SUPERSEDED)))


MOST_SHOWN = 8


@dataclass(frozen=True)
class Shown:
    """The signals at a place and under it, the gravest first, and how many there are in all."""

    rows: list[SignalRow]
    total: int
    url: str


def shown_at(user: Any, place: Place, cycle: str, *, indicator: str = "") -> Shown:
    """What a page of results shows of the signals: a parent shows those of its projects."""
    rows = matters(signals(user, place=place, cycle=cycle)).exclude(state=SignalState.SUPERSEDED)
    where = {"place": place.code, "cycle": cycle, "state": "all"}
    if indicator:
        rows, where = rows.filter(indicator=indicator), {**where, "of": indicator}
    listed = signal_rows(user, rows[:MOST_SHOWN])
    return Shown(listed, rows.count(), f"{reverse('signals')}?{urlencode(where)}")


def undecided(rows: QuerySet[Signal]) -> dict[str, int]:
    """How many matters nobody has read, and how many were read and wait for a decision."""
    counted = matters(rows).filter(state__in=UNDECIDED).order_by().values_list("state").annotate(Count("pk"))
    return {SignalState.NEW.value: 0, SignalState.SEEN.value: 0, **dict(counted)}


def findings(user: Any, *, place: Place | None = None) -> QuerySet[Finding]:
    """The findings a person may see, under a place where given."""
    rows = Finding.objects.visible_to(user).select_related(
        "place", "version__indicator", "department", "owner"
    )
    return rows if place is None else rows.filter(place__path__startswith=place.path)


@dataclass(frozen=True)
class FindingCounts:
    """How findings stand."""

    open: int = 0
    overdue: int = 0
    analysed: int = 0
    planned: int = 0
    verified: int = 0
    oldest: date | None = None

    @property
    def oldest_days(self) -> int:
        """For how many days the oldest one has waited for its cause."""
        return 0 if self.oldest is None else max((timezone.localdate() - self.oldest).days, 0)


def counts(rows: QuerySet[Finding]) -> FindingCounts:
    """How the findings stand, in two queries."""
    by_state = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    waiting = rows.filter(state=FindingState.OPEN).order_by("state_since").values_list("state_since", "due")
    listed = list(waiting)
    today = timezone.localdate()
    return FindingCounts(
        open=by_state.get(FindingState.OPEN, 0),
        analysed=by_state.get(FindingState.ANALYSED, 0),
        planned=by_state.get(FindingState.PLANNED, 0),
        verified=by_state.get(FindingState.VERIFIED, 0),
        overdue=sum(due is not None and due < today for _since, due in listed),
        oldest=timezone.localdate(listed[0][0]) if listed else None,
    )


def acts_for(user: Any, finding: Finding) -> dict[str, Move]:
    """The acts a person may do to a finding now."""
    return FINDINGS.acts_for(user, finding)


def candidates(place: Place) -> QuerySet[User]:
    """Who may answer for a finding of a place: those whose role there bears duties, and its own staff."""
    above = [int(part) for part in place.path.strip("/").split("/")]
    grants = RoleGrant.objects.on(timezone.localdate()).filter(user=OuterRef("pk"))
    leads = grants.filter(Q(place=None) | Q(place__in=above), role__in=ANSWERING)
    staff = grants.filter(place=place.pk)
    found = User.objects.filter(Exists(leads) | Exists(staff), is_active=True)
    return found.select_related("department")


def proofs(finding: Finding) -> QuerySet[Link]:
    """The links from a finding to what proves that it is gone."""
    return Link.objects.filter(from_kind="finding", from_id=finding.code, relation="proved_by")
