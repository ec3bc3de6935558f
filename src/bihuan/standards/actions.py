"""Acts on standards: load a catalogue, revise an indicator or the weights, plan a cycle."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.calendars import periods
from bihuan.base.trail.act import Refused, act, note
from bihuan.standards import cycles, reader, rules
from bihuan.standards.models import (
    Clause,
    Indicator,
    IndicatorVersion,
    MonitoringCycle,
    Regulation,
    WeightNode,
    WeightTree,
)
from bihuan.standards.service.catalogue import load_starters
from bihuan.standards.states import CycleState, VersionState

ADDED, REVISED, RELABELLED, UNCHANGED = "added", "revised", "relabelled", "unchanged"


@dataclass
class _Loaded:
    """What loading a catalogue changed, while it is being loaded."""

    versions: list[IndicatorVersion] = field(default_factory=list)
    regulations: int = 0
    weights: str = ""

    def count(self, change: str) -> int:
        return sum(version.change == change for version in self.versions)

    @property
    def changed(self) -> bool:
        """Whether anything changed at all."""
        same = self.count(UNCHANGED) == len(self.versions)
        return not same or bool(self.regulations or self.weights)


def _check_editor(actor: Any) -> None:
    if actor is not None and not rules.may_edit(actor):
        raise Refused(
            _("Only a quality manager of the whole company may change the standards."), code="not_editor"
        )


@act
def load_catalogue(*, actor: Any) -> list[IndicatorVersion]:
    """Load the catalogue that Bihuan ships with; what is already there and unchanged stays as it is.

    Gives the version of each indicator in it; its ``change`` says added, revised, relabelled or unchanged.
    """
    _check_editor(actor)
    loaded = _Loaded(regulations=_put_regulations())
    path = reader.CATALOGUE / "indicators.yaml"
    versions = _load(path, actor, loaded, "catalogue.loaded")
    load_starters(actor=actor)
    return versions


@act
def load_definitions(path: str | Path, *, actor: Any) -> list[IndicatorVersion]:
    """Load indicators, and weights where given, from a YAML file written by the company.

    Gives the version of each indicator in it; its ``change`` says added, revised, relabelled or unchanged.
    """
    _check_editor(actor)
    return _load(Path(path), actor, _Loaded(), "definitions.loaded")


def _load(path: Path, actor: Any, loaded: _Loaded, verb: str) -> list[IndicatorVersion]:
    content = reader.read_file(path)
    _put_entries(content, path, actor, loaded)
    weights = reader.read_weights(content)
    if weights is not None:
        loaded.weights = _put_weights(weights, actor)
    if loaded.changed:
        counts = {change: loaded.count(change) for change in (ADDED, REVISED, RELABELLED)}
        note(actor, verb, None, file=path.name, weights=loaded.weights, **counts)
    return loaded.versions


def _put_entries(content: dict[str, Any], path: Path, actor: Any, loaded: _Loaded) -> None:
    entries = reader.read_entries(content, path=path)
    clauses = {clause.code: clause for clause in Clause.objects.select_related("regulation")}
    highest = max(Indicator.objects.values_list("order", flat=True), default=-1)
    for offset, entry in enumerate(entries, 1):
        unknown = [code for code in entry.clauses if code not in clauses]
        if unknown:
            raise reader.CatalogueError(
                _("Indicator %(code)s: there is no clause %(clause)s in the regulations.")
                % {"code": entry.code, "clause": unknown[0]}
            )
        indicator, _new = Indicator.objects.get_or_create(
            code=entry.code,
            defaults={"family": entry.definition.get("family", ""), "order": highest + offset},
        )
        version, change = put_version(indicator, entry, [clauses[code] for code in entry.clauses], actor)
        version.change = change
        loaded.versions.append(version)


def put_version(
    indicator: Indicator, entry: reader.Entry, clauses: list[Clause], actor: Any
) -> tuple[IndicatorVersion, str]:
    """Put a definition into force; where it differs from the present one, from the next cycle on."""
    current = (
        IndicatorVersion.objects.select_for_update()
        .filter(indicator=indicator, state=VersionState.EFFECTIVE)
        .first()
    )
    if current is None:
        return _add_version(indicator, entry, clauses, entry.from_cycle, actor), ADDED
    if current.fingerprint == entry.fingerprint:
        return current, RELABELLED if _relabel(current, entry, clauses) else UNCHANGED
    start = first_open_cycle(entry.from_cycle)
    _supersede(current, start, actor)
    return _add_version(indicator, entry, clauses, start, actor), REVISED


def _labels(entry: reader.Entry) -> dict[str, Any]:
    name = entry.definition.get("name") or {}
    return {
        "name_zh": name.get("zh", ""),
        "name_en": name.get("en", ""),
        "short_zh": entry.short.get("zh", ""),
        "short_en": entry.short.get("en", ""),
        "words_zh": entry.words.get("zh", ""),
        "words_en": entry.words.get("en", ""),
        "target_source": entry.target_source,
        "control_chart": entry.control_chart,
        "note_zh": entry.note.get("zh", ""),
        "note_en": entry.note.get("en", ""),
        "said": entry.said,
    }


def _add_version(
    indicator: Indicator, entry: reader.Entry, clauses: list[Clause], from_cycle: str, actor: Any
) -> IndicatorVersion:
    last = indicator.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = IndicatorVersion.objects.create(
        indicator=indicator,
        number=last + 1,
        state=VersionState.EFFECTIVE,
        from_cycle=from_cycle,
        definition=entry.definition,
        fingerprint=entry.fingerprint,
        made_by=actor,
        **_labels(entry),
    )
    version.clauses.set(clauses)
    note(actor, "indicator.version_effective", version, from_cycle=from_cycle)
    return version


def _relabel(version: IndicatorVersion, entry: reader.Entry, clauses: list[Clause]) -> bool:
    """Put names, wording and references right; the fingerprint says that no number can change by it."""
    wanted = {**_labels(entry), "definition": entry.definition}
    changed = [name for name, value in wanted.items() if getattr(version, name) != value]
    for name in changed:
        setattr(version, name, wanted[name])
    if changed:
        version.save(update_fields=changed)
    if set(version.clauses.all()) != set(clauses):
        version.clauses.set(clauses)
        changed.append("clauses")
    return bool(changed)


def _supersede(version: IndicatorVersion | WeightTree, start: str, actor: Any) -> None:
    """End a version; one that had not begun to count yet is withdrawn, since nothing was measured by it."""
    begun = cycles.start_key(version.from_cycle) < cycles.start_key(start)
    to = VersionState.SUPERSEDED if begun else VersionState.WITHDRAWN
    if not rules.may_move(version.state, to):
        raise Refused(
            _("%(version)s is not in force and cannot be replaced.") % {"version": version},
            code="version_state",
            subject=version,
        )
    version.state = to
    version.save(update_fields=["state"])
    kind = "weights" if isinstance(version, WeightTree) else "indicator"
    note(actor, f"{kind}.version_{to.value}", version, from_cycle=start)


def first_open_cycle(wanted: str) -> str:
    """The cycle a revision starts with: the one after the last that was opened, or a later one asked for."""
    opened = MonitoringCycle.objects.exclude(state=CycleState.PLANNED).order_by("-end").first()
    moment = opened.end if opened else timezone.now()
    start = periods.quarter_of(moment)
    if opened is None:
        start = periods.next_cycle(start)
    if wanted and cycles.start_key(wanted) > cycles.start_key(start):
        return wanted
    return start


def _put_weights(weights: reader.Weights, actor: Any) -> str:
    current = WeightTree.objects.select_for_update().filter(state=VersionState.EFFECTIVE).first()
    if current is not None and current.fingerprint == weights.fingerprint:
        return ""
    start = weights.from_cycle
    if current is not None:
        start = first_open_cycle(weights.from_cycle)
        _supersede(current, start, actor)
    last = WeightTree.objects.order_by("-number").values_list("number", flat=True).first() or 0
    tree = WeightTree.objects.create(
        number=last + 1,
        state=VersionState.EFFECTIVE,
        from_cycle=start,
        grades=weights.grades,
        red_line_grade=weights.red_line_grade,
        note_zh=weights.note.get("zh", ""),
        note_en=weights.note.get("en", ""),
        fingerprint=weights.fingerprint,
        made_by=actor,
    )
    _add_nodes(tree, weights)
    note(actor, "weights.version_effective", tree, from_cycle=start)
    return str(tree)


def _add_nodes(tree: WeightTree, weights: reader.Weights) -> None:
    made: dict[str, WeightNode] = {}
    for order, node in enumerate(weights.nodes):
        parent = made.get(node["parent"]) if node["parent"] else None
        made[node["code"]] = WeightNode.objects.create(tree=tree, order=order, **{**node, "parent": parent})


def _put_regulations() -> int:
    """Bring the regulations of the catalogue in; the number of rows that changed."""
    changed = 0
    for entry in reader.read_regulations():
        regulation, changes = _put(Regulation, {"code": entry.fields["code"]}, entry.fields)
        changed += changes
        for clause in entry.clauses:
            changed += _put(Clause, {"regulation": regulation, "number": clause["number"]}, clause)[1]
    return changed


def _put(model: Any, key: dict[str, Any], fields: dict[str, Any]) -> tuple[Any, int]:
    found = model.objects.filter(**key).first()
    if found is None:
        return model.objects.create(**{**fields, **key}), 1
    changed = [name for name, value in fields.items() if getattr(found, name) != value]
    if changed:
        for name in changed:
            setattr(found, name, fields[name])
        found.save(update_fields=changed)
    return found, int(bool(changed))


@act
def plan_cycle(*, code: str, actor: Any) -> MonitoringCycle:
    """Put a quarter or a year on the plan; one that is there already is given back as it is."""
    known = MonitoringCycle.objects.filter(code=code).first()
    if known is not None:
        return known
    _check_editor(actor)
    start, end = periods.cycle_bounds(code)
    kind = MonitoringCycle.Kind.QUARTER if len(periods.quarters_of(code)) == 1 else MonitoringCycle.Kind.YEAR
    cycle = MonitoringCycle.objects.create(code=code, kind=kind, start=start, end=end)
    note(actor, "cycle.planned", cycle)
    return cycle
