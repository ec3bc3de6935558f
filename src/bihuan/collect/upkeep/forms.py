"""Naming who answers for a source."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.people.models import Department, User
from bihuan.collect.upkeep.models import Keeper


class DepartmentChoice(forms.ModelChoiceField):
    """Departments under the name in the language of the page."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class KeeperForm(forms.Form):
    """A department, a person, or both; both left empty names nobody."""

    department = DepartmentChoice(
        Department.objects.filter(is_active=True),
        label=_("Department"),
        required=False,
        empty_label=pgettext_lazy("archive", "nobody"),
    )
    person = forms.CharField(
        label=_("Person"),
        required=False,
        max_length=40,
        help_text=_("Employee number. Left empty, the head of the department is reminded."),
    )

    @classmethod
    def of(cls, keeper: Keeper | None) -> KeeperForm:
        """The form showing who answers for the source now."""
        if keeper is None:
            return cls()
        number = keeper.person.employee_number if keeper.person else ""
        return cls(initial={"department": keeper.department_id, "person": number})

    def clean_person(self) -> User | None:
        number = self.cleaned_data["person"].strip()
        if not number:
            return None
        person = User.objects.filter(employee_number=number, is_active=True).first()
        if person is None:
            raise forms.ValidationError(
                _("Nobody in use has the employee number %(number)s. Look it up under people."),
                params={"number": number},
            )
        return person
