"""Fields that several forms of improvement have."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.improve import people

MOST_UPLOADS = 10


class DateInput(forms.DateInput):
    """A date field of the browser; its value must be written as the browser reads it."""

    input_type = "date"

    def format_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value


class PersonField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"empty_label": gettext_lazy("Choose a person"), **kwargs})

    def label_from_instance(self, obj: Any) -> str:
        return people.person_label(obj)


class NamedField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(empty_label="—", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class NamedMultipleField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class MultipleFileInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """Photos and files, several at once."""

    widget = MultipleFileInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if len(files) > MOST_UPLOADS:
            raise ValidationError(_("Send at most %(n)d files at a time.") % {"n": MOST_UPLOADS})
        return [super(MultipleFileField, self).clean(one, initial) for one in files]


class ClauseField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(empty_label=gettext_lazy("Choose a clause"), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"§{obj.number} {obj.text}"
