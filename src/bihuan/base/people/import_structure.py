"""A sheet of departments and contractors: what its columns are, and how its rows go in."""

from __future__ import annotations

import re
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.base.places import sheets
from bihuan.base.places.import_tree import place_code
from bihuan.base.places.sheets import CellError, Column, Counts, Form, Reading, Row

from .models import Contractor, Department, User
from .roles import ServiceArea


class Sort(models.TextChoices):
    """What a row is."""

    DEPARTMENT = "department", gettext_lazy("Department")
    CONTRACTOR = "contractor", gettext_lazy("Contractor")


def areas(text: str) -> list[str]:
    """Service areas in either language, with any mark between them."""
    parse = sheets.choice(ServiceArea)
    found: list[str] = []
    for word in re.split(r"[,;/、]", text):
        if word.strip() and (area := parse(word.strip())) not in found:
            found.append(area)
    return found


def form() -> Form:
    """The columns of a sheet of departments and contractors."""
    return Form(
        pgettext_lazy("name of a sheet", "Departments and contractors"),
        (
            Column(
                "sort", gettext_lazy("Department or contractor"), gettext_lazy("What the row is."),
                (Sort.DEPARTMENT.label, Sort.CONTRACTOR.label), sheets.choice(Sort),
                required=True, choices=tuple(Sort.labels),
            ),
            Column(
                "code", gettext_lazy("Code"),
                gettext_lazy("Never changes; a row with a code that is there already changes it."),
                ("D10", "W03"), place_code, required=True,
            ),
            Column(
                "name_zh", gettext_lazy("Chinese name"), gettext_lazy("The name people know it by."),
                ("工程维修部", "捷安电梯服务"), sheets.short(80), required=True,
            ),
            Column(
                "name_en", gettext_lazy("English name"), gettext_lazy("May stay empty."),
                ("Repairs and engineering", "Jiean Lift Service"), sheets.short(120),
            ),
            Column(
                "parent", gettext_lazy("Code of the department above"),
                gettext_lazy("For departments alone. It may stand in the same file, above or below."),
                ("", ""), sheets.short(40),
            ),
            Column(
                "head", gettext_lazy("Employee number of the head"),
                gettext_lazy(
                    "For departments alone. Empty: the first person with the role of department head in it."
                ),
                ("", ""), sheets.short(40),
            ),
            Column(
                "areas", gettext_lazy("Service areas"),
                gettext_lazy("For contractors alone; several with a comma between them."),
                ("", ServiceArea.LIFTS.label), areas, choices=tuple(ServiceArea.labels),
            ),
        ),
    )  # fmt: skip


def take_in(reading: Reading) -> Counts:
    """Take the good rows in, from the top department down; what does not fit is set aside."""
    return _Taking(reading).run()


class _Taking:
    """One sheet on its way in."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.counts = Counts()
        self.departments = {d.code: d for d in Department.objects.select_for_update(of=("self",))}
        self.contractors = {c.code: c for c in Contractor.objects.select_for_update(of=("self",))}

    def run(self) -> Counts:
        waiting = self._once()
        while waiting:  # those whose department above is there go first
            still = [row for row in waiting if not self._take(row)]
            if len(still) == len(waiting):
                self._refuse_orphans(still)
                break
            waiting = still
        self.reading.rows = [row for row in self.reading.rows if row not in self.reading.rejected]
        return self.counts

    def _once(self) -> list[Row]:
        """The rows to take, each code once."""
        seen: dict[tuple[str, str], int] = {}
        kept = []
        for row in self.reading.rows:
            key = (row.values["sort"], row.values["code"])
            first = seen.setdefault(key, row.number)
            if first == row.number:
                kept.append(row)
            else:
                self.reading.reject(
                    row, "code",
                    _("%(code)s stands in row %(row)d already") % {"code": key[1], "row": first},
                    _("keep one of the two rows"),
                )  # fmt: skip
        return kept

    def _take(self, row: Row) -> bool:
        """Whether the row is dealt with, or has to wait for the department above it."""
        try:
            if row.values["sort"] == Sort.CONTRACTOR:
                self._keep(row, self.contractors, Contractor, self._of_contractor(row))
            elif row.values["parent"] in (None, *self.departments):
                self._keep(row, self.departments, Department, self._of_department(row))
            else:
                return False
        except _UnfitError as unfit:
            self.reading.reject(row, unfit.key, unfit.what, unfit.how)
        return True

    def _refuse_orphans(self, rows: list[Row]) -> None:
        for row in rows:
            self.reading.reject(
                row, "parent", _("there is no code %(code)s") % {"code": row.values["parent"]},
                _("add its row to the file, or mend the row it stands in"),
            )  # fmt: skip

    def _of_department(self, row: Row) -> dict[str, Any]:
        if row.values["areas"]:
            raise _UnfitError("areas", _("only contractors have service areas"), _("leave it empty"))
        values: dict[str, Any] = {}
        if code := row.values["parent"]:
            above: Department | None = self.departments[code]
            values["parent"] = above
            while above is not None:
                if above.code == row.values["code"]:
                    raise _UnfitError(
                        "parent",
                        _("it would come to stand under itself"),
                        _("write one that is not below it"),
                    )
                above = above.parent
        if number := row.values["head"]:
            head = User.objects.filter(employee_number=number, is_active=True).first()
            if head is None:
                raise _UnfitError(
                    "head",
                    _("nobody has the number %(number)s") % {"number": number},
                    _("leave it empty for now; send the people first, then this row again"),
                )
            values["head"] = head
        return values

    def _of_contractor(self, row: Row) -> dict[str, Any]:
        for key in ("parent", "head"):
            if row.values[key]:
                raise _UnfitError(key, _("only departments have this"), _("leave it empty"))
        return {"service_areas": row.values["areas"]} if row.values["areas"] else {}

    def _keep(self, row: Row, known: dict[str, Any], model: Any, values: dict[str, Any]) -> None:
        values |= {key: row.values[key] for key in ("name_zh", "name_en") if row.values[key]}
        found = known.get(row.values["code"])
        if found is None:
            known[row.values["code"]] = model.objects.create(code=row.values["code"], **values)
            self.counts.created += 1
            return
        changed = [key for key, value in values.items() if getattr(found, key) != value]
        for key in changed:
            setattr(found, key, values[key])
        if changed:
            found.save(update_fields=changed)
            self.counts.changed += 1
        else:
            self.counts.unchanged += 1


class _UnfitError(CellError):
    """One cell of a row does not fit what is there."""

    def __init__(self, key: str, what: Any, how: Any) -> None:
        super().__init__(what, how)
        self.key = key
