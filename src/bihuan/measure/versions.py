"""A first look at the facts: who has any, and which versions of questionnaires and checklists count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from bihuan.measure import cycles
from bihuan.measure.context import Context
from bihuan.measure.engine import Engine, Query
from bihuan.measure.engine.fold import Tally
from bihuan.measure.facts import VERSIONED, as_at
from bihuan.measure.history import stem
from bihuan.measure.kinds.clusters import MOST_DIMENSIONS, Dimensions
from bihuan.measure.places import Tree
from bihuan.measure.sums import Labels

SAMPLE = ("cycle", "stratum", "weight_cell")


@dataclass(frozen=True)
class Seen:
    """What was found.

    ``dropped`` are the keys of rows that do not count; ``used`` the versions of each project by table;
    ``deducting`` the checklist versions that deduct points; ``projects`` those that have facts in each file;
    ``strata`` the cycles and strata of the answers, and ``weight_cells`` their weight cells.
    """

    dropped: Mapping[str, list[str]]
    used: Mapping[str, Mapping[str, frozenset[str]]]
    dimensions: Dimensions
    deducting: tuple[str, ...]
    projects: Mapping[str, tuple[str, ...]]
    strata: frozenset[tuple[str, str]]
    weight_cells: frozenset[str]

    def instruments(self, table: str, tree: Tree) -> list[str]:
        """For every place the versions under it, joined by ``|``; a building has its project's."""
        used = self.used.get(table, {})
        versions = sorted({version for own in used.values() for version in own})
        column = {version: k for k, version in enumerate(versions)}
        has = np.zeros((len(tree), len(versions)), np.bool_)
        position, place = tree.lineage(tree.projects)
        own = np.zeros((len(tree.projects), len(versions)), np.bool_)
        for row, project in enumerate(tree.projects.tolist()):
            own[row, [column[v] for v in used.get(tree.codes[project], ())]] = True
        np.logical_or.at(has, place, own[position])
        buildings = np.flatnonzero(tree.is_building & (tree.parent >= 0))
        has[buildings] = has[tree.parent[buildings]]
        packed = np.packbits(has, axis=1)
        texts: dict[bytes, str] = {}
        found = []
        for row, line in enumerate(packed):
            key = line.tobytes()
            if key not in texts:
                texts[key] = "|".join(versions[k] for k in np.flatnonzero(has[row]))
            found.append(texts[key])
        return found


def look(context: Context, engine: Engine, tables: Sequence[str], *, sampled: bool = False) -> Seen:
    """Find projects and versions, and let one of two versions lose where they met in a project and cycle.

    A revision counts from the next cycle on: a version whose ``from_cycle`` lies after the cycle loses; of
    two versions of one instrument that both may count, the one that began later stays, or, where that is
    not known, the one with more records. Strata and weight cells are looked for where ``sampled``.
    """
    queries = [q for table in tables for q in _by_file(_query(context, table), engine)]
    wanted = (("dimension",), SAMPLE)[: 1 + sampled] if "answers" in tables else ()
    more = [_tally(context, "answers", keys, {}) for keys in wanted]
    answers = engine.run([*queries, *more])
    about, answers = answers[len(queries) :], answers[: len(queries)]
    projects = {
        file: tuple(sorted(_texts(answer["project"])))
        for query, answer in zip(queries, answers, strict=True)
        for file in query.files
    }
    versions = context.snapshot.dimension("versions").to_pylist()
    begins = {(v["kind"], v["version"]): v["from_cycle"] or "" for v in versions}
    dropped: dict[str, list[str]] = {}
    used: dict[str, dict[str, frozenset[str]]] = {}
    for table in tables:
        own = [a for q, a in zip(queries, answers, strict=True) if q.table == table and a.num_rows]
        if table in VERSIONED and own:
            kind = VERSIONED[table][1]
            dropped[table], used[table] = _standing(pa.concat_tables(own), kind, begins)
    deducting = tuple(sorted(v["version"] for v in versions if v["scheme"] == "deduction"))
    names = {name for answer in about[:1] for name in _texts(answer["dimension"])}
    dimensions = _dimensions(context, used.get("answers", {}), names)
    strata = {pair for answer in about[1:] for pair in _pairs(answer["cycle"], answer["stratum"])}
    cells = {name for answer in about[1:] for name in _texts(answer["weight_cell"])}
    return Seen(dropped, used, dimensions, deducting, projects, frozenset(strata), frozenset(cells))


def _by_file(query: Query, engine: Engine) -> list[Query]:
    """One query for each file, so that it is known who is in which; all at once where they lie elsewhere."""
    if engine.remote:
        return [query] if query.files else []
    return [replace(query, files=[file]) for file in query.files]


def _texts(column: pa.ChunkedArray) -> set[str]:
    """The distinct texts of a column, nothing being the empty one."""
    return {text or "" for text in column.unique().to_pylist()}


def _pairs(one: pa.ChunkedArray, other: pa.ChunkedArray) -> Iterable[tuple[str, str]]:
    return {(a or "", b or "") for a, b in zip(one.to_pylist(), other.to_pylist(), strict=True)}


def _standing(
    rows: pa.Table, kind: str, begins: Mapping[tuple[str, str], str]
) -> tuple[list[str], dict[str, frozenset[str]]]:
    """The keys that lose, and the versions that stay in each project."""
    cycle, project, version = (Labels.of(rows[name]) for name in ("cycle", "project", "version"))
    wide = len(version.names) + 1
    place = cycle.codes * (len(project.names) + 1) + project.codes
    found, at = np.unique(place * wide + version.codes + 1, return_inverse=True)
    counts = np.bincount(at.reshape(-1), rows["rows_n"].to_numpy(), len(found))
    where, which = found // wide, found % wide - 1
    start = np.flatnonzero(np.append(True, where[1:] != where[:-1]))
    names = [*version.names, ""]
    stay: dict[str, frozenset[str]] = {}
    lost: list[str] = []
    known: dict[tuple[str, tuple[int, ...]], frozenset[str]] = {}
    for first, last in zip(start.tolist(), [*start[1:].tolist(), len(found)], strict=True):
        of, code = divmod(int(where[first]), len(project.names) + 1)
        own = {names[which[k]]: int(counts[k]) for k in range(first, last)}
        key = cycle.names[of], tuple(which[first:last].tolist())
        if last - first > 1 or key not in known:
            since = {v: begins.get((kind, v), "") for v in own}
            known[key] = frozenset(_kept(own, cycle.names[of], since))
        kept = known[key]
        stay[project.names[code]] = stay.get(project.names[code], kept) | kept
        lost += [f"{key[0]}\x1f{project.names[code]}\x1f{v}" for v in sorted(own) if v not in kept]
    return lost, stay


def _query(context: Context, table: str) -> Query:
    """Projects, and the versions that they were asked in."""
    version = VERSIONED.get(table, ("",))[0]
    return _tally(context, table, ("cycle", "project", version)[: 3 if version else 2], {version: "version"})


def _tally(context: Context, table: str, keys: tuple[str, ...], names: Mapping[str, str]) -> Query:
    """How many rows there are by these columns."""
    rows = as_at(context, table)
    rows = rows.select(**{names.get(key, key): rows[key] for key in keys})
    found = rows.group_by(rows.columns).agg(rows_n=rows.count())
    return Query(found, table, context.files(table), {}, fold=Tally(keys, context.as_of, names))


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
