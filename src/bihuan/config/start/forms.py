"""What the pages of the start ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.base.calendars import periods
from bihuan.base.people import passwords
from bihuan.base.people.models import User
from bihuan.base.ui import formats
from bihuan.config.start import code


class CodeForm(forms.Form):
    """The setup code."""

    code = forms.CharField(
        label=_("Setup code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        help_text=_("The server printed it when it started; it also stands in keys/setup-code.txt."),
    )

    def clean_code(self) -> str:
        text = self.cleaned_data["code"]
        if not code.fits(text):
            raise ValidationError(_("This is not the code. Copy it again from where the server was started."))
        return text


def _password(label: Any, hint: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, widget=widget, strip=False, max_length=1000, help_text=hint)


class CompanyForm(forms.Form):
    """The company and its first administrator."""

    name_zh = forms.CharField(label=_("Chinese name of the company"), max_length=80)
    name_en = forms.CharField(label=_("English name of the company"), max_length=120, required=False)
    company_code = forms.CharField(
        label=_("Code of the company"),
        max_length=40,
        help_text=_("Short, such as HT. It never changes; the sheets of places refer to it."),
    )
    admin_number = forms.CharField(label=_("Your employee number"), max_length=40)
    admin_name = forms.CharField(
        label=_("Your name"), max_length=80, help_text=_("You become the first administrator.")
    )
    password = _password(
        _("Your password"), _("At least 10 characters, not digits alone; a sentence is easy to keep.")
    )
    again = _password(_("Your password once more"))

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        password = clean.get("password")
        if password is not None:
            person = User(employee_number=clean.get("admin_number", ""))
            try:
                passwords.check_new(password, person)
            except ValidationError as exc:
                self.add_error("password", exc)
            if "again" in clean and clean["again"] != password:
                self.add_error("again", _("The two differ. Write the password once more."))
        return clean


class CycleForm(forms.Form):
    """Which quarter is monitored first."""

    code = forms.ChoiceField(label=_("Quarter"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["code"]
        field.choices = [(quarter, formats.cycle_name(quarter)) for quarter in quarters()]
        field.initial = quarters()[1]


def quarters() -> list[str]:
    """The quarter before, the running one and the next."""
    now = periods.quarter_of(timezone.now())
    return [periods.previous_cycle(now), now, periods.next_cycle(now)]
