"""Finding: everything a person may see, by code or by words of its title."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.assess import queries as assess
from bihuan.assess.findings.models import Finding
from bihuan.assess.models import AnalysisReport
from bihuan.base.people.models import User
from bihuan.base.people.roles import Role
from bihuan.base.privacy import normalise
from bihuan.improve.models import ImprovementPlan
from bihuan.standards.models import IndicatorVersion
from bihuan.standards.service.models import StandardClause

MOST = 8  # hits of one kind on the page


@dataclass(frozen=True)
class Hit:
    """One thing that was found."""

    title: str
    detail: str
    url: str


@dataclass(frozen=True)
class Group:
    """The hits of one kind; ``more`` when there are others that are not shown."""

    label: Any
    hits: list[Hit]
    more: bool


def find(user: Any, text: str) -> list[Group]:
    """Groups of hits for ``text``; nothing for an empty text."""
    words = text.split()
    if not words:
        return []
    sources: tuple[tuple[Any, Callable[[Any, list[str]], Iterable[Hit]]], ...] = (
        (_("Places"), _places),
        (_("Indicators"), _indicators),
        (_("Findings"), _findings),
        (_("Improvement plans"), _plans),
        (_("Service standards"), _clauses),
        (_("Reports"), _reports),
        (_("People"), _people),
    )
    groups = []
    for label, source in sources:
        hits = list(source(user, words))
        if hits:
            groups.append(Group(label, hits[:MOST], len(hits) > MOST))
    return groups


def _matching(rows: QuerySet[Any], words: list[str], *fields: str) -> QuerySet[Any]:
    """Rows in which every word stands in one of the fields; one more than is shown."""
    for word in words:
        condition = Q(pk__in=[])
        for field in fields:
            condition |= Q(**{f"{field}__icontains": word})
        rows = rows.filter(condition)
    return rows[: MOST + 1]


def _places(user: Any, words: list[str]) -> Iterable[Hit]:
    for place in _matching(assess.visible_places(user), words, "code", "name_zh", "name_en"):
        yield Hit(
            place.name,
            f"{place.code} {place.get_kind_display()}",
            reverse("place_results", args=[place.code]),
        )


def _indicators(user: Any, words: list[str]) -> Iterable[Hit]:
    rows = IndicatorVersion.objects.visible_to(user).filter(state="effective").select_related("indicator")
    for version in _matching(rows, words, "indicator__code", "name_zh", "name_en"):
        code = version.indicator.code
        yield Hit(version.name, code, reverse("indicator", args=[code]))


def _findings(user: Any, words: list[str]) -> Iterable[Hit]:
    for finding in _matching(Finding.objects.visible_to(user), words, "code", "title_zh", "title_en"):
        yield Hit(finding.title, finding.code, reverse("finding", args=[finding.code]))


def _plans(user: Any, words: list[str]) -> Iterable[Hit]:
    for plan in _matching(ImprovementPlan.objects.visible_to(user), words, "code", "title"):
        yield Hit(plan.title, f"{plan.code} {plan.get_state_display()}", reverse("plan", args=[plan.code]))


def _clauses(user: Any, words: list[str]) -> Iterable[Hit]:
    rows = (
        StandardClause.objects.visible_to(user)
        .filter(version__state="effective")
        .select_related("version__standard")
    )
    for clause in _matching(rows, words, "number", "text_zh", "text_en"):
        yield Hit(
            clause.text, clause.number, reverse("service_standard", args=[clause.version.standard.code])
        )


def _reports(user: Any, words: list[str]) -> Iterable[Hit]:
    for report in _matching(AnalysisReport.objects.visible_to(user), words, "number"):
        yield Hit(str(report), report.get_state_display(), reverse("report", args=[report.number]))


def _people(user: Any, words: list[str]) -> Iterable[Hit]:
    """Administrators find a person by employee number or by the exact name, which is encrypted."""
    if not user.has_role(Role.ADMINISTRATOR):
        return
    text = "".join(words)
    found = User.objects.filter(Q(employee_number__icontains=text) | Q(name_index=normalise.name(text)))[
        : MOST + 1
    ]
    for person in found:
        yield Hit(person.get_short_name(), person.employee_number, reverse("person", args=[person.pk]))
