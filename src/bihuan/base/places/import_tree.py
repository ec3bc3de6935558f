"""A sheet of places: what its columns are, and how its rows go into the tree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from . import codes, rules, sheets
from .kinds import PARENTS, RANK, Grade, Kind
from .models import Place, PlaceSpell
from .sheets import CellError, Column, Counts, Form, Reading, Row
from .tree import begin_spell, parent_hint, rehang

BATCH = 500


def batched(items: list[str], size: int) -> Iterator[list[str]]:
    """The items in lists of at most ``size``; a database takes only so many values in one question."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def place_code(text: str) -> str:
    """A code that addresses can carry."""
    try:
        codes.check(text)
    except ValidationError as exc:
        raise CellError(_("this cannot be a code"), codes.hint(text)) from exc
    return text


def square_metres(text: str) -> Decimal:
    """An area, zero or more."""
    try:
        value = Decimal(text.replace(",", ""))
        if not value.is_finite() or not 0 <= value < 10**10:
            raise InvalidOperation
    except InvalidOperation as exc:
        raise CellError(
            _("“%(text)s” is not an area") % {"text": text}, _("write square metres, such as 86000")
        ) from exc
    return value.quantize(Decimal("0.01"))


def form() -> Form:
    """The columns of a sheet of places."""
    return Form(
        pgettext_lazy("name of a sheet", "Places"),
        (
            Column(
                "code", gettext_lazy("Place code"),
                gettext_lazy("Never changes; a row with a code that is there already changes that place."),
                ("P001", "P001-B03"), place_code, required=True,
            ),
            Column(
                "kind", gettext_lazy("Level"), gettext_lazy("What kind of place it is."),
                (Kind.PROJECT.label, Kind.BUILDING.label), sheets.choice(Kind),
                required=True, choices=tuple(Kind.labels),
            ),
            Column(
                "parent", gettext_lazy("Code of the place above"),
                gettext_lazy("Empty for the company alone. It may stand in the same file, above or below."),
                ("C01", "P001"), sheets.short(40),
            ),
            Column(
                "name_zh", gettext_lazy("Chinese name"), gettext_lazy("The name people know it by."),
                ("翠湖花园", "3栋"), sheets.short(80), required=True,
            ),
            Column(
                "name_en", gettext_lazy("English name"), gettext_lazy("May stay empty."),
                ("Green Lake Garden", "Block 3"), sheets.short(120),
            ),
            Column(
                "grade", gettext_lazy("Service grade"),
                gettext_lazy("The grade the contract of the project promises."),
                (Grade.FIRST.label, ""), sheets.choice(Grade), choices=tuple(Grade.labels),
            ),
            Column(
                "area", gettext_lazy("Floor area, m²"), gettext_lazy("Square metres in charge."),
                ("86000", ""), square_metres,
            ),
            Column(
                "own_households", gettext_lazy("Households"),
                gettext_lazy("Households by contract. Empty: the units under it are counted."),
                ("860", ""), sheets.whole_number,
            ),
            Column(
                "valid_from", gettext_lazy("Counts from"),
                gettext_lazy(
                    "A new place: its first day; empty for always. A move or a new grade: the day it counts"
                    " from; empty for today."
                ),
                ("2024-01-01", ""), sheets.day,
            ),
        ),
    )  # fmt: skip


def take_in(reading: Reading, actor: Any) -> Counts:
    """Put the good rows into the tree, from the top level down; what does not fit is set aside."""
    return _Taking(reading, actor).run()


