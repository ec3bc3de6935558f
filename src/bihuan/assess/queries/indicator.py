"""One indicator at one place: value, trend, where it comes from, and the records under it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
from django.utils.translation import gettext as _

from bihuan.assess import stores, units, words
from bihuan.assess.models import EvaluationRun
from bihuan.assess.queries import control
from bihuan.assess.queries.items import ITEMS
from bihuan.assess.queries.measured import SHOWN, Head, heads, number, reading
from bihuan.assess.queries.runs import run_for
from bihuan.assess.queries.visible import projects_under, visible_places
from bihuan.base.people.models import Contractor
from bihuan.base.people.roles import ServiceArea
from bihuan.base.places.kinds import Kind
from bihuan.base.places.models import Place
from bihuan.base.ui import formats
from bihuan.base.ui.parts import Verdict
from bihuan.standards import queries as standards
from bihuan.standards.models import IndicatorVersion

MOST_GROUPS = 12
MOST_POINTS = 36


@dataclass(frozen=True)
class TrendPoint:
    """One period of the trend; ``break_note`` says what changed before it, if anything did."""

    period: str
    label: str
    reading: words.Reading | None
    version: str
    broken: bool = False
    break_note: str = ""
    normal: control.Range | None = None


@dataclass(frozen=True)
class GroupValue:
    """One item of a breakdown or one place below."""

    label: str
    reading: words.Reading
    url_code: str = ""
    share_of_misses: float = math.nan


@dataclass
class Detail:
    """An indicator at a place as one person sees it."""

    run: EvaluationRun
    place: Place
    head: Head
    reading: words.Reading
    row: dict[str, Any]
    verdict: Verdict
    trend: list[TrendPoint]
    by_month: bool
    breakdown: str
    groups: list[GroupValue]
    children: list[GroupValue]
    share: float | None
    rank: tuple[int, int] | None = None
    version: IndicatorVersion | None = None
    changes: list[IndicatorVersion] = field(default_factory=list)

    @property
    def missed(self) -> int | None:
        """How many missed; nothing where that is no count of things, as with weighted answers."""
        top, bottom = number(self.row, "numerator"), number(self.row, "denominator")
        if (
            self.head.unit != "%"
            or self.head.noun in ("answers", "samples")
            or self.reading.n == 0
            or math.isnan(top)
            or math.isnan(bottom)
        ):
            return None
        good = top if self.head.direction == "up" else bottom - top
        return round(bottom - good)


def indicator_detail(
    user: Any,
    code: str,
    place: Place,
    cycle: str,
    *,
    run_id: str = "",
    breakdown: str = "",
    by_month: bool | None = None,
) -> Detail | None:
    """An indicator at a place the person sees; nothing where the cycle's run did not measure it there."""
    run = run_for(user, cycle, run_id)
    if run is None:
        return None
    head = next((head for head in heads(run) if head.code == code), None)
    if head is None:
        return None
    store = stores.results()
    rows = store.measurements([run.run_id], places=[place.code], indicators=[code]).to_pylist()
    row = next((row for row in rows if row["breakdown"] == "" and row["period"] == ""), None)
    if row is None:
        return None
    monthly = head.definition.get("period") == "month" if by_month is None else by_month
    chosen = breakdown if breakdown in head.breakdowns else next(iter(head.breakdowns), "")
    found = reading(row, head, place.name)
    versions = list(IndicatorVersion.objects.filter(indicator__code=code).order_by("number"))
    return Detail(
        run=run,
        place=place,
        head=head,
        reading=found,
        row=row,
        verdict=words.indicator(found),
        trend=_trend(store, run, head, place, monthly, versions),
        by_month=monthly,
        breakdown=chosen,
        groups=_groups(
            [r for r in rows if r["breakdown"] == chosen and r["period"] == ""],
            head,
            chosen,
            _misses(row, head),
        ),
        children=_children(store, user, run, head, place),
        share=_share(run, code),
        rank=_rank(store, user, run, head, place),
        version=next((v for v in versions if str(v.number) == head.version), None),
        changes=[v for v in versions if v.note and str(v.number) == head.version],
    )


def _share(run: EvaluationRun, code: str) -> float | None:
    return standards.shares(run.weights).get(code) if run.weights else None


