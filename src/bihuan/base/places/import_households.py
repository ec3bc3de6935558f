"""A sheet of households: what its columns are, and how its rows become units, households and occupancies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.base.privacy import normalise

from . import sheets
from .import_tree import batched
from .kinds import HouseholdKind, Kind
from .models import Household, Occupancy, Place, PlaceSpell
from .sheets import CellError, Column, Counts, Form, Reading, Row

BATCH = 500


def phone(text: str) -> str:
    """A phone number in the form +8613812345678."""
    try:
        return normalise.phone(text)
    except ValueError as exc:
        raise CellError(
            _("“%(text)s” is not a phone number") % {"text": text},
            _("write 11 digits for a mobile, area code and number for a landline"),
        ) from exc


def room(text: str) -> str:
    """A room number without spaces."""
    return sheets.short(20)("".join(text.split()))


def form() -> Form:
    """The columns of a sheet of households."""
    return Form(
        pgettext_lazy("name of a sheet", "Households"),
        (
            Column(
                "place", gettext_lazy("Building code"),
                gettext_lazy("Code of the building, or of the project where it has no buildings."),
                ("P001-B03", "P001-B03"), sheets.short(40), required=True,
            ),
            Column(
                "room", gettext_lazy("Room"), gettext_lazy("Room number, once in each building."),
                ("1201", "1202"), room, required=True,
            ),
            Column(
                "kind", gettext_lazy("Owner or tenant"),
                gettext_lazy("On what ground the household lives there."),
                (HouseholdKind.OWNER.label, HouseholdKind.TENANT.label), sheets.choice(HouseholdKind),
                required=True, choices=tuple(HouseholdKind.labels),
            ),
            Column(
                "name", gettext_lazy("Name"), gettext_lazy("The resident. Empty: nobody lives there yet."),
                ("王小明", "李静"), sheets.short(80),
            ),
            Column(
                "phone", gettext_lazy("Phone"), gettext_lazy("Mobile or landline."),
                ("13800000001", ""), phone,
            ),
            Column(
                "since", gettext_lazy("Moved in"),
                gettext_lazy("The day. Empty with a new name: today, if somebody lived there before."),
                ("2024-06-01", ""), sheets.day,
            ),
            Column(
                "until", gettext_lazy("Moved out"), gettext_lazy("The last day. Empty: still there."),
                ("", ""), sheets.day,
            ),
        ),
    )  # fmt: skip


def take_in(reading: Reading, project: Place) -> Counts:
    """Put the good rows into the project; what does not fit is set aside."""
    return _Taking(reading, project).run()


def take_in_all(reading: Reading, keeps: Callable[[Place], bool]) -> Counts:
    """Put the good rows into the projects their buildings stand in; ``keeps`` says which one may change."""
    counts = Counts()
    projects = _projects_of({row.values["place"] for row in reading.rows})
    parts: dict[int, Reading] = {}
    found: dict[int, Place] = {}
    for row in reading.rows:
        project = projects.get(row.values["place"])
        if project is None:
            reading.reject(
                row, "place",
                _("there is no building or project %(code)s") % {"code": row.values["place"]},
                _("add the building on the page of places, or write a code that is there"),
            )  # fmt: skip
        elif not keeps(project):
            reading.reject(
                row, "place", _("not among the places you keep"), _("ask the administrator of the company")
            )
        else:
            found[project.pk] = project
            parts.setdefault(project.pk, Reading(reading.form)).rows.append(row)
    for key, part in sorted(parts.items()):
        counts += take_in(part, found[key])
        reading.rejected += part.rejected
        reading.problems += part.problems
    reading.rows = [row for part in parts.values() for row in part.rows]
    return counts


def _projects_of(codes: set[str]) -> dict[str, Place]:
    """The project of each building or project code."""
    places = [
        place
        for some in batched(sorted(codes), BATCH)
        for place in Place.objects.filter(code__in=some, kind__in=(Kind.PROJECT, Kind.BUILDING))
    ]
    ids = {place.pk if place.kind == Kind.PROJECT else place.parent_id for place in places}
    projects = Place.objects.in_bulk(ids)
    return {
        place.code: projects[place.pk if place.kind == Kind.PROJECT else place.parent_id] for place in places
    }


class _Taking:
    """One sheet on its way into one project."""

    def __init__(self, reading: Reading, project: Place) -> None:
        self.reading, self.project = reading, project
        self.counts = Counts()
        self.today = timezone.localdate()
        places = project.subtree().of_kind(Kind.PROJECT, Kind.BUILDING, Kind.UNIT)
        every = list(places.order_by("pk").select_for_update(of=("self",)))
        self.above = {place.code: place for place in every if place.kind != Kind.UNIT}
        self.units = {(p.parent_id, p.name_zh): p for p in every if p.kind == Kind.UNIT}
        self.codes: set[str] = set()
        self.asked: set[str] = set()
        self.households = {
            (h.unit_id, h.kind): h for h in Household.objects.filter(unit__path__startswith=project.path)
        }
        self.living: dict[int, list[Occupancy]] = {}
        for found in Occupancy.objects.filter(household__unit__path__startswith=project.path):
            self.living.setdefault(found.household_id, []).append(found)

    def run(self) -> Counts:
        rows = [row for row in self.reading.rows if self._has_place(row) and self._days_fit(row)]
        made = self._make_units(rows) | self._make_households(rows)
        self._refuse_two_residents(rows)
        for row in sorted(rows, key=lambda r: (r.values["until"] or date.max, r.values["since"] or date.min)):
            if row not in self.reading.rejected:
                self._live(row, row.number in made)
        self.reading.rows = [row for row in rows if row not in self.reading.rejected]
        return self.counts

    def _has_place(self, row: Row) -> bool:
        code = row.values["place"]
        if code in self.above:
            return True
        self.reading.reject(
            row, "place",
            _("%(project)s has no building %(code)s") % {"project": self.project.name, "code": code},
            _("add the building on the page of places, or write a code that is there"),
        )  # fmt: skip
        return False

    def _days_fit(self, row: Row) -> bool:
        since, until = row.values["since"], row.values["until"]
        if since and until and until < since:
            self.reading.reject(
                row, "until", _("before the day of moving in"), _("exchange or mend the two days")
            )
            return False
        return True

    def _key(self, row: Row) -> tuple[int, str]:
        return self.above[row.values["place"]].pk, row.values["room"]

    def _make_units(self, rows: list[Row]) -> set[int]:
        """Insert the units that are missing; gives the rows that brought them."""
        new: dict[tuple[int, str], Place] = {}
        made = set()
        for row in rows:
            key = self._key(row)
            if key in self.units or key in new:
                continue
            above = self.above[row.values["place"]]
            new[key] = Place(
                code=self._free_code(above, f"{above.code}-{key[1]}"[:40]),
                kind=Kind.UNIT,
                parent=above,
                name_zh=key[1],
            )
            made.add(row.number)
        Place.objects.bulk_create(new.values(), batch_size=BATCH)
        for unit in new.values():
            unit.path = f"{unit.parent.path}{unit.pk}/"  # type: ignore[union-attr]
        Place.objects.bulk_update(new.values(), ["path"], batch_size=BATCH)
        spells = [PlaceSpell(place=unit, parent=unit.parent) for unit in new.values()]
        PlaceSpell.objects.bulk_create(spells, batch_size=BATCH)
        self.units |= new
        return made

    def _free_code(self, above: Place, wanted: str) -> str:
        if above.code not in self.asked:  # codes of other projects may begin the same way
            self.asked.add(above.code)
            self.codes |= set(
                Place.objects.filter(code__startswith=above.code).values_list("code", flat=True)
            )
        code, number = wanted, 2
        while code in self.codes:
            code, number = f"{wanted[:36]}~{number}", number + 1
        self.codes.add(code)
        return code

    def _make_households(self, rows: list[Row]) -> set[int]:
        new: dict[tuple[int, str], Household] = {}
        made = set()
        for row in rows:
            key = (self.units[self._key(row)].pk, row.values["kind"])
            if key not in self.households and key not in new:
                new[key] = Household(unit=self.units[self._key(row)], kind=row.values["kind"])
                made.add(row.number)
        Household.objects.bulk_create(new.values(), batch_size=BATCH)
        self.households |= new
        return made

    def _refuse_two_residents(self, rows: list[Row]) -> None:
        """Two people said to live in one household, and no days that tell who came after whom."""
        seen: dict[tuple[int, str, str], Row] = {}
        for row in rows:
            if not row.values["name"] or row.values["until"]:
                continue
            key = (*self._key(row), row.values["kind"])
            first = seen.setdefault(key, row)
            if _same(first.values["name"], row.values["name"]):
                continue
            if first.values["since"] is None or row.values["since"] is None:
                self.reading.reject(
                    row, "name",
                    _("row %(row)d names another resident of this room") % {"row": first.number},
                    _("give both rows the day of moving in, or keep one"),
                )  # fmt: skip

    def _live(self, row: Row, made: bool) -> None:
        household = self.households[self.units[self._key(row)].pk, row.values["kind"]]
        outcome = self._occupy(row, household) if row.values["name"] else "unchanged"
        if outcome == "rejected":
            return
        if made or outcome == "created":
            self.counts.created += 1
        elif outcome == "changed":
            self.counts.changed += 1
        else:
            self.counts.unchanged += 1

    def _occupy(self, row: Row, household: Household) -> str:
        name, number = row.values["name"], row.values["phone"] or ""
        since, until = row.values["since"], row.values["until"]
        lived = self.living.setdefault(household.pk, [])
        current = next((o for o in lived if o.until is None), None)
        if current and _same(current.name, name):
            if until and current.since and until < current.since:
                self._reject_until(row, current.since)
                return "rejected"
            return self._same_person(current, number, until)
        if any(_same(o.name, name) and (o.until == until or (since and o.since == since)) for o in lived):
            return "unchanged"
        if until is None and current is not None:
            since = since or self.today
        if until is not None:
            return self._add_past(row, household, lived)
        if current and current.since and since <= current.since:
            self._reject_since(row, current.since)
            return "rejected"
        if current:
            current.until = since - timedelta(days=1)
            current.save(update_fields=["until"])
        lived.append(Occupancy.objects.create(household=household, name=name, phone=number, since=since))
        return "changed" if current else "created"

    def _same_person(self, current: Occupancy, number: str, until: date | None) -> str:
        changed: list[str] = []
        if number and number != current.phone:
            current.phone = number
            changed += ["phone", "phone_index"]
        if until:
            current.until = until
            changed.append("until")
        if changed:
            current.save(update_fields=changed)
        return "changed" if changed else "unchanged"

    def _add_past(self, row: Row, household: Household, lived: list[Occupancy]) -> str:
        since, until = row.values["since"], row.values["until"]
        for other in lived:
            if until >= (other.since or date.min) and (since or date.min) <= (other.until or date.max):
                self.reading.reject(
                    row, "until",
                    _("the days overlap with those of another resident"),
                    _("mend the days of moving in and out"),
                )  # fmt: skip
                return "rejected"
        lived.append(
            Occupancy.objects.create(
                household=household,
                name=row.values["name"],
                phone=row.values["phone"] or "",
                since=since,
                until=until,
            )
        )
        return "created"

    def _reject_until(self, row: Row, since: date) -> None:
        self.reading.reject(
            row,
            "until",
            _("the resident moved in on %(day)s") % {"day": since},
            _("give that day or a later one"),
        )

    def _reject_since(self, row: Row, before: date) -> None:
        self.reading.reject(
            row, "since",
            _("the present resident moved in on %(day)s") % {"day": before},
            _("give a later day, or the day the present resident moved out"),
        )  # fmt: skip


def _same(one: str, other: str) -> bool:
    return normalise.name(one) == normalise.name(other)
