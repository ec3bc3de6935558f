"""From rows of results to readings and cells."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bihuan.assess import units
from bihuan.assess.models import EvaluationRun
from bihuan.assess.words import Reading, moved
from bihuan.base.ui.status import HEAT, STATUSES
from bihuan.standards import display
from bihuan.standards.models import IndicatorVersion, in_language

NUMBERS = (
    *("n", "value", "low", "high", "target", "floor", "change", "change_low", "change_high", "previous"),
)
SHOWN = ("final", "provisional")


@dataclass(frozen=True)
class Head:
    """An indicator as the head of a column or row; it is the version the run used, not today's."""

    code: str
    family: str
    name: str
    short: str
    unit: str
    direction: str
    noun: str
    target: str
    floor: str
    min_n: int
    version: str
    breakdowns: tuple[str, ...]
    said: dict[str, str]
    words: str
    definition: dict[str, Any]


def heads(run: EvaluationRun) -> list[Head]:
    """The indicators of a run, in the order it names them."""
    found = {
        (version.indicator.code, str(version.number)): version
        for version in IndicatorVersion.objects.filter(
            indicator__code__in=[given["code"] for given in run.definitions]
        ).select_related("indicator")
    }
    return [_head(given, found.get((given["code"], str(given["version"])))) for given in run.definitions]


def _head(given: dict[str, Any], version: IndicatorVersion | None) -> Head:
    name = in_language(given["name"].get("zh", ""), given["name"].get("en", ""))
    return Head(
        code=given["code"],
        family=given["family"],
        name=name,
        short=version.short if version else name,
        unit=given["unit"],
        direction=given["direction"],
        noun=_noun(given),
        target=display.goal(given.get("target"), given["unit"], given["direction"]),
        floor=display.goal(given.get("floor"), given["unit"], given["direction"]),
        min_n=given.get("min_n", 0),
        version=str(given["version"]),
        breakdowns=tuple(given.get("breakdowns") or ()),
        said=version.said if version else {},
        words=version.words if version else "",
        definition=given,
    )


def _noun(given: dict[str, Any]) -> str:
    """What is counted under the number: rows of its table, inspections, or records of several tables."""
    if given["kind"] == "points":
        return "inspections"
    return "records" if given.get("parts") else str(given["table"])


def number(row: dict[str, Any], name: str) -> float:
    """A number of a row; NaN where there is none."""
    value = row.get(name)
    return math.nan if value is None else float(value)


def reading(row: dict[str, Any], head: Head, place: str) -> Reading:
    """A row of results as the words need it."""
    return Reading(
        place=place,
        name=head.name,
        table=head.noun,
        unit=head.unit,
        direction=head.direction,
        status=row["status"],
        standing=row["standing"] or "",
        min_n=head.min_n,
        comparable=bool(row["comparable"]),
        said=head.said,
        **{name: 0.0 if name == "n" and row.get("n") is None else number(row, name) for name in NUMBERS},
    )


@dataclass(frozen=True)
class Cell:
    """One value of the heat map; ``look`` is a standing, or the status where there is no number."""

    code: str
    text: str = ""
    look: str = ""
    word: str = ""
    red_line: bool = False
    moved: str = ""
    value: float | None = None


def cell(row: dict[str, Any] | None, head: Head) -> Cell:
    """The heat map's cell of one row of results."""
    if row is None:
        return Cell(head.code)
    if row["status"] not in SHOWN:
        return Cell(head.code, look=row["status"], word=str(STATUSES[row["status"]].word))
    standing = row["standing"] or ""
    value = number(row, "value")
    if math.isnan(value):
        return Cell(head.code)
    return Cell(
        head.code,
        text=units.cell(value, head.unit),
        look=standing,
        word=str(STATUSES[standing].word) if standing in HEAT else "",
        red_line=bool(head.definition.get("red_line")) and value > 0,
        moved=moved(reading(row, head, "")),
        value=value,
    )


def by_place(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, dict[str, Any]]]:
    """Rows of results by place and indicator."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["place"], {})[row["indicator"]] = row
    return found
