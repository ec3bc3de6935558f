"""Reads catalogue files: YAML in, checked entries out; a sentence names the entry that is wrong."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from bihuan.measure.definition import Definition, DefinitionError
from bihuan.standards import cycles
from bihuan.standards.states import TargetSource, Verification

CATALOGUE = Path(__file__).parent / "catalogue"
# What a catalogue entry says beside the definition that is measured.
_OURS = {
    "short",
    "words",
    "said",
    "clauses",
    "target_source",
    "control_chart",
    "note",
    "from_cycle",
    "version",
}
# Labels may be put right without making a new version; they change no number.
_LABELS = {"name", "basis"}


class CatalogueError(ValueError):
    """A catalogue file that does not fit; the message says where and how to mend it."""

    is_sentence = True


@dataclass(frozen=True)
class Entry:
    """One indicator of a file. ``definition`` is what ``measure`` parses, without version and cycle."""

    code: str
    definition: dict[str, Any]
    from_cycle: str = ""
    short: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    note: dict[str, str] = field(default_factory=dict)
    clauses: tuple[str, ...] = ()
    target_source: str = TargetSource.DESIGN
    control_chart: str = ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that decides the number."""
        deciding = {key: value for key, value in self.definition.items() if key not in _LABELS}
        return fingerprint(deciding)


