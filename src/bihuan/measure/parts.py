"""The pieces of a definition that are more than one expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bihuan.archive.schema import FACTS
from bihuan.measure import expressions as ex


@dataclass(frozen=True)
class Repeats:
    """A row matures when ``start`` + ``within`` has passed; a repeat counts at ``at`` by then."""

    start: ex.Node
    within: ex.Node
    at: ex.Node

    @classmethod
    def parse(cls, given: Any, types: Mapping[str, str]) -> Repeats:
        """Read ``{from, within, at}``."""
        fields = _fields(given, {"from": ex.INSTANT, "within": ex.DURATION, "at": ex.INSTANT}, types)
        if fields["within"].op != "duration":
            raise ValueError("within is a duration such as 30 days")
        return cls(fields["from"], fields["within"], fields["at"])


@dataclass(frozen=True)
class Interval:
    """Days between one duty done and the next on the same thing, the open interval at as_of included."""

    days: ex.Node
    limit: float
    per: str
    done: ex.Node

    @classmethod
    def parse(cls, given: Any, types: Mapping[str, str]) -> Interval:
        """Read ``{days, limit, per, done}``: limit in days, per the column that names the thing."""
        if not isinstance(given, Mapping):
            raise ValueError("write it as {days: ..., limit: ..., per: ..., done: ...}")
        rest = {k: v for k, v in given.items() if k not in ("limit", "per")}
        fields = _fields(rest, {"days": ex.NUMBER, "done": ex.INSTANT}, types)
        limit, per = given.get("limit"), given.get("per")
        if not _positive(limit):
            raise ValueError("limit is a number of days")
        if types.get(str(per)) != ex.TEXT:
            raise ValueError(f"per names a column of texts, and {per!r} is none")
        return cls(fields["days"], float(str(limit)), str(per), fields["done"])


@dataclass(frozen=True)
class Exposure:
    """What a rate is divided by: the sum of a column of ``exposure`` over project and period."""

    value: ex.Node
    filter: ex.Node | None

    @classmethod
    def parse(cls, given: Any, types: Mapping[str, str]) -> Exposure:
        """Read ``{value, filter}`` over the columns of ``exposure``."""
        own = ex.column_types(FACTS["exposure"].arrow)
        wanted = {"value": ex.NUMBER, "filter": ex.BOOL}
        if isinstance(given, Mapping) and "filter" not in given:
            del wanted["filter"]
        fields = _fields(given, wanted, own)
        return cls(fields["value"], fields.get("filter"))


@dataclass(frozen=True)
class Part:
    """One share of a composite over several tables."""

    table: str
    success: ex.Node
    filter: ex.Node | None
    weight: float


def parse_parts(given: Any) -> tuple[Part, ...]:
    """Read the list of ``{table, success, filter, weight}`` of a composite of shares."""
    if not isinstance(given, list | tuple) or len(given) < 2:
        raise ValueError("write a list of at least two shares, each with table and success")
    parts = []
    for part in given:
        table = part.get("table") if isinstance(part, Mapping) else None
        if table not in FACTS or table == "answers":
            raise ValueError(f"{table!r} is not a table whose rows are a census")
        if part.get("kind", "share") != "share":
            raise ValueError(f"{table}: the parts are shares, not {part['kind']!r}")
        types = ex.column_types(FACTS[table].arrow)
        rest = {k: v for k, v in part.items() if k not in ("table", "weight", "kind") and v is not None}
        wanted = {"success": ex.BOOL, **({"filter": ex.BOOL} if "filter" in rest else {})}
        fields = _fields(rest, wanted, types)
        weight = part.get("weight", 1)
        if not _positive(weight):
            raise ValueError(f"{table}: the weight {weight!r} is not a positive number")
        parts.append(Part(table, fields["success"], fields.get("filter"), float(weight)))
    if len({part.table for part in parts}) < len(parts):
        raise ValueError("a table stands in it twice; join its conditions with or")
    return tuple(parts)


def _positive(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool) and 0 < given < float("inf")


def _fields(given: Any, wanted: Mapping[str, str], types: Mapping[str, str]) -> dict[str, ex.Node]:
    if not isinstance(given, Mapping) or set(given) != set(wanted):
        raise ValueError(f"write it as {{{', '.join(f'{key}: ...' for key in wanted)}}}")
    found = {}
    for key, type_ in wanted.items():
        try:
            found[key] = ex.parse(given[key], types, type_)
        except ex.ExpressionError as exc:
            raise ValueError(f"{key}: {exc}") from exc
    return found
