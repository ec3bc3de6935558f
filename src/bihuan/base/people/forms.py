"""What the pages of people ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from bihuan.base.places.forms import DayInput, PlaceField

from .models import Contractor, Department, User
from .roles import Role, ServiceArea


def _password(label: Any, autocomplete: str, hint: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, widget=widget, strip=False, max_length=1000, help_text=hint)


class SignInForm(forms.Form):
    """Who, and the password."""

    identifier = forms.CharField(
        label=_("Employee number, phone or e-mail"), max_length=200,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )  # fmt: skip
    password = _password(_("Password"), "current-password")


class PasswordForm(forms.Form):
    """One's own new password."""

    current = _password(_("Password you have now"), "current-password")
    new = _password(
        _("New password"),
        "new-password",
        _("At least 10 characters, not digits alone; a sentence is easy to keep."),
    )
    again = _password(_("New password once more"), "new-password")

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        if "new" in clean and "again" in clean and clean["new"] != clean["again"]:
            self.add_error("again", _("The two differ. Write the new password once more."))
        return clean


class PersonForm(forms.Form):
    """A person who is there."""

    name = forms.CharField(label=_("Name"), max_length=80)
    phone = forms.CharField(
        label=_("Phone"), max_length=32, required=False, help_text=_("They can sign in with it.")
    )
    email = forms.EmailField(label=_("E-mail"), max_length=200, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("Department"), required=False, empty_label="—"
    )
    contractor = forms.ModelChoiceField(
        Contractor.objects.none(), label=_("Contractor"), required=False, empty_label="—",
        help_text=_("For people of an outside firm."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in (("department", Department), ("contractor", Contractor)):
            field: Any = self.fields[name]
            field.queryset = model.objects.filter(is_active=True)
            field.label_from_instance = lambda found: found.name


class NewPersonForm(PersonForm):
    """A new person."""

    field_order = ["employee_number"]
    employee_number = forms.CharField(label=_("Employee number"), max_length=40)


class KeptPhoneForm(PersonForm):
    """A person who is there; an empty phone keeps the one they have, which is not shown in full."""

    forget_phone = forms.BooleanField(label=_("They have no phone any more"), required=False)
    field_order = ["name", "phone", "forget_phone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].help_text = _("Leave it empty to keep the number that is there.")


class GrantForm(forms.Form):
    """A role at a place."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.EMPLOYEE)
    valid_from = forms.DateField(label=_("First day"), widget=DayInput(), required=False)
    valid_to = forms.DateField(label=_("Last day"), widget=DayInput(), required=False)

    def __init__(self, *args: Any, paths: list[str], everywhere: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = (
            _("Leave it empty for everywhere.")
            if everywhere
            else _("It counts there and everywhere under it.")
        )
        self.fields["place"] = PlaceField(
            paths=paths, label=_("Code of the place"), required=not everywhere, help_text=hint
        )
        self.order_fields(["role", "place"])


class TokenForm(forms.Form):
    """A token for a program."""

    name = forms.CharField(label=_("What the token is for"), max_length=80)
    expires = forms.DateField(
        label=_("Last day"), widget=DayInput(), required=False, help_text=_("Leave it empty for no end.")
    )


class NamedForm(forms.Form):
    """A code and a name in both languages."""

    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("It never changes."))
    name_zh = forms.CharField(label=_("Chinese name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["code"]


class DepartmentForm(NamedForm):
    """A department."""

    field_order = ["code", "name_zh", "name_en", "parent", "head"]
    parent = forms.ModelChoiceField(
        Department.objects.none(), label=_("Department above"), required=False, empty_label="—"
    )
    head = forms.CharField(label=_("Employee number of the head"), max_length=40, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["parent"]
        field.queryset = Department.objects.all()
        field.label_from_instance = lambda found: found.name

    def clean_head(self) -> User | None:
        number = self.cleaned_data["head"].strip()
        if not number:
            return None
        found = User.objects.filter(employee_number=number, is_active=True).first()
        if found is None:
            raise forms.ValidationError(
                _("Nobody has this employee number. Look it up on the page of people.")
            )
        return found


class ContractorForm(NamedForm):
    """A contractor."""

    field_order = ["code", "name_zh", "name_en", "service_areas"]
    service_areas = forms.MultipleChoiceField(
        label=_("Service areas"),
        choices=ServiceArea.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