def _trend(
    store: Any, run: EvaluationRun, head: Head, place: Place, monthly: bool, versions: list[IndicatorVersion]
) -> list[TrendPoint]:
    """The earlier runs this one stood on, then this one; a break wherever the standard changed.

    What is normal is worked out from all of it, of which the last part is shown.
    """
    runs = [*run.history, run.run_id]
    table = store.measurements(runs, places=[place.code], indicators=[head.code], breakdown="")
    order = {run_id: position for position, run_id in enumerate(runs)}
    rows = [row for row in table.to_pylist() if bool(row["period"]) == monthly]
    rows.sort(key=lambda row: (order[row["run"]], row["period"]))
    notes = {str(version.number): version.note for version in versions}
    points: list[TrendPoint] = []
    for before, row in zip([None, *rows], rows, strict=False):
        period = row["period"] or row["cycle"]
        broken = before is not None and not control.comparable(before, row)
        points.append(
            TrendPoint(
                period=period,
                label=formats.cycle_short(period),
                reading=reading(row, head, place.name) if row["status"] in SHOWN else None,
                version=row["version"],
                broken=broken,
                break_note=_break_note(notes, before, row) if broken else "",
            )
        )
    known = control.ranges(head.definition, rows, [p.broken for p in points])
    return [replace(p, normal=one) for p, one in zip(points, known, strict=True)][-MOST_POINTS:]


def _break_note(notes: dict[str, str], before: dict[str, Any] | None, row: dict[str, Any]) -> str:
    """What changed: the note of the new version, or that there is a new checklist or questionnaire."""
    if before is not None and before["version"] == row["version"]:
        return _("new checklist or questionnaire")
    return notes.get(row["version"], "")


def _groups(rows: list[dict[str, Any]], head: Head, breakdown: str, total: float) -> list[GroupValue]:
    """The items of a breakdown, the largest first; items without a number come last.

    ``total`` is what was missed at the place as a whole, items too small to be shown included.
    """
    labels = item_labels(breakdown, [row["item"] for row in rows])
    missed = {row["item"]: _misses(row, head) for row in rows}
    found = [
        GroupValue(
            labels.get(row["item"], row["item"] or "—"),
            reading(row, head, ""),
            share_of_misses=missed[row["item"]] / total if total > 0 else math.nan,
        )
        for row in rows
    ]
    found.sort(key=lambda group: (not group.reading.shown, -group.reading.n, group.label))
    return found[:MOST_GROUPS]


def _misses(row: dict[str, Any], head: Head) -> float:
    if head.unit != "%" or row["status"] not in SHOWN:
        return math.nan
    top, bottom = number(row, "numerator"), number(row, "denominator")
    return bottom - top if head.direction == "up" else top


def item_labels(breakdown: str, items: list[str]) -> dict[str, str]:
    """Names for the codes of a breakdown's items."""
    if breakdown == "building":
        return {place.code: place.name for place in Place.objects.filter(code__in=items)}
    if breakdown == "contractor":
        return {contractor.code: contractor.name for contractor in Contractor.objects.filter(code__in=items)}
    if breakdown == "service_area":
        known = {area.value: str(area.label) for area in ServiceArea}
        return {item: known.get(item, item) for item in items}
    return {item: str(ITEMS[item]) for item in items if item in ITEMS}


def _children(store: Any, user: Any, run: EvaluationRun, head: Head, place: Place) -> list[GroupValue]:
    """The places right under this one, the worst first."""
    below = {p.code: p for p in visible_places(user).filter(parent=place)}
    if not below:
        return []
    rows = store.measurements(
        [run.run_id], places=list(below), indicators=[head.code], breakdown="", periods=[""]
    ).to_pylist()
    found = [
        GroupValue(below[row["place"]].name, reading(row, head, below[row["place"]].name), row["place"])
        for row in rows
    ]
    sign = 1 if head.direction == "up" else -1
    found.sort(
        key=lambda g: (not g.reading.shown, sign * g.reading.value if g.reading.shown else 0.0, g.label)
    )
    return found


def _rank(store: Any, user: Any, run: EvaluationRun, head: Head, place: Place) -> tuple[int, int] | None:
    """Where a project stands among all projects; only for whoever sees them all."""
    if place.kind != Kind.PROJECT:
        return None
    root = place.ancestors().first() or place
    if user is not None and not user.sees(root):
        return None
    codes = [p.code for p in projects_under(user, root)]
    table: pa.Table = store.measurements(
        [run.run_id], places=codes, indicators=[head.code], breakdown="", periods=[""]
    )
    values = {row["place"]: number(row, "value") for row in table.to_pylist() if row["status"] in SHOWN}
    own = values.get(place.code, math.nan)
    if math.isnan(own) or len(values) < 2:
        return None
    better = sum((v > own) == (head.direction == "up") and v != own for v in values.values())
    return better + 1, len(values)


def unit_label(head: Head) -> str:
    """The title of the value axis: the indicator's short name and its unit."""
    return f"{head.short} {units.label(head.unit)}"
