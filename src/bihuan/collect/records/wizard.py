"""From a received file to a mapping: guesses, the form's answers, and the first rows as they would go in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.collect.records import guess, labels, reasons
from bihuan.collect.records.importer import place_index
from bihuan.collect.records.mapping import MappingError, MappingSpec, Transformer
from bihuan.collect.records.mapping.problems import Reason
from bihuan.collect.records.reading import Chunk, Source
from bihuan.collect.records.reasons import Said
from bihuan.collect.records.worktime import CompanyClocks

PREVIEW = 20
HIDDEN = {"fact_id", "period", "source", "late", "complete"}


def raw_mapping(answers: dict[str, Any]) -> dict[str, Any]:
    """The mapping file that says what the form says.

    ``answers``: table, source, columns (target to heading, with key, project, building), zone, create.
    """
    table = answers["table"]
    chosen = {target: heading for target, heading in answers["columns"].items() if heading}
    key = chosen.pop("key", None)
    project, building = chosen.pop("project", None), chosen.pop("building", None)
    columns: dict[str, Any] = {t: c for t, c in guess.constants(table).items() if t not in chosen}
    columns |= chosen
    if "rating" in chosen:
        columns["rating"] = {"from": chosen["rating"], "between": [1, 5]}
        columns |= {"rating_min": {"constant": 1}, "rating_max": {"constant": 5}}
    raw: dict[str, Any] = {
        "name": answers["source"],
        "table": table,
        "source": answers["source"],
        "zone": answers.get("zone") or settings.TIME_ZONE,
        "key": [key] if key else [],
        "columns": columns,
        "places": {},
    }
    if project:
        raw["places"]["project"] = {"from": project}
    if building:
        raw["places"]["building"] = {"from": building}
    return raw


@dataclass
class Cell:
    """One cell of the preview; ``why`` says what is wrong with it."""

    text: str
    why: list[Said] = field(default_factory=list)


@dataclass
class Preview:
    """The first rows as they would go in."""

    heads: list[str]
    rows: list[tuple[int, list[Cell]]]
    others: list[Said]
    bad: int
    read: int


def preview(source: Source, spec: MappingSpec, actor: Any) -> Preview:
    """Work the first rows through the mapping, changing nothing."""
    chunk = next(source.chunks(), None)
    if chunk is None:
        return Preview([], [], [], 0, 0)
    first = Chunk(chunk.table.slice(0, PREVIEW), chunk.rows[:PREVIEW])
    places = place_index(actor)
    transformer = Transformer(spec, source.columns, places, CompanyClocks())
    facts, numbers, found = transformer.preview(first)
    facts, numbers = facts.slice(0, PREVIEW), numbers[:PREVIEW]
    heads = [
        name for name in facts.column_names if name not in HIDDEN and facts[name].null_count < len(facts)
    ]
    heads += [
        t for t in spec.columns if t not in heads and any(r.column == spec.columns[t].source for r in found)
    ]
    heads = [r.level for r in spec.places if r.level in facts.column_names and r.level not in heads] + heads
    names = {code: place.zh for code, place in places.places.items()}
    return _table(facts, numbers, found, heads, spec, names)


def _table(
    facts: pa.Table,
    numbers: Any,
    found: list[Reason],
    heads: list[str],
    spec: MappingSpec,
    names: dict[str, str],
) -> Preview:
    sources = {t: rule.source for t, rule in spec.columns.items()}
    sources |= {rule.level: rule.source for rule in spec.places}
    said = {(r.row, r.column): reasons.say(r.row, r.column, r.code, r.params) for r in found}
    shown: set[tuple[int, str]] = set()
    rows = []
    for at, number in enumerate(numbers.tolist()):
        cells = []
        for head in heads:
            value = facts[head][at].as_py()
            cell = Cell(_text(names.get(value, value) if head in {"project", "building"} else value))
            where = (number, sources.get(head) or "")
            if where in said:
                cell.why.append(said[where])
                shown.add(where)
            cells.append(cell)
        rows.append((number, cells))
    others = [one for where, one in said.items() if where not in shown]
    return Preview(heads, rows, others, len({r.row for r in found}), len(set(numbers.tolist())))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "hour"):
        return formats.stamp(value)
    if isinstance(value, float):
        return formats.number(value)
    return str(value)


def as_yaml(raw: dict[str, Any]) -> str:
    """A mapping file as text."""
    return yaml.safe_dump(raw, allow_unicode=True, sort_keys=False, width=100)


def explain(error: MappingError) -> list[str]:
    """What is wrong with a mapping: in the words of the form where the form can mend it."""
    told = []
    for path, code, params in error.problems:
        if code == "mapping_required":
            told.append(
                _("Choose the column for “%(target)s”.") % {"target": labels.target(params["target"])}
            )
        elif code == "mapping_length" and path == "key":
            told.append(_("Choose the column for “%(target)s”.") % {"target": labels.target("key")})
        elif code == "mapping_missing" and path == "places.project":
            told.append(_("Choose the column for “%(target)s”.") % {"target": labels.target("project")})
        elif not (code == "mapping_length" and path == "columns"):
            told.append(reasons.say_mapping(path, code, params))
    return told
