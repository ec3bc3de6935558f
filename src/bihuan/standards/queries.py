"""Reads of standards: what counts in a cycle, for pages, for the measuring engine and for the top bar."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from bihuan.base.calendars import periods
from bihuan.measure.definition import Definition
from bihuan.standards import cycles
from bihuan.standards.models import IndicatorVersion, MonitoringCycle, Regulation, WeightTree
from bihuan.standards.states import VersionState

# A superseded version still counts in the cycles before its successor; drafts and withdrawn ones never do.
COUNTING = (VersionState.EFFECTIVE, VersionState.SUPERSEDED)


def versions_for(cycle: str, *, user: Any = None) -> list[IndicatorVersion]:
    """The version of every indicator that counts in a cycle, in the catalogue's order."""
    rows = IndicatorVersion.objects.filter(state__in=COUNTING)
    if user is not None:
        rows = rows.visible_to(user)
    found: dict[int, IndicatorVersion] = {}
    for version in (
        rows.select_related("indicator")
        .prefetch_related("clauses__regulation")
        .order_by("indicator__order", "indicator__code", "number")
    ):
        if cycles.start_key(version.from_cycle) <= cycles.start_key(cycle):
            found[version.indicator_id] = version
    return list(found.values())


def definition_of(version: IndicatorVersion) -> Definition:
    """The parsed definition of a version."""
    return Definition.parse(whole_definition(version))


def whole_definition(version: IndicatorVersion) -> dict[str, Any]:
    """The definition of a version as ``measure`` reads it."""
    return {**version.definition, "version": str(version.number), "from_cycle": version.from_cycle}


def definitions_for(cycle_code: str) -> list[Definition]:
    """The definitions that count in a cycle, parsed."""
    return [definition_of(version) for version in versions_for(cycle_code)]


def tree_for(cycle_code: str) -> WeightTree | None:
    """The weights that count in a cycle."""
    found = None
    for tree in WeightTree.objects.filter(state__in=COUNTING).order_by("number"):
        if cycles.start_key(tree.from_cycle) <= cycles.start_key(cycle_code):
            found = tree
    return found


def weights_for(cycle_code: str) -> dict[str, Any]:
    """The weights that count in a cycle, as ``measure`` reads them; without a tree, every indicator alike."""
    tree = tree_for(cycle_code)
    if tree is None:
        codes = [version.indicator.code for version in versions_for(cycle_code)]
        return {"nodes": [{"code": "all", "weight": 1, "indicators": codes}]} if codes else {"nodes": []}
    return as_weights(tree)


def as_weights(tree: WeightTree) -> dict[str, Any]:
    """A tree as ``measure`` reads it."""
    nodes = list(tree.nodes.all())
    below: dict[int | None, list[Any]] = {}
    for node in nodes:
        below.setdefault(node.parent_id, []).append(node)

    def of(node: Any) -> dict[str, Any]:
        found: dict[str, Any] = {"code": node.code, "weight": node.weight}
        if node.pk in below:
            found["nodes"] = [of(child) for child in below[node.pk]]
        return found

    top = below[None][0]
    return {"grades": tree.grades, "red_line_grade": tree.red_line_grade, "nodes": of(top)["nodes"]}


def shares(tree: WeightTree) -> dict[str, float]:
    """The share of each node in the total, by code; the total itself is 1."""
    nodes = list(tree.nodes.all())
    found: dict[int, float] = {}
    sums: dict[int | None, float] = {}
    for node in nodes:
        sums[node.parent_id] = sums.get(node.parent_id, 0.0) + node.weight
    for node in nodes:  # parents come before their children
        above = found[node.parent_id] if node.parent_id else 1.0
        found[node.pk] = above * (node.weight / sums[node.parent_id] if sums[node.parent_id] else 0.0)
    return {node.code: found[node.pk] for node in nodes}


def versions_of(code: str, *, user: Any) -> list[IndicatorVersion]:
    """All versions of an indicator, the newest first."""
    return list(
        IndicatorVersion.objects.visible_to(user)
        .filter(indicator__code=code)
        .select_related("indicator", "made_by")
        .prefetch_related("clauses__regulation")
        .order_by("-number")
    )


def cycles_visible(user: Any) -> list[MonitoringCycle]:
    """The cycles a person may choose, the newest first."""
    return list(MonitoringCycle.objects.visible_to(user))


def default_cycle(options: Iterable[MonitoringCycle]) -> MonitoringCycle | None:
    """The cycle people mean when they choose none: the newest one that was opened, else the newest."""
    listed = list(options)
    return next((cycle for cycle in listed if cycle.state != "planned"), listed[0] if listed else None)


def current_cycle() -> str:
    """The quarter it is now."""
    return periods.quarter_of(timezone.now())


def family_names(cycle_code: str) -> dict[str, str]:
    """The families of indicators by code, named as in the weights."""
    tree = tree_for(cycle_code)
    return {} if tree is None else {n.code: n.name for n in tree.nodes.all() if not n.is_indicator}


def technical(version: IndicatorVersion) -> list[tuple[str, str]]:
    """The expressions of a definition, as they were written."""
    described = {
        "code",
        "family",
        "name",
        "unit",
        "direction",
        "target",
        "floor",
        "min_n",
        "breakdowns",
        "period",
    }
    return [
        (key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in version.definition.items()
        if key not in described
    ]


def regulations(user: Any) -> list[Regulation]:
    """Regulations with their clauses."""
    return list(Regulation.objects.visible_to(user).prefetch_related("clauses"))
