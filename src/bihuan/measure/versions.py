"""Versions of questionnaires and checklists: which ones count, and where one gave way to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis

from bihuan.measure import cycles
from bihuan.measure.context import Context
from bihuan.measure.engine import Engine, Query
from bihuan.measure.engine.fold import ROW, Fold, Measure
from bihuan.measure.facts import VERSIONED, as_at
from bihuan.measure.history import stem
from bihuan.measure.kinds.additive import BINARY
from bihuan.measure.kinds.clusters import MOST_DIMENSIONS, Dimensions
from bihuan.measure.places import Tree


@dataclass(frozen=True)
class Seen:
    """Versions in use.

    ``dropped`` are the keys of rows that do not count; ``used`` the versions of each project by table;
    ``deducting`` the checklist versions that deduct points.
    """

    dropped: Mapping[str, list[str]]
    used: Mapping[str, Mapping[str, frozenset[str]]]
    dimensions: Dimensions
    deducting: tuple[str, ...]

    def instruments(self, table: str, tree: Tree) -> list[str]:
        """For every place the versions under it, joined by ``|``; a building has its project's."""
        found: list[set[str]] = [set() for _ in range(len(tree))]
        used = self.used.get(table, {})
        for project in tree.projects:
            versions = used.get(tree.codes[project])
            place = project
            while versions and place >= 0:
                found[place] |= versions
                place = tree.parent[place]
        for i, level in enumerate(tree.levels):
            if level == "building" and tree.parent[i] >= 0:
                found[i] = found[tree.parent[i]]
        return ["|".join(sorted(versions)) for versions in found]


def look(context: Context, engine: Engine, tables: Sequence[str]) -> Seen:
    """Find the versions of every project, and let one of two lose where they met in a project and cycle.

    A revision counts from the next cycle on: a version whose ``from_cycle`` lies after the cycle loses; of
    two versions of one instrument that both may count, the one that began later stays, or, where that is
    not known, the one with more records.
    """
    rows = [table for table in tables if table in VERSIONED and context.files(table)]
    answers = engine.run([_query(context, table) for table in rows])
    versions = context.snapshot.dimension("versions").to_pylist()
    begins = {(v["kind"], v["version"]): v["from_cycle"] or "" for v in versions}
    dropped: dict[str, list[str]] = {}
    used: dict[str, dict[str, frozenset[str]]] = {}
    names: set[str] = set()
    for table, answer in zip(rows, answers, strict=True):
        kind = VERSIONED[table][1]
        counts: dict[tuple[str, str], dict[str, int]] = {}
        for row in answer.to_pylist():
            own = counts.setdefault((row["cycle"], row["project"]), {})
            own[row["version"]] = own.get(row["version"], 0) + row["rows_n"]
            names.add(row["dimension"] or "")
        stay: dict[str, set[str]] = {}
        for (cycle, project), own in sorted(counts.items()):
            kept = _kept(own, cycle, {v: begins.get((kind, v), "") for v in own})
            stay.setdefault(project, set()).update(kept)
            dropped.setdefault(table, []).extend(
                f"{cycle}\x1f{project}\x1f{version}" for version in sorted(set(own) - kept)
            )
        used[table] = {project: frozenset(found) for project, found in stay.items()}
    deducting = tuple(sorted(v["version"] for v in versions if v["scheme"] == "deduction"))
    return Seen(dropped, used, _dimensions(context, used.get("answers", {}), names), deducting)


def _query(context: Context, table: str) -> Query:
    rows = as_at(context, table)
    dimension = rows.dimension.fill_null("") if table == "answers" else ibis.literal("")
    rows = rows.select("cycle", "project", version=rows[VERSIONED[table][0]], dimension=dimension)
    found = rows.group_by(["cycle", "project", "version", "dimension"]).agg(rows_n=rows.count())
    return Query(found, table, context.files(table), {}, fold=_fold(context, table))


def _fold(context: Context, table: str) -> Fold:
    """The same as a fold: every row counts one."""
    rows = as_at(context, table, numbered=True)
    version = VERSIONED[table][0]
    keys = ("cycle", "project", version, *(("dimension",) if table == "answers" else ()))
    return Fold(
        rows.select(rows[ROW], one=ibis.literal(1).cast("float64")),
        keys,
        measures=(Measure("rows", BINARY, "one"),),
        names={version: "version"},
    )


def _kept(rows: Mapping[str, int], cycle: str, begins: Mapping[str, str]) -> set[str]:
    """The versions of one project and cycle that count."""
    by_stem: dict[str, list[str]] = {}
    for version in rows:
        if begins[version] and cycles.order_key(begins[version]) > cycles.order_key(cycle):
            continue
        by_stem.setdefault(stem(version), []).append(version)
    return {max(group, key=lambda v: (begins[v], rows[v], v)) for group in by_stem.values()}


def _dimensions(context: Context, used: Mapping[str, frozenset[str]], names: set[str]) -> Dimensions:
    versions = tuple(sorted({v for found in used.values() for v in found}))
    weights: dict[tuple[str, str], float] = {}
    for row in context.snapshot.dimension("questions").to_pylist():
        if row["questionnaire_version"] in versions and row["dimension_weight"] is not None:
            key = (row["questionnaire_version"], row["dimension"] or "")
            weights[key] = max(weights.get(key, 0.0), float(row["dimension_weight"]))
    if len(names) > MOST_DIMENSIONS:
        raise ValueError(
            f"The questionnaires have {len(names)} dimensions; an index can have {MOST_DIMENSIONS} at most."
        )
    return Dimensions(tuple(sorted(names)), weights, versions)
