"""A mapping file: read, checked, and held as data."""

from __future__ import annotations

import difflib
import fnmatch
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from jsonschema import Draft202012Validator, ValidationError

from bihuan.archive.schema import FACTS, Table
from bihuan.collect.records.mapping import tables

# With only these, the rest of the file can still be looked through.
INCOMPLETE = {"mapping_missing", "mapping_length", "mapping_key"}
LEVELS = ("company", "region", "city", "project", "building")


class MappingError(ValueError):
    """A mapping that cannot be used. ``problems`` lists (path, code, params), each with a sentence."""

    def __init__(self, problems: Iterable[tuple[str, str, dict[str, Any]]]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(f"{path}: {code} {params}" for path, code, params in self.problems))


@dataclass(frozen=True)
class ColumnRule:
    """How one target column is filled."""

    target: str
    source: str | None = None
    constant: Any = None
    empty: tuple[str, ...] = ()
    blank: str | None = None
    values: dict[str, str | None] = field(default_factory=dict)
    otherwise: str = "keep"
    template: str | None = None
    time: tuple[str, ...] = ("auto",)
    zone: str | None = None
    percent: str = "fraction"
    between: tuple[float | None, float | None] | None = None
    minutes: dict[str, str] | None = None
    after: dict[str, Any] | None = None


@dataclass(frozen=True)
class RowRule:
    """Which rows are left out or turned away."""

    do: str
    name: str
    when: dict[str, Any]
    because: dict[str, str]


@dataclass(frozen=True)
class PlaceRule:
    """Which place of one level a row belongs to."""

    level: str
    source: str | None = None
    value: str | None = None
    values: dict[str, str | None] = field(default_factory=dict)
    blank: str | None = None
    code: str | None = None
    zh: str | None = None
    en: str | None = None
    name: str | None = None
    create: bool = False