class _Taking:
    """One sheet on its way into the tree."""

    def __init__(self, reading: Reading, actor: Any) -> None:
        self.reading, self.actor = reading, actor
        self.counts = Counts()
        codes = {row.values["code"] for row in reading.rows}
        codes |= {row.values["parent"] for row in reading.rows if row.values["parent"]}
        self.places: dict[str, Place] = {}
        for some in batched(sorted(codes), BATCH):
            found = Place.objects.select_for_update(of=("self",)).filter(code__in=some).order_by("pk")
            self.places |= {place.code: place for place in found}
        self.bad = {row.cells.get("code") for row in reading.rejected}
        self.new: list[Place] = []

    def run(self) -> Counts:
        self._refuse_twice()
        levels: dict[int, list[Row]] = {}
        for row in self.reading.rows:
            levels.setdefault(RANK[row.values["kind"]], []).append(row)
        for _rank, rows in sorted(levels.items()):
            self.new = []
            for row in rows:
                self._take(row)
            self._insert()
        self.reading.rows = [row for row in self.reading.rows if row not in self.reading.rejected]
        return self.counts

    def _refuse_twice(self) -> None:
        seen: dict[str, int] = {}
        for row in list(self.reading.rows):
            first = seen.setdefault(row.values["code"], row.number)
            if first != row.number:
                self._reject(
                    row, "code",
                    _("%(code)s stands in row %(row)d already") % {"code": row.values["code"], "row": first},
                    _("keep one of the two rows"),
                )  # fmt: skip
        self.reading.rows = [row for row in self.reading.rows if row not in self.reading.rejected]

    def _reject(self, row: Row, key: str, what: Any, how: Any) -> None:
        self.reading.reject(row, key, what, how)
        if row.values["code"] not in self.places:
            self.bad.add(row.values["code"])

    def _take(self, row: Row) -> None:
        kind, code = row.values["kind"], row.values["code"]
        parent = self._parent(row)
        if row in self.reading.rejected:
            return
        place = self.places.get(code)
        if not rules.can_manage(self.actor, parent) or (place and not rules.can_manage(self.actor, place)):
            key = "parent" if parent else "code"
            self._reject(
                row, key, _("not among the places you keep"), _("ask the administrator of the company")
            )
        elif place is None:
            self._plan(row, parent)
        elif place.kind != kind:
            self._reject(
                row, "kind",
                _("%(code)s is there as %(kind)s") % {"code": code, "kind": Kind(place.kind).label},
                _("keep that level, or give the new place a code of its own"),
            )  # fmt: skip
        else:
            self._change(row, place, parent)

    def _parent(self, row: Row) -> Place | None:
        kind, code = row.values["kind"], row.values["parent"]
        allowed = [str(Kind(k).label) for k in PARENTS[kind]]
        if not code:
            if allowed:
                self._reject(row, "parent", _("empty"), parent_hint(kind, allowed))
            return None
        parent = self.places.get(code)
        if parent is None and code in self.bad:
            self._reject(
                row,
                "parent",
                _("the row of %(code)s is kept apart") % {"code": code},
                _("mend that row first"),
            )
        elif parent is None:
            self._reject(
                row, "parent", _("there is no place %(code)s") % {"code": code},
                _("add its row to the file, or write a code that is there"),
            )  # fmt: skip
        elif not rules.fits_under(kind, parent):
            self._reject(
                row, "parent",
                _("%(code)s is of level %(kind)s") % {"code": code, "kind": Kind(parent.kind).label},
                parent_hint(kind, allowed),
            )  # fmt: skip
        return parent

    def _plan(self, row: Row, parent: Place | None) -> None:
        place = Place(
            code=row.values["code"],
            kind=row.values["kind"],
            parent=parent,
            valid_from=row.values["valid_from"],
            **{
                key: self._value(row, key)
                for key in ("name_zh", "name_en", "grade", "area", "own_households")
            },
        )
        self.places[place.code] = place
        self.new.append(place)
        self.counts.created += 1

    def _insert(self) -> None:
        Place.objects.bulk_create(self.new, batch_size=BATCH)
        for place in self.new:
            place.path = f"{place.parent.path if place.parent else '/'}{place.pk}/"
        Place.objects.bulk_update(self.new, ["path"], batch_size=BATCH)
        PlaceSpell.objects.bulk_create(
            [PlaceSpell(place=p, parent=p.parent, grade=p.grade, valid_from=p.valid_from) for p in self.new],
            batch_size=BATCH,
        )

    def _value(self, row: Row, key: str) -> Any:
        value = row.values.get(key)
        return "" if value is None and key in ("name_en", "grade") else value

    def _change(self, row: Row, place: Place, parent: Place | None) -> None:
        """Change what the row says otherwise; an empty cell leaves what is there."""
        changed = {
            key: row.values[key]
            for key in ("name_zh", "name_en", "grade", "area", "own_households")
            if row.values.get(key) is not None and row.values[key] != getattr(place, key)
        }
        moved = parent is not None and place.parent_id != parent.pk
        if not changed and not moved:
            self.counts.unchanged += 1
            return
        since: date = row.values["valid_from"] or timezone.localdate()
        for key, value in changed.items():
            setattr(place, key, value)
        try:
            if moved or "grade" in changed:
                place.parent = parent or place.parent
                begin_spell(place, since)
        except ValidationError as exc:
            place.refresh_from_db()
            self._reject(row, "valid_from", exc.messages[0], _("mend the day"))
            return
        if changed:
            place.save(update_fields=list(changed))
        if moved and parent is not None:
            self._rehang(place, parent)
        self.counts.changed += 1

    def _rehang(self, place: Place, parent: Place) -> None:
        old = place.path
        rehang(place, parent)
        for other in self.places.values():
            if other is not place and other.path.startswith(old):
                other.path = place.path + other.path[len(old) :]
