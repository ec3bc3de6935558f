"""Loading the standards and procedures that Bihuan ships with, for a company to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.chain.actions import link_all
from bihuan.base.chain.states import Relation
from bihuan.base.people.roles import ServiceArea
from bihuan.base.trail.act import act, note
from bihuan.standards import reader
from bihuan.standards.models import Clause, Indicator
from bihuan.standards.service.models import ServiceStandard, StandardClause, StandardVersion
from bihuan.standards.states import TargetSource, VersionState

PATH = reader.CATALOGUE / "service_standard.yaml"


@act
def load_starters(*, actor: Any, path: Path = PATH) -> list[StandardVersion]:
    """Bring in the standards of a file; one that is there already is the company's own and stays as it is."""
    made = []
    for order, entry in enumerate(reader.read_file(path).get("standards") or []):
        if ServiceStandard.objects.filter(code=entry["code"]).exists():
            continue
        version = _create(entry, order, actor)
        note(actor, "standard.loaded", version, clauses=len(entry["clauses"]))
        made.append(version)
    return made


def _create(entry: dict[str, Any], order: int, actor: Any) -> StandardVersion:
    now = timezone.now()
    standard = ServiceStandard.objects.create(
        code=entry["code"],
        kind=entry.get("kind", "standard"),
        title_zh=entry["title"]["zh"],
        title_en=entry["title"].get("en", ""),
        order=order,
    )
    version = StandardVersion.objects.create(
        standard=standard,
        number=str(entry["version"]),
        state=VersionState.EFFECTIVE,
        state_since=now,
        note_zh=(entry.get("note") or {}).get("zh", ""),
        note_en=(entry.get("note") or {}).get("en", ""),
        made_by=actor,
        made_at=now,
        published_by=actor,
        published_at=now,
    )
    indicators = {one.code: one for one in Indicator.objects.all()}
    clauses = {one.code: one for one in Clause.objects.select_related("regulation")}
    for place, given in enumerate(entry["clauses"]):
        _check(given, indicators, clauses)
        clause = StandardClause.objects.create(
            version=version,
            number=str(given["number"]),
            area=given["area"],
            text_zh=given["zh"],
            text_en=given.get("en", ""),
            source=given.get("source", TargetSource.DESIGN),
            order=place,
        )
        clause.indicators.set(indicators[code] for code in given.get("indicators") or ())
        clause.basis.set(clauses[code] for code in given.get("basis") or ())
    link_indicators(version, actor=actor)
    return version


def _check(given: dict[str, Any], indicators: dict[str, Any], clauses: dict[str, Any]) -> None:
    """Refuse a clause that names something that is not there."""
    named = {"clause": given.get("number")}
    if given.get("area") not in ServiceArea.values:
        raise reader.CatalogueError(
            _("Clause %(clause)s: “%(found)s” is no service area; choose one of %(known)s.")
            % {**named, "found": given.get("area"), "known": ", ".join(ServiceArea.values)}
        )
    for code in given.get("indicators") or ():
        if code not in indicators:
            raise reader.CatalogueError(
                _("Clause %(clause)s: there is no indicator %(code)s.") % {**named, "code": code}
            )
    for code in given.get("basis") or ():
        if code not in clauses:
            raise reader.CatalogueError(
                _("Clause %(clause)s: there is no clause %(code)s in the regulations.")
                % {**named, "code": code}
            )


@act
def link_indicators(version: StandardVersion, *, actor: Any) -> None:
    """Tell the chain which indicators measure the clauses of a version."""
    rows = version.clauses.prefetch_related("indicators")
    link_all(
        [
            (
                ("clause", f"{version.standard.code}/{clause.number}"),
                Relation.MEASURED_BY,
                ("indicator", one.code),
            )
            for clause in rows
            for one in clause.indicators.all()
        ],
        actor=actor,
    )
