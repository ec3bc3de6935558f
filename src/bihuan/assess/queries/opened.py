"""The records under a number: which they are, and which of their columns a page shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from bihuan.assess import stores
from bihuan.assess.queries.indicator import Detail
from bihuan.assess.queries.items import word
from bihuan.base.places.models import Place
from bihuan.base.ui import formats
from bihuan.measure.definition import Definition
from bihuan.measure.records import records

OUTCOMES = ("miss", "hit", "out")


def _stamp(value: datetime) -> str:
    """Day and time without the year, which the cycle says: ``09-11 19:20``."""
    return f"{timezone.localtime(value):%m-%d %H:%M}"


@dataclass(frozen=True)
class Column:
    """One column of the records; ``kind`` is text, instant, minutes, number, place or outcome."""

    key: str
    label: Any
    kind: str = "text"

    @property
    def numeric(self) -> bool:
        """Whether it stands on the right."""
        return self.kind in ("minutes", "number")

    def text(self, row: dict[str, Any], places: dict[str, str]) -> str:
        """The value as the page shows it."""
        value = row.get(self.key)
        if value is None or value == "":
            return "—"
        shown: dict[str, Callable[[Any], str]] = {
            "instant": _stamp,
            "minutes": formats.duration,
            "number": formats.number,
            "place": lambda code: places.get(code, code),
        }
        return shown.get(self.kind, word)(value)

    def plain(self, row: dict[str, Any]) -> Any:
        """The value for a file."""
        value = row.get(self.key)
        return word(value) if self.kind in ("text", "outcome") else value


_BUILDING = Column("building", _("Building"), "place")
_PROJECT = Column("project", _("Project"), "place")
COLUMNS: dict[str, tuple[Column, ...]] = {
    "work_orders": (
        Column("fact_id", _("Work order")),
        Column("category", _("Category")),
        _BUILDING,
        Column("reported_at", _("Reported at"), "instant"),
        Column("due_at", _("Agreed time"), "instant"),
        Column("arrived_at", _("Arrived at"), "instant"),
        Column("resolved_at", _("Finished at"), "instant"),
        Column("rating", _("Mark given"), "number"),
    ),
    "feedback": (
        Column("fact_id", _("Feedback")),
        Column("category", _("Subject")),
        _PROJECT,
        Column("received_at", _("Received at"), "instant"),
        Column("due_close_at", _("Due by"), "instant"),
        Column("closed_at", _("Closed at"), "instant"),
        Column("rating", _("Mark given"), "number"),
    ),
    "inspection_items": (
        Column("inspection", _("Inspection")),
        Column("item", _("Item")),
        Column("point", _("Point")),
        _BUILDING,
        Column("occurred_at", _("Checked at"), "instant"),
        Column("severity", _("Severity")),
        Column("result", _("Result")),
    ),
    "tasks": (
        Column("fact_id", _("Task")),
        Column("kind", _("Kind")),
        Column("asset", _("Asset")),
        _BUILDING,
        Column("due_to", _("Due by"), "instant"),
        Column("done_at", _("Done at"), "instant"),
        Column("interval_days", _("Days since the last"), "number"),
    ),
    "assets": (
        Column("asset", _("Asset")),
        Column("asset_type", _("Type")),
        _BUILDING,
        Column("period", _("Month")),
        Column("last_test_at", _("Last test"), "instant"),
        Column("valid_until", _("Valid until"), "instant"),
    ),
    "measurements": (
        _PROJECT,
        Column("period", _("Month")),
        Column("source", _("Source")),
        Column("numerator", _("Numerator"), "number"),
        Column("denominator", _("Denominator"), "number"),
        Column("value", _("Value"), "number"),
    ),
    "samples": (
        Column("stratum", _("Stratum")),
        Column("disposition", _("Outcome")),
    ),
    # Neither time nor building: together with a mark they could tell who it was.
    "answers": (
        Column("question", _("Question")),
        Column("value", _("Mark given"), "number"),
        Column("mode", _("Mode")),
    ),
}


@dataclass
class Opened:
    """One page of the records under a number. ``closed`` says that they may not be opened, and why."""

    columns: list[Column] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    cells: list[list[tuple[str, bool]]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    outcome: str = ""
    order: str = ""
    total: int = 0
    closed: str = ""


def open_records(
    detail: Detail,
    *,
    outcome: str = "",
    order: str = "",
    page: Callable[[int], Any] | None = None,
    limit: int = 20,
) -> Opened:
    """The records under a number, of the outcome asked for or else of the one that asks for action."""
    definition = Definition.parse(detail.head.definition)
    columns = list(COLUMNS.get(definition.table, ()))
    if order.removeprefix("-") not in {column.key for column in columns}:
        order = ""
    found = _read(detail, definition, outcome if outcome in OUTCOMES else None, order, 0, 1)
    if found.closed or detail.row.get("status") == "suppressed":  # a hidden number stays hidden below, too
        return Opened(closed=translate("Fewer than 10 people stand under this number, so it is not opened."))
    counts = {name: found.outcomes.get(name, 0) for name in OUTCOMES if found.outcomes.get(name)}
    chosen = outcome if outcome in counts else next((name for name in OUTCOMES if counts.get(name)), "")
    total = counts.get(chosen, found.total)
    at = page(total) if page else None
    offset, size = (at.offset, at.size) if at else (0, limit)
    rows = _read(detail, definition, chosen or None, order, offset, size).rows
    filled = [column for column in columns if any(row.get(column.key) is not None for row in rows)]
    codes = {row[c.key] for c in filled if c.kind == "place" for row in rows if row.get(c.key)}
    places = {p.code: p.name for p in Place.objects.filter(code__in=codes)} if codes else {}
    return Opened(
        columns=filled,
        rows=rows,
        cells=[[(column.text(row, places), column.numeric) for column in filled] for row in rows],
        counts=counts,
        outcome=chosen,
        order=order,
        total=total,
    )


def _read(
    detail: Detail, definition: Definition, outcome: str | None, order: str, offset: int, limit: int
) -> Any:
    store = stores.archive()
    return records(
        store,
        store.at(detail.run.snapshot),
        definition,
        cycle=detail.run.cycle.code,
        as_of=detail.run.as_of,
        places=[detail.place.code],
        outcome=outcome,
        order=order or None,
        offset=offset,
        limit=limit,
        start=detail.run.cycle.start,
        end=detail.run.cycle.end,
        zone=settings.TIME_ZONE,
    )
