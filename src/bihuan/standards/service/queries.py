"""Reads of service standards, their clauses, and revision requests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from bihuan.base.people.roles import ServiceArea
from bihuan.standards.models import IndicatorVersion
from bihuan.standards.service.models import (
    RevisionRequest,
    ServiceStandard,
    StandardClause,
    StandardVersion,
)
from bihuan.standards.service.states import OPEN
from bihuan.standards.states import VersionState


def standards(user: Any) -> QuerySet[ServiceStandard]:
    """Standards and procedures with the version in force and how much of it is under revision."""
    current = StandardVersion.objects.filter(state=VersionState.EFFECTIVE).annotate(n=Count("clauses"))
    return (
        ServiceStandard.objects.visible_to(user)
        .prefetch_related(Prefetch("versions", current, to_attr="current"))
        .annotate(revising=Count("revisions__clause__number", Q(revisions__state__in=OPEN), distinct=True))
    )


def versions(user: Any, standard: ServiceStandard) -> list[StandardVersion]:
    """All versions of a standard, the newest first."""
    rows = standard.versions.visible_to(user).select_related("replaces", "made_by", "published_by")
    return list(rows.order_by("-made_at", "-pk"))


def clauses(version: StandardVersion) -> list[StandardClause]:
    """The clauses of a version with what measures them and what they rest on."""
    return list(version.clauses.prefetch_related("indicators", "basis__regulation"))


def by_area(listed: Iterable[StandardClause]) -> list[tuple[Any, list[StandardClause]]]:
    """Clauses by service area, the areas as they come."""
    groups: dict[str, list[StandardClause]] = {}
    for clause in listed:
        groups.setdefault(clause.area, []).append(clause)
    return [(ServiceArea(area).label, rows) for area, rows in groups.items()]


def clause(user: Any, standard: str, number: str) -> StandardClause | None:
    """A clause as it is in force; where it no longer is, as it was last."""
    rows = StandardClause.objects.visible_to(user) if user is not None else StandardClause.objects.all()
    rows = rows.filter(version__standard__code=standard, number=number).select_related("version__standard")
    in_force = rows.filter(version__state=VersionState.EFFECTIVE).first()
    return in_force or rows.order_by("-version__made_at", "-pk").first()


def wordings(found: StandardClause) -> list[StandardClause]:
    """A clause in all versions of its standard in which its wording changed, the newest first."""
    rows = StandardClause.objects.filter(version__standard=found.version.standard_id, number=found.number)
    kept: list[StandardClause] = []
    for row in rows.select_related("version__standard").order_by("version__made_at", "pk"):
        if not kept or (row.text_zh, row.text_en) != (kept[-1].text_zh, kept[-1].text_en):
            kept.append(row)
    return kept[::-1]


@dataclass(frozen=True)
class Change:
    """One clause that differs between two versions; ``before`` is missing where it is new."""

    number: str
    before: StandardClause | None
    after: StandardClause | None


def changes(version: StandardVersion) -> list[Change]:
    """What a version changes against the one it replaces, clause by clause."""
    if version.replaces_id is None:
        return []
    old = {one.number: one for one in StandardClause.objects.filter(version=version.replaces_id)}
    new = {one.number: one for one in version.clauses.all()}
    found = []
    for number in [*new, *[gone for gone in old if gone not in new]]:
        before, after = old.get(number), new.get(number)
        same = before and after and (before.text_zh, before.text_en) == (after.text_zh, after.text_en)
        if not same:
            found.append(Change(number, before, after))
    return found


def indicators_of(listed: Iterable[StandardClause]) -> list[IndicatorVersion]:
    """The present versions of the indicators that measure these clauses, each once."""
    numbers = {one.pk for row in listed for one in row.indicators.all()}
    rows = IndicatorVersion.objects.filter(indicator__in=numbers, state=VersionState.EFFECTIVE)
    return list(rows.select_related("indicator").order_by("indicator__order"))


def names_of(listed: Iterable[StandardClause]) -> dict[str, str]:
    """The names of the indicators of these clauses, by code."""
    return {version.indicator.code: version.name for version in indicators_of(listed)}


def revisions(user: Any) -> QuerySet[RevisionRequest]:
    """Revision requests, the newest first."""
    rows = RevisionRequest.objects.visible_to(user)
    return rows.select_related("standard", "clause__version", "version", "asked_by", "decided_by")
