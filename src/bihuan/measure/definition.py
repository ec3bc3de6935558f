"""What an indicator is: data that says which facts count, how, and against what.

Every definition has ``code``, ``version``, ``family``, ``name`` ({zh, en}), ``table``, ``kind``, ``unit`` and
``direction`` (up or down). Every kind may have ``target`` and ``floor`` (see `Goal`), ``min_n``, ``period``
(month or quarter), ``filter``, ``breakdowns`` (columns of texts), ``sampled`` (answers only: true, the
default, false for open links, or "any"), ``repeats``, and keys that only describe (`DESCRIPTIVE`). The keys
that belong to a kind are in `KINDS`:

mean            value; range: [least, most] that a unit can have, where there are such ends
share           success; or response_rate: RR3 (samples); or parts, a list of {table, success, filter,
                weight}: the weighted mean of shares over several tables
top_box         value (the rating or answer by default), box: where the top begins on a scale of 0 to 1
bottom_box      likewise
nps             value
index           value; the dimensions are weighted by the dimension ``questions``
ratio           numerator, denominator; counts: true where both count the same things; range as for mean
rate_per        per; exposure: {value, filter} over the table exposure; success
count           success (the filter by default, counted wherever the table has any row)
on_time         event and due, or interval: {days, limit, per, done}
quantile        q, and value; or q with time, event, start and due: open ones count as long as they have
                waited, and are left out until they are due
median_time     time, event, start
event_time      time, event, start
points          nothing of its own

``time`` is in minutes, and is reckoned from ``start`` on the row's calendar where it is empty. ``repeats`` =
{from, within, at}: a row counts once ``from`` + ``within`` has passed, and the flag ``repeated`` says
whether another row, whose ``repeat_of`` names it, followed by ``at`` within that time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bihuan.archive.schema import FACTS
from bihuan.measure import expressions as ex
from bihuan.measure.goals import Goal
from bihuan.measure.parts import Exposure, Interval, Part, Repeats, parse_parts

TIMES = frozenset({"time", "event", "start"})
# kind -> keys it must have, keys it may have
KINDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "mean": (frozenset({"value"}), frozenset({"range"})),
    "share": (frozenset(), frozenset({"success", "response_rate", "parts"})),
    "top_box": (frozenset(), frozenset({"value", "box"})),
    "bottom_box": (frozenset(), frozenset({"value", "box"})),
    "nps": (frozenset(), frozenset({"value"})),
    "index": (frozenset(), frozenset({"value"})),
    "ratio": (frozenset({"numerator", "denominator"}), frozenset({"counts", "range"})),
    "rate_per": (frozenset({"per", "exposure"}), frozenset({"success"})),
    "count": (frozenset(), frozenset({"success", "red_line"})),
    "on_time": (frozenset(), frozenset({"event", "due", "interval"})),
    "quantile": (frozenset({"q"}), frozenset({"value", "due", *TIMES})),
    "median_time": (frozenset({"event"}), TIMES),
    "event_time": (frozenset({"event"}), TIMES),
    "points": (frozenset(), frozenset()),
}
REQUIRED = ("code", "version", "family", "name", "table", "kind", "unit", "direction")
OPTIONAL = ("target", "floor", "min_n", "period", "filter", "breakdowns", "sampled", "repeats")
DESCRIPTIVE = ("basis", "from_cycle", "formula", "definition", "service_area", "chart", "data_source", "note")
# Columns that name one record or one person, or that the engine itself groups by.
NOT_BREAKDOWNS = {
    "fact_id", "cycle", "period", "project", "response", "repeat_of", "unit_key",
    "inspection", "weight_cell", "flags", "disposition",
}  # fmt: skip
WANTED = {
    "value": ex.NUMBER, "numerator": ex.NUMBER, "denominator": ex.NUMBER, "time": ex.NUMBER,
    "success": ex.BOOL, "event": ex.INSTANT, "due": ex.INSTANT, "start": ex.INSTANT,
}  # fmt: skip
STARTS = {"work_orders": "reported_at", "feedback": "received_at", "tasks": "due_from"}
MARKS = {"answers": "value", "work_orders": "rating", "feedback": "rating"}
BOXES = {"top_box": 0.75, "bottom_box": 0.25}  # 4 of 5 and 8 of 10; 2 of 5 and 3 of 10
PERCENT = frozenset({"share", "top_box", "bottom_box", "on_time", "index", "points", "nps"})


class DefinitionError(ValueError):
    """A definition cannot be used; the message names the key and what would do."""


@dataclass(frozen=True)
class Definition:
    """A parsed indicator; build it with `Definition.parse`."""

    code: str
    version: str
    family: str
    name: Mapping[str, str]
    table: str
    kind: str
    unit: str
    direction: str
    target: Goal
    floor: Goal
    min_n: int
    period: str
    breakdowns: tuple[str, ...]
    sampled: bool | None
    red_line: bool
    filter: ex.Node | None
    nodes: Mapping[str, ex.Node]
    settings: Mapping[str, float] = field(default_factory=dict)
    repeats: Repeats | None = None
    interval: Interval | None = None
    exposure: Exposure | None = None
    parts: tuple[Part, ...] = ()
    response_rate: bool = False
    fingerprint: str = ""

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Definition:
        """Read and check a definition.

        Raises
        ------
        DefinitionError
            A sentence that names the indicator and the key.
        """
        return _Reader(given).read()

    @property
    def scale(self) -> float:
        """By how much Σa/Σb is multiplied to be the value: 100 for percentages, ``per`` for rates."""
        if self.kind == "rate_per":
            return self.settings["per"]
        return 100.0 if self.kind in PERCENT or (self.kind == "ratio" and self.unit == "%") else 1.0

    @property
    def range(self) -> tuple[float, float] | None:
        """The least and the most a unit can have, where the definition says so."""
        if "least" not in self.settings:
            return None
        return self.settings["least"], self.settings["most"]

    @property
    def monthly(self) -> bool:
        """Whether there is a value for each month, too."""
        return self.period == "month"

    @property
    def about_answers(self) -> bool:
        """Whether it is about what people answered, so that small cells are hidden."""
        return self.table == "answers"


class _Reader:
    """Checks one definition key by key."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        if not isinstance(given, Mapping):
            raise DefinitionError("A definition is a mapping of keys to values.")
        self.given = given
        self.code = str(given.get("code", "?"))

    def wrong(self, key: str, why: object) -> DefinitionError:
        return DefinitionError(f"Indicator {self.code}, key {key!r}: {why}.")

    def read(self) -> Definition:
        kind = self._choice("kind", KINDS)
        for key in REQUIRED:
            if self.given.get(key) in (None, ""):
                raise self.wrong(key, "it is missing")
        self._check_keys(kind)
        table = self._choice("table", FACTS)
        self.types = ex.column_types(FACTS[table].arrow)
        repeats = self._repeats()
        if repeats:
            self.types["repeated"] = ex.BOOL
        target, floor = self._goal("target"), self._goal("floor")
        direction = self._choice("direction", ("up", "down"))
        self._ordered(target, floor, direction)
        nodes = self._nodes(table, kind)
        return Definition(
            code=self.code,
            version=str(self.given["version"]),
            family=str(self.given["family"]),
            name=self._name(),
            table=table,
            kind=kind,
            unit=str(self.given["unit"]),
            direction=direction,
            target=target,
            floor=floor,
            min_n=self._min_n(),
            period=self._choice("period", ("month", "quarter"), "quarter"),
            breakdowns=self._breakdowns(),
            sampled=self._sampled(table),
            red_line=bool(self.given.get("red_line", False)),
            filter=None if kind == "count" and "success" not in self.given else nodes.get("filter"),
            nodes={key: node for key, node in nodes.items() if key != "filter"},
            settings=self._settings(kind),
            repeats=repeats,
            interval=self._part("interval", Interval),
            exposure=self._part("exposure", Exposure),
            parts=self._parts(),
            response_rate=self._response_rate(table),
            fingerprint=fingerprint(self.given),
        )

    def _check_keys(self, kind: str) -> None:
        must, may = KINDS[kind]
        for key in sorted(must):
            if self.given.get(key) in (None, ""):
                raise self.wrong(key, f"the kind {kind} needs it")
        known = {*REQUIRED, *OPTIONAL, *DESCRIPTIVE, *must, *may}
        for key in self.given:
            if key not in known:
                own = ", ".join(sorted(must | may)) or "none of its own"
                raise self.wrong(key, f"the kind {kind} has no such key; it has {own}")

    def _choice(self, key: str, among: Any, default: str | None = None) -> str:
        chosen = self.given.get(key, default)
        if chosen in (None, ""):
            raise self.wrong(key, "it is missing")
        if not isinstance(chosen, str) or chosen not in among:
            raise self.wrong(key, f"{chosen!r} is not one of {', '.join(among)}")
        return chosen

    def _name(self) -> dict[str, str]:
        name = self.given["name"]
        if not isinstance(name, Mapping) or not name.get("zh"):
            raise self.wrong("name", "write it as {zh: ..., en: ...}")
        return {str(language): str(text) for language, text in name.items()}

    def _goal(self, key: str) -> Goal:
        try:
            return Goal.parse(self.given.get(key))
        except ValueError as exc:
            raise self.wrong(key, exc) from exc

    def _ordered(self, target: Goal, floor: Goal, direction: str) -> None:
        """Scores run from floor to target, so the two must lie the right way round."""
        if not floor.is_set or not target.is_set:
            return
        if (floor.of_baseline is None) != (target.of_baseline is None):
            raise self.wrong("floor", "target and floor are both relative to the baseline, or neither is")
        pairs = [(floor.of_baseline, target.of_baseline)]
        if target.of_baseline is None:
            grades = sorted({*target.by_grade, *floor.by_grade})
            pairs = [(floor.for_grade(g), target.for_grade(g)) for g in grades]
        for low, high in pairs:
            if (
                low is not None
                and high is not None
                and ((low >= high) if direction == "up" else (low <= high))
            ):
                raise self.wrong("floor", f"{low:g} must lie on the bad side of the target {high:g}")

    def _min_n(self) -> int:
        least = self.given.get("min_n", 0)
        if not isinstance(least, int) or isinstance(least, bool) or least < 0:
            raise self.wrong("min_n", f"{least!r} is not a whole number from 0 up")
        return least

    def _breakdowns(self) -> tuple[str, ...]:
        chosen = self.given.get("breakdowns") or ()
        if not isinstance(chosen, list | tuple):
            raise self.wrong("breakdowns", "write a list of columns")
        there = sorted(n for n, kind in self.types.items() if kind == ex.TEXT and n not in NOT_BREAKDOWNS)
        for column in chosen:
            if column not in there:
                raise self.wrong(
                    "breakdowns", f"{column!r} is no column to break down by; there are {', '.join(there)}"
                )
        return tuple(dict.fromkeys(chosen))

    def _sampled(self, table: str) -> bool | None:
        sampled = self.given.get("sampled", True if table == "answers" else None)
        if table != "answers" and sampled is not None:
            raise self.wrong("sampled", "only answers know whether they come from a sample")
        if sampled not in (True, False, "any", None):
            raise self.wrong("sampled", "write true, false or any")
        return None if sampled == "any" else sampled

    def _expression(self, key: str, text: Any = None) -> ex.Node:
        try:
            return ex.parse(self.given[key] if text is None else text, self.types, WANTED.get(key, ex.BOOL))
        except ex.ExpressionError as exc:
            raise self.wrong(key, exc) from exc

    def _nodes(self, table: str, kind: str) -> dict[str, ex.Node]:
        """The expressions of the kind, with what a kind takes where nothing is said."""
        nodes = {key: self._expression(key) for key in ("filter", *WANTED) if self.given.get(key)}
        if kind in ("top_box", "bottom_box", "nps", "index"):
            if table not in MARKS:
                raise self.wrong("table", f"{table} holds no marks, so the kind {kind} cannot use it")
            nodes.setdefault("value", self._expression("value", MARKS[table]))
        if kind == "index" and table != "answers":
            raise self.wrong("table", "an index is made of answers")
        if kind == "points" and table != "inspection_items":
            raise self.wrong("table", "points are made of inspection_items")
        if kind == "on_time" and ("interval" in self.given) == ("event" in nodes and "due" in nodes):
            raise self.wrong("event", "on_time needs event and due, or interval")
        if kind == "share" and sum(k in self.given for k in ("success", "response_rate", "parts")) != 1:
            raise self.wrong("success", "a share needs one of success, response_rate and parts")
        if kind == "count":
            if "success" not in nodes and "filter" not in nodes:
                raise self.wrong("success", "a count needs success or filter")
            nodes.setdefault("success", nodes.get("filter", nodes.get("success")))  # type: ignore[arg-type]
        if kind == "quantile" and ("value" in nodes) == ("event" in nodes):
            raise self.wrong("value", "a quantile needs either value, or time with event")
        if "event" in nodes and kind != "on_time" and "start" not in nodes:
            if table not in STARTS:
                raise self.wrong("start", f"{table} has no usual start, so it must be named")
            nodes["start"] = self._expression("start", STARTS[table])
        return nodes

    def _settings(self, kind: str) -> dict[str, float]:
        settings: dict[str, float] = {}
        if kind in BOXES:
            settings["box"] = self._number("box", BOXES[kind])
        if kind == "quantile":
            settings["q"] = self._number("q", 0.5)
        if kind == "rate_per":
            settings["per"] = self._number("per", 1, float("inf"))
        if self.given.get("counts"):
            settings["counts"] = 1.0
        if self.given.get("range") is not None:
            settings["least"], settings["most"] = self._range(self.given["range"])
        return settings

    def _range(self, ends: Any) -> tuple[float, float]:
        numbers = isinstance(ends, list | tuple) and len(ends) == 2
        if not numbers or not all(isinstance(e, int | float) and not isinstance(e, bool) for e in ends):
            raise self.wrong("range", "write the least and the most as [1, 5]")
        if not ends[0] < ends[1]:
            raise self.wrong("range", f"{ends[0]:g} is not below {ends[1]:g}")
        return float(ends[0]), float(ends[1])

    def _number(self, key: str, default: float, below: float = 1) -> float:
        number = self.given.get(key, default)
        if not isinstance(number, int | float) or isinstance(number, bool) or not 0 < number < below:
            raise self.wrong(key, f"{number!r} is not a number between 0 and {below:g}")
        return float(number)

    def _part(self, key: str, cls: Any) -> Any:
        if self.given.get(key) is None:
            return None
        try:
            return cls.parse(self.given[key], self.types)
        except ValueError as exc:
            raise self.wrong(key, exc) from exc

    def _repeats(self) -> Repeats | None:
        if self.given.get("repeats") and "repeat_of" not in self.types:
            raise self.wrong("repeats", f"{self.given['table']} does not say what a row repeats")
        found: Repeats | None = self._part("repeats", Repeats)
        return found

    def _parts(self) -> tuple[Part, ...]:
        if "parts" not in self.given:
            return ()
        try:
            return parse_parts(self.given["parts"])
        except ValueError as exc:
            raise self.wrong("parts", exc) from exc

    def _response_rate(self, table: str) -> bool:
        formula = self.given.get("response_rate")
        if formula is not None and (formula != "RR3" or table != "samples"):
            raise self.wrong("response_rate", "RR3, on the table samples, is the one formula there is")
        return formula is not None


def fingerprint(given: Mapping[str, Any]) -> str:
    """SHA-256 of a mapping in canonical JSON."""
    text = json.dumps(given, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
