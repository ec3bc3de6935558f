"""Two steps before the sums: an index of each response, a score of each inspection."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir

from bihuan.measure.build import build
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.facts import counted

MOST_DIMENSIONS = 60


@dataclass(frozen=True)
class Dimensions:
    """The dimensions of the questionnaires in use, with their weight in the index by version."""

    names: tuple[str, ...]
    weights: Mapping[tuple[str, str], float]
    versions: tuple[str, ...]

    def weight(self, name: str, version: ir.StringColumn) -> Any:
        """The weight of a dimension; 1 where none is given."""
        given = [self.weights.get((v, name), 1.0) for v in self.versions]
        if len(set(given)) <= 1:
            return ibis.literal(given[0] if given else 1.0)
        branches = [(version == v, w) for v, w in zip(self.versions, given, strict=True)]
        return ibis.cases(*branches, else_=1.0)


def mark(context: Context, definition: Definition, rows: ir.Table) -> Any:
    """An answer that counts for the index on a scale of 0 to 1, nothing elsewhere."""
    value = build(definition.nodes["value"], rows, context.constants(rows))
    part = (value - rows.scale_min) / (rows.scale_max - rows.scale_min).nullif(0)
    return ibis.ifelse(counted(context, definition, rows), part, ibis.null("float64"))


def dimension_sums(rows: ir.Table, dimensions: Dimensions, prefix: str) -> dict[str, Any]:
    """Sums of one response over the items of each dimension: their marks, and their number."""
    found: dict[str, Any] = {}
    for k, name in enumerate(dimensions.names):
        own = ibis.ifelse(rows.of_dimension == name, rows[prefix], ibis.null("float64"))
        found[f"{prefix}_{k}s"] = own.sum()
        found[f"{prefix}_{k}c"] = own.count()
    return found


def index_of(responses: ir.Table, dimensions: Dimensions, prefix: str) -> tuple[Any, Any]:
    """Whether a response has an index, and that index.

    A dimension counts with its mean over the items that were answered; a dimension without an answer is
    left out and the weights of the others stand for it.
    """
    above, below = [], []
    for k, name in enumerate(dimensions.names):
        total, count = responses[f"{prefix}_{k}s"], responses[f"{prefix}_{k}c"]
        weight = dimensions.weight(name, responses.version)
        above.append(ibis.ifelse(count > 0, weight * total / count.nullif(0), 0.0))
        below.append(ibis.ifelse(count > 0, weight, 0.0))
    weight = reduce(operator.add, below)
    return weight > 0, reduce(operator.add, above) / weight.nullif(0)


def points_rows(context: Context, definition: Definition, rows: ir.Table, schemes: Sequence[str]) -> ir.Table:
    """What each checked item earned, what it could have earned, and whether it takes its area to 0.

    Items that do not apply or were not checked are left out. Under the scheme of shares a red-line item
    that fails takes its whole area to 0. ``schemes`` lists the checklist versions that deduct points
    instead: there ``points`` are taken off what could be earned.
    """
    applies = rows.result.isin(["conforming", "non_conforming"])
    rows = rows.filter(counted(context, definition, rows), applies)
    most = ibis.coalesce(rows.max_points, 1.0)
    deducts = rows.checklist_version.isin(list(schemes)) if schemes else ibis.literal(False)
    failed = rows.result == "non_conforming"
    points = ibis.coalesce(rows.points, ibis.ifelse(deducts | failed, 0.0, most))
    earned = ibis.ifelse((points < 0) | (deducts & (points == 0)), most + points, points)
    weight = ibis.coalesce(rows.weight, 1.0)
    vetoed = failed & ibis.coalesce(rows.veto, ibis.literal(False)) & ~deducts
    return rows.mutate(earned=earned * weight, most=most * weight, vetoed=vetoed)


def points_units(
    context: Context, definition: Definition, rows: ir.Table, keys: Sequence[str], schemes: Sequence[str]
) -> ir.Table:
    """The score of each inspection: areas first, each at least 0, then points over possible points."""
    rows = points_rows(context, definition, rows, schemes)
    rows = rows.mutate(area=ibis.coalesce(rows.service_area, ""))
    by = ["inspection", *keys]
    areas = rows.group_by(list(dict.fromkeys([*by, "area"]))).agg(
        earned=rows.earned.sum(), most=rows.most.sum(), vetoed=rows.vetoed.any()
    )
    areas = areas.mutate(earned=ibis.ifelse(areas.vetoed, 0.0, ibis.greatest(areas.earned, 0.0)))
    scores = areas.group_by(by).agg(y=areas.earned.sum() / areas.most.sum().nullif(0))
    return scores.filter(scores.y.notnull())
