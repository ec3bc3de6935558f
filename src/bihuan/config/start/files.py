"""The Excel files a company starts with, in the order they go in; one table for command and pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.base.people import actions as people
from bihuan.base.people import import_people, import_structure
from bihuan.base.places import actions as places
from bihuan.base.places import import_households, import_tree, sheets
from bihuan.base.places.models import SheetImport


@dataclass(frozen=True)
class Kind:
    """One kind of file: its name for programs, what it is for, its columns, and the act that takes it in."""

    name: str
    title: Any
    about: Any
    record: str
    form: Callable[[], sheets.Form]
    take: Callable[..., SheetImport]
    template_url: str
    rows_url: str

    def rows_to_mend(self, taken: SheetImport) -> bytes:
        """The rows that were not taken, each with what to mend, as a file that can be sent again."""
        apart = taken.apart
        return sheets.rejected_rows(self.form(), apart["rows"], apart["problems"])


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "tree",
            _("Places"),
            _("Regions, cities, projects and buildings. The row of the company may be left out."),
            SheetImport.Kind.PLACES,
            import_tree.form,
            places.import_places,
            "places_template",
            "sheet_rows",
        ),
        Kind(
            "departments",
            _("Departments and contractors"),
            _("Who answers for what. Findings and plans go to a department."),
            SheetImport.Kind.STRUCTURE,
            import_structure.form,
            people.take_in_structure,
            "structure_template",
            "structure_rows",
        ),
        Kind(
            "people",
            _("People"),
            _("Who works with Bihuan, in which role and where. An e-mail address is not needed."),
            SheetImport.Kind.PEOPLE,
            import_people.form,
            people.take_in_people,
            "people_template",
            "people_rows",
        ),
        Kind(
            "households",
            _("Households"),
            _("Rooms with their owners and tenants. Samples for surveys are drawn from them."),
            SheetImport.Kind.HOUSEHOLDS,
            import_households.form,
            places.import_households_anywhere,
            "households_template",
            "sheet_rows",
        ),
    )
}
