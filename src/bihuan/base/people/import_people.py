"""A sheet of people: what its columns are, and how its rows become people with roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.base.places import sheets
from bihuan.base.places.import_households import phone
from bihuan.base.places.models import Place
from bihuan.base.places.sheets import CellError, Column, Counts, Form, Reading, Row

from . import rules
from .fields import with_indexes
from .models import Contractor, Department, RoleGrant, User
from .roles import Role


class Language(models.TextChoices):
    """The languages of the pages."""

    CHINESE = settings.LANGUAGES[0]
    ENGLISH = settings.LANGUAGES[1]


def email(text: str) -> str:
    """An e-mail address in small letters."""
    try:
        validate_email(text)
    except ValidationError as exc:
        raise CellError(
            _("“%(text)s” is not an e-mail address") % {"text": text},
            _("write name@company.com, or leave it empty"),
        ) from exc
    return text.lower()


def form() -> Form:
    """The columns of a sheet of people."""
    return Form(
        pgettext_lazy("name of a sheet", "People"),
        (
            Column(
                "employee_number", gettext_lazy("Employee number"),
                gettext_lazy("A number that is there already changes that person. A second role: add a row."),
                ("E1001", "E1002"), sheets.short(40), required=True,
            ),
            Column(
                "name", gettext_lazy("Name"), gettext_lazy("Needed for a new person."), ("陈建国", "李静"),
                sheets.short(80),
            ),
            Column(
                "phone", gettext_lazy("Phone"),
                gettext_lazy("They can sign in with it. Each person has their own."),
                ("13900000001", ""), phone,
            ),
            Column(
                "email", gettext_lazy("E-mail"), gettext_lazy("May stay empty."),
                ("", "lijing@example.com"), email,
            ),
            Column(
                "language", gettext_lazy("Language"), gettext_lazy("Empty: Chinese."), ("", "English"),
                sheets.choice(Language), choices=tuple(Language.labels),
            ),
            Column(
                "department", gettext_lazy("Department code"),
                gettext_lazy("Code of a department that is there."),
                ("D10", ""), sheets.short(40),
            ),
            Column(
                "contractor", gettext_lazy("Contractor code"), gettext_lazy("For people of an outside firm."),
                ("", "W03"), sheets.short(40),
            ),
            Column(
                "role", gettext_lazy("Role"), gettext_lazy("What they do. Empty: none for now."),
                (Role.DEPARTMENT_HEAD.label, Role.CONTRACTOR.label), sheets.choice(Role),
                choices=tuple(Role.labels),
            ),
            Column(
                "place", gettext_lazy("At place"),
                gettext_lazy("Code of the place; the role counts there and everywhere under it."),
                ("P001", "P001"), sheets.short(40),
            ),
        ),
    )  # fmt: skip


def take_in(reading: Reading, actor: Any) -> tuple[Counts, list[str]]:
    """Take the good rows in; gives the counts and the employee numbers of the people who are new."""
    taking = _Taking(reading, actor)
    for row in list(reading.rows):
        taking.take(row)
    reading.rows = [row for row in reading.rows if row not in reading.rejected]
    return taking.counts, taking.made


@dataclass
class _Links:
    """What the codes of a row stand for."""

    department: Department | None = None
    contractor: Contractor | None = None
    place: Place | None = None


class _Taking:
    """One sheet on its way in."""

    def __init__(self, reading: Reading, actor: Any) -> None:
        self.reading, self.actor = reading, actor
        self.counts = Counts()
        self.made: list[str] = []
        self.departments = {d.code: d for d in Department.objects.all()}
        self.contractors = {c.code: c for c in Contractor.objects.all()}
        codes = {row.values["place"] for row in reading.rows if row.values["place"]}
        self.places = {place.code: place for place in Place.objects.filter(code__in=codes)}

    def take(self, row: Row) -> None:
        links = self._links(row)
        if links is None or not self._role_fits(row, links.place):
            return
        person = (
            User.objects.select_for_update(of=("self",))
            .filter(employee_number=row.values["employee_number"])
            .first()
        )
        if person is not None and not rules.keeps_person(self.actor, person):
            self.reading.reject(
                row, "employee_number", _("this person has roles outside your places"),
                _("ask the administrator of the company"),
            )  # fmt: skip
            return
        if not self._unique(row, person):
            return
        if person is None:
            self._create(row, links)
        else:
            self._change(row, person, links)

    def _links(self, row: Row) -> _Links | None:
        links = _Links()
        known: dict[str, dict[str, Any]] = {
            "department": self.departments, "contractor": self.contractors, "place": self.places,
        }  # fmt: skip
        for key, found in known.items():
            code = row.values[key]
            if code is None:
                continue
            if code not in found:
                self.reading.reject(
                    row, key, _("there is no code %(code)s") % {"code": code},
                    _("write a code from the list, or add it there first"),
                )  # fmt: skip
                return None
            setattr(links, key, found[code])
        return links

    def _role_fits(self, row: Row, place: Place | None) -> bool:
        role = row.values["role"]
        if place is not None and not role:
            self.reading.reject(row, "role", _("empty, though a place is given"), _("write the role"))
        elif role and not rules.gives_role_at(self.actor, place):
            if place is None:
                self.reading.reject(row, "place", _("empty"), _("write the code of a place you keep"))
            else:
                self.reading.reject(
                    row, "place", _("you do not keep %(code)s") % {"code": place.code},
                    _("ask the administrator of the company"),
                )  # fmt: skip
        else:
            return True
        return False

    def _unique(self, row: Row, person: User | None) -> bool:
        others = User.objects.exclude(pk=person.pk) if person else User.objects.all()
        for key, lookup in (("phone", "phone_index"), ("email", "email")):
            value = row.values[key]
            owner = others.filter(**{lookup: value}).first() if value else None
            if owner is not None:
                self.reading.reject(
                    row, key, _("%(number)s has it already") % {"number": owner.employee_number},
                    _("give each person their own, or leave it empty"),
                )  # fmt: skip
                return False
        if person is None and not row.values["name"]:
            self.reading.reject(row, "name", _("empty"), _("fill it in for a new person"))
            return False
        return True

    def _create(self, row: Row, links: _Links) -> None:
        person = User.objects.create_user(
            row.values["employee_number"],
            name=row.values["name"],
            phone=row.values["phone"] or "",
            email=row.values["email"],
            language=row.values["language"] or Language.CHINESE,
            department=links.department,
            contractor=links.contractor,
        )
        self._grant(row, person, links.place)
        self._lead(row, person, links)
        self.made.append(person.employee_number)
        self.counts.created += 1

    def _change(self, row: Row, person: User, links: _Links) -> None:
        """Change what the row says otherwise; an empty cell leaves what is there."""
        values = {key: row.values[key] for key in ("name", "phone", "email", "language")}
        values |= {"department": links.department, "contractor": links.contractor}
        changed = [
            key for key, value in values.items() if value is not None and getattr(person, key) != value
        ]
        for key in changed:
            setattr(person, key, values[key])
        if changed:
            person.save(update_fields=with_indexes(changed))
        granted = self._grant(row, person, links.place)
        led = self._lead(row, person, links)
        if changed or granted or led:
            self.counts.changed += 1
        else:
            self.counts.unchanged += 1

    def _grant(self, row: Row, person: User, place: Place | None) -> bool:
        role = row.values["role"]
        if not role or RoleGrant.objects.filter(user=person, role=role, place=place, valid_to=None).exists():
            return False
        RoleGrant.objects.create(user=person, role=role, place=place)
        return True

    def _lead(self, row: Row, person: User, links: _Links) -> bool:
        """Whoever comes as head of a department that has none becomes its head."""
        department = links.department
        if (
            row.values["role"] != Role.DEPARTMENT_HEAD
            or department is None
            or department.head_id is not None
            or not rules.keeps_company(self.actor)
        ):
            return False
        department.head = person
        department.save(update_fields=["head"])
        return True
