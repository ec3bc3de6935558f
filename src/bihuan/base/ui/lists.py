"""Lists that filter, sort, page and export, all of it from the address.

A parameter that makes no sense falls back to the default without a word: a kept address must open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from bihuan.base.ui import formats

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
MAX_EXPORT = 200_000


@dataclass(frozen=True)
class Pager:
    """Which page of how many; made from the request and the number of rows."""

    total: int
    number: int
    size: int = PAGE_SIZE

    @classmethod
    def of(cls, request: HttpRequest, total: int, size: int = PAGE_SIZE) -> Pager:
        """Read ``?page=`` and ``?size=``; a page that is not there becomes the nearest one."""
        size = min(max(_whole(request.GET.get("size"), size), 1), MAX_PAGE_SIZE)
        pages = max(1, -(-total // size))
        return cls(total, min(max(_whole(request.GET.get("page"), 1), 1), pages), size)

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    @property
    def first(self) -> int:
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.offset + self.size, self.total)

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.number + 1

    @property
    def shown(self) -> list[int | None]:
        """The page numbers to show: the ends, the neighbours, None for a gap."""
        near = {1, self.pages, *range(self.number - 2, self.number + 3)}
        numbers = sorted(n for n in near if 1 <= n <= self.pages)
        result: list[int | None] = []
        for one in numbers:
            if result and result[-1] is not None and one - result[-1] > 1:
                result.append(None)
            result.append(one)
        return result


def _whole(text: Any, otherwise: int) -> int:
    """A whole number as written in an address; anything else, or one too long to be meant, is passed over."""
    clean = str(text or "")
    return int(clean) if clean.isdecimal() and len(clean) <= 9 else otherwise


@dataclass
class Column:
    """One column: ``value`` is an attribute path (``place.name``) or a function of the row.

    ``sort`` is what orders it: a field path for a queryset, a function of the row for a plain list. ``show``
    turns the value into text for the page; exports keep the value itself. ``url`` gives the cell a link.
    """

    key: str
    label: Any
    value: str | Callable[[Any], Any] = ""
    sort: Any = None
    numeric: bool = False
    show: Callable[[Any], Any] | None = None
    url: Callable[[Any], str] | None = None
    export: bool = True

    def of(self, row: Any) -> Any:
        """The column's value in a row."""
        if callable(self.value):
            return self.value(row)
        found = row
        for name in (self.value or self.key).split("."):
            if found is None:
                return None
            found = found.get(name) if isinstance(found, dict) else getattr(found, name)
            found = found() if callable(found) else found
        return found

    def text(self, row: Any) -> Any:
        """The value as the page shows it."""
        value = self.of(row)
        if self.show:
            return self.show(value)
        if isinstance(value, datetime):
            return formats.stamp(value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return formats.number(value)
        return "—" if value is None or value == "" else value


@dataclass
class Filter:
    """One filter. ``kind``: ``choice``, ``search`` or ``date``; ``apply(rows, value)`` narrows the rows.

    Without ``apply`` a choice compares the field ``path`` (or the filter's name), a search ``fields``.
    """

    name: str
    label: Any
    kind: str = "choice"
    choices: Sequence[tuple[str, Any]] = ()
    path: str = ""
    fields: Sequence[str] = ()
    apply: Callable[[Any, Any], Any] | None = None
    all: Any = field(default_factory=lambda: _("all"))
    hint: Any = ""
    value: str = ""

    def read(self, request: HttpRequest) -> Filter:
        """A copy holding the value in the address, or empty when that is not one of the choices."""
        text = request.GET.get(self.name, "").strip()
        fits = {
            "choice": text in {str(value) for value, _label in self.choices},
            "date": _date(text) is not None,
            "search": len(text) <= 200 and "\x00" not in text,
        }[self.kind]
        copy = Filter(**{name: getattr(self, name) for name in self.__dataclass_fields__})
        copy.value = text if fits else ""
        copy.choices = [(str(value), label) for value, label in self.choices]
        return copy

    def narrow(self, rows: Any) -> Any:
        """The rows that fit."""
        if not self.value:
            return rows
        wanted: Any = _date(self.value) if self.kind == "date" else self.value
        if self.apply:
            return self.apply(rows, wanted)
        if self.kind == "search":
            return self._search(rows)
        return rows.filter(**{self.path or self.name: wanted})

    def _search(self, rows: QuerySet) -> QuerySet:
        fits = Q()
        for name in self.fields:
            fits |= Q(**{f"{name}__icontains": self.value})
        return rows.filter(fits)


def _date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


@dataclass
class Head:
    """A column's head on this page."""

    label: Any
    numeric: bool
    sort_url: str = ""
    sorted: str = ""


@dataclass
class Cell:
    """A cell on this page."""

    text: Any
    numeric: bool
    url: str = ""


class ListPage:
    """A list as one request asks for it: hand it to the template as ``list``; return ``export()`` when asked.

    >>> page = ListPage(request, rows, columns=[...], filters=[...], sort="-created", caption=_("Imports"))
    >>> if page.wants_export: return page.export("imports")
    """

    def __init__(
        self,
        request: HttpRequest,
        rows: QuerySet | Sequence[Any],
        *,
        columns: Sequence[Column],
        filters: Sequence[Filter] = (),
        sort: str = "",
        caption: Any = "",
        size: int = PAGE_SIZE,
        exports: bool = True,
        keep: Sequence[str] = (),
    ) -> None:
        self.request = request
        self._columns = {column.key: column for column in columns}
        self.filters = [one.read(request) for one in filters]
        self.caption = caption
        self.exports = exports
        self._size = size
        self._default_sort = sort
        self._keep = keep
        for one in self.filters:
            rows = one.narrow(rows)
        self._all = self._ordered(rows)

    @cached_property
    def sort(self) -> str:
        """The order asked for, ``-key`` for descending; the default when the key cannot be sorted by."""
        asked = self.request.GET.get("sort", "")
        column = self._columns.get(asked.removeprefix("-"))
        return asked if column is not None and column.sort else self._default_sort

    def _ordered(self, rows: Any) -> Any:
        key = self.sort.removeprefix("-")
        if not key:
            return rows
        down = self.sort.startswith("-")
        by = self._columns[key].sort if key in self._columns else key
        if isinstance(rows, QuerySet):
            return rows.order_by(f"-{by}" if down else by, "-pk" if down else "pk")
        rank = by if callable(by) else self._columns[key].of
        present = [row for row in rows if rank(row) is not None]
        absent = [row for row in rows if rank(row) is None]
        return sorted(present, key=rank, reverse=down) + absent

    @cached_property
    def total(self) -> int:
        return self._all.count() if isinstance(self._all, QuerySet) else len(self._all)

    @cached_property
    def pager(self) -> Pager:
        return Pager.of(self.request, self.total, self._size)

    @cached_property
    def rows(self) -> list[Any]:
        """The rows of this page."""
        return list(self._all[self.pager.offset : self.pager.offset + self.pager.size])

    @property
    def cells(self) -> list[list[Cell]]:
        """The rows of this page as text."""
        return [
            [Cell(c.text(row), c.numeric, c.url(row) if c.url else "") for c in self._columns.values()]
            for row in self.rows
        ]

    @property
    def columns(self) -> list[Head]:
        """The heads; a sorted column turns round when it is chosen again."""
        heads = []
        for key, column in self._columns.items():
            up, down = self.sort == key, self.sort == f"-{key}"
            heads.append(
                Head(
                    column.label,
                    column.numeric,
                    self._url(sort=f"-{key}" if up else key) if column.sort else "",
                    "ascending" if up else "descending" if down else "",
                )
            )
        return heads

    @property
    def filtered(self) -> bool:
        """Whether any filter is set."""
        return any(one.value for one in self.filters)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the filter form carries along: order, page size and what the page named in ``keep``."""
        names = ("sort", "size", *self._keep)
        return [(name, self.request.GET[name]) for name in names if self.request.GET.get(name)]

    @property
    def clear_url(self) -> str:
        """This page without its filters."""
        return self._url(**{one.name: "" for one in self.filters})

    def _url(self, **changes: str) -> str:
        from bihuan.base.ui.templatetags.bh import with_query

        return with_query(self.request, **changes)

    @property
    def wants_export(self) -> bool:
        """Whether the request asks for a file."""
        return self.exports and self.request.GET.get("export") in {"csv", "xlsx"}

    def export(self, name: str) -> HttpResponseBase:
        """The whole list, filtered and sorted as on the page, as a file."""
        from bihuan.base.documents import excel

        columns = [column for column in self._columns.values() if column.export]
        rows: Iterable[Any] = self._all[:MAX_EXPORT]
        if isinstance(rows, QuerySet):
            rows = rows.iterator(chunk_size=2000)
        table = ([column.of(row) for column in columns] for row in rows)
        kind = self.request.GET["export"]
        return excel.download(name, [column.label for column in columns], table, kind=kind)