@dataclass(frozen=True)
class Weights:
    """The composite tree of a catalogue file: nodes from the top, each naming the node above."""

    nodes: tuple[dict[str, Any], ...]
    grades: dict[str, float]
    red_line_grade: str
    from_cycle: str = ""
    note: dict[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that decides the score."""
        shape = [[n["code"], n["parent"], n["weight"], n["is_indicator"]] for n in self.nodes]
        return fingerprint([shape, self.grades, self.red_line_grade])


def fingerprint(value: Any) -> str:
    """SHA-256 of a value in canonical JSON."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_file(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; raises :class:`CatalogueError` where it cannot be read as one."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise CatalogueError(
            _("%(path)s cannot be read: %(why)s.") % {"path": path, "why": exc.strerror}
        ) from exc
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise CatalogueError(
            _("%(path)s is not valid YAML: %(why)s") % {"path": path, "why": " ".join(str(exc).split())}
        ) from exc
    if not isinstance(content, dict):
        raise CatalogueError(
            _("%(path)s: start the file with “indicators:” and list the indicators under it.")
            % {"path": path}
        )
    return content


def read_entries(content: dict[str, Any], *, path: Path) -> list[Entry]:
    """The indicators of a catalogue file, each parsed once by ``measure``."""
    listed = content.get("indicators")
    if not isinstance(listed, list):
        raise CatalogueError(
            _("%(path)s: start the file with “indicators:” and list the indicators under it.")
            % {"path": path}
        )
    entries = [_entry(item, position) for position, item in enumerate(listed, 1)]
    codes = [entry.code for entry in entries]
    for code in codes:
        if codes.count(code) > 1:
            raise CatalogueError(
                _("%(path)s: indicator %(code)s stands there twice; keep one of them.")
                % {"path": path, "code": code}
            )
    return entries


def _entry(item: Any, position: int) -> Entry:
    if not isinstance(item, dict) or not item.get("code"):
        raise CatalogueError(
            _("Indicator number %(position)d has no “code”; write one, such as R03.") % {"position": position}
        )
    code = str(item["code"])
    definition = {key: value for key, value in item.items() if key not in _OURS}
    definition["code"] = code
    from_cycle = str(item.get("from_cycle") or "")
    try:
        if from_cycle:
            cycles.start_key(from_cycle)
        Definition.parse({**definition, "version": "1", "from_cycle": from_cycle})
    except (DefinitionError, ValueError) as exc:
        raise CatalogueError(_("Indicator %(code)s: %(why)s") % {"code": code, "why": exc}) from exc
    source = item.get("target_source", TargetSource.DESIGN)
    if source not in TargetSource.values:
        raise CatalogueError(
            _("Indicator %(code)s: target_source is %(known)s, not “%(found)s”.")
            % {"code": code, "known": ", ".join(TargetSource.values), "found": source}
        )
    return Entry(
        code=code,
        definition=definition,
        from_cycle=from_cycle,
        short=item.get("short") or {},
        words=item.get("words") or {},
        said=_said(code, item.get("said") or {}),
        note=item.get("note") or {},
        clauses=tuple(str(clause) for clause in item.get("clauses") or ()),
        target_source=source,
        control_chart=str(item.get("control_chart") or ""),
    )


def _said(code: str, said: dict[str, str]) -> dict[str, str]:
    """The sentence that turns the rate into people; ``counts`` says whether ``{n}`` are hits or misses."""
    if said and (
        said.get("counts") not in ("hit", "miss") or any("{n}" not in said.get(k, "") for k in ("zh", "en"))
    ):
        raise CatalogueError(
            _("Indicator %(code)s: “said” needs zh and en, each with {n} and {of}, and counts: hit or miss.")
            % {"code": code}
        )
    return said


def read_weights(content: dict[str, Any]) -> Weights | None:
    """The composite tree of a catalogue file, or nothing when the file has none."""
    given = content.get("weights")
    if not given:
        return None
    nodes: list[dict[str, Any]] = []
    _walk({"code": "total", **given}, None, nodes)
    grades = {str(k): float(v) for k, v in (given.get("grades") or {"A": 85, "B": 75, "C": 60}).items()}
    if list(grades.values()) != sorted(grades.values(), reverse=True):
        raise CatalogueError(
            _("Weights: write the grades from the best to the worst, each with a lower score.")
        )
    return Weights(
        nodes=tuple(nodes),
        grades=grades,
        red_line_grade=str(given.get("red_line_grade", "C")),
        from_cycle=str(given.get("from_cycle") or ""),
        note=given.get("note") or {},
    )


def _walk(node: Any, parent: str | None, out: list[dict[str, Any]]) -> None:
    if not isinstance(node, dict):
        node = {"code": node}
    weight = node.get("weight", 1)
    if not isinstance(weight, (int, float)) or weight < 0:
        raise CatalogueError(
            _("Weights: the weight of %(code)s is a number from zero up, not “%(found)s”.")
            % {"code": node.get("code"), "found": weight}
        )
    code = str(node.get("code") or "")
    if not code or code in {known["code"] for known in out}:
        raise CatalogueError(
            _("Weights: each node needs a code of its own; “%(code)s” is missing or doubled.")
            % {"code": code}
        )
    below = node.get("nodes") or node.get("indicators") or []
    name = node.get("name") or {}
    out.append(
        {
            "code": code,
            "parent": parent,
            "weight": float(weight),
            "is_indicator": not below,
            "name_zh": name.get("zh", ""),
            "name_en": name.get("en", ""),
        }
    )
    for child in below:
        _walk(child, code, out)


@dataclass(frozen=True)
class RegulationEntry:
    """One regulation of the catalogue with its clauses."""

    fields: dict[str, Any]
    clauses: tuple[dict[str, Any], ...]


def read_regulations(path: Path = CATALOGUE / "regulations.yaml") -> list[RegulationEntry]:
    """The regulations of a catalogue file."""
    found = []
    for order, item in enumerate(read_file(path).get("regulations") or []):
        title, issuer = item["title"], item.get("issuer") or {}
        fields = {
            "code": item["code"],
            "number": str(item.get("number") or ""),
            "title_zh": title["zh"],
            "title_en": title.get("en", ""),
            "issuer_zh": issuer.get("zh", ""),
            "issuer_en": issuer.get("en", ""),
            "dates": str(item.get("dates") or ""),
            "verification": item.get("verification", Verification.UNVERIFIED),
            "source": item.get("source", ""),
            "order": order,
        }
        clauses = tuple(
            {
                "number": str(clause["number"]),
                "number_en": clause.get("number_en", ""),
                "text_zh": clause["zh"],
                "text_en": clause.get("en", ""),
                "verification": clause.get("verification", Verification.UNVERIFIED),
                "order": place,
            }
            for place, clause in enumerate(item.get("clauses") or [])
        )
        found.append(RegulationEntry(fields, clauses))
    return found