@dataclass(frozen=True)
class MappingSpec:
    """A checked mapping. ``raw`` is the file as it was read."""

    name: str
    table: Table
    source: str
    key: tuple[str, ...]
    columns: dict[str, ColumnRule]
    places: tuple[PlaceRule, ...]
    zone: str
    raw: dict[str, Any] = field(repr=False)
    empty: frozenset[str] = frozenset()
    file: dict[str, Any] = field(default_factory=dict)
    rows: tuple[RowRule, ...] = ()
    unpivot: dict[str, Any] | None = None
    cycle: dict[str, Any] = field(default_factory=lambda: {"by": "occurred_at"})
    order: tuple[tuple[str, str], ...] = ()
    earliest: str = "1990-01-01"
    latest: str | None = None
    complete: tuple[str, ...] = ()
    versions: tuple[dict[str, Any], ...] = ()
    questions: tuple[dict[str, Any], ...] = ()

    @cached_property
    def made_up(self) -> set[str]:
        """Columns that only exist after wide rows were turned into long ones."""
        return {self.unpivot["name"], self.unpivot["value"]} if self.unpivot else set()

    @cached_property
    def needs(self) -> list[str]:
        """Columns the file must have, in the order the mapping names them."""
        named = [*self.key, *(r.source for r in self.columns.values()), *(p.source for p in self.places)]
        named += (
            [p.name for p in self.places] + [r.when["column"] for r in self.rows] + [self.cycle.get("from")]
        )
        return list(dict.fromkeys(n for n in named if n and n not in self.made_up))

    def wide_columns(self, columns: Iterable[str]) -> list[str]:
        """The columns of a file that become rows."""
        if not self.unpivot:
            return []
        out = self.unpivot.get("except", [])
        return [
            c
            for c in columns
            if any(fnmatch.fnmatchcase(c, p) for p in self.unpivot["columns"])
            and not any(fnmatch.fnmatchcase(c, p) for p in out)
        ]

    def missing_from(self, columns: Iterable[str]) -> list[tuple[str, str]]:
        """Columns the mapping needs and the file lacks, each with the nearest one there is."""
        have = list(columns)
        lacking = [c for c in self.needs if c not in have]
        return [(c, next(iter(difflib.get_close_matches(c, have, 1, 0.5)), "")) for c in lacking]

    def as_yaml(self) -> str:
        """The mapping as a file."""
        return yaml.safe_dump(self.raw, allow_unicode=True, sort_keys=False, width=100)

    @classmethod
    def parse(cls, raw: Any, *, zone: str = "Asia/Shanghai") -> MappingSpec:
        """Check ``raw`` and make a mapping of it.

        Raises
        ------
        MappingError
            Every problem with its path in the file.
        """
        problems = list(_shape(raw))
        if all(code in INCOMPLETE for _, code, _ in problems) and {"table", "columns", "places"} <= set(raw):
            problems += _sense(raw)
        if problems:
            raise MappingError(problems)
        return _build(raw, zone)

    @classmethod
    def load(
        cls, source: str | Path | dict[str, Any] | MappingSpec, *, zone: str = "Asia/Shanghai"
    ) -> MappingSpec:
        """A mapping from a path to a YAML file, from YAML text, from a dict, or as it is."""
        if isinstance(source, MappingSpec):
            return source
        if isinstance(source, dict):
            return cls.parse(source, zone=zone)
        text = (
            Path(source).read_text(encoding="utf-8")
            if isinstance(source, Path) or _is_path(source)
            else source
        )
        try:
            raw = yaml.safe_load(text)
        except yaml.YAMLError as exc:
            mark = getattr(exc, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            raise MappingError(
                [("", "mapping_yaml", {"line": line, "detail": getattr(exc, "problem", "")})]
            ) from exc
        return cls.parse(raw, zone=zone)


def _is_path(text: str) -> bool:
    return "\n" not in text and text.endswith((".yaml", ".yml"))


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The JSON schema of mapping files."""
    return json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))


def _path(parts: Iterable[Any]) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in parts).lstrip(".")


Found: TypeAlias = Iterable[tuple[str, str, dict[str, Any]]]


def _shape(raw: Any) -> Found:
    """Problems the JSON schema finds, each as our own sentence."""
    if not isinstance(raw, dict):
        yield "", "mapping_type", {"wanted": "object"}
        return
    errors = Draft202012Validator(schema()).iter_errors(raw)
    for error in sorted(errors, key=lambda e: list(map(str, e.path))):
        if error.validator == "oneOf" and error.context:
            # the branch that fits the kind of thing that was written says what is wrong with it
            inner = [e for e in error.context if e.validator != "type" or e.relative_path]
            error = inner[0] if inner else error.context[0]
        yield from _told(error)


def _told(error: ValidationError) -> Found:
    """One error of the schema as code and params."""
    parts: list[Any] = list(error.absolute_path)
    wanted: Any = error.validator_value
    branch: Any = error.schema
    written: Any = error.instance
    if error.validator == "additionalProperties":
        allowed = list(branch.get("properties", {}))
        for key in sorted(set(written) - set(allowed)):
            near = next(iter(difflib.get_close_matches(key, allowed, 1, 0.5)), "")
            yield (
                _path([*parts, key]),
                "mapping_key",
                {"key": key, "near": near, "allowed": ", ".join(allowed)},
            )
    elif error.validator == "required":
        for key in wanted:
            if key not in written:
                yield _path([*parts, key]), "mapping_missing", {"key": key}
    elif error.validator == "enum":
        yield _path(parts), "mapping_choice", {"value": str(error.instance), "allowed": ", ".join(wanted)}
    elif error.validator == "pattern":
        yield _path(parts), "mapping_pattern", {"value": str(error.instance), "pattern": wanted}
    elif error.validator == "type":
        names = wanted if isinstance(wanted, str) else ", ".join(wanted)
        yield _path(parts), "mapping_type", {"wanted": names}
    else:
        yield _path(parts), "mapping_length", {}


def _sense(raw: dict[str, Any]) -> Found:
    """Problems a schema cannot see: targets the table lacks, required ones left out, zones, levels."""
    table = FACTS[raw["table"]]
    targets = [c.name for c in table.columns if c.name not in tables.OWN]
    for target in raw["columns"]:
        if target not in targets:
            near = next(iter(difflib.get_close_matches(target, targets, 1, 0.5)), "")
            code = "mapping_own" if target in tables.OWN else "mapping_target"
            yield f"columns.{target}", code, {"target": target, "table": table.name, "near": near}
    given = set(raw["columns"])
    if table.name in tables.OCCURRED and tables.OCCURRED[table.name] in given:
        given.add("occurred_at")
    for column in table.columns:
        if column.required and column.name not in tables.OWN and column.name not in given:
            yield "columns", "mapping_required", {"target": column.name, "table": table.name}
    zones = [("zone", raw.get("zone"))]
    zones += [(f"columns.{t}.zone", r.get("zone")) for t, r in raw["columns"].items() if isinstance(r, dict)]
    for path, zone in zones:
        if zone is not None and not _zone_exists(zone):
            yield path, "mapping_zone", {"zone": zone}
    for target, rule in raw["columns"].items():
        if isinstance(rule, dict) and not {"from", "constant", "minutes", "after"} & set(rule):
            yield f"columns.{target}", "mapping_missing", {"key": "from"}
    yield from _references(raw, given)
    for level, rule in raw["places"].items():
        if "from" not in rule and "value" not in rule:
            yield f"places.{level}", "mapping_missing", {"key": "from"}
    cycle = raw.get("cycle", {"by": "occurred_at"})
    for by, key in (("constant", "value"), ("column", "from")):
        if cycle["by"] == by and key not in cycle:
            yield f"cycle.{key}", "mapping_missing", {"key": key}
    yield from _patterns(raw, cycle)


def _references(raw: dict[str, Any], given: set[str]) -> Found:
    """Targets that other rules speak of and no column fills."""
    named = []
    for target, rule in raw["columns"].items():
        for kind, keys in (("minutes", ("from", "to", "less")), ("after", ("start", "minutes"))):
            inner = rule.get(kind, {}) if isinstance(rule, dict) else {}
            named += [(f"columns.{target}.{kind}.{key}", inner.get(key)) for key in keys]
    for n, pair in enumerate(raw.get("checks", {}).get("order", ())):
        named += [(f"checks.order[{n}]", target) for target in pair]
    for path, target in named:
        if isinstance(target, str) and target not in given:
            yield path, "mapping_reference", {"value": target}


def _patterns(raw: dict[str, Any], cycle: dict[str, Any]) -> Found:
    found = [("cycle.pattern", cycle.get("pattern"))]
    found += [
        (f"rows[{i}].when.matches", r["when"].get("matches")) for i, r in enumerate(raw.get("rows", []))
    ]
    for path, pattern in found:
        try:
            re.compile(pattern or "")
        except re.error as exc:
            yield path, "mapping_regex", {"value": pattern, "detail": str(exc)}


def _zone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _column(target: str, rule: Any) -> ColumnRule:
    if isinstance(rule, str):
        return ColumnRule(target, source=rule)
    times = rule.get("time", "auto")
    return ColumnRule(
        target,
        source=rule.get("from"),
        constant=_text(rule.get("constant")),
        empty=tuple(_text(v) or "" for v in rule.get("empty", ())),
        blank=_text(rule.get("blank")),
        values={str(k): _text(v) for k, v in rule.get("values", {}).items()},
        otherwise=rule.get("otherwise", "keep"),
        template=rule.get("template"),
        time=(times,) if isinstance(times, str) else tuple(times),
        zone=rule.get("zone"),
        percent=rule.get("percent", "fraction"),
        between=tuple(rule["between"]) if "between" in rule else None,
        minutes=rule.get("minutes"),
        after=rule.get("after"),
    )


def _place(level: str, rule: dict[str, Any]) -> PlaceRule:
    return PlaceRule(
        level,
        source=rule.get("from"),
        value=_text(rule.get("value")),
        values={str(k): _text(v) for k, v in rule.get("values", {}).items()},
        blank=_text(rule.get("blank")),
        code=rule.get("code"),
        zh=rule.get("zh"),
        en=rule.get("en"),
        name=rule.get("name"),
        create=rule.get("create", False),
    )


def _build(raw: dict[str, Any], zone: str) -> MappingSpec:
    table = FACTS[raw["table"]]
    columns = {target: _column(target, rule) for target, rule in raw["columns"].items()}
    if "occurred_at" not in columns:
        columns["occurred_at"] = _same(columns[tables.OCCURRED[table.name]])
    checks = raw.get("checks", {})
    order = dict.fromkeys((*tables.ORDER.get(table.name, ()), *map(tuple, checks.get("order", ()))))
    return MappingSpec(
        name=raw["name"],
        table=table,
        source=raw["source"],
        key=tuple(raw["key"]),
        columns=columns,
        places=tuple(_place(level, raw["places"][level]) for level in LEVELS if level in raw["places"]),
        zone=raw.get("zone", zone),
        raw=raw,
        empty=frozenset(raw.get("empty", ())),
        file=raw.get("file", {}),
        rows=tuple(RowRule(r["do"], r["name"], r["when"], r.get("because", {})) for r in raw.get("rows", ())),
        unpivot=raw.get("unpivot"),
        cycle=raw.get("cycle", {"by": "occurred_at"}),
        order=tuple(order),
        earliest=checks.get("earliest", "1990-01-01"),
        latest=checks.get("latest"),
        complete=tuple(raw.get("complete", tables.COMPLETE.get(table.name, ()))),
        versions=tuple(raw.get("versions", ())),
        questions=tuple(raw.get("questions", ())),
    )


def _same(rule: ColumnRule) -> ColumnRule:
    return replace(rule, target="occurred_at")
